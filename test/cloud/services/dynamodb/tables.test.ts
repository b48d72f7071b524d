import {
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  GetResourcePolicyCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { createTestCloud, PARTNER, rootKeys } from '../../test-cloud.ts';
import { createOrders, dynamo, order, tableArn } from './kit.ts';

let cloud: Cloud;
let clock: MovableClock;
let db: DynamoDBClient;
const TableName = 'orders';

beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  db = dynamo(cloud);
});

const describeOrders = async () => (await db.send(new DescribeTableCommand({ TableName }))).Table!;

test('a table is made, described, listed, changed and deleted', async () => {
  await createOrders(db, { DeletionProtectionEnabled: true, Tags: [{ Key: 'team', Value: 'shop' }] });
  await expect(createOrders(db)).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Table already exists: orders',
  });
  await db.send(new PutItemCommand({ TableName, Item: order('acme', 1, { status: { S: 'open' } }) }));
  expect(await describeOrders()).toMatchObject({
    TableArn: tableArn('orders'),
    TableStatus: 'ACTIVE',
    ItemCount: 1,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    DeletionProtectionEnabled: true,
    GlobalSecondaryIndexes: [{ IndexName: 'by-status', IndexStatus: 'ACTIVE', ItemCount: 1 }],
  });
  expect((await db.send(new ListTablesCommand({}))).TableNames).toEqual(['orders']);
  await expect(db.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({ name: 'ValidationException' });
  await db.send(
    new UpdateTableCommand({
      TableName,
      DeletionProtectionEnabled: false,
      AttributeDefinitions: [{ AttributeName: 'amount', AttributeType: 'N' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'by-amount',
            KeySchema: [{ AttributeName: 'amount', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        },
      ],
    }),
  );
  await db.send(new PutItemCommand({ TableName, Item: order('acme', 2, { amount: { N: '5' } }) }));
  const found = await db.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-amount',
      KeyConditionExpression: 'amount = :a',
      ExpressionAttributeValues: { ':a': { N: '5.0' } },
    }),
  );
  expect(found.Items).toEqual([order('acme', 2, { amount: { N: '5' } })]);
  await expect(
    db.send(new PutItemCommand({ TableName, Item: order('acme', 3, { amount: { S: 'x' } }) })),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/Type mismatch for Index Key amount Expected: N Actual: S/),
  });
  await db.send(new DeleteTableCommand({ TableName }));
  await expect(describeOrders()).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found: Table: orders not found',
  });
  // A new table of the name has nothing of the old one.
  await createOrders(db);
  expect((await describeOrders()).ItemCount).toBe(0);
});

test('what is no table is refused', async () => {
  const refusal = (more: object) => createOrders(db, more).catch((error) => error.message);
  expect(await refusal({ TableName: 'x' })).toMatch(/^Invalid table\/index name/);
  expect(await refusal({ KeySchema: [{ AttributeName: 'tenant', KeyType: 'RANGE' }] })).toBe(
    'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
  );
  expect(await refusal({ GlobalSecondaryIndexes: undefined })).toMatch(/Some AttributeDefinitions are not used/);
  expect(await refusal({ BillingMode: undefined })).toBe(
    'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
  );
  await expect(db.send(new GetItemCommand({ TableName: 'nothing', Key: { a: { S: 'b' } } }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found',
  });
});

test('an account has a limit of tables', async () => {
  const make = (name: string) =>
    db.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      }),
    );
  for (let i = 0; i < 100; i++) await make(`table-${i}`);
  await expect(make('one-more')).rejects.toMatchObject({ name: 'LimitExceededException' });
  const first = await db.send(new ListTablesCommand({ Limit: 60 }));
  const rest = await db.send(new ListTablesCommand({ ExclusiveStartTableName: first.LastEvaluatedTableName }));
  expect(first.TableNames!.length + rest.TableNames!.length).toBe(100);
});

test('items go when their time has come', async () => {
  await createOrders(db);
  await db.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }),
  );
  expect((await db.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: 'ENABLED',
    AttributeName: 'expires',
  });
  const seconds = Math.floor(clock.now() / 1000);
  for (const [id, expires] of [
    [1, { N: String(seconds + 60) }],
    [2, { S: String(seconds - 60) }],
    [3, { N: String(seconds - 6 * 365 * 86_400) }],
  ] as const)
    await db.send(new PutItemCommand({ TableName, Item: order('acme', id, { expires }) }));
  await cloud.settle();
  expect((await describeOrders()).ItemCount).toBe(3);
  clock.advance(120_000);
  await cloud.settle();
  const { Items } = await db.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'tenant = :t',
      ExpressionAttributeValues: { ':t': { S: 'acme' } },
    }),
  );
  // A text is no time, and what is five years late is left alone.
  expect(Items!.map(({ id }) => id)).toEqual([{ N: '2' }, { N: '3' }]);
  await expect(
    db.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }),
    ),
  ).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
});

test('tags, backups, limits and endpoints', async () => {
  await createOrders(db, { Tags: [{ Key: 'team', Value: 'shop' }] });
  const ResourceArn = tableArn('orders');
  await db.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'stage', Value: 'prod' }] }));
  await db.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  expect((await db.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
    { Key: 'stage', Value: 'prod' },
  ]);
  const status = async () =>
    (await db.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription!
      .PointInTimeRecoveryDescription!.PointInTimeRecoveryStatus;
  expect(await status()).toBe('DISABLED');
  await db.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  expect(await status()).toBe('ENABLED');
  expect((await db.send(new DescribeLimitsCommand({}))).TableMaxReadCapacityUnits).toBe(40_000);
  expect((await db.send(new DescribeEndpointsCommand({}))).Endpoints![0]!.Address).toBe(
    'dynamodb.us-east-1.amazonaws.com',
  );
});

test('a resource policy lets another account in, by the table’s ARN', async () => {
  await createOrders(db);
  await db.send(new PutItemCommand({ TableName, Item: order('acme', 1) }));
  const partner = dynamo(cloud, rootKeys(cloud, PARTNER));
  const read = () => partner.send(new GetItemCommand({ TableName: tableArn('orders'), Key: order('acme', 1) }));
  await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const ResourceArn = tableArn('orders');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: PARTNER }, Action: 'dynamodb:GetItem', Resource: ResourceArn }],
  });
  const { RevisionId } = await db.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
  expect((await read()).Item).toEqual(order('acme', 1));
  await expect(
    partner.send(new PutItemCommand({ TableName: ResourceArn, Item: order('acme', 2) })),
  ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await db.send(new GetResourcePolicyCommand({ ResourceArn }))).toMatchObject({ Policy, RevisionId });
  await expect(
    db.send(new PutResourcePolicyCommand({ ResourceArn, Policy, ExpectedRevisionId: 'NO_POLICY' })),
  ).rejects.toMatchObject({ name: 'PolicyNotFoundException' });
  await db.send(new DeleteResourcePolicyCommand({ ResourceArn }));
  await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(db.send(new GetResourcePolicyCommand({ ResourceArn }))).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
  });
});
