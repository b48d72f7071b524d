import { IAMClient, PutGroupPolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { allow, policy, putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { readers } from '../harbour.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const kms = (ctx: SubmissionContext) => ctx.admin.client(KMSClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

export const berthsKey = (ctx: SubmissionContext): string => ctx.outputs['key of berths']!;
export const auditKey = (ctx: SubmissionContext): string => ctx.outputs['key of the audit']!;
export const root = (ctx: SubmissionContext): string => `arn:aws:iam::${ctx.account}:root`;
export const roleArn = (ctx: SubmissionContext, name: string): string => `arn:aws:iam::${ctx.account}:role/${name}`;

export const reading = ['lambda:Get*', 'lambda:List*', 'iam:Get*', 'iam:List*', 'kms:Describe*', 'kms:List*'];
const evidenceOf = (ctx: SubmissionContext): Statement =>
  allow('ssm:GetParameter', `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter/audit/*`);

/** The policy of the group: reading, and with which keys. */
export async function setReaders(ctx: SubmissionContext, ...keys: Statement[]): Promise<void> {
  await iam(ctx).send(
    new PutGroupPolicyCommand({
      GroupName: readers,
      PolicyName: 'read-only',
      PolicyDocument: policy(
        allow([...reading, 'logs:Describe*', 'ssm:DescribeParameters'], '*'),
        evidenceOf(ctx),
        ...keys,
      ),
    }),
  );
}

/** Besides what the group has. */
export async function addToReaders(ctx: SubmissionContext, ...statements: Statement[]): Promise<void> {
  await iam(ctx).send(
    new PutGroupPolicyCommand({ GroupName: readers, PolicyName: 'more', PolicyDocument: policy(...statements) }),
  );
}

export const onlyAuditKey = (ctx: SubmissionContext): Promise<void> =>
  setReaders(ctx, allow('kms:Decrypt', auditKey(ctx)));

export const dashboardsWithoutKeys = (ctx: SubmissionContext): Promise<void> =>
  putRolePolicy(ctx.admin, 'dashboards', 'pictures', allow(['lambda:Get*', 'lambda:List*'], '*'));

/** A version that nobody calls. */
export async function deleteVersion(ctx: SubmissionContext, Qualifier: string): Promise<void> {
  await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'berths', Qualifier }));
}

export async function setKeyPolicy(ctx: SubmissionContext, KeyId: string, ...statements: Statement[]): Promise<void> {
  await kms(ctx).send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: policy(...statements) }));
}

export async function configure(ctx: SubmissionContext, change: object): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'berths', ...change }));
}

export const variables = async (ctx: SubmissionContext): Promise<Record<string, string>> => ({
  ...(await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'berths' }))).Environment!.Variables,
});

/** The function's files, some of them written otherwise. */
export async function upload(ctx: SubmissionContext, changes: Record<string, string>): Promise<void> {
  const names = ['index.mjs', 'vendor/harbour-agent.mjs'];
  const files = Object.fromEntries(names.map((name) => [name, ctx.file(`function/${name}`)]));
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'berths', ZipFile: ctx.zip({ ...files, ...changes }) }),
  );
}

/** What is unpublished becomes what the port office calls. */
export async function release(ctx: SubmissionContext): Promise<void> {
  const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'berths' }));
  await lambda(ctx).send(new UpdateAliasCommand({ FunctionName: 'berths', Name: 'live', FunctionVersion: Version! }));
}

/** Code that first gets the token in its own way, and then loads the agent. */
export const loadingTheAgent = (getToken: string): string => `${getToken}
process.env.HARBOUR_TOKEN = await token();
const { askForBerth } = await import('./vendor/harbour-agent.mjs');

export const handler = async ({ ship }) => ({ ship, berth: await askForBerth(ship) });
`;
