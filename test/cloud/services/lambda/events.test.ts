import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { asyncInvocations } from '../../../../server/cloud/services/lambda/async-records.ts';
import { createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createFunction, invoke, logsAllowed, putRole, startRuntime, zip } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let clock: MovableClock;
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(() => {
  ({ cloud, clock } = createTestCloud({ runtime, id: `events${++serial}` }));
});

const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${OWN}:${name}`;
const queueUrl = (name: string) => `http://127.0.0.1:4566/${OWN}/${name}`;
const call = <O>(service: string, operation: string, input: object) => cloud.call<O>(root(), service, operation, input);

interface Message {
  Body: string;
  MessageAttributes?: Record<string, { StringValue: string }>;
}

async function received(name: string): Promise<Message[]> {
  const { Messages = [] } = await call<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', {
    QueueUrl: queueUrl(name),
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    VisibilityTimeout: 0,
  });
  return Messages;
}

const mayUse = (name: string) => ({
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
  Resource: queueArn(name),
});

describe('asynchronous invocation', () => {
  const failing = "export const handler = async () => { throw new Error('out of stock'); };";

  it('answers at once, tries three times, and gives the event to the dead-letter queue', async () => {
    await call('sqs', 'CreateQueue', { QueueName: 'dead' });
    putRole(cloud, 'app-role', [logsAllowed, mayUse('dead')]);
    await createFunction(cloud, 'app', failing, { DeadLetterConfig: { TargetArn: queueArn('dead') } });
    expect((await invoke(cloud, 'app', { order: 7 }, { InvocationType: 'Event' })).StatusCode).toBe(202);
    await cloud.settle();
    expect(await received('dead')).toEqual([]);
    clock.advance(60_000);
    await cloud.settle();
    expect(await received('dead')).toEqual([]);
    clock.advance(120_000);
    await cloud.settle();
    const [letter] = await received('dead');
    expect(JSON.parse(letter!.Body)).toEqual({ order: 7 });
    expect(letter!.MessageAttributes?.ErrorMessage?.StringValue).toBe('out of stock');
    expect(cloud.state.all(asyncInvocations)).toEqual([]);
  });

  it('waits longer and longer where the runtime itself fails, and does not run in circles', async () => {
    let asked = 0;
    const broken: FunctionRuntime = Object.create(runtime, {
      interpreterFor: { value: (name: string) => runtime.interpreterFor(name) },
      invoke: { value: () => Promise.reject(new Error(`closed for the ${++asked}. time`)) },
    });
    ({ cloud, clock } = createTestCloud({ runtime: broken, id: `events${++serial}` }));
    putRole(cloud, 'app-role', [logsAllowed]);
    await createFunction(cloud, 'app', failing);
    await invoke(cloud, 'app', { order: 7 }, { InvocationType: 'Event' });
    const asksAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await cloud.settle();
      return asked;
    };
    expect([await asksAfter(0), await asksAfter(1000), await asksAfter(1000), await asksAfter(1000)]).toEqual([
      1, 2, 2, 3,
    ]);
    expect(cloud.state.all(asyncInvocations)).toHaveLength(1);
  });

  it('tells destinations of success and failure, with the rights of the role', async () => {
    for (const QueueName of ['good', 'bad']) await call('sqs', 'CreateQueue', { QueueName });
    putRole(cloud, 'app-role', [logsAllowed, mayUse('good'), mayUse('bad')]);
    await createFunction(
      cloud,
      'app',
      'export const handler = async (e) => { if (e.fail) throw new Error("no"); return { ok: 1 }; };',
    );
    await call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName: 'app',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination: queueArn('good') }, OnFailure: { Destination: queueArn('bad') } },
    });
    await invoke(cloud, 'app', { fail: false }, { InvocationType: 'Event' });
    await invoke(cloud, 'app', { fail: true }, { InvocationType: 'Event' });
    await cloud.settle();
    const [good] = await received('good');
    expect(JSON.parse(good!.Body)).toMatchObject({
      version: '1.0',
      requestContext: {
        condition: 'Success',
        approximateInvokeCount: 1,
        functionArn: `arn:aws:lambda:${REGION}:${OWN}:function:app:$LATEST`,
      },
      requestPayload: { fail: false },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { ok: 1 },
    });
    const [bad] = await received('bad');
    expect(JSON.parse(bad!.Body)).toMatchObject({
      requestContext: { condition: 'RetriesExhausted' },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no' },
    });
    putRole(cloud, 'app-role', [logsAllowed]);
    await invoke(cloud, 'app', { fail: false }, { InvocationType: 'Event' });
    await cloud.settle();
    expect(await received('good')).toHaveLength(1);
  });

  it('waits while the function is throttled, and gives up at once when its concurrency is zero', async () => {
    await call('sqs', 'CreateQueue', { QueueName: 'dead' });
    putRole(cloud, 'app-role', [logsAllowed, mayUse('dead')]);
    await createFunction(cloud, 'app', undefined, { DeadLetterConfig: { TargetArn: queueArn('dead') } });
    await call('lambda', 'PutFunctionConcurrency', { FunctionName: 'app', ReservedConcurrentExecutions: 0 });
    await expect(invoke(cloud, 'app')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      extra: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
    await invoke(cloud, 'app', { a: 1 }, { InvocationType: 'Event' });
    await cloud.settle();
    expect(await received('dead')).toHaveLength(1);
  });
});

