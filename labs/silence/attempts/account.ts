import { CloudWatchLogsClient, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { allow, putRolePolicy, type SubmissionContext } from '../../../server/kit.ts';
import { alertWith, partial, throwing, tidyWith } from './code.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const sqs = (ctx: SubmissionContext) => ctx.admin.client(SQSClient);
export const logs = (ctx: SubmissionContext) => ctx.admin.client(CloudWatchLogsClient);

export const own = (ctx: SubmissionContext, service: string, name: string): string =>
  `arn:aws:${service}:${ctx.region}:${ctx.account}:${name}`;
export const bucketArn = (ctx: SubmissionContext): string => `arn:aws:s3:::${ctx.outputs.bucket}`;
export const urlOf = (ctx: SubmissionContext, queue: string): string =>
  `https://sqs.${ctx.region}.amazonaws.com/${ctx.account}/${queue}`;

export async function upload(ctx: SubmissionContext, FunctionName: string, code: string): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip({ 'index.mjs': code }) }));
}

export async function mapping(
  ctx: SubmissionContext,
  change: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>,
): Promise<void> {
  await lambda(ctx).send(
    new UpdateEventSourceMappingCommand({ UUID: ctx.outputs['event source mapping']!, ...change }),
  );
}

/** After so many receives a message of the queue goes to another one. */
export async function redrive(
  ctx: SubmissionContext,
  maxReceiveCount = 3,
  to = 'attention',
  queue = 'alarms',
): Promise<void> {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: own(ctx, 'sqs', to), maxReceiveCount });
  await sqs(ctx).send(new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, queue), Attributes: { RedrivePolicy } }));
}

/** The role may put messages into `attention`, and use its key. */
export async function mayTellOnCall(ctx: SubmissionContext, role: string, key = true): Promise<void> {
  const use = allow(['kms:GenerateDataKey', 'kms:Decrypt'], ctx.outputs['key of attention']!);
  await putRolePolicy(
    ctx.admin,
    role,
    'attention',
    allow('sqs:SendMessage', own(ctx, 'sqs', 'attention')),
    ...(key ? [use] : []),
  );
}

/** What `tidy` gave up goes to `attention`, or elsewhere. */
export async function onFailure(ctx: SubmissionContext, Destination = own(ctx, 'sqs', 'attention')): Promise<void> {
  await lambda(ctx).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'tidy',
      DestinationConfig: { OnFailure: { Destination } },
    }),
  );
}

export async function notify(ctx: SubmissionContext, configuration: NotificationConfiguration): Promise<void> {
  await ctx.admin.client(S3Client).send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: ctx.outputs.bucket!,
      NotificationConfiguration: configuration,
    }),
  );
}

/** Which new objects are meant. */
export const created = (prefix: string, suffix?: string) => ({
  Events: ['s3:ObjectCreated:*' as const],
  Filter: {
    Key: {
      FilterRules: [
        { Name: 'prefix' as const, Value: prefix },
        ...(suffix === undefined ? [] : [{ Name: 'suffix' as const, Value: suffix }]),
      ],
    },
  },
});

/** The bucket tells `tidy` of these objects alone. */
export const triggeredBy = (ctx: SubmissionContext, prefix: string, suffix?: string): Promise<void> =>
  notify(ctx, {
    LambdaFunctionConfigurations: [
      { LambdaFunctionArn: own(ctx, 'lambda', 'function:tidy'), ...created(prefix, suffix) },
    ],
  });

/** Tidy copies lie beside the readings, not among them. */
export async function outputApart(ctx: SubmissionContext): Promise<void> {
  await putRolePolicy(ctx.admin, 'tidy-role', 'copies', allow('s3:PutObject', `${bucketArn(ctx)}/tidy/*`));
}

export async function keepLogs(
  ctx: SubmissionContext,
  retentionInDays = 180,
  groups = ['/aws/lambda/alert', '/aws/lambda/tidy'],
): Promise<void> {
  for (const logGroupName of groups)
    await logs(ctx).send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
}

/** The four parts of the reference. */
export const parts = {
  async alert(ctx: SubmissionContext): Promise<void> {
    await upload(ctx, 'alert', alertWith(ctx, partial));
    await mapping(ctx, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await redrive(ctx);
  },
  async tidy(ctx: SubmissionContext): Promise<void> {
    await mayTellOnCall(ctx, 'tidy-role');
    await upload(ctx, 'tidy', tidyWith(ctx, throwing));
    await onFailure(ctx);
  },
  trigger: (ctx: SubmissionContext): Promise<void> => triggeredBy(ctx, 'readings/gauge-'),
  logs: (ctx: SubmissionContext): Promise<void> => keepLogs(ctx),
};

/** The reference but for a part, in whose place something else is done. */
export const otherwise =
  (part: keyof typeof parts, instead: (ctx: SubmissionContext) => Promise<void> = async () => {}) =>
  async (ctx: SubmissionContext): Promise<void> => {
    for (const [name, apply] of Object.entries(parts)) await (name === part ? instead(ctx) : apply(ctx));
  };
