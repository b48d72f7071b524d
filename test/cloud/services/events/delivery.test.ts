import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { failedDeliveries } from '../../../../server/cloud/deliveries.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { ATTACKER, client, createTestCloud, OWN, PARTNER, REGION, root, rootKeys } from '../../test-cloud.ts';
import { createFunction, putRole } from '../lambda/kit.ts';

let cloud: Cloud;
let clock: MovableClock;
let own: EventBridgeClient;

beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  own = client(EventBridgeClient, cloud);
});

const queueArn = (name: string, account = OWN) => `arn:aws:sqs:${REGION}:${account}:${name}`;
const queueUrl = (name: string, account = OWN) => `https://sqs.${REGION}.amazonaws.com/${account}/${name}`;
const busArn = (name: string, account = OWN) => `arn:aws:events:${REGION}:${account}:event-bus/${name}`;
const ruleArn = `arn:aws:events:${REGION}:${OWN}:rule/orders`;
const call = <O>(service: string, operation: string, input: object, account = OWN) =>
  cloud.call<O>(root(account), service, operation, input);

/** A queue that EventBridge may send to for the rule, if it is to. */
async function queue(name: string, allowed = true, account = OWN, source = ruleArn): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn(name, account),
    Condition: { ArnEquals: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': OWN } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
  await call(
    'sqs',
    'CreateQueue',
    { QueueName: name, Attributes: { ...(allowed ? { Policy } : {}), ...fifo } },
    account,
  );
}

interface Message {
  Body: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, { StringValue: string }>;
}

