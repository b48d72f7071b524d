import * as KMS from '@aws-sdk/client-kms';
import * as SNS from '@aws-sdk/client-sns';
import * as SQS from '@aws-sdk/client-sqs';
import type { Writer } from './step.ts';

/** Topics and subscriptions in every shape that the service has. */
export async function writeTopics({ client, step }: Writer, account: string, region: string): Promise<void> {
  const sns = client(SNS.SNSClient);
  const arn = (service: string, name: string): string => `arn:aws:${service}:${region}:${account}:${name}`;
  const key = await step('a key', () => client(KMS.KMSClient).send(new KMS.CreateKeyCommand({})));
  const queue = (QueueName: string, more: Partial<SQS.CreateQueueCommandInput> = {}) =>
    step('a queue', () => client(SQS.SQSClient).send(new SQS.CreateQueueCommand({ QueueName, ...more })));
  await queue('inbox');
  await queue('letters');
  await queue('line.fifo', { Attributes: { FifoQueue: 'true' } });
  const create = (Name: string, more: Partial<SNS.CreateTopicCommandInput> = {}) =>
    step(`CreateTopic ${Name}`, () => sns.send(new SNS.CreateTopicCommand({ Name, ...more })));
  await create('plain');
  const statements = [
    { Sid: 'anyone', Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: arn('sns', 'full') },
    {
      Sid: 'buckets',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: arn('sns', 'full'),
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ];
  await create('full', {
    Attributes: {
      DisplayName: 'Everything',
      KmsMasterKeyId: key!.KeyMetadata!.KeyId!,
      Policy: JSON.stringify({ Version: '2012-10-17', Id: 'full', Statement: statements }),
      DeliveryPolicy: JSON.stringify({ http: { defaultHealthyRetryPolicy: { numRetries: 5 } } }),
      SignatureVersion: '2',
      TracingConfig: 'Active',
    },
    Tags: [
      { Key: 'team', Value: 'news' },
      { Key: 'stage', Value: 'prod' },
    ],
  });
  await create('line.fifo', { Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' } });
  await step('AddPermission', () =>
    sns.send(
      new SNS.AddPermissionCommand({
        TopicArn: arn('sns', 'plain'),
        Label: 'partner',
        AWSAccountId: ['444455556666'],
        ActionName: ['Publish'],
      }),
    ),
  );
  const subscribe = (topic: string, Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
    step(`Subscribe ${Protocol}`, () =>
      sns.send(
        new SNS.SubscribeCommand({
          TopicArn: arn('sns', topic),
          Protocol,
          Endpoint,
          Attributes,
          ReturnSubscriptionArn: true,
        }),
      ),
    );
  await subscribe('full', 'sqs', arn('sqs', 'inbox'), {
    FilterPolicy: '{"kind":["order"]}',
    FilterPolicyScope: 'MessageBody',
    RawMessageDelivery: 'true',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('sqs', 'letters') }),
  });
  await subscribe('full', 'lambda', `arn:aws:lambda:${region}:${account}:function:reader`);
  await subscribe('plain', 'sqs', arn('sqs', 'letters'), { FilterPolicy: '{"kind":[{"prefix":"a"}]}' });
  await subscribe('line.fifo', 'sqs', arn('sqs', 'line.fifo'));
}

/** One that nobody has confirmed. */
export async function subscribeByMail({ client, step }: Writer, account: string, region: string): Promise<void> {
  await step('Subscribe email', () =>
    client(SNS.SNSClient).send(
      new SNS.SubscribeCommand({
        TopicArn: `arn:aws:sns:${region}:${account}:plain`,
        Protocol: 'email',
        Endpoint: 'ann@shop.example',
      }),
    ),
  );
}
