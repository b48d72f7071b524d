import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { allow, policy, putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

export const tableArn = ({ region, account, outputs }: SubmissionContext): string =>
  `arn:aws:dynamodb:${region}:${account}:table/${outputs.table}`;
export const dayIndex = (ctx: SubmissionContext): string => `${tableArn(ctx)}/index/by-day`;
export const tenantsParts = (ctx: SubmissionContext): string[] => [tableArn(ctx), dayIndex(ctx)];
export const roleArn = ({ account }: SubmissionContext, name: string): string => `arn:aws:iam::${account}:role/${name}`;

export const needed = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'];

/** The tenant of the session, as policies name it. */
export const ownTag = '${aws:PrincipalTag/tenant}';

/** All partitions that a request names are the tenant's. */
export const ownKeys = (value = ownTag) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [value] } });
export const namesKeys = { Null: { 'dynamodb:LeadingKeys': 'false' } };

/** Replaces the policy of the role of sessions. */
export const setPolicy = (ctx: SubmissionContext, ...statements: Statement[]): Promise<void> =>
  putRolePolicy(ctx.admin, 'tenant-data', 'bookings', ...statements);

/** What a tenant's program needs, and no more. */
export const narrow = (ctx: SubmissionContext, value?: string): Statement =>
  allow(needed, tenantsParts(ctx), { Condition: ownKeys(value) });

/** The broker's code with pieces written otherwise. */
export async function rewrite(ctx: SubmissionContext, ...changes: [from: string, to: string][]): Promise<void> {
  let code = ctx.file('function/index.mjs');
  for (const [from, to] of changes) {
    if (!code.includes(from)) throw new Error(`the broker has no ${from}`);
    code = code.replace(from, () => to);
  }
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'session-broker', ZipFile: ctx.zip({ 'index.mjs': code }) }),
  );
}

/** Lets the broker take more roles. */
export async function brokerMay(ctx: SubmissionContext, roles: string[]): Promise<void> {
  await iam(ctx).send(
    new PutRolePolicyCommand({
      RoleName: 'broker-role',
      PolicyName: 'sessions',
      PolicyDocument: policy(allow(['sts:AssumeRole', 'sts:TagSession'], roles)),
    }),
  );
}
