import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { beforeEach, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN, REGION, root, rootKeys } from '../../test-cloud.ts';

let cloud: Cloud;
let clock: MovableClock;
let sqs: SQSClient;

beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  sqs = client(SQSClient, cloud, rootKeys(cloud), { endpoint: cloud.endpoint });
});

const arn = (name: string) => `arn:aws:sqs:${REGION}:${OWN}:${name}`;
const queue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
const send = (QueueUrl: string, MessageBody: string, rest: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...rest }));
const receive = async (QueueUrl: string, rest: object = {}): Promise<Message[]> =>
  (
    await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        ...rest,
      }),
    )
  ).Messages ?? [];
const bodies = async (url: string, rest: object = {}) => (await receive(url, rest)).map(({ Body }) => Body);

test('a message is sent, received with what it carries, hidden, and deleted', async () => {
  const url = await queue('orders');
  // The client computes the digests itself and refuses a wrong one.
  await send(url, 'hello', {
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'order' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    },
  });
  const [message] = await receive(url);
  expect(message).toMatchObject({
    Body: 'hello',
    MD5OfBody: '5d41402abc4b2a76b9719d911017c592',
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    MessageAttributes: { kind: { StringValue: 'order' }, raw: { BinaryValue: new Uint8Array([0, 255]) } },
  });
  expect(await receive(url)).toEqual([]);
  clock.advance(30_000);
  const [again] = await receive(url);
  expect(again!.Attributes!.ApproximateReceiveCount).toBe('2');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: again!.ReceiptHandle }));
  clock.advance(30_000);
  expect(await receive(url)).toEqual([]);
  await expect(sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: 'made-up' }))).rejects.toMatchObject({
    name: 'ReceiptHandleIsInvalid',
  });
});

test('delays and retention follow the clock', async () => {
  const url = await queue('slow', { MessageRetentionPeriod: '60' });
  await send(url, 'later', { DelaySeconds: 20 });
  expect(await bodies(url)).toEqual([]);
  clock.advance(20_000);
  expect(await bodies(url, { VisibilityTimeout: 0 })).toEqual(['later']);
  clock.advance(40_000);
  expect(await bodies(url)).toEqual([]);
});

test('visibility is changed, alone and in batches', async () => {
  const url = await queue('orders');
  await send(url, 'a');
  await send(url, 'b');
  const [a, b] = await receive(url);
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: a!.ReceiptHandle, VisibilityTimeout: 0 }),
  );
  expect(await bodies(url)).toEqual(['a']);
  const answer = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'b', ReceiptHandle: b!.ReceiptHandle, VisibilityTimeout: 0 },
        { Id: 'x', ReceiptHandle: 'made-up', VisibilityTimeout: 0 },
      ],
    }),
  );
  expect(answer.Successful).toEqual([{ Id: 'b' }]);
  expect(answer.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
  expect(await bodies(url)).toEqual(['b']);
});

test('batches send and delete', async () => {
  const url = await queue('orders');
  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: '1', MessageBody: 'one' },
        { Id: '2', MessageBody: 'two', MessageDeduplicationId: 'not here' },
      ],
    }),
  );
  expect(sent.Successful).toMatchObject([{ Id: '1' }]);
  expect(sent.Failed).toMatchObject([{ Id: '2' }]);
  const [one] = await receive(url);
  await sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: '1', ReceiptHandle: one!.ReceiptHandle }] }),
  );
  clock.advance(60_000);
  expect(await receive(url)).toEqual([]);
  const Entries = Array.from({ length: 11 }, (_, i) => ({ Id: String(i), MessageBody: 'x' }));
  await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).rejects.toMatchObject({
    name: 'TooManyEntriesInBatchRequest',
  });
});

