import { gunzipSync } from 'node:zlib';
import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteMetricFilterCommand,
  DeleteRetentionPolicyCommand,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  DisassociateKmsKeyCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
  PutSubscriptionFilterCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  TestMetricFilterCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeEach, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { deliveries } from '../../../../server/cloud/deliveries.ts';
import { subscriptionFilters } from '../../../../server/cloud/services/logs/push.ts';
import { appendLogs, eventsOf, getStream, streamsOf } from '../../../../server/cloud/services/logs/store.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createFunction } from '../lambda/kit.ts';

const group = '/aws/lambda/orders';
const arn = `arn:aws:logs:${REGION}:${OWN}:log-group:${group}`;
const FUNCTION = `arn:aws:lambda:${REGION}:${OWN}:function:watch`;

let cloud: Cloud;
let clock: MovableClock;
let logs: CloudWatchLogsClient;

beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  logs = client(CloudWatchLogsClient, cloud);
});

const create = (logGroupName = group, rest: object = {}) =>
  logs.send(new CreateLogGroupCommand({ logGroupName, ...rest }));
const put = (logStreamName: string, messages: string[], at = cloud.clock.now()) =>
  logs.send(
    new PutLogEventsCommand({
      logGroupName: group,
      logStreamName,
      logEvents: messages.map((message, i) => ({ timestamp: at + i, message })),
    }),
  );
const filter = async (rest: object) =>
  (await logs.send(new FilterLogEventsCommand({ logGroupName: group, ...rest }))).events!.map(({ message }) => message);

test('a group lives: create, describe, keep for some days, encrypt, delete', async () => {
  await create();
  await expect(create()).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  });
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 7 }));
  await logs.send(new AssociateKmsKeyCommand({ logGroupName: group, kmsKeyId: 'arn:aws:kms:x' }));
  const describe = async () =>
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws' }))).logGroups;
  expect(await describe()).toMatchObject([
    { logGroupName: group, arn: `${arn}:*`, logGroupArn: arn, retentionInDays: 7, kmsKeyId: 'arn:aws:kms:x' },
  ]);
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: group }));
  await logs.send(new DisassociateKmsKeyCommand({ logGroupName: group }));
  const [plain] = (await describe())!;
  expect([plain!.retentionInDays, plain!.kmsKeyId]).toEqual([undefined, undefined]);
  await expect(
    logs.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 2 })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await logs.send(new DeleteLogGroupCommand({ logGroupName: group }));
  await expect(logs.send(new DeleteLogGroupCommand({ logGroupName: group }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
  await expect(create('no spaces')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('groups come in pages', async () => {
  for (const name of ['a', 'b', 'c']) await create(name);
  const first = await logs.send(new DescribeLogGroupsCommand({ limit: 2 }));
  const second = await logs.send(new DescribeLogGroupsCommand({ limit: 2, nextToken: first.nextToken }));
  expect([...first.logGroups!, ...second.logGroups!].map(({ logGroupName }) => logGroupName)).toEqual(['a', 'b', 'c']);
  expect(second.nextToken).toBeUndefined();
});

test('tags are set, listed and removed, by ARN and by name', async () => {
  await create(group, { tags: { team: 'shop' } });
  await logs.send(new TagResourceCommand({ resourceArn: arn, tags: { stage: 'prod' } }));
  await logs.send(new TagLogGroupCommand({ logGroupName: group, tags: { cost: '1' } }));
  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({
    team: 'shop',
    stage: 'prod',
    cost: '1',
  });
  await logs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['team'] }));
  await logs.send(new UntagLogGroupCommand({ logGroupName: group, tags: ['cost'] }));
  expect((await logs.send(new ListTagsLogGroupCommand({ logGroupName: group }))).tags).toEqual({ stage: 'prod' });
});

test('streams are created, listed by name and by time, and deleted', async () => {
  await create();
  for (const logStreamName of ['b', 'a'])
    await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
  await put('b', ['x'], cloud.clock.now() - 1000);
  await put('a', ['x']);
  const names = async (rest: object) =>
    (await logs.send(new DescribeLogStreamsCommand({ logGroupName: group, ...rest }))).logStreams!.map(
      ({ logStreamName }) => logStreamName,
    );
  expect(await names({})).toEqual(['a', 'b']);
  expect(await names({ orderBy: 'LastEventTime' })).toEqual(['b', 'a']);
  expect(await names({ descending: true })).toEqual(['b', 'a']);
  await logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: 'a' }));
  expect(await names({})).toEqual(['b']);
  await expect(put('a', ['x'])).rejects.toMatchObject({ message: 'The specified log stream does not exist.' });
});

