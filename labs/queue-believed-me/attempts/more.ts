import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { allow, createFunction, putRolePolicy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import { arnOf, urlOf } from '../queues.ts';
import { lambda, mapping, queuePolicy, shopOnly, sqs, upload, webShop, withCode } from './account.ts';
import { reference, throwingAtTheEnd, weaker } from './code.ts';

const settings = (ctx: SubmissionContext, Attributes: Record<string, string>) =>
  sqs(ctx).send(new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, arnOf(ctx, 'orders')), Attributes }));

/** A policy that denies everything to all but these. */
const denyAllBut = (ctx: SubmissionContext, ...principals: string[]) =>
  queuePolicy(ctx, {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: arnOf(ctx, 'orders'),
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': principals } },
  });

/** Of other taste: aliases, timeouts, batch reads, denials. */
export const moreRight: Submission[] = [
  {
    name: 'published-behind-an-alias',
    why: 'the mapping calls an alias of a published version',
    fails: [],
    async apply(ctx) {
      await withCode(ctx, reference);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'fulfil' }));
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'fulfil', Name: 'live', FunctionVersion: Version! }),
      );
      await mapping(ctx, { FunctionName: 'fulfil:live' });
    },
  },
  {
    name: 'one-read-for-both-tables',
    why: 'both rows come with one BatchGetItem, and missing ones are told apart',
    fails: [],
    async apply(ctx) {
      const tables = ['catalogue', 'members'].map(
        (name) => `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${name}`,
      );
      await putRolePolicy(ctx.admin, 'fulfil-role', 'tables', allow('dynamodb:BatchGetItem', tables));
      const code = weaker(
        `await Promise.all([
    get(process.env.CATALOGUE, { sku: { S: sku } }),
    get(process.env.MEMBERS, { customer: { S: customer } }),
  ]);`,
        `await rows(sku, customer);`,
      ).replace(
        'async function checked',
        `async function rows(sku, customer) {
  const { Responses } = await db.send(new BatchGetItemCommand({ RequestItems: {
    catalogue: { Keys: [{ sku: { S: sku } }], ConsistentRead: true }, members: { Keys: [{ customer: { S: customer } }], ConsistentRead: true } } }));
  return [Responses.catalogue[0], Responses.members[0]];
}
async function checked`,
      );
      await withCode(ctx, code.replace('GetItemCommand }', 'GetItemCommand, BatchGetItemCommand }'));
    },
  },
  {
    name: 'all-others-denied',
    why: 'the policy denies every action to all but the shop, the role of the function and administrators',
    fails: [],
    async apply(ctx) {
      await withCode(ctx, reference);
      await denyAllBut(ctx, webShop(ctx), ctx.outputs.role!.replace(/^/, `arn:aws:iam::${ctx.account}:role/`));
    },
  },
  {
    name: 'one-try-long-timeout',
    why: 'dead after the first receive; six times the timeout of the function, as AWS advises',
    fails: [],
    async apply(ctx) {
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(ctx, 'orders-dead'), maxReceiveCount: 1 });
      await settings(ctx, { VisibilityTimeout: '60', RedrivePolicy });
      await withCode(ctx, reference);
    },
  },
  {
    name: 'time-to-cancel',
    why: 'orders wait two minutes in the queue, and six after a failure',
    fails: [],
    async apply(ctx) {
      await settings(ctx, { VisibilityTimeout: '360', DelaySeconds: '120' });
      await withCode(ctx, reference);
    },
  },
];

export const moreNearMisses: Submission[] = [
  {
    name: 'filtered-by-the-mapping',
    why: 'a filter drops what does not look like an order: such messages are deleted, and nobody sees them',
    fails: ['bad-orders-reach-the-fraud-desk'],
    async apply(ctx) {
      await withCode(ctx, reference);
      const Pattern = JSON.stringify({
        body: { role: ['customer', 'staff'], quantity: [{ numeric: ['>', 0, '<=', 20] }] },
      });
      await mapping(ctx, { FilterCriteria: { Filters: [{ Pattern }] } });
    },
  },
  {
    name: 'old-function-still-reads',
    why: 'a new function with a mapping of its own reads the same queue as the old one, which believes what it gets',
    fails: ['forged-orders-do-nothing', 'good-orders-survive-bad-ones', 'bad-orders-reach-the-fraud-desk'],
    async apply(ctx) {
      await queuePolicy(ctx);
      const old = await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'fulfil' }));
      const code = ctx.zip({ 'index.mjs': reference });
      await createFunction(ctx.admin, 'fulfil-safe', old.Role!, code, old.Environment!.Variables!);
      await lambda(ctx).send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'fulfil-safe',
          EventSourceArn: arnOf(ctx, 'orders'),
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        }),
      );
    },
  },
  {
    name: 'function-denied-too',
    why: 'over-fix: the policy denies everything to all but the shop, also receiving to the function',
    fails: ['good-orders-are-sent-out', 'good-orders-survive-bad-ones', 'bad-orders-reach-the-fraud-desk'],
    async apply(ctx) {
      await withCode(ctx, reference);
      await denyAllBut(ctx, webShop(ctx));
    },
  },
  {
    name: 'remembered-and-dead',
    why: 'orders that were sent out are remembered, so that a retry of the batch sends nothing twice; good ones become dead letters',
    fails: ['good-orders-survive-bad-ones'],
    async apply(ctx) {
      await queuePolicy(ctx);
      await upload(
        ctx,
        `const done = new Set();\n${throwingAtTheEnd}`.replace(
          'async ({ body }) => dispatch(await checked(body))',
          'async ({ body }) => { const goods = await checked(body); if (!done.has(goods.order)) await dispatch(goods); done.add(goods.order); }',
        ),
      );
    },
  },
  {
    name: 'url-for-testing',
    why: 'a public URL of the function was made to try it out, and takes events from anybody',
    fails: ['nobody-else-may-use-the-queue'],
    async apply(ctx) {
      await withCode(ctx, reference);
      await queuePolicy(ctx, shopOnly(ctx));
      await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName: 'fulfil', AuthType: 'NONE' }));
      const permit = (StatementId: string, more: object) =>
        lambda(ctx).send(
          new AddPermissionCommand({
            FunctionName: 'fulfil',
            StatementId,
            Action: 'lambda:InvokeFunction',
            Principal: '*',
            ...more,
          }),
        );
      await permit('url', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
      await permit('url2', { InvokedViaFunctionUrl: true });
    },
  },
];
