import * as KMS from '@aws-sdk/client-kms';
import * as SQS from '@aws-sdk/client-sqs';
import type { Writer } from './step.ts';

/** Queues in every shape that the service has, and messages if asked for. */
export async function writeQueues(
  { client, step }: Writer,
  account: string,
  region: string,
  withMessages = true,
): Promise<void> {
  const sqs = client(SQS.SQSClient);
  const arn = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;
  const key = await step('a key', () => client(KMS.KMSClient).send(new KMS.CreateKeyCommand({})));
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn('full'),
    Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:sns:${region}:${account}:news` } },
  };
  const create = (QueueName: string, more: Partial<SQS.CreateQueueCommandInput> = {}) =>
    step(`CreateQueue ${QueueName}`, () => sqs.send(new SQS.CreateQueueCommand({ QueueName, ...more })));
  const plain = await create('plain');
  await create('letters', {
    Attributes: {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('full')] }),
    },
  });
  await create('full', {
    Attributes: {
      VisibilityTimeout: '90',
      MaximumMessageSize: '2048',
      MessageRetentionPeriod: '3600',
      DelaySeconds: '5',
      ReceiveMessageWaitTimeSeconds: '3',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('letters'), maxReceiveCount: 3 }),
      Policy: JSON.stringify({ Version: '2012-10-17', Id: 'full', Statement: [statement] }),
    },
    tags: { team: 'orders' },
  });
  await create('sealed', {
    Attributes: { KmsMasterKeyId: key!.KeyMetadata!.KeyId!, KmsDataKeyReusePeriodSeconds: '600' },
  });
  await create('open', { Attributes: { SqsManagedSseEnabled: 'false' } });
  const fifo = await create('line.fifo', {
    Attributes: {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    },
  });
  if (!withMessages) return;
  const send = (QueueUrl: string, more: Omit<SQS.SendMessageCommandInput, 'QueueUrl'>) =>
    step('SendMessage', () => sqs.send(new SQS.SendMessageCommand({ QueueUrl, ...more })));
  await send(plain!.QueueUrl!, {
    MessageBody: 'grüße',
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'order' } },
  });
  await send(plain!.QueueUrl!, { MessageBody: 'later', DelaySeconds: 600 });
  await send(fifo!.QueueUrl!, { MessageBody: 'first', MessageGroupId: 'a' });
}