describe('an event source mapping of a queue', () => {
  async function deploy(code: string, mapping: object = {}, attributes: object = {}): Promise<string> {
    await call('sqs', 'CreateQueue', { QueueName: 'dead' });
    await call('sqs', 'CreateQueue', {
      QueueName: 'orders',
      Attributes: {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 }),
        ...attributes,
      },
    });
    await call('sqs', 'CreateQueue', { QueueName: 'done' });
    putRole(cloud, 'worker-role', [logsAllowed, mayUse('orders'), mayUse('done')]);
    const sending = `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
      const sqs = new SQSClient({});
      const done = (text) => sqs.send(new SendMessageCommand({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/${OWN}/done', MessageBody: text }));`;
    await createFunction(cloud, 'worker', `${sending}\nexport const handler = async (event) => {\n${code}\n};`);
    const { UUID } = await call<{ UUID: string }>('lambda', 'CreateEventSourceMapping', {
      FunctionName: 'worker',
      EventSourceArn: queueArn('orders'),
      ...mapping,
    });
    return UUID;
  }
  const send = (body: string) => call('sqs', 'SendMessage', { QueueUrl: queueUrl('orders'), MessageBody: body });
  const left = async () => {
    const { Attributes } = await call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
      QueueUrl: queueUrl('orders'),
      AttributeNames: ['All'],
    });
    return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
  };

  it('gives messages to the function and deletes what succeeded', async () => {
    await deploy(
      'const r = event.Records[0]; await done(JSON.stringify([r.eventSource, r.eventSourceARN, r.body, r.attributes.ApproximateReceiveCount]));',
    );
    await send('one');
    expect(await cloud.settle()).toEqual({ settled: true, pending: [] });
    expect(JSON.parse((await received('done'))[0]!.Body)).toEqual(['aws:sqs', queueArn('orders'), 'one', '1']);
    expect(await left()).toBe(0);
  });

  it('leaves what failed until its visibility timeout, then redrives it', async () => {
    await deploy("throw new Error('broken');");
    await send('poison');
    await cloud.settle();
    expect(await left()).toBe(1);
    clock.advance(31_000);
    await cloud.settle();
    clock.advance(31_000);
    await cloud.settle();
    expect(await left()).toBe(0);
    expect((await received('dead')).map(({ Body }) => Body)).toEqual(['poison']);
  });

  it('takes a report of failed items', async () => {
    await deploy(
      "return { batchItemFailures: event.Records.filter((r) => r.body === 'bad').map((r) => ({ itemIdentifier: r.messageId })) };",
      { FunctionResponseTypes: ['ReportBatchItemFailures'] },
    );
    await send('good');
    await send('bad');
    await cloud.settle();
    expect(await left()).toBe(1);
  });

  it('passes only what its filters let through, and drops the rest', async () => {
    await deploy('for (const r of event.Records) await done(r.body);', {
      FilterCriteria: {
        Filters: [{ Pattern: JSON.stringify({ body: { kind: ['order'], amount: [{ numeric: ['>', 10] }] } }) }],
      },
    });
    for (const [kind, amount] of [
      ['order', 11],
      ['order', 9],
      ['refund', 50],
    ])
      await send(JSON.stringify({ kind, amount }));
    await cloud.settle();
    expect((await received('done')).map(({ Body }) => JSON.parse(Body))).toEqual([{ kind: 'order', amount: 11 }]);
    expect(await left()).toBe(0);
  });

  it('stops when the role loses its rights, and when it is disabled', async () => {
    const UUID = await deploy('await done(event.Records[0].body);');
    putRole(cloud, 'worker-role', [logsAllowed, mayUse('done')]);
    await send('one');
    expect((await cloud.settle()).settled).toBe(true);
    expect(await left()).toBe(1);
    expect(
      cloud.calls
        .list()
        .some(({ eventName, errorCode }) => eventName === 'ReceiveMessage' && errorCode === 'AccessDenied'),
    ).toBe(true);
    await call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: false }).catch(() => undefined);
    putRole(cloud, 'worker-role', [logsAllowed, mayUse('done'), mayUse('orders')]);
    await call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: false });
    clock.advance(60_000);
    await cloud.settle();
    expect(await left()).toBe(1);
    await call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: true });
    await cloud.settle();
    expect((await received('done')).map(({ Body }) => Body)).toEqual(['one']);
    expect(await call('lambda', 'ListEventSourceMappings', { FunctionName: 'worker' })).toMatchObject({
      EventSourceMappings: [{ UUID, State: 'Enabled' }],
    });
    expect(await call('lambda', 'GetEventSourceMapping', { UUID })).toMatchObject({ BatchSize: 10 });
    expect(await call('lambda', 'DeleteEventSourceMapping', { UUID })).toMatchObject({ State: 'Deleting' });
  });

  it('is refused for a role without rights, and for a queue that hides messages too shortly', async () => {
    await call('sqs', 'CreateQueue', { QueueName: 'orders' });
    await createFunction(cloud, 'worker', undefined, { Timeout: 60 });
    const create = () =>
      call('lambda', 'CreateEventSourceMapping', { FunctionName: 'worker', EventSourceArn: queueArn('orders') });
    await expect(create()).rejects.toMatchObject({
      message: 'The provided execution role does not have permissions to call ReceiveMessage on SQS',
    });
    putRole(cloud, 'worker-role', [mayUse('orders')]);
    await expect(create()).rejects.toMatchObject({
      message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
    });
  });

  it('waits for its batching window', async () => {
    await deploy('await done(String(event.Records.length));', { BatchSize: 5, MaximumBatchingWindowInSeconds: 20 });
    await send('a');
    await send('b');
    await cloud.settle();
    expect(await received('done')).toEqual([]);
    clock.advance(21_000);
    await cloud.settle();
    expect((await received('done')).map(({ Body }) => Body)).toEqual(['2']);
  });
});