test('events are read forwards and backwards', async () => {
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  await put('s', ['1', '2', '3', '4', '5']);
  const get = async (rest: object) => {
    const answer = await logs.send(
      new GetLogEventsCommand({ logGroupName: group, logStreamName: 's', limit: 2, ...rest }),
    );
    return { ...answer, text: answer.events!.map(({ message }) => message).join('') };
  };
  const head = await get({ startFromHead: true });
  const middle = await get({ nextToken: head.nextForwardToken });
  const tail = await get({ nextToken: middle.nextForwardToken });
  const end = await get({ nextToken: tail.nextForwardToken });
  expect([head.text, middle.text, tail.text, end.text]).toEqual(['12', '34', '5', '']);
  expect(end.nextForwardToken).toBe(tail.nextForwardToken);
  expect((await get({})).text).toBe('45');
  expect((await get({ nextToken: middle.nextBackwardToken })).text).toBe('12');
});

test('events must be in order, and neither too old nor of the future', async () => {
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  const now = cloud.clock.now();
  const send = (...times: number[]) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: group,
        logStreamName: 's',
        logEvents: times.map((timestamp) => ({ timestamp, message: 'x' })),
      }),
    );
  await expect(send(now, now - 1)).rejects.toMatchObject({
    message: 'Log events in a single PutLogEvents request must be in chronological order.',
  });
  const day = 24 * 60 * 60 * 1000;
  expect((await send(now - 15 * day)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
  expect((await send(now, now + day / 2)).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
});

test('events of all streams are filtered, in the order of time and in pages', async () => {
  await create();
  for (const logStreamName of ['s1', 's2'])
    await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
  const now = cloud.clock.now();
  await put('s2', ['ERROR late'], now + 10);
  await put('s1', ['ERROR early', 'INFO x', '{"level":"ERROR"}'], now);
  expect(await filter({ filterPattern: 'ERROR' })).toEqual(['ERROR early', '{"level":"ERROR"}', 'ERROR late']);
  expect(await filter({ filterPattern: '{ $.level = "ERROR" }' })).toEqual(['{"level":"ERROR"}']);
  expect(await filter({ logStreamNames: ['s2'] })).toEqual(['ERROR late']);
  expect(await filter({ startTime: now + 1, endTime: now + 2 })).toEqual(['INFO x']);
  const first = await logs.send(new FilterLogEventsCommand({ logGroupName: group, limit: 3 }));
  expect(await filter({ nextToken: first.nextToken })).toEqual(['ERROR late']);
});

test('retention hides what is too old', async () => {
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  await put('s', ['old']);
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 1 }));
  expect(await filter({})).toEqual(['old']);
  clock.advance(25 * 60 * 60 * 1000);
  // Only the fork's clock moved: the request is signed by the same clock.
  const later = await cloud.call(
    { principal: { type: 'root', account: OWN, arn: `arn:aws:iam::${OWN}:root` }, context: {}, source: { ip: '::1' } },
    'logs',
    'FilterLogEvents',
    { logGroupName: group },
  );
  expect(later).toMatchObject({ events: [] });
});

test('what the Lambda service writes makes its group and stream, and is bounded', () => {
  const scope = cloud.scope(OWN);
  const line = (i: number) => ({ timestamp: i, message: `${i} ${'x'.repeat(10_000)}` });
  cloud.transact((state) => {
    appendLogs(state, scope, group, 's', [{ timestamp: 1, message: 'START' }], 5);
    appendLogs(
      state,
      scope,
      group,
      's',
      Array.from({ length: 200 }, (_, i) => line(i)),
      6,
    );
  });
  const stream = getStream(cloud.state, scope, group, 's');
  expect(stream).toMatchObject({ firstEvent: 0, lastEvent: 199, lastIngestion: 6, written: 201 });
  const kept = eventsOf(cloud.state, scope, stream);
  expect(kept.at(-1)!.message.startsWith('199 ')).toBe(true);
  expect(kept.length).toBeLessThan(120);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
  cloud.transact((state) => {
    for (let i = 0; i < 310; i++) appendLogs(state, scope, group, `t${i}`, [], 10 + i);
  });
  expect(streamsOf(cloud.state, scope, group)).toHaveLength(300);
});

