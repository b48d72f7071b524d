import { CreateAccessKeyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  createExecutionRole,
  createFunction,
  createUser,
  policy,
  putRolePolicy,
  type Submission,
} from '../../../server/kit.ts';
import {
  besides,
  configure,
  everything,
  functionArn,
  iam,
  lambda,
  narrow,
  queue,
  roleArn,
  roleEach,
  table,
} from './account.ts';
import { newsletter, orders, refunds, roles } from './near-misses.ts';

/** Near-misses that are sly: what code can reach besides the statements of its own role. */
export const overlooked: Submission[] = [
  {
    name: 'old-versions-left',
    why: 'versions that were published before still have the shared role',
    fails: [newsletter, orders, roles],
    async apply(ctx) {
      for (const FunctionName of ['newsletter', 'orders']) {
        const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName }));
        if (FunctionName === 'orders')
          await lambda(ctx).send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: Version! }));
      }
      await roleEach(ctx);
    },
  },
  {
    name: 'may-take-the-old-role',
    why: 'the new role is narrow, and the old one trusts it',
    fails: [newsletter],
    async apply(ctx) {
      await roleEach(ctx);
      const both = { AWS: roleArn(ctx, 'newsletter-role'), Service: 'lambda.amazonaws.com' };
      await iam(ctx).send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'app-role',
          PolicyDocument: policy({ Effect: 'Allow', Principal: both, Action: 'sts:AssumeRole' }),
        }),
      );
    },
  },
  {
    name: 'calls-refunds',
    why: 'newsletter may not write refunds, and may call the function that does',
    fails: [newsletter],
    apply: (ctx) => besides(ctx, 'newsletter', allow('lambda:InvokeFunction', functionArn(ctx, '*'))),
  },
  {
    name: 'a-helper-that-does-it-all',
    why: 'one function that was added reads and writes every table, and newsletter may call it',
    fails: [newsletter, roles],
    async apply(ctx) {
      const role = await createExecutionRole(ctx.admin, 'data-role');
      await putRolePolicy(
        ctx.admin,
        'data-role',
        'all',
        allow(['dynamodb:PutItem', 'dynamodb:GetItem'], table(ctx, '*')),
      );
      await createFunction(
        ctx.admin,
        'data',
        role,
        ctx.zip({ 'index.mjs': 'export const handler = async () => 1;' }),
        {},
      );
      await besides(ctx, 'newsletter', allow('lambda:InvokeFunction', functionArn(ctx, 'data')));
    },
  },
  {
    name: 'a-helper-with-the-job-of-refunds',
    why: 'newsletter may call a function that was added and has the rights of refunds',
    fails: [newsletter],
    async apply(ctx) {
      const role = await createExecutionRole(ctx.admin, 'pay-role');
      await putRolePolicy(ctx.admin, 'pay-role', 'job', ...narrow(ctx).refunds);
      await createFunction(ctx.admin, 'pay', role, ctx.zip('function/refunds'), {});
      await besides(ctx, 'newsletter', allow('lambda:InvokeFunction', functionArn(ctx, 'pay')));
    },
  },
  {
    name: 'open-queue',
    why: 'the queue packing takes messages from anybody',
    fails: [newsletter, refunds],
    async apply(ctx) {
      await roleEach(ctx);
      await ctx.admin.client(SQSClient).send(
        new SetQueueAttributesCommand({
          QueueUrl: `https://sqs.${ctx.region}.amazonaws.com/${ctx.account}/packing`,
          Attributes: {
            Policy: policy(allow('sqs:SendMessage', queue(ctx, 'packing'), { Principal: '*' })),
          },
        }),
      );
    },
  },
  {
    name: 'keys-in-a-variable',
    why: "the keys of a user with app-role's rights lie in a variable of refunds",
    fails: [refunds, newsletter, orders],
    async apply(ctx) {
      await roleEach(ctx);
      await createUser(ctx.admin, 'app-user', 'p', everything);
      const { AccessKey } = await iam(ctx).send(new CreateAccessKeyCommand({ UserName: 'app-user' }));
      const Variables = { KEY: AccessKey!.AccessKeyId!, SECRET: AccessKey!.SecretAccessKey! };
      await configure(ctx, 'refunds', { Environment: { Variables } });
    },
  },
  {
    name: 'may-change-its-role',
    why: 'the role of orders may write its own policy',
    fails: [orders],
    apply: (ctx) => besides(ctx, 'orders', allow('iam:PutRolePolicy', roleArn(ctx, 'orders-role'))),
  },
  {
    name: 'secret-agent',
    why: 'a statement holds for one user agent, which callers choose',
    fails: [newsletter],
    apply: (ctx) =>
      besides(
        ctx,
        'newsletter',
        allow('dynamodb:*', '*', { Condition: { StringLike: { 'aws:UserAgent': 'petalworth-admin*' } } }),
      ),
  },
  {
    name: 'deny-on-the-table-only',
    why: 'newsletter is denied the table refunds, and may do all else',
    fails: [newsletter],
    apply: (ctx) =>
      roleEach(ctx, {
        newsletter: [
          allow(['dynamodb:*', 'sqs:*'], '*'),
          { Effect: 'Deny', Action: 'dynamodb:*', Resource: table(ctx, 'refunds') },
        ],
      }),
  },
];