test('what is received too often becomes a dead letter, and can be moved back', async () => {
  const dead = await queue('dead');
  const url = await queue('orders', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 }),
  });
  await send(url, 'poison');
  for (const expected of [['poison'], ['poison'], []]) {
    expect(await bodies(url)).toEqual(expected);
    clock.advance(30_000);
  }
  const [letter] = await receive(dead, { VisibilityTimeout: 0 });
  expect(letter).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arn('orders') } });
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead') }));
  expect(await bodies(url)).toEqual(['poison']);
  expect((await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }))).Results).toMatchObject([
    { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 },
  ]);
  await expect(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('a FIFO queue keeps the order of a group and forgets doubles of five minutes', async () => {
  const url = await queue('orders.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const first = await send(url, 'a1', { MessageGroupId: 'a' });
  expect((await send(url, 'a1', { MessageGroupId: 'a' })).MessageId).toBe(first.MessageId);
  await send(url, 'a2', { MessageGroupId: 'a' });
  await send(url, 'b1', { MessageGroupId: 'b' });
  expect(await bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['a1']);
  expect(await bodies(url)).toEqual(['b1']);
  clock.advance(30_000);
  expect(await bodies(url)).toEqual(['a1', 'a2', 'b1']);
  clock.advance(5 * 60_000);
  expect((await send(url, 'a1', { MessageGroupId: 'a' })).MessageId).not.toBe(first.MessageId);
  await expect(send(url, 'x')).rejects.toThrow('The request must contain the parameter MessageGroupId.');
});

test('purge empties, once a minute', async () => {
  const url = await queue('orders');
  await send(url, 'a');
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(await bodies(url)).toEqual([]);
  await expect(sqs.send(new PurgeQueueCommand({ QueueUrl: url }))).rejects.toMatchObject({
    name: 'PurgeQueueInProgress',
  });
});

test('a waiting receiver gets the message when it arrives, and only one of them does', async () => {
  const url = await queue('orders');
  const waiting = [receive(url, { WaitTimeSeconds: 20 }), receive(url, { WaitTimeSeconds: 20 })];
  await Promise.resolve();
  await send(url, 'now');
  const got = (await Promise.all(waiting)).flat();
  expect(got.map(({ Body }) => Body)).toEqual(['now']);
});

test('messages are checked: size, characters, number asked for', async () => {
  const url = await queue('orders', { MaximumMessageSize: '1024' });
  await expect(send(url, 'x'.repeat(1025))).rejects.toThrow(/Message must be shorter than 1024 bytes/);
  await expect(send(url, 'a\u0001')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  await expect(receive(url, { MaxNumberOfMessages: 11 })).rejects.toThrow(
    'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
  );
});

test('numbers of messages are counted', async () => {
  const url = await queue('orders');
  await send(url, 'a');
  await send(url, 'b');
  await send(url, 'c', { DelaySeconds: 10 });
  await receive(url, { MaxNumberOfMessages: 1 });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '1',
    ApproximateNumberOfMessagesDelayed: '1',
  });
});

test('a key of the own account guards an encrypted queue: senders need it to encrypt, receivers to decrypt', async () => {
  const call = <O>(service: string, operation: string, input: object) =>
    cloud.call<O>(root(), service, operation, input);
  const { KeyMetadata } = await call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
  const url = await queue('secret', { KmsMasterKeyId: KeyMetadata.Arn });
  const statement = { Effect: 'Allow', Resource: '*' };
  const as = async (UserName: string, Action: string[]) => {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Action }] });
    await call('iam', 'CreateUser', { UserName });
    await call('iam', 'PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
    const { AccessKey } = await call<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>(
      'iam',
      'CreateAccessKey',
      { UserName },
    );
    const keys = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    return client(SQSClient, cloud, keys, { endpoint: cloud.endpoint });
  };
  const none = await as('none', ['sqs:*']);
  const sender = await as('sender', ['sqs:*', 'kms:GenerateDataKey', 'kms:Decrypt']);
  const receiver = await as('receiver', ['sqs:*', 'kms:Decrypt']);
  const message = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' });
  await expect(none.send(message)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
  await expect(receiver.send(message)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
  await sender.send(message);
  const take = new ReceiveMessageCommand({ QueueUrl: url });
  await expect(none.send(take)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
  expect((await receiver.send(take)).Messages).toMatchObject([{ Body: 'x' }]);
});

test('a topic delivers to a queue whose policy lets SNS in, and to no other', async () => {
  const sns = client(SNSClient, cloud);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'events' }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn('open'),
        Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
      },
    ],
  });
  const open = await queue('open', { Policy });
  const closed = await queue('closed');
  for (const name of ['open', 'closed'])
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn(name) }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'hi' }));
  await cloud.settle();
  const [message] = await bodies(open);
  expect(JSON.parse(message!)).toMatchObject({ Type: 'Notification', Message: 'hi', TopicArn });
  expect(await bodies(closed)).toEqual([]);
});
