import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../server/cloud/clock.ts';
import type { Cloud } from '../../server/cloud/cloud.ts';
import type { Hops } from '../../server/cloud/context.ts';
import { deliveries } from '../../server/cloud/deliveries.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/index.ts';
import { asyncInvocations } from '../../server/cloud/services/lambda/async-records.ts';
import { createFunction, invoke, logsAllowed, putRole, startRuntime } from './services/lambda/kit.ts';
import { createTestCloud, OWN, REGION, root } from './test-cloud.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let clock: MovableClock;
let notes: string[];
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(() => {
  notes = [];
  ({ cloud, clock } = createTestCloud({ runtime, id: `loop${++serial}`, log: (message) => notes.push(message) }));
});

const all = { Effect: 'Allow', Action: '*', Resource: '*' };
const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${OWN}:function:${name}`;
const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${OWN}:${name}`;
const queueUrl = (name: string) => `https://sqs.${REGION}.amazonaws.com/${OWN}/${name}`;
const call = <O>(service: string, operation: string, input: object, hops?: Hops) => {
  const caller = root();
  return cloud.call<O>(hops ? { ...caller, source: { ...caller.source, hops } } : caller, service, operation, input);
};

async function bodies(queue: string): Promise<string[]> {
  const out: string[] = [];
  for (;;) {
    const { Messages = [] } = await call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
      QueueUrl: queueUrl(queue),
      MaxNumberOfMessages: 10,
    });
    if (Messages.length === 0) return out;
    out.push(...Messages.map(({ Body }) => Body));
  }
}

async function deploy(name: string, code: string, members: object = {}): Promise<void> {
  putRole(cloud, `${name}-role`, [logsAllowed, all]);
  await createFunction(cloud, name, code, members);
}

/** A bucket whose new objects under `in/` run the function, which writes there again. */
async function loopThroughBucket(members: object = {}): Promise<void> {
  await call('s3', 'CreateBucket', { Bucket: 'round-and-round' });
  await deploy(
    'echo',
    `import { S3Client, PutObjectCommand } from '@aws-sdk/client-s3';
    const s3 = new S3Client({});
    export const handler = async (event) => {
      const { key } = event.Records[0].s3.object;
      await s3.send(new PutObjectCommand({ Bucket: 'round-and-round', Key: key + 'x', Body: 'x' }));
    };`,
    members,
  );
  await call('lambda', 'AddPermission', {
    FunctionName: 'echo',
    StatementId: 's3',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::round-and-round',
    SourceAccount: OWN,
  });
  await call('s3', 'PutBucketNotificationConfiguration', {
    Bucket: 'round-and-round',
    NotificationConfiguration: {
      LambdaFunctionConfigurations: [
        {
          LambdaFunctionArn: functionArn('echo'),
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } },
        },
      ],
    },
  });
}
const objects = async () =>
  (await call<{ KeyCount: number }>('s3', 'ListObjectsV2', { Bucket: 'round-and-round' })).KeyCount;

describe('a function that writes to its own trigger', () => {
  it('runs sixteen times, then its event goes to the dead-letter queue', async () => {
    await call('sqs', 'CreateQueue', { QueueName: 'dead' });
    await loopThroughBucket({ DeadLetterConfig: { TargetArn: queueArn('dead') } });
    await call('s3', 'PutObject', { Bucket: 'round-and-round', Key: 'in/a', Body: Buffer.from('x') });
    expect(await cloud.settle(60_000)).toEqual({ settled: true, pending: [] });
    expect(await objects()).toBe(17);
    const [letter, ...more] = await bodies('dead');
    expect(more).toEqual([]);
    expect(JSON.parse(letter!).Records[0].s3.object.key).toBe(`in/a${'x'.repeat(16)}`);
    expect(notes).toContain('a recursive loop was ended');
    expect([...cloud.state.all(deliveries), ...cloud.state.all(asyncInvocations)]).toEqual([]);
  });

  it('begins a new count with every event from outside', async () => {
    await loopThroughBucket();
    for (const Key of ['in/a', 'in/b'])
      await call('s3', 'PutObject', { Bucket: 'round-and-round', Key, Body: Buffer.from('x') });
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(await objects()).toBe(34);
  });
});

