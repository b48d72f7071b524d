import { CreateEventSourceMappingCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import {
  allow,
  createExecutionRole,
  createFunction,
  putRolePolicy,
  type Submission,
  type SubmissionContext,
} from '../../../server/kit.ts';
import { arnOf, urlOf } from '../queues.ts';
import { lambda, mapping, queuePolicy, shopOnly, sqs, upload, webShop, withCode } from './account.ts';
import { intake, reference, settingAside, tables, throwing } from './code.ts';

const variables = async (ctx: SubmissionContext, more: Record<string, string>): Promise<void> => {
  const { Environment } = await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'fulfil' }));
  const Variables = { ...Environment!.Variables!, ...more };
  await lambda(ctx).send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'fulfil', Environment: { Variables } }),
  );
};

const tableArns = (ctx: SubmissionContext): string[] =>
  ['catalogue', 'members'].map((name) => `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${name}`);

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'no policy on the queue, every order compared with the tables, and failures told for each message',
    fails: [],
    apply: (ctx) => withCode(ctx, reference),
  },
  {
    name: 'one-at-a-time',
    why: 'batches of one message, so that an error concerns no other; the policy names the shop',
    fails: [],
    async apply(ctx) {
      await queuePolicy(ctx, shopOnly(ctx));
      await mapping(ctx, { BatchSize: 1 });
      await upload(ctx, throwing);
    },
  },
  {
    name: 'set-aside-by-the-function',
    why: 'the function sends bad orders to orders-dead itself; the policy denies all others what nobody has allowed',
    fails: [],
    async apply(ctx) {
      await queuePolicy(ctx, {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: arnOf(ctx, 'orders'),
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': webShop(ctx) } },
      });
      await putRolePolicy(ctx.admin, 'fulfil-role', 'dead', allow('sqs:SendMessage', arnOf(ctx, 'orders-dead')));
      await variables(ctx, { DEAD: urlOf(ctx, arnOf(ctx, 'orders-dead')) });
      await upload(ctx, settingAside);
    },
  },
  {
    name: 'checked-in-front',
    why: 'a new function checks orders and passes the good ones on to a second queue, from which the old one works',
    fails: [],
    async apply(ctx) {
      await queuePolicy(ctx, shopOnly(ctx));
      await sqs(ctx).send(new CreateQueueCommand({ QueueName: 'orders-checked' }));
      const role = await createExecutionRole(ctx.admin, 'intake-role', 'AWSLambdaSQSQueueExecutionRole');
      await putRolePolicy(
        ctx.admin,
        'intake-role',
        'more',
        allow('dynamodb:GetItem', tableArns(ctx)),
        allow('sqs:SendMessage', arnOf(ctx, 'orders-checked')),
      );
      const code = ctx.zip({ 'index.mjs': intake });
      const names = { CATALOGUE: 'catalogue', MEMBERS: 'members', NEXT: urlOf(ctx, arnOf(ctx, 'orders-checked')) };
      await createFunction(ctx.admin, 'intake', role, code, names);
      await mapping(ctx, { FunctionName: 'intake', FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await lambda(ctx).send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'fulfil',
          EventSourceArn: arnOf(ctx, 'orders-checked'),
          BatchSize: 1,
        }),
      );
    },
  },
  {
    name: 'whole-tables',
    why: 'CommonJS, both tables read at each batch, strict about every member; the account is named in the policy and waits longer',
    fails: [],
    async apply(ctx) {
      await queuePolicy(ctx, { ...shopOnly(ctx), Principal: { AWS: ctx.account } });
      await putRolePolicy(
        ctx.admin,
        'fulfil-role',
        'tables',
        allow(['dynamodb:GetItem', 'dynamodb:Scan'], tableArns(ctx)),
      );
      await mapping(ctx, { FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumBatchingWindowInSeconds: 20 });
      await upload(ctx, tables, 'index.js');
    },
  },
];
