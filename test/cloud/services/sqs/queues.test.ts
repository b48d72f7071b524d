import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  RemovePermissionCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { beforeEach, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { ATTACKER, client, createTestCloud, OWN, REGION, rootKeys } from '../../test-cloud.ts';

let cloud: Cloud;
let own: SQSClient;
let attacker: SQSClient;

beforeEach(() => {
  ({ cloud } = createTestCloud());
  own = client(SQSClient, cloud, rootKeys(cloud), { endpoint: cloud.endpoint });
  attacker = client(SQSClient, cloud, rootKeys(cloud, ATTACKER), { endpoint: cloud.endpoint });
});

const queue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
  (await own.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
const attributes = async (QueueUrl: string) =>
  (await own.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes!;
const arn = (name: string) => `arn:aws:sqs:${REGION}:${OWN}:${name}`;

test('a queue lives: create, find, describe, change, list, delete', async () => {
  const url = await queue('orders', { VisibilityTimeout: '60' });
  expect(url).toBe(`${cloud.endpoint}/${OWN}/orders`);
  expect(await queue('orders')).toBe(url);
  await expect(queue('orders', { VisibilityTimeout: '61' })).rejects.toMatchObject({
    name: 'QueueNameExists',
    message: 'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
  });
  expect((await own.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).QueueUrl).toBe(url);
  expect(await attributes(url)).toMatchObject({
    QueueArn: arn('orders'),
    VisibilityTimeout: '60',
    MessageRetentionPeriod: '345600',
    ApproximateNumberOfMessages: '0',
    SqsManagedSseEnabled: 'true',
  });
  await own.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '5' } }));
  expect(
    (await own.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['DelaySeconds'] }))).Attributes,
  ).toEqual({ DelaySeconds: '5' });
  await own.send(new DeleteQueueCommand({ QueueUrl: url }));
  await expect(own.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
    Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue' },
  });
});

test('lists come in pages, by prefix', async () => {
  for (const name of ['a-1', 'a-2', 'a-3', 'b-1']) await queue(name);
  const first = await own.send(new ListQueuesCommand({ QueueNamePrefix: 'a-', MaxResults: 2 }));
  expect(first.QueueUrls).toHaveLength(2);
  const second = await own.send(
    new ListQueuesCommand({ QueueNamePrefix: 'a-', MaxResults: 2, NextToken: first.NextToken }),
  );
  expect(second.QueueUrls).toEqual([`${cloud.endpoint}/${OWN}/a-3`]);
  expect(second.NextToken).toBeUndefined();
});

test.each([
  [{ VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
  [{ Colour: 'red' }, 'InvalidAttributeName'],
  [{ Policy: '{' }, 'InvalidAttributeValue'],
  [
    { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:none","maxReceiveCount":3}' },
    'InvalidParameterValue',
  ],
])('refuses %j', async (given, code) => {
  await expect(queue('x', given as Record<string, string>)).rejects.toThrow(
    expect.objectContaining({ Error: expect.objectContaining({ Code: expect.stringContaining(code) }) }),
  );
});

test('tags are set, listed and removed', async () => {
  const QueueUrl = await queue('orders');
  await own.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'shop', stage: 'prod' } }));
  await own.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));
  expect((await own.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ stage: 'prod' });
});

test('a dead-letter queue knows its sources, and may refuse them', async () => {
  const dead = await queue('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 3 });
  await queue('orders', { RedrivePolicy });
  expect((await own.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }))).queueUrls).toEqual([
    `${cloud.endpoint}/${OWN}/orders`,
  ]);
  await own.send(
    new SetQueueAttributesCommand({
      QueueUrl: dead,
      Attributes: { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' },
    }),
  );
  await expect(queue('more', { RedrivePolicy })).rejects.toThrow(/not allowed to use the dead-letter queue/);
});

test('another account sends only where the queue policy lets it; the host of the URL does not count', async () => {
  await queue('orders');
  const own_ = `${cloud.endpoint}/${OWN}/orders`;
  const send = () =>
    attacker.send(
      new SendMessageCommand({ QueueUrl: `https://sqs.${REGION}.amazonaws.com/${OWN}/orders`, MessageBody: 'x' }),
    );
  await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  const grant = { QueueUrl: own_, Label: 'partner', AWSAccountIds: [ATTACKER], Actions: ['SendMessage'] };
  await own.send(new AddPermissionCommand(grant));
  await expect(own.send(new AddPermissionCommand(grant))).rejects.toThrow(/Already exists/);
  await expect(send()).resolves.toMatchObject({ MD5OfMessageBody: '9dd4e461268c8034f5c8564e155c67a6' });
  expect(JSON.parse((await attributes(own_)).Policy!)).toMatchObject({
    Statement: [{ Sid: 'partner', Action: 'SQS:SendMessage', Resource: arn('orders') }],
  });
  await own.send(new RemovePermissionCommand({ QueueUrl: own_, Label: 'partner' }));
  await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  expect((await attributes(own_)).Policy).toBeUndefined();
});

test('no queue policy lets another account delete or reconfigure a queue', async () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: arn('orders') };
  const QueueUrl = await queue('orders', {
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
  });
  await expect(attacker.send(new DeleteQueueCommand({ QueueUrl }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
  await expect(attacker.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).resolves.toBeDefined();
});
