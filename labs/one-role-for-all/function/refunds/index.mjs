import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

const db = new DynamoDBClient({});

// { refundId, orderId, cents }: never more than was paid. The bank pays what is in the table, each night.
export const handler = async ({ refundId, orderId, cents }) => {
  const { Item } = await db.send(new GetItemCommand({ TableName: 'orders', Key: { orderId: { S: orderId } } }));
  if (!Item) return { error: 'no such order' };
  if (!(cents > 0 && cents <= Number(Item.cents.N))) return { error: 'more than was paid' };
  await db.send(
    new PutItemCommand({
      TableName: 'refunds',
      Item: { refundId: { S: refundId }, orderId: { S: orderId }, cents: { N: String(cents) } },
      ConditionExpression: 'attribute_not_exists(refundId)',
    }),
  );
  return { refundId };
};
