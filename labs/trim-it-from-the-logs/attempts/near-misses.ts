import { DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { PublishVersionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { allow, createExecutionRole, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { bucketsOf, functionName, roleName } from '../billing.ts';
import { exact, iam, lambda, own, parameter, paste, queue, readings, statements, table, trim } from './account.ts';

const day = 'a-day-is-billed';
const month = 'a-month-is-closed';
const theft = 'the-theft-is-refused';
const others = 'nothing-of-others';
const calls = 'nothing-but-its-calls';

/** Near-misses: what people really do under time pressure, and what checks might overlook. */
export const nearMisses: Submission[] = [
  {
    name: 'the-draft-as-it-is',
    why: 'the draft lacks data events, so that billing stops, and it has the thief’s calls with *',
    fails: [day, month, theft, others],
    async apply(ctx) {
      await paste(ctx, 'draft');
      await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName: 'dev' }));
    },
  },
  {
    name: 'the-draft-and-the-rest',
    why: 'data events were added to the draft with their resources, and the thief’s management events stay',
    fails: [theft, others],
    async apply(ctx) {
      await trim(ctx, ...exact(ctx));
      await paste(ctx, 'draft');
    },
  },
  {
    name: 'whatever-is-on-record',
    why: 'data events were taken from the log as they are: payroll, customers and deletions are the thief’s',
    fails: [theft, others, calls],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx),
        allow(
          ['s3:ListBucket', 's3:GetObject'],
          [`arn:aws:s3:::${bucketsOf(ctx).payroll}`, `arn:aws:s3:::${bucketsOf(ctx).payroll}/*`],
        ),
        allow('dynamodb:Scan', [table(ctx, 'customers'), table(ctx, 'bills')]),
        allow('dynamodb:DeleteItem', table(ctx, 'bills')),
        allow('s3:PutObject', readings(ctx, '/daily/*')),
        allow('sqs:ReceiveMessage', queue(ctx, 'bills-out')),
      ),
  },
  {
    name: 'a-week-of-logs',
    why: 'what happens on the first of a month was not in the week that was read',
    fails: [month],
    apply: (ctx) => trim(ctx, ...exact(ctx, { footer: [], month: [], query: [] })),
  },
  {
    name: 'no-bad-reading-that-week',
    why: 'what happens to a reading that makes no sense was not in the week that was read',
    fails: [day],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx, { daily: [allow('s3:GetObject', readings(ctx, '/daily/*'))], rejected: [], reports: [] }),
      ),
  },
  {
    name: 'names-of-events',
    why: 'names of events are no actions: there is neither s3:ListObjects nor s3:CopyObject',
    fails: [day],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx, {
          list: [allow('s3:ListObjects', readings(ctx))],
          rejected: [allow('s3:CopyObject', readings(ctx, '/*'))],
        }),
      ),
  },
  {
    name: 'table-without-its-index',
    why: 'the ARN of a table does not cover its indexes, and the month is not closed',
    fails: [month],
    apply: (ctx) => trim(ctx, ...exact(ctx, { query: [allow('dynamodb:Query', table(ctx, 'bills'))] })),
  },
  {
    name: 'bills-star',
    why: 'bills* is also the archive',
    fails: [others],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx, {
          items: [allow(['dynamodb:PutItem', 'dynamodb:Query'], table(ctx, 'bills*'))],
          query: [],
        }),
      ),
  },
  {
    name: 'all-of-billings-parameters',
    why: 'below /billing/ there is a login of the bank, too',
    fails: [others],
    apply: (ctx) =>
      trim(ctx, ...exact(ctx, { price: [allow('ssm:GetParameter', parameter(ctx, '/billing/*'))], footer: [] })),
  },
  {
    name: 'all-of-the-bucket',
    why: 'the bucket has an archive beside daily/ and rejected/, and a thief could bring readings',
    fails: [theft, calls],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx, {
          daily: [],
          rejected: [allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], readings(ctx, '/*'))],
        }),
      ),
  },
  {
    name: 'right-resources-all-actions',
    why: 'each service is limited to what billing uses, and may do everything there',
    fails: [theft, calls],
    apply: (ctx) =>
      trim(
        ctx,
        allow('s3:*', [readings(ctx), readings(ctx, '/*'), statements(ctx), statements(ctx, '/*')]),
        allow('dynamodb:*', [table(ctx, 'bills'), table(ctx, 'bills/*')]),
        allow('sqs:*', [queue(ctx, 'bills-out'), queue(ctx, 'rejected')]),
        allow('ssm:*', [parameter(ctx, '/billing/price'), parameter(ctx, '/billing/footer')]),
      ),
  },
  {
    name: 'right-actions-everywhere',
    why: 'the actions are billing’s, and the resources are everybody’s',
    fails: [theft, others, calls],
    apply: (ctx) =>
      trim(
        ctx,
        allow(['ssm:GetParameter', 's3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'], '*'),
        allow(['dynamodb:PutItem', 'dynamodb:Query', 'sqs:SendMessage'], '*'),
      ),
  },
  {
    name: 'the-thiefs-address',
    why: 'the address of that night is denied, and thieves have others',
    fails: [theft, others, calls],
    apply: (ctx) =>
      trim(
        ctx,
        allow(
          ['s3', 'dynamodb', 'sqs', 'ssm', 'secretsmanager', 'lambda'].map((service) => `${service}:*`),
          '*',
        ),
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.77/32' } },
        },
      ),
  },
  {
    name: 'lists-are-harmless',
    why: 'what only lists was left, and the thief began with it',
    fails: [theft, others],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx),
        allow(
          ['s3:ListAllMyBuckets', 'dynamodb:ListTables', 'secretsmanager:ListSecrets', 'lambda:ListFunctions'],
          '*',
        ),
        allow('lambda:GetFunction', own(ctx, 'lambda', 'function:*')),
      ),
  },
  {
    name: 'an-old-version-with-the-old-role',
    why: 'the function has a trimmed role, and a version that was published before still has the wide one',
    fails: [theft, others, calls],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: functionName }));
      const Role = await createExecutionRole(ctx.admin, 'billing-role');
      await putRolePolicy(ctx.admin, 'billing-role', 'billing', ...exact(ctx));
      await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Role }));
    },
  },
  {
    name: 'may-trim-itself',
    why: 'the role may write its own policy, and so give itself back what was trimmed',
    fails: [others, calls],
    apply: (ctx) =>
      trim(ctx, ...exact(ctx), allow('iam:PutRolePolicy', `arn:aws:iam::${ctx.account}:role/${roleName}`)),
  },
];
