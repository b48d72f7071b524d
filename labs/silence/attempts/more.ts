import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteFunctionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Submission,
} from '../../../server/kit.ts';
import {
  created,
  keepLogs,
  lambda,
  logs,
  mapping,
  mayTellOnCall,
  notify,
  onFailure,
  otherwise,
  own,
  parts,
  redrive,
  sqs,
  upload,
  urlOf,
} from './account.ts';
import { alertWith, parallel, partial, throwing, tidyWith } from './code.ts';

/** Right fixes of further tastes. */
export const moreRight: Submission[] = [
  {
    name: 'aliases',
    why: 'queue and bucket call aliases, and the destination is the alias’s',
    fails: [],
    async apply(ctx) {
      for (const part of [parts.alert, parts.tidy, parts.logs]) await part(ctx);
      for (const FunctionName of ['alert', 'tidy']) {
        const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName }));
        await lambda(ctx).send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: Version! }));
      }
      await mapping(ctx, { FunctionName: 'alert:live' });
      await lambda(ctx).send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: 'tidy',
          Qualifier: 'live',
          MaximumRetryAttempts: 1,
          DestinationConfig: { OnFailure: { Destination: own(ctx, 'sqs', 'attention') } },
        }),
      );
      await lambda(ctx).send(
        new AddPermissionCommand({
          FunctionName: 'tidy',
          Qualifier: 'live',
          StatementId: 'bucket',
          Principal: 's3.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: `arn:aws:s3:::${ctx.outputs.bucket}`,
          SourceAccount: ctx.account,
        }),
      );
      await notify(ctx, {
        LambdaFunctionConfigurations: [
          { LambdaFunctionArn: own(ctx, 'lambda', 'function:tidy:live'), ...created('readings/gauge-') },
        ],
      });
    },
  },
  {
    name: 'replaced',
    why: 'a new function and role take the place of alert, with a log group that was made first; all alarms are paged at once',
    fails: [],
    apply: otherwise('alert', async (ctx) => {
      await logs(ctx).send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/page' }));
      await keepLogs(ctx, 120, ['/aws/lambda/page']);
      const role = await createExecutionRole(ctx.admin, 'page-role', 'AWSLambdaSQSQueueExecutionRole');
      const code = ctx.zip({ 'index.mjs': alertWith(ctx, parallel) });
      await createFunction(ctx.admin, 'page', role, code, { PAGER_URL: 'https://pager.example' });
      await mapping(ctx, { FunctionName: 'page', FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'alert' }));
      await redrive(ctx, 2);
    }),
  },
  {
    name: 'event-bridge',
    why: 'the bucket tells EventBridge, whose rule names the prefix; tidy reads the event’s other form',
    fails: [],
    async apply(ctx) {
      for (const part of [parts.alert, parts.tidy, parts.logs]) await part(ctx);
      await notify(ctx, { EventBridgeConfiguration: {} });
      const events = ctx.admin.client(EventBridgeClient);
      const { RuleArn } = await events.send(
        new PutRuleCommand({
          Name: 'readings',
          EventPattern: JSON.stringify({
            source: ['aws.s3'],
            'detail-type': ['Object Created'],
            detail: { bucket: { name: [ctx.outputs.bucket] }, object: { key: [{ prefix: 'readings/gauge-' }] } },
          }),
        }),
      );
      await lambda(ctx).send(
        new AddPermissionCommand({
          FunctionName: 'tidy',
          StatementId: 'rule',
          Principal: 'events.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: RuleArn!,
        }),
      );
      await events.send(
        new PutTargetsCommand({
          Rule: 'readings',
          Targets: [{ Id: 'tidy', Arn: own(ctx, 'lambda', 'function:tidy') }],
        }),
      );
      await upload(
        ctx,
        'tidy',
        tidyWith(
          ctx,
          ['for (const record of event.Records) {', '{\n    const record = { s3: event.detail };'],
          throwing,
        ),
      );
    },
  },
  {
    name: 'told-by-a-function',
    why: 'the destination is a function, which brings what tidy gave up to attention',
    fails: [],
    apply: otherwise('tidy', async (ctx) => {
      await logs(ctx).send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/tell' }));
      await keepLogs(ctx, 90, ['/aws/lambda/tell']);
      const role = await createExecutionRole(ctx.admin, 'tell-role');
      await mayTellOnCall(ctx, 'tell-role');
      const code = `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
const sqs = new SQSClient({});
export const handler = ({ requestPayload, responsePayload }) =>
  sqs.send(new SendMessageCommand({
    QueueUrl: process.env.ATTENTION,
    MessageBody: JSON.stringify({ file: requestPayload.Records[0].s3.object.key, why: responsePayload?.errorMessage }),
  }));
`;
      const tell = await createFunction(ctx.admin, 'tell', role, ctx.zip({ 'index.mjs': code }), {
        ATTENTION: urlOf(ctx, 'attention'),
      });
      await putRolePolicy(ctx.admin, 'tidy-role', 'tell', allow('lambda:InvokeFunction', tell));
      await upload(ctx, 'tidy', tidyWith(ctx, throwing));
      await onFailure(ctx, tell);
    }),
  },
  {
    name: 'slower-retries',
    why: 'messages come back after five minutes, and twice',
    fails: [],
    apply: otherwise('alert', async (ctx) => {
      await upload(ctx, 'alert', alertWith(ctx, parallel));
      await mapping(ctx, { FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 5 });
      await sqs(ctx).send(
        new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, 'alarms'), Attributes: { VisibilityTimeout: '300' } }),
      );
      await redrive(ctx);
    }),
  },
];

