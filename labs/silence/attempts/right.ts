import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  CreateEventSourceMappingCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { allow, policy, putRolePolicy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import {
  bucketArn,
  created,
  keepLogs,
  lambda,
  logs,
  mapping,
  mayTellOnCall,
  notify,
  onFailure,
  otherwise,
  outputApart,
  own,
  parts,
  redrive,
  sqs,
  triggeredBy,
  upload,
  urlOf,
} from './account.ts';
import { alertWith, apart, failing, fromQueue, partial, telling, tellingAlert, throwing, tidyWith } from './code.ts';

const configure = async (ctx: SubmissionContext, FunctionName: string, change: object): Promise<void> =>
  void (await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change })));

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'failures told for each message, a redrive policy, a destination with the right to its key, a narrower trigger',
    fails: [],
    async apply(ctx) {
      for (const apply of Object.values(parts)) await apply(ctx);
    },
  },
  {
    name: 'one-at-a-time',
    why: 'batches of one message, a dead-letter queue for tidy, and tidy copies beside the readings',
    fails: [],
    async apply(ctx) {
      await upload(ctx, 'alert', alertWith(ctx, failing));
      await mapping(ctx, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
      await redrive(ctx, 5);
      await mayTellOnCall(ctx, 'tidy-role');
      await outputApart(ctx);
      await upload(ctx, 'tidy', tidyWith(ctx, throwing, apart));
      await configure(ctx, 'tidy', { DeadLetterConfig: { TargetArn: own(ctx, 'sqs', 'attention') } });
      await keepLogs(ctx, 365);
    },
  },
  {
    name: 'queue-in-front',
    why: 'S3 puts its events into a queue, from which tidy works: SQS itself moves what fails, and needs no key',
    fails: [],
    async apply(ctx) {
      await parts.alert(ctx);
      await parts.logs(ctx);
      await sqs(ctx).send(
        new CreateQueueCommand({
          QueueName: 'files',
          Attributes: {
            VisibilityTimeout: '60',
            Policy: policy(
              allow('sqs:SendMessage', own(ctx, 'sqs', 'files'), {
                Principal: { Service: 's3.amazonaws.com' },
                Condition: {
                  ArnEquals: { 'aws:SourceArn': bucketArn(ctx) },
                  StringEquals: { 'aws:SourceAccount': ctx.account },
                },
              }),
            ),
          },
        }),
      );
      await redrive(ctx, 4, 'attention', 'files');
      await notify(ctx, {
        QueueConfigurations: [{ QueueArn: own(ctx, 'sqs', 'files'), ...created('readings/gauge-', '.csv') }],
      });
      await putRolePolicy(
        ctx.admin,
        'tidy-role',
        'files',
        allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], own(ctx, 'sqs', 'files')),
      );
      await upload(ctx, 'tidy', tidyWith(ctx, throwing, fromQueue));
      await lambda(ctx).send(new RemovePermissionCommand({ FunctionName: 'tidy', StatementId: 'bucket' }));
      await lambda(ctx).send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'tidy',
          EventSourceArn: own(ctx, 'sqs', 'files'),
          BatchSize: 1,
        }),
      );
    },
  },
  {
    name: 'told-by-the-code',
    why: 'both functions tell on-call themselves, alert after three tries; one log group of their own for both',
    fails: [],
    async apply(ctx) {
      for (const name of ['alert', 'tidy']) await mayTellOnCall(ctx, `${name}-role`);
      await upload(ctx, 'alert', alertWith(ctx, tellingAlert));
      await upload(ctx, 'tidy', tidyWith(ctx, ...telling));
      await triggeredBy(ctx, 'readings/gauge-');
      await logs(ctx).send(new CreateLogGroupCommand({ logGroupName: '/sarn/functions' }));
      await keepLogs(ctx, 400, ['/sarn/functions']);
      const ATTENTION = urlOf(ctx, 'attention');
      const LoggingConfig = { LogGroup: '/sarn/functions', LogFormat: 'JSON' };
      await configure(ctx, 'tidy', { LoggingConfig, Environment: { Variables: { ATTENTION } } });
      const PAGER_URL = 'https://pager.example';
      await configure(ctx, 'alert', { LoggingConfig, Environment: { Variables: { ATTENTION, PAGER_URL } } });
    },
  },
  {
    name: 'through-a-topic',
    why: 'what tidy gave up goes to a topic, and from there to attention: queue and key let the topic in, the role needs neither',
    fails: [],
    apply: otherwise('tidy', async (ctx) => {
      const sns = ctx.admin.client(SNSClient);
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'gave-up' }));
      const fromTopic = { Principal: { Service: 'sns.amazonaws.com' } };
      const Condition = { ArnEquals: { 'aws:SourceArn': TopicArn! } };
      const Policy = policy(allow('sqs:SendMessage', own(ctx, 'sqs', 'attention'), { ...fromTopic, Condition }));
      await sqs(ctx).send(new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, 'attention'), Attributes: { Policy } }));
      await ctx.admin.client(KMSClient).send(
        new PutKeyPolicyCommand({
          KeyId: ctx.outputs['key of attention']!,
          Policy: policy(
            allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${ctx.account}:root` } }),
            allow(['kms:GenerateDataKey', 'kms:Decrypt'], '*', fromTopic),
          ),
        }),
      );
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: own(ctx, 'sqs', 'attention') }));
      await putRolePolicy(ctx.admin, 'tidy-role', 'gave-up', allow('sns:Publish', TopicArn!));
      await upload(ctx, 'tidy', tidyWith(ctx, throwing));
      await onFailure(ctx, TopicArn);
    }),
  },
  {
    name: 'over-careful',
    why: 'alert waits for a fuller batch and has ten tries, tidy copies lie apart, and the trigger is narrow as well',
    fails: [],
    async apply(ctx) {
      await upload(ctx, 'alert', alertWith(ctx, partial));
      await mapping(ctx, {
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumBatchingWindowInSeconds: 30,
      });
      await redrive(ctx, 10);
      await mayTellOnCall(ctx, 'tidy-role');
      await outputApart(ctx);
      await upload(ctx, 'tidy', tidyWith(ctx, throwing, apart));
      await onFailure(ctx);
      await triggeredBy(ctx, 'readings/gauge-', '.csv');
      await keepLogs(ctx, 90);
    },
  },
];