describe('a queue that a function reads and writes', () => {
  it('keeps the message that went round too often for its redrive policy', async () => {
    for (const QueueName of ['dead', 'ran']) await call('sqs', 'CreateQueue', { QueueName });
    await call('sqs', 'CreateQueue', {
      QueueName: 'round',
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 }) },
    });
    await deploy(
      'worker',
      `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
      const sqs = new SQSClient({});
      export const handler = async (event) => {
        for (const { body } of event.Records)
          for (const QueueUrl of ['${queueUrl('ran')}', '${queueUrl('round')}'])
            await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body + '+' }));
      };`,
    );
    await call('lambda', 'CreateEventSourceMapping', { FunctionName: 'worker', EventSourceArn: queueArn('round') });
    await call('sqs', 'SendMessage', { QueueUrl: queueUrl('round'), MessageBody: 'm' });
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(await bodies('ran')).toHaveLength(16);
    for (let i = 0; i < 3; i++) {
      clock.advance(31_000);
      await cloud.settle();
    }
    expect(await bodies('dead')).toEqual([`m${'+'.repeat(16)}`]);
  });
});

describe('a topic that a function hears and speaks to', () => {
  it('is heard until the sixteenth time', async () => {
    for (const QueueName of ['dead', 'ran']) await call('sqs', 'CreateQueue', { QueueName });
    const TopicArn = `arn:aws:sns:${REGION}:${OWN}:round`;
    await call('sns', 'CreateTopic', { Name: 'round' });
    await deploy(
      'hearer',
      `import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
      import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
      export const handler = async () => {
        await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${queueUrl('ran')}', MessageBody: 'x' }));
        await new SNSClient({}).send(new PublishCommand({ TopicArn: '${TopicArn}', Message: 'again' }));
      };`,
      { DeadLetterConfig: { TargetArn: queueArn('dead') } },
    );
    await call('lambda', 'AddPermission', {
      FunctionName: 'hearer',
      StatementId: 'sns',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: TopicArn,
    });
    await call('sns', 'Subscribe', { TopicArn, Protocol: 'lambda', Endpoint: functionArn('hearer') });
    await call('sns', 'Publish', { TopicArn, Message: 'once' }, { [functionArn('hearer')]: 13 });
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(await bodies('ran')).toHaveLength(3);
    expect(await bodies('dead')).toHaveLength(1);
  });
});

describe('a rule that leads back to the function that sends its events', () => {
  it('is not noticed by Lambda, but ends', async () => {
    await call('sqs', 'CreateQueue', { QueueName: 'ran' });
    await deploy(
      'sender',
      `import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
      import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
      export const handler = async () => {
        await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${queueUrl('ran')}', MessageBody: 'x' }));
        await new EventBridgeClient({}).send(
          new PutEventsCommand({ Entries: [{ Source: 'loop', DetailType: 'Again', Detail: '{}' }] }),
        );
      };`,
    );
    await call('events', 'PutRule', { Name: 'back', EventPattern: '{"source":["loop"]}' });
    await call('events', 'PutTargets', { Rule: 'back', Targets: [{ Id: 'f', Arn: functionArn('sender') }] });
    await call('lambda', 'AddPermission', {
      FunctionName: 'sender',
      StatementId: 'events',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: `arn:aws:events:${REGION}:${OWN}:rule/back`,
    });
    const Entries = [{ Source: 'loop', DetailType: 'Once', Detail: '{}' }];
    await call('events', 'PutEvents', { Entries }, { [functionArn('sender')]: 232 });
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(await bodies('ran')).toHaveLength(3);
    expect(notes).toContain('a recursive loop was ended');
  });
});

