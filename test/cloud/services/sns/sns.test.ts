import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { serviceCaller } from '../../../../server/cloud/cloud.ts';
import { type Delivery, deliveries, failedDeliveries } from '../../../../server/cloud/deliveries.ts';
import { subscriptions } from '../../../../server/cloud/services/sns/store.ts';
import { ATTACKER, client, createTestCloud, OWN, REGION, root, rootKeys } from '../../test-cloud.ts';
import { createFunction } from '../lambda/kit.ts';

const FUNCTION = `arn:aws:lambda:${REGION}:${OWN}:function:payroll`;
const QUEUE = `arn:aws:sqs:${REGION}:${OWN}:inbox`;

let cloud: Cloud;
let own: SNSClient;
let attacker: SNSClient;

beforeEach(() => {
  ({ cloud } = createTestCloud());
  own = client(SNSClient, cloud);
  attacker = client(SNSClient, cloud, rootKeys(cloud, ATTACKER));
});

const topic = async (name = 'payroll', sns = own, rest: object = {}): Promise<string> =>
  (await sns.send(new CreateTopicCommand({ Name: name, ...rest }))).TopicArn!;

/** What a publish promises, seen before anything is delivered. */
async function promised(act: () => Promise<unknown>): Promise<Delivery[]> {
  const seen: Delivery[] = [];
  const commit = cloud.state.commit.bind(cloud.state);
  cloud.state.commit = (changes) => {
    for (const { table, value } of changes)
      if (table === deliveries.name && value && (value as Delivery).attempts === 0) seen.push(value as Delivery);
    commit(changes);
  };
  try {
    await act();
  } finally {
    cloud.state.commit = commit;
  }
  return seen;
}

test('a topic lives: create, describe, change, list, delete', async () => {
  const arn = await topic();
  expect(arn).toBe(`arn:aws:sns:${REGION}:${OWN}:payroll`);
  expect(await topic()).toBe(arn);
  await own.send(new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: 'DisplayName', AttributeValue: 'Pay' }));
  const { Attributes } = await own.send(new GetTopicAttributesCommand({ TopicArn: arn }));
  expect(Attributes).toMatchObject({ TopicArn: arn, Owner: OWN, DisplayName: 'Pay', SubscriptionsConfirmed: '0' });
  expect(JSON.parse(Attributes!.Policy!)).toMatchObject({
    Id: '__default_policy_ID',
    Statement: [{ Principal: { AWS: '*' }, Condition: { StringEquals: { 'AWS:SourceOwner': OWN } } }],
  });
  await expect(topic('payroll', own, { Attributes: { DisplayName: 'Other' } })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
  });
  expect((await own.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: arn }]);
  await own.send(new DeleteTopicCommand({ TopicArn: arn }));
  await expect(own.send(new GetTopicAttributesCommand({ TopicArn: arn }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Topic does not exist',
    $metadata: { httpStatusCode: 404 },
  });
  await expect(topic('no spaces')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('lists come in pages of 100', async () => {
  for (let i = 0; i < 101; i++) await topic(`t${String(i).padStart(3, '0')}`);
  const first = await own.send(new ListTopicsCommand({}));
  expect(first.Topics).toHaveLength(100);
  const second = await own.send(new ListTopicsCommand({ NextToken: first.NextToken }));
  expect(second.Topics!.map(({ TopicArn }) => TopicArn!.split(':')[5])).toEqual(['t100']);
  expect(second.NextToken).toBeUndefined();
});

test('tags are set, listed and removed', async () => {
  const ResourceArn = await topic('payroll', own, { Tags: [{ Key: 'team', Value: 'pay' }] });
  await own.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'stage', Value: 'prod' }] }));
  await own.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  expect((await own.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).toEqual([
    { Key: 'stage', Value: 'prod' },
  ]);
});

test('a policy must be a policy, about SNS', async () => {
  const TopicArn = await topic();
  const set = (AttributeValue: string) =>
    own.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  await expect(set('{')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: TopicArn };
  await expect(set(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))).rejects.toMatchObject({
    message: 'Invalid parameter: Policy statement action out of service scope!',
  });
});