async function received(name: string, account = OWN): Promise<Message[]> {
  expect((await cloud.settle()).settled).toBe(true);
  const input = {
    QueueUrl: queueUrl(name, account),
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    AttributeNames: ['All'],
  };
  return (await call<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', input, account)).Messages ?? [];
}

async function rule(...targets: Omit<Target, 'Id'>[]): Promise<void> {
  await own.send(new PutRuleCommand({ Name: 'orders', EventPattern: '{"source":["shop"]}' }));
  await own.send(
    new PutTargetsCommand({ Rule: 'orders', Targets: targets.map((t, i) => ({ Id: `t${i}`, ...t }) as Target) }),
  );
}

const send = (from = own, more: object = {}) =>
  from.send(
    new PutEventsCommand({
      Entries: [{ Source: 'shop', DetailType: 'Order', Detail: '{"id":7,"who":"Ann \\"A\\""}', ...more }],
    }),
  );

describe('PutEvents', () => {
  it('answers entry by entry', async () => {
    const { FailedEntryCount, Entries } = await own.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'shop', DetailType: 'Order', Detail: '{}' },
          { Source: 'aws.s3', DetailType: 'Object Created', Detail: '{}' },
          { Source: 'shop', DetailType: 'Order', Detail: '[]' },
          { Source: 'shop', Detail: '{}' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries).toEqual([
      { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
      },
    ]);
  });

  it('has limits', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    expect((await send(own, { Detail: deep })).Entries).toMatchObject([{ ErrorCode: 'MalformedDetail' }]);
    await expect(send(own, { Detail: JSON.stringify({ a: 'x'.repeat(262_144) }) })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
    const Entries = Array.from({ length: 11 }, () => ({ Source: 'a', DetailType: 'b', Detail: '{}' }));
    await expect(own.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is asked about by bus, source and detail type', async () => {
    putRole(cloud, 'shop', [
      {
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: busArn('default'),
        Condition: { 'ForAllValues:StringEquals': { 'events:source': 'shop', 'events:detail-type': 'Order' } },
      },
    ]);
    const shop = client(EventBridgeClient, cloud, roleSession(cloud, OWN, 'shop', 's'));
    expect((await send(shop)).FailedEntryCount).toBe(0);
    for (const more of [{ Source: 'bank' }, { DetailType: 'Refund' }, { EventBusName: 'other' }])
      await expect(send(shop, more)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('is not authorized to perform: events:PutEvents on resource:'),
      });
  });

  it('of a stranger is decided by the policy of the bus', async () => {
    await queue('in');
    await rule({ Arn: queueArn('in') });
    const partner = client(EventBridgeClient, cloud, rootKeys(cloud, PARTNER));
    const attacker = client(EventBridgeClient, cloud, rootKeys(cloud, ATTACKER));
    const there = { EventBusName: busArn('default') };
    await expect(send(partner, there)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await own.send(new PutPermissionCommand({ StatementId: 'p', Action: 'events:PutEvents', Principal: PARTNER }));
    await send(partner, there);
    await expect(send(attacker, there)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const [message] = await received('in');
    expect(JSON.parse(message!.Body)).toMatchObject({ account: PARTNER, source: 'shop' });
  });
});

describe('a matching event', () => {
  it('reaches its targets whole, in part, as a constant, or transformed', async () => {
    for (const name of ['whole', 'part', 'constant', 'json', 'text']) await queue(name);
    await queue('line.fifo');
    await rule(
      { Arn: queueArn('whole') },
      { Arn: queueArn('part'), InputPath: '$.detail.id' },
      { Arn: queueArn('constant'), Input: '{"a":1}' },
      {
        Arn: queueArn('json'),
        InputTransformer: {
          InputPathsMap: { id: '$.detail.id', who: '$.detail.who', no: '$.detail.no' },
          InputTemplate: '{"id": <id>, "who": <who>, "text": "of <who>, <no>!", "rule": "<aws.events.rule-name>"}',
        },
      },
      { Arn: queueArn('line.fifo'), SqsParameters: { MessageGroupId: 'g' }, InputPath: '$.detail.id' },
    );
    const { Entries } = await send(own, { Resources: ['r'] });
    expect(JSON.parse((await received('whole'))[0]!.Body)).toEqual({
      version: '0',
      id: Entries![0]!.EventId,
      'detail-type': 'Order',
      source: 'shop',
      account: OWN,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: REGION,
      resources: ['r'],
      detail: { id: 7, who: 'Ann "A"' },
    });
    expect((await received('part'))[0]!.Body).toBe('7');
    expect((await received('constant'))[0]!.Body).toBe('{"a":1}');
    expect(JSON.parse((await received('json'))[0]!.Body)).toEqual({
      id: 7,
      who: 'Ann "A"',
      text: 'of Ann "A", !',
      rule: 'orders',
    });
    expect((await received('line.fifo'))[0]!.Attributes).toMatchObject({ MessageGroupId: 'g' });
  });

  it('does not reach who does not let EventBridge in, and goes to the dead-letter queue', async () => {
    await queue('closed', false);
    await queue('dead');
    await rule({ Arn: queueArn('closed'), DeadLetterConfig: { Arn: queueArn('dead') } });
    await send();
    expect(await received('closed')).toEqual([]);
    const [letter] = await received('dead');
    expect(JSON.parse(letter!.Body)).toMatchObject({ source: 'shop', detail: { id: 7 } });
    expect(letter!.MessageAttributes).toMatchObject({
      RULE_ARN: { StringValue: ruleArn },
      TARGET_ARN: { StringValue: queueArn('closed') },
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
  });

  it('invokes a function whose policy names the rule, and no other', async () => {
    for (const name of ['open', 'narrow']) await createFunction(cloud, name);
    const permit = (FunctionName: string, SourceArn: string) =>
      call('lambda', 'AddPermission', {
        FunctionName,
        StatementId: 'events',
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn,
      });
    await permit('open', ruleArn);
    await permit('narrow', `${ruleArn}-of-another`);
    const arn = (name: string) => `arn:aws:lambda:${REGION}:${OWN}:function:${name}`;
    await rule({ Arn: arn('open') }, { Arn: arn('narrow') });
    await send();
    await cloud.settle();
    const failed = cloud.state.all(failedDeliveries).map(({ value }) => value.target.input.FunctionName);
    expect(failed).toEqual([arn('narrow')]);
  });

  it('goes on to another bus once, as it was, by a role that may', async () => {
    await queue('far', true, PARTNER, `arn:aws:events:${REGION}:${PARTNER}:rule/shop/relay`);
    const partner = client(EventBridgeClient, cloud, rootKeys(cloud, PARTNER));
    await partner.send(new CreateEventBusCommand({ Name: 'shop' }));
    await partner.send(
      new PutPermissionCommand({ EventBusName: 'shop', StatementId: 'o', Action: 'events:PutEvents', Principal: OWN }),
    );
    await partner.send(
      new PutRuleCommand({ Name: 'relay', EventBusName: 'shop', EventPattern: '{"source":["shop"]}' }),
    );
    const theirs = putRole(cloud, 'back', [{ Effect: 'Allow', Action: '*', Resource: '*' }], {
      account: PARTNER,
      service: 'events.amazonaws.com',
    });
    await call(
      'sqs',
      'SetQueueAttributes',
      {
        QueueUrl: queueUrl('far', PARTNER),
        Attributes: {
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: queueArn('far', PARTNER),
              },
            ],
          }),
        },
      },
      PARTNER,
    );
    await partner.send(
      new PutTargetsCommand({
        Rule: 'relay',
        EventBusName: 'shop',
        Targets: [
          { Id: 'q', Arn: queueArn('far', PARTNER) },
          { Id: 'b', Arn: busArn('default', PARTNER), RoleArn: theirs },
        ],
      }),
    );
    const forward = { Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn('shop', PARTNER) };
    const role = putRole(cloud, 'forward', [forward], { service: 'events.amazonaws.com' });
    await rule({ Arn: busArn('shop', PARTNER), RoleArn: role });
    const { Entries } = await send();
    const messages = await received('far', PARTNER);
    expect(messages.map(({ Body }) => JSON.parse(Body))).toMatchObject([{ id: Entries![0]!.EventId, account: OWN }]);
    expect(cloud.state.all(failedDeliveries)).toEqual([]);
    // Without the right, the next one does not.
    putRole(cloud, 'forward', [], { service: 'events.amazonaws.com' });
    await send();
    expect(await received('far', PARTNER)).toEqual([]);
    expect(cloud.state.all(failedDeliveries)).toMatchObject([{ value: { errorCode: 'AccessDeniedException' } }]);
  });

  it('is nobody’s when the rule is disabled', async () => {
    await queue('in');
    await rule({ Arn: queueArn('in') });
    await own.send(new PutRuleCommand({ Name: 'orders', EventPattern: '{"source":["shop"]}', State: 'DISABLED' }));
    await send();
    expect(await received('in')).toEqual([]);
  });
});

