import { DynamoDBClient, PutResourcePolicyCommand } from '@aws-sdk/client-dynamodb';
import { CreatePolicyCommand, CreateRoleCommand, PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { allow, policy, putRolePolicy, type Submission, trust } from '../../../server/kit.ts';
import {
  brokerMay,
  dayIndex,
  iam,
  namesKeys,
  narrow,
  needed,
  ownKeys,
  ownTag,
  rewrite,
  roleArn,
  setPolicy,
  tableArn,
  tenantsParts,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'three actions, two resources, and the partition key must be the tag of the session',
    fails: [],
    apply: (ctx) => setPolicy(ctx, narrow(ctx)),
  },
  {
    name: 'all-item-actions-with-null',
    why: 'every action of items, Scan among them, where the request must name partitions and all of them are own',
    fails: [],
    apply: (ctx) =>
      setPolicy(ctx, allow('dynamodb:*', tenantsParts(ctx), { Condition: { ...ownKeys(), ...namesKeys } })),
  },
  {
    name: 'deny-beside-the-broad-allow',
    why: 'the broad allow stays; denies take away foreign keys, requests without keys, and everything but table and index',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow('dynamodb:*', [tableArn(ctx), `${tableArn(ctx)}/*`]),
        {
          Effect: 'Deny',
          Action: 'dynamodb:*',
          Resource: '*',
          Condition: { 'ForAnyValue:StringNotEquals': { 'dynamodb:LeadingKeys': ownTag } },
        },
        {
          Effect: 'Deny',
          Action: 'dynamodb:*',
          Resource: '*',
          Condition: { Null: { 'dynamodb:LeadingKeys': 'true' } },
        },
        { Effect: 'Deny', Action: 'dynamodb:*', NotResource: tenantsParts(ctx) },
      ),
  },
  {
    name: 'session-policy-in-the-broker',
    why: 'the role stays broad, each session is cut down by a policy that the broker writes',
    fails: [],
    apply: (ctx) =>
      rewrite(ctx, [
        'DurationSeconds: 3600,',
        `DurationSeconds: 3600,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{
          Effect: 'Allow',
          Action: ${JSON.stringify(needed)},
          Resource: ${JSON.stringify(tenantsParts(ctx))},
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [tenant] } },
        }],
      }),`,
      ]),
  },
  {
    name: 'a-role-for-each-tenant',
    why: 'the broker takes a role of the tenant, whose policy names the tenant; the old role is left without rights',
    fails: [],
    async apply(ctx) {
      const roles = ctx.outputs.tenants!.split(', ');
      for (const tenant of roles) {
        await iam(ctx).send(
          new CreateRoleCommand({
            RoleName: `tenant-${tenant}`,
            AssumeRolePolicyDocument: trust({ AWS: roleArn(ctx, 'broker-role') }),
          }),
        );
        await putRolePolicy(ctx.admin, `tenant-${tenant}`, 'own', narrow(ctx, tenant));
      }
      await setPolicy(ctx, { Effect: 'Deny', Action: '*', Resource: '*' });
      await brokerMay(
        ctx,
        roles.map((tenant) => roleArn(ctx, `tenant-${tenant}`)),
      );
      await rewrite(
        ctx,
        ['process.env.TENANT_ROLE', `'${roleArn(ctx, 'tenant-')}' + tenant`],
        ["      Tags: [{ Key: 'tenant', Value: tenant }],\n", ''],
      );
    },
  },
  {
    name: 'session-name',
    why: 'the policy reads the name of the session, which only the broker chooses, instead of the tag',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...ctx.outputs.tenants!.split(', ').map((tenant) =>
          allow(needed, tenantsParts(ctx), {
            Condition: { ...ownKeys(tenant), StringLike: { 'aws:userid': `*:${tenant}` } },
          }),
        ),
      ),
  },
  {
    name: 'boundary',
    why: 'a permissions boundary cuts the broad policy down',
    fails: [],
    async apply(ctx) {
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({
          PolicyName: 'own-items',
          PolicyDocument: policy(
            allow(
              [...needed, 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
              tenantsParts(ctx),
              {
                Condition: ownKeys(),
              },
            ),
            allow(['dynamodb:DescribeTable', 'dynamodb:ListTables', 'dynamodb:DescribeLimits'], '*'),
          ),
        }),
      );
      await iam(ctx).send(
        new PutRolePermissionsBoundaryCommand({ RoleName: 'tenant-data', PermissionsBoundary: Policy!.Arn! }),
      );
    },
  },
  {
    name: 'policy-of-the-table',
    why: 'the table itself refuses the role whatever is not own; the index of dispatch is refused to it, too',
    fails: [],
    async apply(ctx) {
      const Principal = { AWS: roleArn(ctx, 'tenant-data') };
      await ctx.admin.client(DynamoDBClient).send(
        new PutResourcePolicyCommand({
          ResourceArn: tableArn(ctx),
          Policy: policy(
            {
              Effect: 'Deny',
              Principal,
              Action: 'dynamodb:*',
              Resource: tenantsParts(ctx),
              Condition: { 'ForAnyValue:StringNotEquals': { 'dynamodb:LeadingKeys': ownTag } },
            },
            {
              Effect: 'Deny',
              Principal,
              Action: 'dynamodb:*',
              Resource: tenantsParts(ctx),
              Condition: { Null: { 'dynamodb:LeadingKeys': 'true' } },
            },
            {
              Effect: 'Deny',
              Principal,
              Action: 'dynamodb:*',
              Resource: `${tableArn(ctx)}/index/by-carrier`,
            },
          ),
        }),
      );
      await setPolicy(ctx, allow('dynamodb:*', [tableArn(ctx), `${tableArn(ctx)}/index/*`]));
    },
  },
  {
    name: 'chosen-attributes',
    why: 'over-careful: own keys, only known attributes may be named, and nothing but the index is queried with all of them',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], tableArn(ctx), { Condition: ownKeys() }),
        allow('dynamodb:Query', dayIndex(ctx), { Condition: { ...ownKeys(), ...namesKeys } }),
        {
          Effect: 'Deny',
          Action: ['dynamodb:Scan', 'dynamodb:PartiQL*', 'dynamodb:Batch*'],
          Resource: '*',
        },
      ),
  },
];