test('strangers publish only where the policy lets them', async () => {
  const TopicArn = await topic();
  const publish = () => attacker.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  await expect(publish()).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
    $metadata: { httpStatusCode: 403 },
  });
  await own.send(
    new AddPermissionCommand({ TopicArn, Label: 'partner', AWSAccountId: [ATTACKER], ActionName: ['Publish'] }),
  );
  await expect(publish()).resolves.toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  await expect(
    own.send(
      new AddPermissionCommand({ TopicArn, Label: 'partner', AWSAccountId: [ATTACKER], ActionName: ['Publish'] }),
    ),
  ).rejects.toMatchObject({ message: 'Invalid parameter: Statement already exists' });
  await own.send(new RemovePermissionCommand({ TopicArn, Label: 'partner' }));
  await expect(publish()).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
});

test('a service publishes for its own account under the default policy, and not for another', async () => {
  const TopicArn = await topic();
  const as = (account: string) =>
    cloud.call(
      serviceCaller('s3.amazonaws.com', 'arn:aws:s3:::bucket', account),
      'sns',
      'Publish',
      { TopicArn, Message: 'event' },
      { account: OWN },
    );
  await expect(as(OWN)).resolves.toBeDefined();
  await expect(as(ATTACKER)).rejects.toMatchObject({ code: 'AuthorizationError' });
});

test('a function gets the event that Lambda documents, from the topic and its account', async () => {
  const TopicArn = await topic();
  const { SubscriptionArn } = await own.send(
    new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FUNCTION }),
  );
  const [delivery, ...others] = await promised(() =>
    own.send(
      new PublishCommand({
        TopicArn,
        Message: 'pay 3',
        Subject: 'Order',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'salary' } },
      }),
    ),
  );
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({
    caller: { service: 'sns.amazonaws.com', sourceArn: TopicArn, sourceAccount: OWN },
    target: {
      service: 'lambda',
      operation: 'Invoke',
      account: OWN,
      region: REGION,
      input: { FunctionName: FUNCTION, InvocationType: 'Event' },
    },
  });
  const { Records } = JSON.parse(delivery!.target.input.Payload as string) as { Records: unknown[] };
  expect(Records).toEqual([
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: SubscriptionArn,
      Sns: {
        Type: 'Notification',
        MessageId: expect.any(String),
        TopicArn,
        Subject: 'Order',
        Message: 'pay 3',
        Timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        SignatureVersion: '1',
        Signature: expect.any(String),
        SigningCertUrl: expect.stringContaining(`https://sns.${REGION}.amazonaws.com/`),
        UnsubscribeUrl: expect.stringContaining(SubscriptionArn!),
        MessageAttributes: { kind: { Type: 'String', Value: 'salary' } },
      },
    },
  ]);
});

test("anybody's topic may have a foreign function as subscriber; the delivery names that topic and its account", async () => {
  const TopicArn = await topic('bait', attacker);
  await attacker.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FUNCTION }));
  const [delivery] = await promised(() => attacker.send(new PublishCommand({ TopicArn, Message: 'pay me' })));
  expect(delivery).toMatchObject({
    caller: { sourceArn: `arn:aws:sns:${REGION}:${ATTACKER}:bait`, sourceAccount: ATTACKER },
    target: { account: OWN },
  });
});

