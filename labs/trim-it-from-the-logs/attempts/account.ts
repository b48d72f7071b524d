import {
  AccessAnalyzerClient,
  GetGeneratedPolicyCommand,
  StartPolicyGenerationCommand,
} from '@aws-sdk/client-accessanalyzer';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { bucketsOf, readerRole, roleName, trail } from '../billing.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

export const own = (ctx: SubmissionContext, service: string, rest: string): string =>
  `arn:aws:${service}:${ctx.region}:${ctx.account}:${rest}`;
export const table = (ctx: SubmissionContext, name: string): string => own(ctx, 'dynamodb', `table/${name}`);
export const queue = (ctx: SubmissionContext, name: string): string => own(ctx, 'sqs', name);
export const parameter = (ctx: SubmissionContext, name: string): string => own(ctx, 'ssm', `parameter${name}`);
export const readings = (ctx: SubmissionContext, rest = ''): string => `arn:aws:s3:::${bucketsOf(ctx).readings}${rest}`;
export const statements = (ctx: SubmissionContext, rest = ''): string =>
  `arn:aws:s3:::${bucketsOf(ctx).statements}${rest}`;

export type Part =
  | 'price'
  | 'footer'
  | 'list'
  | 'daily'
  | 'rejected'
  | 'month'
  | 'items'
  | 'query'
  | 'bills'
  | 'reports';

/** What billing calls, in parts; `changes` replaces some, or leaves them out. */
export function exact(ctx: SubmissionContext, changes: Partial<Record<Part, Statement[]>> = {}): Statement[] {
  const parts: Record<Part, Statement[]> = {
    price: [allow('ssm:GetParameter', parameter(ctx, '/billing/price'))],
    footer: [allow('ssm:GetParameter', parameter(ctx, '/billing/footer'))],
    list: [allow('s3:ListBucket', readings(ctx))],
    daily: [allow(['s3:GetObject', 's3:DeleteObject'], readings(ctx, '/daily/*'))],
    rejected: [allow('s3:PutObject', readings(ctx, '/rejected/*'))],
    month: [allow('s3:PutObject', statements(ctx, '/*'))],
    items: [allow('dynamodb:PutItem', table(ctx, 'bills'))],
    query: [allow('dynamodb:Query', table(ctx, 'bills/index/by-month'))],
    bills: [allow('sqs:SendMessage', queue(ctx, 'bills-out'))],
    reports: [allow('sqs:SendMessage', queue(ctx, 'rejected'))],
    ...changes,
  };
  return Object.values(parts).flat();
}

/** The role's own policy, as these statements. */
export const trim = (ctx: SubmissionContext, ...all: Statement[]): Promise<void> =>
  putRolePolicy(ctx.admin, roleName, 'dev', ...all);

/** What Access Analyzer drafts from thirty days of the trail. */
export async function draft(ctx: SubmissionContext): Promise<string> {
  const analyzer = ctx.admin.client(AccessAnalyzerClient);
  const now = ctx.cloud.clock.now();
  const { jobId } = await analyzer.send(
    new StartPolicyGenerationCommand({
      policyGenerationDetails: { principalArn: `arn:aws:iam::${ctx.account}:role/${roleName}` },
      cloudTrailDetails: {
        trails: [{ cloudTrailArn: own(ctx, 'cloudtrail', `trail/${trail}`), allRegions: true }],
        accessRole: `arn:aws:iam::${ctx.account}:role/${readerRole}`,
        startTime: new Date(now - 31 * 86_400_000),
      },
    }),
  );
  const { generatedPolicyResult } = await analyzer.send(new GetGeneratedPolicyCommand({ jobId: jobId! }));
  return generatedPolicyResult!.generatedPolicies![0]!.policy!;
}

/** The draft, as it is, under a name of its own. */
export const paste = async (ctx: SubmissionContext, PolicyName: string): Promise<unknown> =>
  iam(ctx).send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName, PolicyDocument: await draft(ctx) }));