describe('aliases and layers at run time', () => {
  it('an alias sends a share of the calls to its other version', async () => {
    await createFunction(cloud, 'app', "export const handler = async () => 'one';", { Publish: true });
    await call('lambda', 'UpdateFunctionCode', {
      FunctionName: 'app',
      ZipFile: zip("export const handler = async () => 'two';"),
      Publish: true,
    });
    await call('lambda', 'CreateAlias', {
      FunctionName: 'app',
      Name: 'live',
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.5 } },
    });
    const answers = new Set<unknown>();
    for (let i = 0; i < 30; i++) answers.add((await invoke(cloud, 'app', {}, { Qualifier: 'live' })).answer);
    expect([...answers].sort()).toEqual(['one', 'two']);
    await call('lambda', 'UpdateAlias', {
      FunctionName: 'app',
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
    expect((await invoke(cloud, 'app:live')).answer).toBe('one');
  });

  it("a layer's modules are found", async () => {
    const { LayerVersionArn } = await call<{ LayerVersionArn: string }>('lambda', 'PublishLayerVersion', {
      LayerName: 'shared',
      Content: { ZipFile: zip({ 'nodejs/node_modules/greeting/index.js': "module.exports = 'hello';" }) },
    });
    await createFunction(
      cloud,
      'app',
      { 'index.js': "exports.handler = async () => require('greeting');" },
      { Layers: [LayerVersionArn] },
    );
    expect((await invoke(cloud, 'app')).answer).toBe('hello');
  });
});