test('metric filters are kept and tried', async () => {
  await create();
  const metricTransformations = [{ metricName: 'errors', metricNamespace: 'shop', metricValue: '1' }];
  await logs.send(
    new PutMetricFilterCommand({ logGroupName: group, filterName: 'f', filterPattern: 'ERROR', metricTransformations }),
  );
  expect((await logs.send(new DescribeMetricFiltersCommand({ logGroupName: group }))).metricFilters).toMatchObject([
    { filterName: 'f', filterPattern: 'ERROR', metricTransformations, logGroupName: group },
  ]);
  expect(
    (await logs.send(new TestMetricFilterCommand({ filterPattern: 'ERROR', logEventMessages: ['INFO', 'ERROR 1'] })))
      .matches,
  ).toMatchObject([{ eventNumber: 2, eventMessage: 'ERROR 1' }]);
  await logs.send(new DeleteMetricFilterCommand({ logGroupName: group, filterName: 'f' }));
  await expect(
    logs.send(new DeleteMetricFilterCommand({ logGroupName: group, filterName: 'f' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a subscription needs a function that CloudWatch Logs may invoke', async () => {
  await create();
  await expect(
    logs.send(
      new PutSubscriptionFilterCommand({
        logGroupName: group,
        filterName: 'f',
        filterPattern: '',
        destinationArn: FUNCTION,
      }),
    ),
  ).rejects.toMatchObject({ name: 'InvalidParameterException', message: /Could not execute the lambda function/ });
});

test('a subscription to a function that lets CloudWatch Logs in is taken', async () => {
  await create();
  const { FunctionArn } = await createFunction(cloud, 'watch');
  await cloud.call(root(), 'lambda', 'AddPermission', {
    FunctionName: 'watch',
    StatementId: 'logs',
    Action: 'lambda:InvokeFunction',
    Principal: 'logs.amazonaws.com',
    SourceArn: `${arn}:*`,
    SourceAccount: OWN,
  });
  const put = (logGroupName: string) =>
    logs.send(
      new PutSubscriptionFilterCommand({
        logGroupName,
        filterName: 'f',
        filterPattern: '{ $.level = "ERROR" }',
        destinationArn: FunctionArn,
      }),
    );
  await put(group);
  await create('other');
  await expect(put('other')).rejects.toThrow(/Could not execute the lambda function/);
});

test('a subscribed function gets matching lines, zipped, from the group', async () => {
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  const scope = cloud.scope(OWN);
  cloud.transact((state) =>
    state.put(subscriptionFilters, scope, `${group}:f`, {
      group,
      name: 'f',
      filterPattern: 'ERROR',
      destinationArn: FUNCTION,
      distribution: 'ByLogStream',
      created: 0,
    }),
  );
  expect(
    (await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: group }))).subscriptionFilters,
  ).toMatchObject([{ filterName: 'f', destinationArn: FUNCTION }]);
  const state = cloud.state.begin();
  appendLogs(
    state,
    scope,
    group,
    's',
    [
      { timestamp: 1, message: 'INFO' },
      { timestamp: 2, message: 'ERROR 7' },
    ],
    3,
  );
  const [delivery] = state.all(deliveries);
  expect(delivery!.value).toMatchObject({
    caller: { service: 'logs.amazonaws.com', sourceArn: `${arn}:*`, sourceAccount: OWN },
    target: { service: 'lambda', operation: 'Invoke', input: { FunctionName: FUNCTION, InvocationType: 'Event' } },
  });
  const { awslogs } = JSON.parse(delivery!.value.target.input.Payload as string) as { awslogs: { data: string } };
  expect(JSON.parse(gunzipSync(Buffer.from(awslogs.data, 'base64')).toString())).toMatchObject({
    messageType: 'DATA_MESSAGE',
    owner: OWN,
    logGroup: group,
    logStream: 's',
    subscriptionFilters: ['f'],
    logEvents: [{ id: expect.stringMatching(/^\d{56}$/), timestamp: 2, message: 'ERROR 7' }],
  });
  await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName: group, filterName: 'f' }));
  expect(cloud.state.all(subscriptionFilters)).toEqual([]);
});

test.each([
  ['arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/orders:*', true],
  ['arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/*', true],
  ['arn:aws:logs:us-east-1:111122223333:*', true],
  ['arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/orders', false],
  ['arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/others:*', false],
])('a user with logs:* on %s may write to the stream: %s', async (Resource, expected) => {
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  const iam = (operation: string, input: object) =>
    cloud.call<object>(root(), 'iam', operation, { UserName: 'w', ...input });
  await iam('CreateUser', {});
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource }],
  });
  await iam('PutUserPolicy', { PolicyName: 'p', PolicyDocument });
  const { AccessKey } = (await iam('CreateAccessKey', {})) as {
    AccessKey: { AccessKeyId: string; SecretAccessKey: string };
  };
  const user = client(CloudWatchLogsClient, cloud, {
    accessKeyId: AccessKey.AccessKeyId,
    secretAccessKey: AccessKey.SecretAccessKey,
  });
  const verdict = (call: Promise<unknown>) =>
    call.then(
      () => true,
      (error: Error) => (error.name === 'AccessDeniedException' ? false : Promise.reject(error)),
    );
  const logEvents = [{ timestamp: cloud.clock.now(), message: 'x' }];
  const write = new PutLogEventsCommand({ logGroupName: group, logStreamName: 's', logEvents });
  expect(await verdict(user.send(write))).toBe(expected);
  expect(await verdict(user.send(new DescribeLogStreamsCommand({ logGroupName: group })))).toBe(expected);
});