describe('a schedule', () => {
  const target = () =>
    own.send(new PutTargetsCommand({ Rule: 'orders', Targets: [{ Id: 'q', Arn: queueArn('tick') }] }));

  it('of a rate sends an event each time', async () => {
    await queue('tick');
    await own.send(new PutRuleCommand({ Name: 'orders', ScheduleExpression: 'rate(5 minutes)' }));
    await target();
    expect(await received('tick')).toEqual([]);
    clock.advance(300_000);
    const [message, ...more] = await received('tick');
    expect(more).toEqual([]);
    expect(JSON.parse(message!.Body)).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [ruleArn],
      detail: {},
    });
    clock.advance(300_000);
    // The first one is visible again.
    const ids = (await received('tick')).map(({ Body }) => JSON.parse(Body).id);
    expect(ids).toHaveLength(2);
    expect(ids).toContain(JSON.parse(message!.Body).id);
  });

  it('of cron sends it on its day', async () => {
    await queue('tick');
    await own.send(new PutRuleCommand({ Name: 'orders', ScheduleExpression: 'cron(15 10 ? * 6L *)' }));
    await target();
    let days = 0;
    let messages: Message[] = [];
    while (messages.length === 0 && days++ < 40) {
      clock.advance(86_400_000);
      messages = await received('tick');
    }
    expect(messages).toHaveLength(1);
  });
});

describe('events of AWS', () => {
  it('tell of objects, where the bucket is to tell', async () => {
    await queue('objects');
    await own.send(
      new PutRuleCommand({
        Name: 'orders',
        EventPattern: JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: ['shop-files'] } } }),
      }),
    );
    await own.send(new PutTargetsCommand({ Rule: 'orders', Targets: [{ Id: 'q', Arn: queueArn('objects') }] }));
    await call('s3', 'CreateBucket', { Bucket: 'shop-files' });
    const put = () => call('s3', 'PutObject', { Bucket: 'shop-files', Key: 'a b.txt', Body: Buffer.from('four') });
    await put();
    expect(await received('objects')).toEqual([]);
    await call('s3', 'PutBucketNotificationConfiguration', {
      Bucket: 'shop-files',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    await put();
    await call('s3', 'DeleteObject', { Bucket: 'shop-files', Key: 'a b.txt' });
    const bodies = (await received('objects')).map(({ Body }) => JSON.parse(Body));
    expect(bodies.find((body) => body['detail-type'] === 'Object Created')).toMatchObject({
      source: 'aws.s3',
      resources: ['arn:aws:s3:::shop-files'],
      detail: {
        version: '0',
        bucket: { name: 'shop-files' },
        object: { key: 'a b.txt', size: 4, etag: expect.any(String), sequencer: expect.any(String) },
        requester: OWN,
        reason: 'PutObject',
      },
    });
    expect(bodies.find((body) => body['detail-type'] === 'Object Deleted')).toMatchObject({
      detail: { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
    });
  });
});
