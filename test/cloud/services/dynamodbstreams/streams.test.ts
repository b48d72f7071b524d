import {
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams';
import { beforeEach, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud } from '../../test-cloud.ts';
import { createOrders, dynamo, order } from '../dynamodb/kit.ts';

let cloud: Cloud;
let clock: MovableClock;
let db: DynamoDBClient;
let streams: DynamoDBStreamsClient;
let StreamArn: string;
let ShardId: string;
const TableName = 'orders';

beforeEach(async () => {
  ({ cloud, clock } = createTestCloud());
  db = dynamo(cloud);
  streams = client(DynamoDBStreamsClient, cloud);
  await createOrders(db, { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } });
  StreamArn = (await db.send(new DescribeTableCommand({ TableName }))).Table!.LatestStreamArn!;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  ShardId = StreamDescription!.Shards![0]!.ShardId!;
});

const put = (id: number, more: object = {}) =>
  db.send(new PutItemCommand({ TableName, Item: order('acme', id, more as never) }));
const iterator = async (ShardIteratorType: ShardIteratorType, SequenceNumber?: string) =>
  (await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber })))
    .ShardIterator!;
const records = async (ShardIterator: string, Limit?: number) =>
  streams.send(new GetRecordsCommand({ ShardIterator, Limit }));

test('a stream tells of every change, in order, with the images of its view', async () => {
  await put(1, { amount: { N: '1' } });
  await put(1, { amount: { N: '1' } });
  await put(1, { amount: { N: '2' } });
  await db.send(new DeleteItemCommand({ TableName, Key: order('acme', 1) }));
  await db.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: order('acme', 2) } }] }));
  const { Records } = await records(await iterator('TRIM_HORIZON'));
  expect(Records!.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE', 'INSERT']);
  expect(Records![1]).toMatchObject({
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      Keys: order('acme', 1),
      OldImage: { amount: { N: '1' } },
      NewImage: { amount: { N: '2' } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
});

test('iterators start where they are asked to, and end', async () => {
  for (const id of [1, 2, 3]) await put(id);
  const latest = await iterator('LATEST');
  const first = await records(await iterator('TRIM_HORIZON'), 2);
  const number = first.Records![1]!.dynamodb!.SequenceNumber!;
  const idsOf = async (it: string) => (await records(it)).Records!.map(({ dynamodb }) => dynamodb!.Keys!.id!.N);
  expect(await idsOf(first.NextShardIterator!)).toEqual(['3']);
  expect(await idsOf(await iterator('AT_SEQUENCE_NUMBER', number))).toEqual(['2', '3']);
  expect(await idsOf(await iterator('AFTER_SEQUENCE_NUMBER', number))).toEqual(['3']);
  expect(await idsOf(latest)).toEqual([]);
  await put(4);
  expect(await idsOf(latest)).toEqual(['4']);
  clock.advance(15 * 60_000 + 1);
  await expect(records(latest)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
  await expect(records('made-up')).rejects.toMatchObject({ name: 'ValidationException' });
});

test('records are trimmed after a day', async () => {
  await put(1);
  const old = (await records(await iterator('TRIM_HORIZON'))).Records![0]!.dynamodb!.SequenceNumber!;
  clock.advance(24 * 3_600_000);
  await put(2);
  expect((await records(await iterator('TRIM_HORIZON'))).Records).toHaveLength(1);
  await expect(iterator('AT_SEQUENCE_NUMBER', old)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
});

test('deletions by time to live name the service', async () => {
  await db.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }),
  );
  await put(1, { expires: { N: String(Math.floor(clock.now() / 1000) + 30) } });
  clock.advance(120_000);
  await cloud.settle();
  const { Records } = await records(await iterator('TRIM_HORIZON'));
  expect(Records![1]).toMatchObject({
    eventName: 'REMOVE',
    userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
  });
});

test('a stream that is switched off stays readable for a day; a new one has a new label', async () => {
  await put(1);
  const set = (StreamEnabled: boolean) =>
    db.send(
      new UpdateTableCommand({
        TableName,
        StreamSpecification: { StreamEnabled, ...(StreamEnabled ? { StreamViewType: 'KEYS_ONLY' } : {}) },
      }),
    );
  await set(false);
  await put(2);
  const read = await records(await iterator('TRIM_HORIZON'));
  expect(read.Records).toHaveLength(1);
  expect(read.NextShardIterator).toBeUndefined();
  await set(true);
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  expect(Streams).toHaveLength(2);
  await db.send(new DeleteTableCommand({ TableName }));
  clock.advance(25 * 3_600_000);
  await cloud.settle();
  expect((await streams.send(new ListStreamsCommand({}))).Streams).toEqual([]);
  await expect(streams.send(new DescribeStreamCommand({ StreamArn }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
