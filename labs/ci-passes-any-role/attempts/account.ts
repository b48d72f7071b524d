import { DeleteUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { allow, putUserPolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

export const fn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account}:function:${name}`;
export const role = (ctx: SubmissionContext, name: string): string => `arn:aws:iam::${ctx.account}:role/${name}`;

/** The functions of the pipeline, with what hangs on them. */
export const own = (ctx: SubmissionContext): string[] => [
  fn(ctx, 'orders'),
  fn(ctx, 'orders:*'),
  fn(ctx, 'orders-preview'),
];

export const deployCalls = [
  'lambda:GetFunction',
  'lambda:GetFunctionConfiguration',
  'lambda:CreateFunction',
  'lambda:DeleteFunction',
  'lambda:TagResource',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
  'lambda:PublishVersion',
  'lambda:UpdateAlias',
  'lambda:InvokeFunction',
];

export const toLambda = { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } };

/** PassRole of the role of orders, to Lambda. */
export const passOwn = (ctx: SubmissionContext): Statement => allow('iam:PassRole', role(ctx, 'orders-role'), toLambda);

/** What the job needs. */
export const narrow = (ctx: SubmissionContext): Statement[] => [allow(deployCalls, own(ctx)), passOwn(ctx)];

/** Replaces the policy of deployer. */
export const setPolicy = (ctx: SubmissionContext, ...statements: Statement[]): Promise<void> =>
  putUserPolicy(ctx.admin, 'deployer', 'pipeline', ...statements);

export const dropPolicy = (ctx: SubmissionContext) =>
  iam(ctx).send(new DeleteUserPolicyCommand({ UserName: 'deployer', PolicyName: 'pipeline' }));

export const deny = (
  Action: string | string[],
  Resource: string | string[],
  more: Partial<Statement> = {},
): Statement => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});

export const broad: Statement[] = [allow('lambda:*', '*'), allow('iam:PassRole', '*')];
