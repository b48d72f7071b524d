import { DescribeTableCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { seededRandom } from '../../../../server/cloud/random.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createOrders, dynamo, order } from '../dynamodb/kit.ts';
import { createFunction, logsAllowed, putRole, startRuntime } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let clock: MovableClock;
let db: DynamoDBClient;
let lambda: LambdaClient;
let stream: string;
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(async () => {
  ({ cloud, clock } = createTestCloud({ runtime, id: `stream-mappings${++serial}` }));
  db = dynamo(cloud);
  lambda = client(LambdaClient, cloud);
  await createOrders(db, { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } });
  stream = (await db.send(new DescribeTableCommand({ TableName: 'orders' }))).Table!.LatestStreamArn!;
  await call('sqs', 'CreateQueue', { QueueName: 'dead' });
});

const call = <O>(service: string, operation: string, input: object) => cloud.call<O>(root(), service, operation, input);
const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${OWN}:${name}`;
const mayRead = () => ({
  Effect: 'Allow',
  Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
  Resource: stream,
});
const mayTell = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };

/** Says in its log which batch it was given, and fails on ids that it is told to. */
const teller = (fails: number[] = [], report = false) => `
export const handler = async ({ Records }) => {
  console.log('BATCH ' + JSON.stringify(Records));
  const bad = Records.filter(({ dynamodb }) => ${JSON.stringify(fails)}.includes(Number(dynamodb.Keys.id.N)));
  if (${report}) return { batchItemFailures: bad.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
  if (bad.length) throw new Error('out of stock');
};`;

async function bodies(queue: string): Promise<unknown[]> {
  const { Messages = [] } = await call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
    'sqs',
    'ReceiveMessage',
    { QueueUrl: `http://127.0.0.1:4566/${OWN}/${queue}`, MaxNumberOfMessages: 10 },
  );
  for (const { ReceiptHandle } of Messages)
    await call('sqs', 'DeleteMessage', { QueueUrl: `http://127.0.0.1:4566/${OWN}/${queue}`, ReceiptHandle });
  return Messages.map(({ Body }) => JSON.parse(Body));
}
/** The batches that the function has been given so far. */
async function batches(): Promise<{ dynamodb: { Keys: { id: { N: string } } } }[][]> {
  const { events } = await call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', {
    logGroupName: '/aws/lambda/app',
    filterPattern: 'BATCH',
  });
  return events.map(({ message }) => JSON.parse(message.slice(message.indexOf('BATCH ') + 6)));
}
const heard = async () => (await batches()).map((batch) => batch.map(({ dynamodb }) => Number(dynamodb.Keys.id.N)));
const put = async (...ids: number[]) => {
  for (const id of ids) await db.send(new PutItemCommand({ TableName: 'orders', Item: order('acme', id) }));
};
const map = (rest: Partial<CreateEventSourceMappingCommandInput> = {}) =>
  lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'app',
      EventSourceArn: stream,
      StartingPosition: 'TRIM_HORIZON',
      ...rest,
    }),
  );

test('a mapping needs the role’s rights, a starting position, and a stream', async () => {
  putRole(cloud, 'app-role', [logsAllowed]);
  await createFunction(cloud, 'app');
  await expect(map()).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: `Cannot access stream ${stream}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`,
  });
  putRole(cloud, 'app-role', [logsAllowed, mayRead()]);
  await expect(map({ StartingPosition: undefined })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  await expect(map({ StartingPosition: 'AT_TIMESTAMP' })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  const made = await map({ MaximumRetryAttempts: 3 });
  expect(made).toMatchObject({
    BatchSize: 100,
    StartingPosition: 'TRIM_HORIZON',
    MaximumRetryAttempts: 3,
    MaximumRecordAgeInSeconds: -1,
    ParallelizationFactor: 1,
    BisectBatchOnFunctionError: false,
    LastProcessingResult: 'No records processed',
  });
  await expect(map()).rejects.toMatchObject({ name: 'ResourceConflictException' });
  const changed = await lambda.send(new UpdateEventSourceMappingCommand({ UUID: made.UUID, BatchSize: 5 }));
  expect(changed).toMatchObject({ BatchSize: 5, MaximumRetryAttempts: 3 });
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID: made.UUID }));
});

test('changes reach the function in order, in batches, filtered, with the role’s own calls', async () => {
  putRole(cloud, 'app-role', [logsAllowed, mayRead(), mayTell]);
  await createFunction(cloud, 'app', teller());
  await put(1, 2, 3);
  const { UUID } = await map({
    BatchSize: 2,
    FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys: { id: { N: ['1', '3', '4'] } } } }) }] },
  });
  await cloud.settle();
  expect(await heard()).toEqual([[1], [3]]);
  await put(4);
  await cloud.settle();
  const [record] = (await batches()).at(-1)!;
  expect(record).toMatchObject({
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    eventSourceARN: stream,
    awsRegion: REGION,
    dynamodb: { NewImage: order('acme', 4), StreamViewType: 'NEW_IMAGE' },
  });
  expect((await lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult).toBe('OK');
  const asked = cloud.calls
    .list()
    .filter(
      ({ userIdentity, eventSource }) =>
        userIdentity.arn.includes('/app-role/') && eventSource !== 'logs.amazonaws.com',
    );
  expect(new Set(asked.map(({ eventName }) => eventName))).toEqual(
    new Set(['DescribeStream', 'GetShardIterator', 'GetRecords']),
  );
});

test('a batch that fails is bisected, retried, and given up to the destination', async () => {
  putRole(cloud, 'app-role', [logsAllowed, mayRead(), mayTell]);
  await createFunction(cloud, 'app', teller([2]));
  await put(1, 2, 3);
  await map({
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: queueArn('dead') } },
  });
  for (let i = 0; i < 6; i++) {
    await cloud.settle();
    clock.advance(60_000);
  }
  expect(await heard()).toEqual([[1, 2, 3], [1, 2], [1], [2, 3], [2], [2], [3]]);
  expect(await bodies('dead')).toMatchObject([
    {
      requestContext: {
        functionArn: `arn:aws:lambda:${REGION}:${OWN}:function:app`,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      DDBStreamBatchInfo: { batchSize: 1, streamArn: stream },
    },
  ]);
});

test('reported failures repeat from the first of them; a fork starts behind what was', async () => {
  putRole(cloud, 'app-role', [logsAllowed, mayRead(), mayTell]);
  await createFunction(cloud, 'app', teller([2], true));
  await put(1, 2, 3);
  await map({ FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumRetryAttempts: 1 });
  await cloud.settle();
  expect(await heard()).toEqual([[1, 2, 3]]);
  const fork = cloud.fork({ id: `${cloud.id}-fork`, random: seededRandom('fork') });
  await fork.settle();
  expect(fork.calls.list()).toEqual([]);
  await fork.close();
  clock.advance(60_000);
  await cloud.settle();
  expect(await heard()).toEqual([
    [1, 2, 3],
    [2, 3],
  ]);
});
