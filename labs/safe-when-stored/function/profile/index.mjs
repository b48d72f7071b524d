import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const db = new DynamoDBClient({});

// Called by the site when a racer who is signed in changes the own name: { "racer": "r-1", "name": "…" }.
export const handler = async ({ racer, name }) => {
  if (typeof name !== 'string' || name.length > 400) return { saved: false };
  await db.send(
    new UpdateItemCommand({
      TableName: process.env.RACERS,
      Key: { racer: { S: racer } },
      UpdateExpression: 'SET #name = :name',
      ExpressionAttributeNames: { '#name': 'name' },
      ExpressionAttributeValues: { ':name': { S: name } },
    }),
  );
  return { saved: true };
};
