import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { allow, putUserPolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { tuned } from '../functions.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

export const fn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account}:function:${name}`;
export const own = (ctx: SubmissionContext): string[] => tuned.map((name) => fn(ctx, name));

export const reads = allow(['lambda:Get*', 'lambda:List*'], '*');
export const updates = 'lambda:UpdateFunctionConfiguration';

/** Replaces the policy of tuner. */
export const setPolicy = (ctx: SubmissionContext, ...statements: Statement[]): Promise<void> =>
  putUserPolicy(ctx.admin, 'tuner', 'tuning', ...statements);

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