test('subscribing across accounts needs the topic policy, and the subscription belongs to who made it', async () => {
  const TopicArn = await topic();
  const subscribe = () =>
    attacker.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'lambda',
        Endpoint: `arn:aws:lambda:${REGION}:${ATTACKER}:function:spy`,
      }),
    );
  await expect(subscribe()).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  await own.send(
    new AddPermissionCommand({ TopicArn, Label: 'all', AWSAccountId: [ATTACKER], ActionName: ['Subscribe'] }),
  );
  const { SubscriptionArn } = await subscribe();
  expect((await attacker.send(new ListSubscriptionsCommand({}))).Subscriptions).toMatchObject([
    { SubscriptionArn, Owner: ATTACKER },
  ]);
  expect((await own.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual([]);
  expect((await own.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toHaveLength(1);
  await expect(own.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toMatchObject({
    message: 'Not authorized to access this subscription',
  });
  expect((await attacker.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes).toMatchObject({
    Owner: ATTACKER,
    PendingConfirmation: 'false',
  });
  await own.send(new UnsubscribeCommand({ SubscriptionArn }));
  expect((await own.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual([]);
});

test('endpoints outside stay pending and get nothing', async () => {
  const TopicArn = await topic();
  for (const [Protocol, Endpoint] of [
    ['https', 'https://drop.example/'],
    ['email', 'eve@drop.example'],
  ])
    expect((await own.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).SubscriptionArn).toBe(
      'pending confirmation',
    );
  expect(await promised(() => own.send(new PublishCommand({ TopicArn, Message: 'x' })))).toEqual([]);
  const listed = (await own.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions!;
  expect(listed.map(({ SubscriptionArn }) => SubscriptionArn)).toEqual(['PendingConfirmation', 'PendingConfirmation']);
});

test("a queue's owner confirms what somebody else subscribed", async () => {
  const TopicArn = await topic('bait', attacker);
  const [request] = await promised(() =>
    attacker.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE })),
  );
  const body = JSON.parse(request!.target.input.MessageBody as string) as { Type: string; Token: string };
  expect(body).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn });
  await expect(own.send(new ConfirmSubscriptionCommand({ TopicArn, Token: 'wrong' }))).rejects.toMatchObject({
    message: 'Invalid parameter: Token',
  });
  await own.send(new ConfirmSubscriptionCommand({ TopicArn, Token: body.Token }));
  expect(cloud.state.all(subscriptions).map(({ value }) => [value.confirmed, value.owner])).toEqual([[true, OWN]]);
});

test('a queue gets the envelope, or the bare message with raw delivery', async () => {
  const TopicArn = await topic();
  const { SubscriptionArn } = await own.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE }));
  const publish = () =>
    promised(() =>
      own.send(
        new PublishCommand({
          TopicArn,
          Message: 'hi',
          MessageAttributes: { n: { DataType: 'Number', StringValue: '3' } },
        }),
      ),
    );
  const [wrapped] = await publish();
  expect(wrapped!.target).toMatchObject({
    service: 'sqs',
    operation: 'SendMessage',
    input: { QueueUrl: `https://sqs.${REGION}.amazonaws.com/${OWN}/inbox` },
  });
  expect(JSON.parse(wrapped!.target.input.MessageBody as string)).toMatchObject({
    Type: 'Notification',
    Message: 'hi',
    TopicArn,
    MessageAttributes: { n: { Type: 'Number', Value: '3' } },
  });
  await own.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'true',
    }),
  );
  const [raw] = await publish();
  expect(raw!.target.input).toMatchObject({
    MessageBody: 'hi',
    MessageAttributes: { n: { DataType: 'Number', StringValue: '3' } },
  });
});

test('a filter policy decides what a subscription gets', async () => {
  const TopicArn = await topic();
  const { SubscriptionArn } = await own.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'lambda',
      Endpoint: FUNCTION,
      Attributes: { FilterPolicy: JSON.stringify({ kind: ['salary'] }) },
    }),
  );
  const count = async (kind: string) =>
    (
      await promised(() =>
        own.send(
          new PublishCommand({
            TopicArn,
            Message: JSON.stringify({ kind: 'bonus' }),
            MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
          }),
        ),
      )
    ).length;
  expect([await count('salary'), await count('bonus')]).toEqual([1, 0]);
  const set = (AttributeName: string, AttributeValue: string) =>
    own.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await set('FilterPolicyScope', 'MessageBody');
  expect(await count('salary')).toBe(0);
  await set('FilterPolicy', JSON.stringify({ kind: [{ prefix: 'bon' }] }));
  expect(await count('salary')).toBe(1);
  await expect(set('FilterPolicy', '{"kind": "salary"}')).rejects.toMatchObject({
    message: 'Invalid parameter: FilterPolicy: "kind" must be an object or an array',
  });
});

test('messages are checked: size, subject, structure, attributes', async () => {
  const TopicArn = await topic();
  const refuse = async (input: object, message: string) =>
    await expect(own.send(new PublishCommand({ TopicArn, Message: 'x', ...input }))).rejects.toMatchObject({ message });
  await refuse({ Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long');
  await refuse({ Message: '' }, 'Invalid parameter: Empty message');
  await refuse({ Subject: 'two\nlines' }, 'Invalid parameter: Subject');
  await refuse(
    { MessageStructure: 'json', Message: '{"sqs":"x"}' },
    'Invalid parameter: Message Structure - No default entry in JSON message body',
  );
  await refuse(
    { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
    "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
  );
  await own.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FUNCTION }));
  const [delivery] = await promised(() =>
    own.send(
      new PublishCommand({ TopicArn, MessageStructure: 'json', Message: '{"default":"all","lambda":"for functions"}' }),
    ),
  );
  expect(delivery!.target.input.Payload).toContain('for functions');
});

