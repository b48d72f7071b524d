import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  LambdaClient,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { allow, attachServicePolicy, policy, type Statement, type SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const s3 = (ctx: SubmissionContext) => ctx.admin.client(S3Client);

export const bucketArn = (ctx: SubmissionContext): string => `arn:aws:s3:::${ctx.outputs.bucket}`;
export const own = (ctx: SubmissionContext, service: string, name: string): string =>
  `arn:aws:${service}:${ctx.region}:${ctx.account}:${name}`;

/** Removes the statements that the lab starts with. */
export async function drop(ctx: SubmissionContext, ...ids: string[]): Promise<void> {
  for (const StatementId of ids.length > 0 ? ids : ['inbox', 'test'])
    await lambda(ctx).send(new RemovePermissionCommand({ FunctionName: 'import-invoices', StatementId }));
}

/** Lets S3 call the function; `more` says for what, or lets somebody else. */
export async function permit(ctx: SubmissionContext, StatementId: string, more: object): Promise<void> {
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: 'import-invoices',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      ...more,
    }),
  );
}

/** This permission and no other. */
export async function only(ctx: SubmissionContext, more: object): Promise<void> {
  await drop(ctx);
  await permit(ctx, 'inbox-of-ours', more);
}

export const both = (ctx: SubmissionContext) => ({ SourceArn: bucketArn(ctx), SourceAccount: ctx.account });

/** S3 may call the function under a condition. */
export const s3May = (ctx: SubmissionContext, Condition: Statement['Condition']): Statement =>
  allow('lambda:InvokeFunction', ctx.outputs.function!, { Principal: { Service: 's3.amazonaws.com' }, Condition });

/** These statements and no others are the policy of the function. */
export const statements = async (ctx: SubmissionContext, ...all: Statement[]): Promise<void> =>
  void (await lambda(ctx).send(
    new PutResourcePolicyCommand({ ResourceArn: ctx.outputs.function!, Policy: policy(...all) }),
  ));

/** The same two conditions, for a queue or a topic. */
export const bothConditions = (ctx: SubmissionContext): NonNullable<Statement['Condition']> => ({
  ArnEquals: { 'aws:SourceArn': bucketArn(ctx) },
  StringEquals: { 'aws:SourceAccount': ctx.account },
});

/** Whom the bucket tells. */
export const notify = (ctx: SubmissionContext, NotificationConfiguration: NotificationConfiguration) =>
  s3(ctx).send(
    new PutBucketNotificationConfigurationCommand({ Bucket: ctx.outputs.bucket!, NotificationConfiguration }),
  );

export const anInvoice = {
  Events: ['s3:ObjectCreated:*' as const],
  Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'incoming/' }] } },
};

/** Other code: the function's own with one change. */
export async function upload(ctx: SubmissionContext, change: (code: string) => string): Promise<void> {
  const before = ctx.file('function/index.mjs');
  const code = change(before);
  if (code === before) throw new Error('the code is as it was');
  const ZipFile = ctx.zip({ 'index.mjs': code });
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'import-invoices', ZipFile }));
}

const unwrap = (event: string) => (code: string) =>
  code.replace(
    'export const handler = async (event) => {',
    `export const handler = async (batch) => {\n  const event = { Records: batch.Records.flatMap((record) => JSON.parse(${event}).Records ?? []) };`,
  );

/** Bucket → queue → function; only what `Condition` says may send. */
export async function throughQueue(ctx: SubmissionContext, Condition: Statement['Condition']): Promise<void> {
  await drop(ctx);
  const arn = own(ctx, 'sqs', 'invoices');
  const may = allow('sqs:SendMessage', arn, { Principal: { Service: 's3.amazonaws.com' }, Condition });
  await ctx.admin
    .client(SQSClient)
    .send(
      new CreateQueueCommand({ QueueName: 'invoices', Attributes: { VisibilityTimeout: '60', Policy: policy(may) } }),
    );
  await attachServicePolicy(ctx.admin, 'import-role', 'AWSLambdaSQSQueueExecutionRole');
  await upload(ctx, unwrap('record.body'));
  await lambda(ctx).send(new CreateEventSourceMappingCommand({ FunctionName: 'import-invoices', EventSourceArn: arn }));
  await notify(ctx, { QueueConfigurations: [{ QueueArn: arn, ...anInvoice }] });
}

/** Bucket → topic → function; only what `Condition` says may publish. */
export async function throughTopic(ctx: SubmissionContext, Condition: Statement['Condition']): Promise<void> {
  const arn = own(ctx, 'sns', 'invoices');
  const sns = ctx.admin.client(SNSClient);
  const may = allow('sns:Publish', arn, { Principal: { Service: 's3.amazonaws.com' }, Condition });
  await sns.send(new CreateTopicCommand({ Name: 'invoices', Attributes: { Policy: policy(may) } }));
  await upload(ctx, unwrap('record.Sns.Message'));
  await only(ctx, { Principal: 'sns.amazonaws.com', SourceArn: arn });
  await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'lambda', Endpoint: ctx.outputs.function! }));
  await notify(ctx, { TopicConfigurations: [{ TopicArn: arn, ...anInvoice }] });
}
