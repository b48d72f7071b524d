import { DynamoDBClient, PutResourcePolicyCommand } from '@aws-sdk/client-dynamodb';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { allow, policy, putRolePolicy, type Submission } from '../../../server/kit.ts';
import {
  dayIndex,
  lambda,
  namesKeys,
  narrow,
  needed,
  ownKeys,
  ownTag,
  rewrite,
  setPolicy,
  tableArn,
  tenantsParts,
} from './account.ts';

const attack = 'polder-sees-no-others';
const reads = 'reads-only-own-items';
const changes = 'changes-only-own-items';

/** What people do under time pressure, and why it does not meet the task. */
export const nearMisses: Submission[] = [
  {
    name: 'scan-without-null',
    why: 'ForAllValues holds where there is no value: Scan names no partition and passes',
    fails: [attack, reads],
    apply: (ctx) => setPolicy(ctx, allow([...needed, 'dynamodb:Scan'], tenantsParts(ctx), { Condition: ownKeys() })),
  },
  {
    name: 'partiql-without-null',
    why: 'a SELECT without the partition key reads the whole table, and ForAllValues holds',
    fails: [attack, reads],
    apply: (ctx) =>
      setPolicy(ctx, allow([...needed, 'dynamodb:PartiQLSelect'], tenantsParts(ctx), { Condition: ownKeys() })),
  },
  {
    name: 'all-actions-without-null',
    why: 'the condition is on every action, but Scan, the stream and the table itself have no leading key',
    fails: [attack, reads, changes],
    apply: (ctx) =>
      setPolicy(ctx, allow('dynamodb:*', [tableArn(ctx), `${tableArn(ctx)}/*`], { Condition: ownKeys() })),
  },
  {
    name: 'any-value',
    why: 'ForAnyValue is content with one own key: a batch with one own item brings others along',
    fails: [attack, reads],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow([...needed, 'dynamodb:BatchGetItem'], tenantsParts(ctx), {
          Condition: { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ownTag }, ...namesKeys },
        }),
      ),
  },
  {
    name: 'prefix-of-the-tenant',
    why: 'harbour* is also harbour-cold',
    fails: [reads, changes],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(needed, tenantsParts(ctx), {
          Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': `${ownTag}*` } },
        }),
      ),
  },
  {
    name: 'every-index',
    why: 'in by-carrier the leading key is the carrier: polder, which is one, reads whose goods it drives',
    fails: [attack, reads],
    apply: (ctx) =>
      setPolicy(ctx, allow(needed, [tableArn(ctx), `${tableArn(ctx)}/index/*`], { Condition: ownKeys() })),
  },
  {
    name: 'scan-removed-only',
    why: 'without Scan, Query still takes any key',
    fails: [attack, reads, changes],
    apply: (ctx) => setPolicy(ctx, allow(needed, tenantsParts(ctx))),
  },
  {
    name: 'reads-only-conditioned',
    why: 'the condition is on reading; PutItem still replaces bookings of others',
    fails: [changes],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(['dynamodb:GetItem', 'dynamodb:Query'], tenantsParts(ctx), { Condition: ownKeys() }),
        allow('dynamodb:PutItem', tableArn(ctx)),
      ),
  },
  {
    name: 'safe-statement-beside',
    why: 'the safe statement was added as a policy of its own, the broad one stays',
    fails: [attack, reads, changes],
    apply: (ctx) => putRolePolicy(ctx.admin, 'tenant-data', 'own-items', narrow(ctx)),
  },
  {
    name: 'index-forgotten',
    why: 'over-fix: the ARN of the table does not cover its index, which tenants query',
    fails: ['tenants-book-on'],
    apply: (ctx) => setPolicy(ctx, allow(needed, tableArn(ctx), { Condition: ownKeys() })),
  },
  {
    name: 'index-without-condition',
    why: 'the condition is on the table, the index takes any key',
    fails: [attack, reads],
    apply: (ctx) =>
      setPolicy(ctx, allow(needed, tableArn(ctx), { Condition: ownKeys() }), allow('dynamodb:Query', dayIndex(ctx))),
  },
  {
    name: 'table-refuses-everybody',
    why: 'over-fix: the deny of the table also hits dispatch, which scans',
    fails: ['dispatch-plans-on'],
    async apply(ctx) {
      await ctx.admin.client(DynamoDBClient).send(
        new PutResourcePolicyCommand({
          ResourceArn: tableArn(ctx),
          Policy: policy({
            Effect: 'Deny',
            Principal: '*',
            Action: 'dynamodb:Scan',
            Resource: tableArn(ctx),
          }),
        }),
      );
      await setPolicy(ctx, narrow(ctx));
    },
  },
  {
    name: 'filter-in-the-broker',
    why: 'the broker refuses odd names of tenants, and gives out the same broad session',
    fails: [attack, reads, changes],
    apply: (ctx) =>
      rewrite(ctx, [
        "throw new Error('there is no such tenant');",
        "throw new Error('there is no such tenant');\n  if (!/^[a-z-]{3,20}$/.test(tenant)) throw new Error('odd');",
      ]),
  },
  {
    name: 'broker-deleted',
    why: 'over-fix: no sessions, no leak, no bookings',
    fails: ['tenants-book-on', reads, changes],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'session-broker' }))),
  },
  {
    name: 'tag-dropped',
    why: 'over-fix: the policy reads the tag that the broker no longer sets, so that no item is own',
    fails: ['tenants-book-on'],
    async apply(ctx) {
      await setPolicy(ctx, narrow(ctx));
      await rewrite(ctx, ["      Tags: [{ Key: 'tenant', Value: tenant }],\n", '']);
    },
  },
];
