import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { render } from './template.mjs';

const db = new DynamoDBClient({});
const sqs = new SQSClient({});

// { action: 'preview', template } answers the text for a made-up reader; { action: 'send', template } mails it to everybody.
export const handler = async ({ action, template }) => {
  if (action === 'preview') return { text: render(template, { name: 'Ada', city: 'Ghent' }) };
  const { Items } = await db.send(new ScanCommand({ TableName: 'subscribers' }));
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'mail-out' }));
  for (const { email, name, city } of Items) {
    const text = render(template, { name: name.S, city: city.S });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ to: email.S, text }) }));
  }
  return { sent: Items.length };
};
