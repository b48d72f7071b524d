import { DynamoDBClient, PutResourcePolicyCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { allow, policy, type Submission } from '../../../server/kit.ts';
import {
  iam,
  namesKeys,
  narrow,
  needed,
  ownKeys,
  ownTag,
  roleArn,
  setPolicy,
  tableArn,
  tenantsParts,
} from './account.ts';

const attack = 'polder-sees-no-others';
const reads = 'reads-only-own-items';
const changes = 'changes-only-own-items';

/** What others would submit. */
export const more: Submission[] = [
  {
    name: 'the-table-grants',
    why: 'the role has no policy for DynamoDB; the table grants it what the tag allows',
    fails: [],
    async apply(ctx) {
      await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'tenant-data', PolicyName: 'bookings' }));
      await ctx.admin.client(DynamoDBClient).send(
        new PutResourcePolicyCommand({
          ResourceArn: tableArn(ctx),
          Policy: policy({ ...narrow(ctx), Principal: { AWS: roleArn(ctx, 'tenant-data') } }),
        }),
      );
    },
  },
  {
    name: 'partiql-without-full-scans',
    why: 'PartiQL is allowed where it reads no whole table and names own partitions only',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        narrow(ctx),
        allow(['dynamodb:PartiQLSelect', 'dynamodb:PartiQLInsert'], tenantsParts(ctx), {
          Condition: { ...ownKeys(), BoolIfExists: { 'dynamodb:FullTableScan': 'false' } },
        }),
      ),
  },
  {
    name: 'managed-policy',
    why: 'a customer managed policy in place of the inline one, with actions in other letters, and descriptions of tables',
    fails: [],
    async apply(ctx) {
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({
          PolicyName: 'own-bookings',
          PolicyDocument: policy(
            allow(['dynamodb:getitem', 'dynamodb:Quer?', 'dynamodb:*PutItem'], tenantsParts(ctx), {
              Condition: { ...ownKeys(), ...namesKeys },
            }),
            allow(['dynamodb:Describe*', 'dynamodb:List*'], '*'),
          ),
        }),
      );
      await iam(ctx).send(new AttachRolePolicyCommand({ RoleName: 'tenant-data', PolicyArn: Policy!.Arn! }));
      await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'tenant-data', PolicyName: 'bookings' }));
    },
  },
  {
    name: 'known-tags-only',
    why: 'besides the own partition, the tag must be that of a tenant',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(needed, tenantsParts(ctx), {
          Condition: { ...ownKeys(), StringEquals: { 'aws:PrincipalTag/tenant': ctx.outputs.tenants!.split(', ') } },
        }),
      ),
  },
  {
    name: 'sessions-renew-themselves',
    why: 'programs may call the broker to renew, and it gives them the session of any tenant',
    fails: [reads, changes],
    apply: (ctx) =>
      setPolicy(
        ctx,
        narrow(ctx),
        allow('lambda:InvokeFunction', `arn:aws:lambda:${ctx.region}:${ctx.account}:function:session-broker`),
      ),
  },
  {
    name: 'trust-of-everybody',
    why: 'the trust was opened to the account, and a session may take its own role again, under another tag',
    fails: [reads, changes],
    async apply(ctx) {
      await setPolicy(ctx, narrow(ctx), allow(['sts:AssumeRole', 'sts:TagSession'], roleArn(ctx, '*')));
      await iam(ctx).send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'tenant-data',
          PolicyDocument: policy({
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ctx.account}:root` },
            Action: ['sts:AssumeRole', 'sts:TagSession'],
          }),
        }),
      );
    },
  },
  {
    name: 'the-stream-is-open',
    why: 'programs may follow changes in the stream, which has those of everybody',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(
        ctx,
        narrow(ctx),
        allow(
          ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'],
          `${tableArn(ctx)}/stream/*`,
        ),
      ),
  },
  {
    name: 'counting-for-carriers',
    why: 'the index of dispatch is open to who names attributes, and they may name any',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(
        ctx,
        narrow(ctx),
        allow('dynamodb:Query', `${tableArn(ctx)}/index/by-carrier`, {
          Condition: { ...ownKeys(), StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } },
        }),
      ),
  },
  {
    name: 'deny-of-all-foreign',
    why: 'ForAllValues in a deny only hits requests of which every key is foreign: a batch with an own item passes',
    fails: [attack, reads, changes],
    apply: (ctx) =>
      setPolicy(ctx, allow('dynamodb:*', tenantsParts(ctx)), {
        Effect: 'Deny',
        Action: 'dynamodb:*',
        Resource: '*',
        Condition: { 'ForAllValues:StringNotEquals': { 'dynamodb:LeadingKeys': ownTag } },
      }),
  },
  {
    name: 'deny-without-null',
    why: 'ForAnyValue in a deny does not hit requests without any key: Scan, and the table itself',
    fails: [attack, reads, changes],
    apply: (ctx) =>
      setPolicy(ctx, allow('dynamodb:*', tenantsParts(ctx)), {
        Effect: 'Deny',
        Action: 'dynamodb:*',
        Resource: '*',
        Condition: { 'ForAnyValue:StringNotEquals': { 'dynamodb:LeadingKeys': ownTag } },
      }),
  },
];
