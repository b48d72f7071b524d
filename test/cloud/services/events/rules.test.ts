import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { client, createTestCloud, OWN, PARTNER, REGION } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';

let cloud: Cloud;
let own: EventBridgeClient;

const arnOf = (resource: string) => `arn:aws:events:${REGION}:${OWN}:${resource}`;
const QUEUE = `arn:aws:sqs:${REGION}:${OWN}:inbox`;
const pattern = JSON.stringify({ source: ['shop'] });

beforeEach(() => {
  ({ cloud } = createTestCloud());
  own = client(EventBridgeClient, cloud);
});

/** A client with a role of these rights. */
function as(statements: object[]): EventBridgeClient {
  putRole(cloud, 'someone', statements);
  return client(EventBridgeClient, cloud, roleSession(cloud, OWN, 'someone', 'test'));
}

const rule = (Name = 'orders', more: object = {}) =>
  own.send(new PutRuleCommand({ Name, EventPattern: pattern, ...more }));

describe('buses', () => {
  it('are made, described, changed, listed and deleted', async () => {
    expect(await own.send(new CreateEventBusCommand({ Name: 'shop', Description: 'one' }))).toMatchObject({
      EventBusArn: arnOf('event-bus/shop'),
      Description: 'one',
    });
    await own.send(new UpdateEventBusCommand({ Name: 'shop', Description: 'two' }));
    expect(await own.send(new DescribeEventBusCommand({ Name: 'shop' }))).toMatchObject({
      Name: 'shop',
      Arn: arnOf('event-bus/shop'),
      Description: 'two',
    });
    const { EventBuses } = await own.send(new ListEventBusesCommand({}));
    expect(EventBuses!.map(({ Name }) => Name)).toEqual(['default', 'shop']);
    const first = await own.send(new ListEventBusesCommand({ Limit: 1 }));
    const second = await own.send(new ListEventBusesCommand({ NextToken: first.NextToken }));
    expect(second.EventBuses!.map(({ Name }) => Name)).toEqual(['shop']);
    await rule('orders', { EventBusName: 'shop' });
    await expect(own.send(new DeleteEventBusCommand({ Name: 'shop' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: `EventBus ${arnOf('event-bus/shop')} can't be deleted since it has rules.`,
    });
    await own.send(new DeleteRuleCommand({ Name: 'orders', EventBusName: 'shop' }));
    await own.send(new DeleteEventBusCommand({ Name: 'shop' }));
    await own.send(new DeleteEventBusCommand({ Name: 'shop' }));
    await expect(own.send(new DescribeEventBusCommand({ Name: 'shop' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus shop does not exist.',
    });
  });

  it('have names, and one of them is taken', async () => {
    await expect(own.send(new CreateEventBusCommand({ Name: 'default' }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'Event bus default already exists.',
    });
    await expect(own.send(new CreateEventBusCommand({ Name: 'a/b' }))).rejects.toMatchObject({
      message: "Event bus name must not contain '/'.",
    });
    await expect(own.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toMatchObject({
      message: 'Cannot delete event bus default.',
    });
  });

  it('have a policy, by the statement or as a whole', async () => {
    await own.send(
      new PutPermissionCommand({ StatementId: 'partner', Action: 'events:PutEvents', Principal: PARTNER }),
    );
    const policy = async () => (await own.send(new DescribeEventBusCommand({}))).Policy;
    expect(JSON.parse((await policy())!).Statement).toEqual([
      {
        Sid: 'partner',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${PARTNER}:root` },
        Action: 'events:PutEvents',
        Resource: arnOf('event-bus/default'),
      },
    ]);
    await expect(own.send(new RemovePermissionCommand({ StatementId: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Statement with the provided id does not exist.',
    });
    await own.send(new RemovePermissionCommand({ StatementId: 'partner' }));
    expect(await policy()).toBeUndefined();
    await expect(own.send(new RemovePermissionCommand({ StatementId: 'partner' }))).rejects.toMatchObject({
      message: 'EventBus does not have a policy.',
    });
    const whole = { Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: arnOf('event-bus/default') };
    await own.send(new PutPermissionCommand({ Policy: JSON.stringify({ Version: '2012-10-17', Statement: [whole] }) }));
    expect(JSON.parse((await policy())!).Statement).toEqual([whole]);
    await expect(own.send(new PutPermissionCommand({ Policy: '{' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await own.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
    expect(await policy()).toBeUndefined();
  });
});

describe('rules', () => {
  it('are made, described, switched, listed and deleted', async () => {
    expect((await rule()).RuleArn).toBe(arnOf('rule/orders'));
    await own.send(new DisableRuleCommand({ Name: 'orders' }));
    expect(await own.send(new DescribeRuleCommand({ Name: 'orders' }))).toMatchObject({
      Arn: arnOf('rule/orders'),
      EventPattern: pattern,
      State: 'DISABLED',
      EventBusName: 'default',
      CreatedBy: OWN,
    });
    await own.send(new EnableRuleCommand({ Name: 'orders' }));
    await rule('others');
    const { Rules } = await own.send(new ListRulesCommand({ NamePrefix: 'ord' }));
    expect(Rules).toEqual([
      {
        Name: 'orders',
        Arn: arnOf('rule/orders'),
        EventPattern: pattern,
        State: 'ENABLED',
        EventBusName: 'default',
      },
    ]);
    await own.send(new PutTargetsCommand({ Rule: 'orders', Targets: [{ Id: 'queue', Arn: QUEUE }] }));
    await expect(own.send(new DeleteRuleCommand({ Name: 'orders' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    await own.send(new RemoveTargetsCommand({ Rule: 'orders', Ids: ['queue'] }));
    await own.send(new DeleteRuleCommand({ Name: 'orders' }));
    await own.send(new DeleteRuleCommand({ Name: 'orders' }));
    await expect(own.send(new DescribeRuleCommand({ Name: 'orders' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Rule orders does not exist on EventBus default.',
    });
  });

  it.each([
    [{}, 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    [{ ScheduleExpression: 'rate(1 minutes)' }, 'Parameter ScheduleExpression is not valid.'],
    [{ ScheduleExpression: 'cron(0 8 * * * *)' }, 'Parameter ScheduleExpression is not valid.'],
    [{ EventPattern: '{"a":1}' }, 'Event pattern is not valid. Reason: "a" must be an object or an array'],
    [{ EventPattern: '{"a":[{"near":1}]}' }, 'Event pattern is not valid. Reason: Unrecognized match type near'],
  ])('must be rules: %j', async (members, message) => {
    await expect(own.send(new PutRuleCommand({ Name: 'r', ...members }))).rejects.toMatchObject({ message });
  });

  it('of a schedule live on the default bus', async () => {
    await own.send(new CreateEventBusCommand({ Name: 'shop' }));
    await expect(
      own.send(new PutRuleCommand({ Name: 'r', EventBusName: 'shop', ScheduleExpression: 'rate(5 minutes)' })),
    ).rejects.toMatchObject({ message: 'ScheduleExpression is supported only on the default event bus.' });
  });

  it('have tags, and so have buses', async () => {
    await rule('orders', { Tags: [{ Key: 'team', Value: 'shop' }] });
    for (const ResourceARN of [arnOf('rule/orders'), arnOf('event-bus/default')]) {
      await own.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'stage', Value: 'prod' }] }));
      await own.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
      expect((await own.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
        { Key: 'stage', Value: 'prod' },
      ]);
    }
  });

  it('are asked about by ARN, source, detail type, target and passed role', async () => {
    const role = putRole(cloud, 'to-bus', [], { service: 'events.amazonaws.com' });
    const someone = as([
      {
        Effect: 'Allow',
        Action: 'events:PutRule',
        Resource: arnOf('rule/shop-*'),
        Condition: { 'ForAllValues:StringEquals': { 'events:source': 'shop' }, Null: { 'events:source': 'false' } },
      },
      {
        Effect: 'Allow',
        Action: 'events:PutTargets',
        Resource: '*',
        Condition: { 'ForAllValues:ArnLike': { 'events:TargetArn': `arn:aws:*:${REGION}:${OWN}:*` } },
      },
    ]);
    await someone.send(new PutRuleCommand({ Name: 'shop-orders', EventPattern: pattern }));
    const denied = { name: 'AccessDeniedException' };
    await expect(someone.send(new PutRuleCommand({ Name: 'orders', EventPattern: pattern }))).rejects.toMatchObject(
      denied,
    );
    await expect(
      someone.send(new PutRuleCommand({ Name: 'shop-all', EventPattern: '{"source":[{"prefix":""}]}' })),
    ).rejects.toMatchObject(denied);
    const put = (Arn: string, RoleArn?: string) =>
      someone.send(new PutTargetsCommand({ Rule: 'shop-orders', Targets: [{ Id: 'a', Arn, RoleArn }] }));
    await put(QUEUE);
    await expect(put(`arn:aws:sqs:${REGION}:${PARTNER}:theirs`, role)).rejects.toMatchObject(denied);
    await expect(put(arnOf('event-bus/default'), role)).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining(`not authorized to perform: iam:PassRole on resource: ${role}`),
    });
  });
});

describe('targets', () => {
  beforeEach(() => rule());
  const put = (...targets: object[]) =>
    own.send(new PutTargetsCommand({ Rule: 'orders', Targets: targets as { Id: string; Arn: string }[] }));

  it('are put, listed, found by their ARN, and removed', async () => {
    await put({ Id: 'b', Arn: QUEUE, InputPath: '$.detail' }, { Id: 'a', Arn: `arn:aws:sns:${REGION}:${OWN}:t` });
    expect((await own.send(new ListTargetsByRuleCommand({ Rule: 'orders' }))).Targets).toEqual([
      { Id: 'a', Arn: `arn:aws:sns:${REGION}:${OWN}:t` },
      { Id: 'b', Arn: QUEUE, InputPath: '$.detail' },
    ]);
    expect((await own.send(new ListRuleNamesByTargetCommand({ TargetArn: QUEUE }))).RuleNames).toEqual(['orders']);
    await own.send(new RemoveTargetsCommand({ Rule: 'orders', Ids: ['b', 'no'] }));
    expect((await own.send(new ListRuleNamesByTargetCommand({ TargetArn: QUEUE }))).RuleNames).toEqual([]);
  });

  it('are five at most', async () => {
    await expect(put(...[...'123456'].map((Id) => ({ Id, Arn: QUEUE })))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'The requested resource exceeds the maximum number allowed.',
    });
  });

  it.each([
    [{ Arn: 'nowhere' }, 'Parameter nowhere is not valid. Reason: Provided Arn is not in correct format.'],
    [{ Arn: `${QUEUE}.fifo` }, 'Parameter(s) SqsParameters must be specified for target: x.'],
    [{ Arn: arnOf('event-bus/b') }, `RoleArn is required for target ${arnOf('event-bus/b')}.`],
    [
      { Arn: QUEUE, Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target x.',
    ],
    [{ Arn: QUEUE, Input: '{' }, 'JSON syntax error in input for target x.'],
    [{ Arn: QUEUE, InputPath: '$..a' }, 'Invalid InputPath provided.'],
  ])('must make sense: %j', async (members, message) => {
    await expect(put({ Id: 'x', ...members })).rejects.toMatchObject({ name: 'ValidationException', message });
  });

  it('of other services are not emulated', async () => {
    await expect(put({ Id: 'x', Arn: `arn:aws:states:${REGION}:${OWN}:stateMachine:s` })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
  });
});

describe('TestEventPattern', () => {
  const event = {
    id: '1',
    account: OWN,
    source: 'shop',
    time: '2026-01-01T00:00:00Z',
    region: REGION,
    resources: [],
    'detail-type': 'Order',
    detail: {
      city: 'Bern',
      total: 12.5,
      ip: '10.1.2.3',
      items: [
        { id: 1, n: 1 },
        { id: 2, n: 2 },
      ],
      note: null,
    },
  };
  const test = async (pattern: object, given: object = event) =>
    (
      await own.send(
        new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(given) }),
      )
    ).Result;

  it.each<[object, boolean]>([
    [{ source: ['shop', 'other'] }, true],
    [{ detail: { city: [{ prefix: 'B' }] } }, true],
    [{ detail: { city: [{ prefix: { 'equals-ignore-case': 'be' } }] } }, true],
    [{ detail: { city: [{ suffix: 'rn' }], total: [{ numeric: ['>', 10, '<=', 12.5] }] } }, true],
    [{ detail: { city: [{ 'anything-but': ['Bern'] }] } }, false],
    [{ detail: { city: [{ 'anything-but': { prefix: ['X', 'Y'] } }] } }, true],
    [{ detail: { city: [{ 'anything-but': { wildcard: 'B*n' } }] } }, false],
    [{ detail: { city: [{ wildcard: 'B*r*' }] } }, true],
    [{ detail: { city: [{ 'equals-ignore-case': 'BERN' }] } }, true],
    [{ detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, true],
    [{ detail: { street: [{ exists: false }] } }, true],
    [{ detail: { address: { street: [{ exists: false }] } } }, true],
    [{ detail: { note: [null] } }, true],
    [{ $or: [{ source: ['x'] }, { detail: { city: ['Bern'] } }] }, true],
    [{ detail: { items: { id: [1], n: [1] } } }, true],
    [{ detail: { items: { id: [1], n: [2] } } }, false],
    [{ detail: JSON.parse('{"__proto__":[{"exists":true}]}') }, false],
  ])('%j: %s', async (pattern, expected) => {
    expect(await test(pattern)).toBe(expected);
  });

  it('wants a whole event', async () => {
    await expect(test({ source: ['shop'] }, { source: 'shop' })).rejects.toMatchObject({
      message: 'Parameter Event is not valid.',
    });
  });

  it('answers hostile patterns at once', async () => {
    const stars = `${'*a'.repeat(1900)}b`;
    expect(
      await test({ detail: { city: [{ wildcard: stars }] } }, { ...event, detail: { city: 'a'.repeat(200_000) } }),
    ).toBe(false);
    await expect(test({ a: [{ wildcard: '**' }] })).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  });
});
