import { CreatePolicyCommand, PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { PublishVersionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  allow,
  createExecutionRole,
  policy,
  putRolePolicy,
  type Statement,
  type Submission,
} from '../../../server/kit.ts';
import { functionName, roleName } from '../billing.ts';
import { draft, exact, iam, lambda, own, queue, readings, statements, table, trim } from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the role has each call of the three paths, on what they make it on',
    fails: [],
    apply: (ctx) => trim(ctx, ...exact(ctx)),
  },
  {
    name: 'a-boundary',
    why: 'the wide policy stays, and a permissions boundary holds the calls of the three paths, and logs',
    fails: [],
    async apply(ctx) {
      const logs = allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], '*');
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({ PolicyName: 'billing', PolicyDocument: policy(...exact(ctx), logs) }),
      );
      await iam(ctx).send(
        new PutRolePermissionsBoundaryCommand({ RoleName: roleName, PermissionsBoundary: Policy!.Arn! }),
      );
    },
  },
  {
    name: 'a-new-role',
    why: 'the function has a role of its own, and the one for developers serves no function any more',
    fails: [],
    async apply(ctx) {
      const Role = await createExecutionRole(ctx.admin, 'billing-role');
      await putRolePolicy(ctx.admin, 'billing-role', 'billing', ...exact(ctx));
      await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Role }));
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: functionName }));
    },
  },
  {
    name: 'from-the-draft',
    why: 'the actions of the draft that billing makes, with ARNs, and what the draft cannot know',
    fails: [],
    async apply(ctx) {
      const { Statement } = JSON.parse(await draft(ctx)) as { Statement: { Action: string[] }[] };
      const seen = Statement.flatMap(({ Action }) => Action).filter((action) => action === 'ssm:GetParameter');
      const named = ['/billing/price', '/billing/footer'].map((name) => own(ctx, 'ssm', `parameter${name}`));
      await trim(ctx, allow(seen, named), ...exact(ctx, { price: [], footer: [] }));
    },
  },
  {
    name: 'over-careful',
    why: 'the list is limited to daily/, names of the month to what a month looks like, and it may ask for settings',
    fails: [],
    apply: (ctx) =>
      trim(
        ctx,
        ...exact(ctx, {
          list: [allow('s3:ListBucket', readings(ctx), { Condition: { StringLike: { 's3:prefix': 'daily/*' } } })],
          month: [allow('s3:PutObject', statements(ctx, '/????-??.csv'))],
        }),
        allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], [queue(ctx, 'bills-out'), queue(ctx, 'rejected')]),
        allow('dynamodb:DescribeTable', table(ctx, 'bills')),
        allow('ssm:DescribeParameters', '*'),
      ),
  },
  {
    name: 'denials',
    why: 'the wide policy stays, and a second one denies other actions, and each action elsewhere',
    fails: [],
    apply(ctx) {
      const elsewhere = exact(ctx).map(({ Action, Resource }) => ({
        actions: [Action!].flat(),
        resources: [Resource!].flat(),
      }));
      const actions = [...new Set(elsewhere.flatMap((each) => each.actions))];
      const deny = (more: Omit<Statement, 'Effect'>): Statement => ({ Effect: 'Deny', ...more });
      return putRolePolicy(
        ctx.admin,
        roleName,
        'denials',
        deny({ NotAction: [...actions, 'logs:*'], Resource: '*' }),
        ...actions.map((action) =>
          deny({
            Action: action,
            NotResource: elsewhere.filter((each) => each.actions.includes(action)).flatMap((each) => each.resources),
          }),
        ),
      );
    },
  },
];
