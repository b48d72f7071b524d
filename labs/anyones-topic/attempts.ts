import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  DeleteFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';
import more from './more-attempts.ts';

const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
const drop = (ctx: SubmissionContext) =>
  lambda(ctx).send(new RemovePermissionCommand({ FunctionName: 'payout', StatementId: 'sns-invoke' }));
const permit = (ctx: SubmissionContext, source: { SourceArn?: string; SourceAccount?: string }, more: object = {}) =>
  lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: 'payout',
      StatementId: 'payroll-topic',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      ...source,
      ...more,
    }),
  );
const queueCode = `export const handler = async (event) => {
  for (const record of event.Records) {
    const payment = JSON.parse(JSON.parse(record.body).Message);
    const response = await fetch(process.env.BANK_URL + '/transfers', {
      method: 'POST',
      headers: { authorization: 'Bearer ' + process.env.BANK_TOKEN },
      body: JSON.stringify({ to: payment.iban, name: payment.employee, cents: payment.cents, reference: payment.reference }),
    });
    if (!response.ok) throw new Error('bank: ' + response.status);
  }
};
`;

/** Topic → queue → function; the queue's policy is given. */
async function throughQueue(ctx: SubmissionContext, condition: object | undefined): Promise<void> {
  const sns = ctx.admin.client(SNSClient);
  const arn = `arn:aws:sqs:${ctx.region}:${ctx.account}:payments`;
  await ctx.admin.client(SQSClient).send(
    new CreateQueueCommand({
      QueueName: 'payments',
      Attributes: {
        VisibilityTimeout: '60',
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
              ...(condition ? { Condition: condition } : {}),
            },
          ],
        }),
      },
    }),
  );
  await ctx.admin.client(IAMClient).send(
    new PutRolePolicyCommand({
      RoleName: 'payout-role',
      PolicyName: 'queue',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            Resource: arn,
          },
        ],
      }),
    }),
  );
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: ctx.outputs.topic! }));
  for (const { SubscriptionArn } of Subscriptions ?? [])
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: SubscriptionArn! }));
  await drop(ctx);
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'payout', ZipFile: ctx.zip({ 'index.mjs': queueCode }) }),
  );
  await lambda(ctx).send(new CreateEventSourceMappingCommand({ FunctionName: 'payout', EventSourceArn: arn }));
  await sns.send(new SubscribeCommand({ TopicArn: ctx.outputs.topic!, Protocol: 'sqs', Endpoint: arn }));
}

export default defineAttempts([
  {
    name: 'reference',
    why: 'the permission names the topic',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceArn: ctx.outputs.topic! });
    },
  },
  {
    name: 'topic-and-account',
    why: 'over-careful: the topic and its account',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceArn: ctx.outputs.topic!, SourceAccount: ctx.account });
    },
  },
  {
    name: 'through-a-queue',
    why: 'a queue that only the topic may send to stands between topic and function',
    fails: [],
    apply: (ctx) => throughQueue(ctx, { ArnEquals: { 'aws:SourceArn': ctx.outputs.topic! } }),
  },
  {
    name: 'alias',
    why: 'the topic calls an alias, and only the alias has a permission',
    fails: [],
    async apply(ctx) {
      const sns = ctx.admin.client(SNSClient);
      await drop(ctx);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'payout' }));
      const { AliasArn } = await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'payout', Name: 'live', FunctionVersion: Version! }),
      );
      await permit(ctx, { SourceArn: ctx.outputs.topic! }, { Qualifier: 'live' });
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: ctx.outputs.topic! }));
      for (const { SubscriptionArn } of Subscriptions ?? [])
        await sns.send(new UnsubscribeCommand({ SubscriptionArn: SubscriptionArn! }));
      await sns.send(new SubscribeCommand({ TopicArn: ctx.outputs.topic!, Protocol: 'lambda', Endpoint: AliasArn! }));
    },
  },
  {
    name: 'any-topic-called-payroll',
    why: 'wildcards for region and account let in everybody who calls their topic payroll',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call'],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceArn: 'arn:aws:sns:*:*:payroll' });
    },
  },
  {
    name: 'any-topic',
    why: 'a source ARN that is nothing but wildcards',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceArn: 'arn:aws:sns:*:*:*' });
    },
  },
  {
    name: 'account-only',
    why: 'the account alone: any employee can still pay through office-news',
    fails: ['nobody-else-may-call'],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceAccount: ctx.account });
    },
  },
  {
    name: 'safe-beside-unsafe',
    why: 'a safe statement was added, the unsafe one left',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: async (ctx) => void (await permit(ctx, { SourceArn: ctx.outputs.topic! })),
  },
  {
    name: 'code-only',
    why: 'the code compares the topic, the permission stays open',
    fails: ['no-foreign-topic-may-call', 'nobody-else-may-call'],
    async apply(ctx) {
      const code = ctx
        .file('function/index.mjs')
        .replace('const payment', `if (record.Sns.TopicArn !== '${ctx.outputs.topic}') continue;\n    const payment`);
      await lambda(ctx).send(
        new UpdateFunctionCodeCommand({ FunctionName: 'payout', ZipFile: ctx.zip({ 'index.mjs': code }) }),
      );
    },
  },
  {
    name: 'prefix-of-topics',
    why: 'payroll* is also every other topic of this account that begins so',
    fails: ['nobody-else-may-call'],
    async apply(ctx) {
      await drop(ctx);
      await permit(ctx, { SourceArn: `${ctx.outputs.topic}*` });
    },
  },
  {
    name: 'permission-removed',
    why: 'over-fix: nobody may call the function, and nobody is paid',
    fails: ['salaries-are-paid'],
    apply: async (ctx) => void (await drop(ctx)),
  },
  {
    name: 'function-deleted',
    why: 'over-fix: the function is gone',
    fails: ['salaries-are-paid'],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'payout' }))),
  },
  {
    name: 'new-topic',
    why: 'cosmetic: another topic was made and allowed, the old permission stays',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    async apply(ctx) {
      const { TopicArn } = await ctx.admin.client(SNSClient).send(new CreateTopicCommand({ Name: 'payroll-secure' }));
      await permit(ctx, { SourceArn: TopicArn! });
    },
  },
  {
    name: 'open-queue',
    why: 'the queue between topic and function takes messages from any topic, such as office-news',
    fails: ['no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: (ctx) => throughQueue(ctx, undefined),
  },
  ...more,
]);
