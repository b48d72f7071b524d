import { DeleteUserCommand, DeleteUserPolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { functionNames } from '../shop.ts';
import {
  besides,
  disarm,
  everything,
  functionArn,
  iam,
  lambda,
  narrow,
  ownRole,
  queue,
  roleArn,
  roleEach,
  safeTemplate,
  table,
  uploadNewsletter,
} from './account.ts';

export const attack = 'a-template-pays-nothing';
export const newsletter = 'newsletter-does-only-its-job';
export const orders = 'orders-does-only-its-job';
export const refunds = 'refunds-does-only-its-job';
export const roles = 'a-role-each';

/** Near-misses: what people really do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'three-clones',
    why: 'a role for each function, all with the same broad policy',
    fails: [attack, newsletter, orders, refunds],
    apply: (ctx) => roleEach(ctx, { orders: [everything], refunds: [everything], newsletter: [everything] }),
  },
  {
    name: 'deny-iam',
    why: 'app-role is denied iam:*, so no key is made, and the refunds are still written',
    fails: [attack, newsletter, orders, refunds, roles],
    apply: (ctx) => putRolePolicy(ctx.admin, 'app-role', 'no-iam', { Effect: 'Deny', Action: 'iam:*', Resource: '*' }),
  },
  {
    name: 'one-role-with-conditions',
    why: 'one role for all, whose statements name the calling function: the company asked for a role each',
    fails: [roles],
    async apply(ctx) {
      await putRolePolicy(
        ctx.admin,
        'app-role',
        'by-function',
        ...functionNames.flatMap((name) =>
          narrow(ctx)[name].map((statement) => ({
            ...statement,
            Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn(ctx, name) } },
          })),
        ),
      );
      await disarm(ctx);
    },
  },
  {
    name: 'template-repaired',
    why: 'the template takes names only, and each function may still do everything',
    fails: [newsletter, orders, refunds, roles],
    apply: (ctx) => uploadNewsletter(ctx, { 'template.mjs': safeTemplate }),
  },
  {
    name: 'newsletter-only',
    why: 'the attacked function got a role of its own, the two others go on sharing',
    fails: [orders, refunds, roles],
    apply: (ctx) => ownRole(ctx, 'newsletter', ...narrow(ctx).newsletter),
  },
  {
    name: 'orders-star',
    why: 'table/orders* is also the archive',
    fails: [orders],
    apply: (ctx) =>
      roleEach(ctx, {
        orders: [
          allow(['dynamodb:PutItem', 'dynamodb:GetItem'], `${table(ctx, 'orders')}*`),
          allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], queue(ctx, 'packing')),
        ],
      }),
  },
  {
    name: 'all-of-dynamodb-on-own-tables',
    why: 'dynamodb:* on the right tables also deletes them',
    fails: [newsletter, orders, refunds],
    apply: (ctx) =>
      roleEach(ctx, {
        orders: [allow('dynamodb:*', table(ctx, 'orders')), narrow(ctx).orders[1]!],
        refunds: [allow('dynamodb:*', [table(ctx, 'orders'), table(ctx, 'refunds')])],
        newsletter: [allow('dynamodb:*', table(ctx, 'subscribers')), narrow(ctx).newsletter[1]!],
      }),
  },
  {
    name: 'refunds-writes-orders',
    why: 'refunds may write the orders by which it is limited',
    fails: [refunds],
    apply: (ctx) =>
      roleEach(ctx, {
        refunds: [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table(ctx, 'orders'), table(ctx, 'refunds')])],
      }),
  },
  {
    name: 'no-queue-for-the-newsletter',
    why: 'half a job: newsletter may read its readers and not mail them',
    fails: ['the-newsletter-goes-out'],
    apply: (ctx) => roleEach(ctx, { newsletter: [narrow(ctx).newsletter[0]!] }),
  },
  {
    name: 'logs-only',
    why: 'over-fix: the roles may write logs, and no function does its job',
    fails: ['orders-are-placed', 'refunds-are-paid', 'the-newsletter-goes-out'],
    apply: (ctx) => roleEach(ctx, { orders: [], refunds: [], newsletter: [] }),
  },
  {
    name: 'newsletter-deleted',
    why: 'over-fix: no newsletter, no attack',
    fails: ['the-newsletter-goes-out', orders, refunds, roles],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'newsletter' }))),
  },
  {
    name: 'agency-removed',
    why: 'over-fix: the user of the agency is gone, the roles stay as they were',
    fails: ['the-newsletter-goes-out', attack, newsletter, orders, refunds, roles],
    async apply(ctx) {
      await iam(ctx).send(new DeleteUserPolicyCommand({ UserName: 'agency', PolicyName: 'calls' }));
      await iam(ctx).send(new DeleteUserCommand({ UserName: 'agency' }));
    },
  },
  {
    name: 'pass-role-left',
    why: 'newsletter may still make functions, and give them app-role',
    fails: [newsletter],
    apply: (ctx) =>
      besides(
        ctx,
        'newsletter',
        allow('iam:PassRole', roleArn(ctx, 'app-role')),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], functionArn(ctx, 'job-*')),
      ),
  },
];