test('a batch answers for each message', async () => {
  const TopicArn = await topic();
  const answer = await own.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'one' },
        { Id: 'b', Message: '' },
      ],
    }),
  );
  expect(answer.Successful).toMatchObject([{ Id: 'a', MessageId: expect.any(String) }]);
  expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
  const entries = [
    { Id: 'a', Message: 'one' },
    { Id: 'a', Message: 'two' },
  ];
  await expect(
    own.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries })),
  ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinctException' });
});

test('a FIFO topic wants a group and forgets doubles of five minutes', async () => {
  const TopicArn = await topic('orders.fifo', own, {
    Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' },
  });
  await expect(own.send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toMatchObject({
    message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
  });
  const publish = (Message: string) => own.send(new PublishCommand({ TopicArn, Message, MessageGroupId: 'g' }));
  const first = await publish('x');
  expect(first.SequenceNumber).toMatch(/^\d{20}$/);
  expect((await publish('x')).MessageId).toBe(first.MessageId);
  expect((await publish('y')).MessageId).not.toBe(first.MessageId);
});

/** What became of a publish to the topic: the error codes of deliveries that were given up. */
async function refusals(sns: SNSClient, TopicArn: string): Promise<string[]> {
  const before = new Set(cloud.state.all(failedDeliveries).map(({ id }) => id));
  await sns.send(new PublishCommand({ TopicArn, Message: 'pay' }));
  await cloud.settle();
  return cloud.state
    .all(failedDeliveries)
    .filter(({ id }) => !before.has(id))
    .map(({ value }) => value.errorCode);
}

test.each([
  ['no source', {}, [], []],
  ['the topic', { SourceArn: `arn:aws:sns:${REGION}:${OWN}:payroll` }, [], ['AccessDeniedException']],
  ['any topic of the name', { SourceArn: `arn:aws:sns:*:*:payroll` }, [], []],
  ['the account', { SourceAccount: OWN }, [], ['AccessDeniedException']],
])("a function's policy with %s decides which topics reach it", async (_name, source, fromOwn, fromAttacker) => {
  const { FunctionArn } = await createFunction(cloud, 'payroll');
  await cloud.call(root(), 'lambda', 'AddPermission', {
    FunctionName: 'payroll',
    StatementId: 'sns',
    Action: 'lambda:InvokeFunction',
    Principal: 'sns.amazonaws.com',
    ...source,
  });
  const mine = await topic();
  const theirs = await topic('payroll', attacker);
  await own.send(new SubscribeCommand({ TopicArn: mine, Protocol: 'lambda', Endpoint: FunctionArn }));
  await attacker.send(new SubscribeCommand({ TopicArn: theirs, Protocol: 'lambda', Endpoint: FunctionArn }));
  expect(await refusals(own, mine)).toEqual(fromOwn);
  expect(await refusals(attacker, theirs)).toEqual(fromAttacker);
});

test('publishers to an encrypted topic need its key', async () => {
  const call = <O>(service: string, operation: string, input: object) =>
    cloud.call<O>(root(), service, operation, input);
  const { KeyMetadata } = await call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
  const TopicArn = await topic('secret', own, { Attributes: { KmsMasterKeyId: KeyMetadata.Arn } });
  const as = async (UserName: string, Action: string[]) => {
    const Statement = [{ Effect: 'Allow', Resource: '*', Action }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await call('iam', 'CreateUser', { UserName });
    await call('iam', 'PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
    const { AccessKey } = await call<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>(
      'iam',
      'CreateAccessKey',
      { UserName },
    );
    return client(SNSClient, cloud, {
      accessKeyId: AccessKey.AccessKeyId,
      secretAccessKey: AccessKey.SecretAccessKey,
    });
  };
  const message = new PublishCommand({ TopicArn, Message: 'x' });
  await expect((await as('none', ['sns:*'])).send(message)).rejects.toMatchObject({ name: 'KMSAccessDeniedException' });
  await expect(
    (await as('some', ['sns:*', 'kms:GenerateDataKey*', 'kms:Decrypt'])).send(message),
  ).resolves.toMatchObject({ MessageId: expect.any(String) });
});
