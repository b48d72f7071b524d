import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, OWN, REGION, rootKeys } from '../../test-cloud.ts';

export const tableArn = (name: string, account = OWN): string => `arn:aws:dynamodb:${REGION}:${account}:table/${name}`;

export const dynamo = (cloud: Cloud, credentials: object = rootKeys(cloud)): DynamoDBClient =>
  client(DynamoDBClient, cloud, credentials);

/** A table of orders by tenant: partition key `tenant`, sort key `id`, an index by `status`. */
export async function createOrders(db: DynamoDBClient, more: Partial<CreateTableCommandInput> = {}): Promise<void> {
  await db.send(
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'tenant', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'tenant', AttributeType: 'S' },
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: 'status', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-status',
          KeySchema: [
            { AttributeName: 'status', KeyType: 'HASH' },
            { AttributeName: 'id', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['amount'] },
        },
      ],
      ...more,
    }),
  );
}

export const order = (tenant: string, id: number, more: Record<string, AttributeValue> = {}) => ({
  tenant: { S: tenant },
  id: { N: String(id) },
  ...more,
});