const lost = 'no-alarm-is-lost';
const files = 'failed-files-are-found';

/** Further near-misses. */
export const moreNearMisses: Submission[] = [
  {
    name: 'destination-of-an-alias',
    why: 'the destination is that of an alias, and the bucket calls the function without it',
    fails: [files],
    apply: otherwise('tidy', async (ctx) => {
      await mayTellOnCall(ctx, 'tidy-role');
      await upload(ctx, 'tidy', tidyWith(ctx, throwing));
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'tidy' }));
      await lambda(ctx).send(new CreateAliasCommand({ FunctionName: 'tidy', Name: 'live', FunctionVersion: Version! }));
      await lambda(ctx).send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: 'tidy',
          Qualifier: 'live',
          DestinationConfig: { OnFailure: { Destination: own(ctx, 'sqs', 'attention') } },
        }),
      );
    }),
  },
  {
    name: 'closed-to-the-role',
    why: 'attention was hardened after the destination was set: its policy denies everybody but on-call, tidy-role too',
    fails: [files],
    async apply(ctx) {
      for (const part of Object.values(parts)) await part(ctx);
      const Policy = policy({
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: own(ctx, 'sqs', 'attention'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [`arn:aws:iam::${ctx.account}:user/on-call`, `arn:aws:iam::${ctx.account}:root`],
          },
        },
      });
      await sqs(ctx).send(new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, 'attention'), Attributes: { Policy } }));
    },
  },
  {
    name: 'failures-by-a-wrong-id',
    why: 'alert reports the ids of alarms in place of those of messages: Lambda takes the whole batch for failed',
    fails: ['a-bad-message-hides-no-alarm', lost],
    apply: otherwise('alert', async (ctx) => {
      const wrong = partial.replace('itemIdentifier: messageId', 'itemIdentifier: body.slice(0, 40)');
      await upload(ctx, 'alert', alertWith(ctx, wrong));
      await mapping(ctx, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await redrive(ctx);
    }),
  },
  {
    name: 'bad-ones-filtered',
    why: 'the mapping lets only messages with an alarm and a level through: Lambda deletes the others, and on-call never hears of them',
    fails: [lost],
    apply: otherwise('alert', async (ctx) => {
      await parts.alert(ctx);
      const Pattern = JSON.stringify({ body: { alarm: [{ exists: true }], level: [{ numeric: ['>', 0] }] } });
      await mapping(ctx, { FilterCriteria: { Filters: [{ Pattern }] } });
    }),
  },
  {
    name: 'an-hour-between-tries',
    why: 'messages come back after an hour, so that a busy pager means an alarm an hour late',
    fails: [lost],
    apply: otherwise('alert', async (ctx) => {
      await parts.alert(ctx);
      await sqs(ctx).send(
        new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, 'alarms'), Attributes: { VisibilityTimeout: '3600' } }),
      );
    }),
  },
];