describe('other ways round', () => {
  it('refuses a function that calls itself and waits', async () => {
    await deploy(
      'self',
      `import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
      const lambda = new LambdaClient({});
      export const handler = async ({ depth }) => {
        try {
          const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'self', Payload: JSON.stringify({ depth: depth + 1 }) }));
          return JSON.parse(Buffer.from(Payload));
        } catch (error) {
          return { depth, name: error.name, status: error.$metadata?.httpStatusCode };
        }
      };`,
      { Timeout: 60 },
    );
    const { Payload } = await call<{ Payload: Buffer }>(
      'lambda',
      'Invoke',
      { FunctionName: 'self', Payload: JSON.stringify({ depth: 15 }) },
      { [functionArn('self')]: 14 },
    );
    expect(JSON.parse(Payload.toString())).toEqual({
      depth: 16,
      name: 'RecursiveInvocationException',
      status: 400,
    });
  });

  it('refuses a function that asks its own URL', async () => {
    await deploy(
      'site',
      `export const handler = async (event) => {
        const url = event.url ?? event.headers['x-url'];
        const answer = await fetch(url, { headers: { 'x-url': url } });
        return event.url ? await answer.json() : { statusCode: 200, body: JSON.stringify([answer.status, await answer.text()]) };
      };`,
    );
    const { FunctionUrl } = await call<{ FunctionUrl: string }>('lambda', 'CreateFunctionUrlConfig', {
      FunctionName: 'site',
      AuthType: 'NONE',
    });
    for (const [StatementId, Action, more] of [
      ['url', 'lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }],
      ['run', 'lambda:InvokeFunction', { InvokedViaFunctionUrl: true }],
    ] as const)
      await call('lambda', 'AddPermission', { FunctionName: 'site', StatementId, Action, Principal: '*', ...more });
    const { Payload } = await call<{ Payload: Buffer }>(
      'lambda',
      'Invoke',
      {
        FunctionName: 'site',
        Payload: JSON.stringify({
          url: `https://${new URL(FunctionUrl).host.split('.')[0]}.lambda-url.us-east-1.on.aws/`,
        }),
      },
      { [functionArn('site')]: 14 },
    );
    expect(JSON.parse(Payload.toString())).toEqual([400, expect.stringContaining('recursive loop')]);
  });

  it('ends success destinations that lead back', async () => {
    for (const name of ['ping', 'pong']) await deploy(name, 'export const handler = async () => {};');
    for (const [name, other] of [
      ['ping', 'pong'],
      ['pong', 'ping'],
    ])
      await call('lambda', 'PutFunctionEventInvokeConfig', {
        FunctionName: name,
        DestinationConfig: { OnSuccess: { Destination: functionArn(other!) } },
      });
    await invoke(cloud, 'ping', {}, { InvocationType: 'Event' });
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(notes).toEqual(['a recursive loop was ended']);
  });

  it('ends a log group that is pushed to the function that writes it', async () => {
    await deploy('logger', "export const handler = async () => console.log('one more');");
    await call('logs', 'CreateLogGroup', { logGroupName: '/aws/lambda/logger' });
    await call('lambda', 'AddPermission', {
      FunctionName: 'logger',
      StatementId: 'logs',
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
    });
    await call('logs', 'PutSubscriptionFilter', {
      logGroupName: '/aws/lambda/logger',
      filterName: 'loop',
      filterPattern: '"one more"',
      destinationArn: functionArn('logger'),
    });
    await invoke(cloud, 'logger');
    expect((await cloud.settle(60_000)).settled).toBe(true);
    expect(notes).toContain('a recursive loop was ended');
  });
});

describe('the limit', () => {
  const code = 'export const handler = async () => 1;';
  const run = (hops: Hops) => call('lambda', 'Invoke', { FunctionName: 'app' }, hops);

  it('counts each function by itself', async () => {
    await deploy('app', code);
    await expect(run({ [functionArn('app')]: 15, [functionArn('other')]: 40 })).resolves.toMatchObject({
      StatusCode: 200,
    });
    await expect(run({ [functionArn('app')]: 16 })).rejects.toMatchObject({
      code: 'RecursiveInvocationException',
      status: 400,
    });
  });

  it('may be lifted for a function, but no chain is endless', async () => {
    await deploy('app', code);
    await call('lambda', 'PutFunctionRecursionConfig', { FunctionName: 'app', RecursiveLoop: 'Allow' });
    await expect(run({ [functionArn('app')]: 255 })).resolves.toMatchObject({ StatusCode: 200 });
    await expect(run({ [functionArn('app')]: 200, [functionArn('other')]: 56 })).rejects.toMatchObject({
      code: 'RecursiveInvocationException',
    });
  });
});
