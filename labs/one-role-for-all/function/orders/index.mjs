import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const db = new DynamoDBClient({});
const sqs = new SQSClient({});

// { action: 'place', orderId, item, cents } keeps an order and tells the packers; { action: 'look', orderId } reads it back.
export const handler = async (event) => {
  if (event.action === 'look') {
    const { Item } = await db.send(new GetItemCommand({ TableName: 'orders', Key: { orderId: { S: event.orderId } } }));
    return Item ? { orderId: Item.orderId.S, item: Item.item.S, cents: Number(Item.cents.N) } : { error: 'no such order' };
  }
  const { orderId, item, cents } = event;
  await db.send(
    new PutItemCommand({ TableName: 'orders', Item: { orderId: { S: orderId }, item: { S: item }, cents: { N: String(cents) } } }),
  );
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'packing' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ orderId, item }) }));
  return { orderId };
};
