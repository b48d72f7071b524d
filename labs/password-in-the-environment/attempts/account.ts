import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, type PutParameterCommandInput, SSMClient } from '@aws-sdk/client-ssm';
import { allow, policy, putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

/** The new password. */
export const fresh = 'Fresh-horse-9142-battery';

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const secrets = (ctx: SubmissionContext) => ctx.admin.client(SecretsManagerClient);

// --- the function

export async function variables(ctx: SubmissionContext): Promise<Record<string, string>> {
  return {
    ...(await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'orders' }))).Environment!.Variables,
  };
}

export const passwordOf = async (ctx: SubmissionContext): Promise<string> => (await variables(ctx)).DB_PASSWORD!;

export async function configure(ctx: SubmissionContext, change: object): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', ...change }));
}

/** Sets variables (undefined removes one) and the code. */
export async function deploy(
  ctx: SubmissionContext,
  changes: Record<string, string | undefined>,
  code: string,
  files: Record<string, string> = {},
  more: object = {},
): Promise<void> {
  const next = { ...(await variables(ctx)), ...changes };
  const kept = Object.fromEntries(
    Object.entries(next).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  await configure(ctx, { Environment: { Variables: kept }, ...more });
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({
      FunctionName: 'orders',
      ZipFile: ctx.zip({ ...files, 'index.mjs': code, 'db.mjs': ctx.file('function/db.mjs') }),
    }),
  );
}

/** AWS's Parameters and Secrets extension, as a setting of the function. */
export const extension = (ctx: SubmissionContext) => ({
  Layers: [`arn:aws:lambda:${ctx.region}:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24`],
});

/** What the function's role may read. */
export const letRead = (
  ctx: SubmissionContext,
  Action: string | string[],
  Resource: string | string[],
  more: Partial<Statement> = {},
): Promise<void> => putRolePolicy(ctx.admin, 'orders-role', 'secret', allow(Action, Resource, more));

export const roleArn = (ctx: SubmissionContext, name = 'orders-role'): string =>
  `arn:aws:iam::${ctx.account}:role/${name}`;
export const auditorArn = (ctx: SubmissionContext): string => `arn:aws:iam::${ctx.account}:user/auditor`;
export const parameterArn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter${name}`;
export const secretArn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:secretsmanager:${ctx.region}:${ctx.account}:secret:${name}`;

// --- the password

/** Changes the password of the database. */
export async function rotate(ctx: SubmissionContext, MasterUserPassword: string = fresh): Promise<void> {
  await ctx.admin
    .client(RDSClient)
    .send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'orders-db', MasterUserPassword, ApplyImmediately: true }));
}

/** A secret with the new password; answers its ARN. */
export async function secret(ctx: SubmissionContext, SecretString: string = fresh, more: object = {}): Promise<string> {
  return (await secrets(ctx).send(new CreateSecretCommand({ Name: 'orders/db', SecretString, ...more }))).ARN!;
}

/** A parameter with the new password, encrypted unless `more` says otherwise. */
export async function parameter(
  ctx: SubmissionContext,
  Name: string,
  more: Partial<PutParameterCommandInput> = {},
): Promise<void> {
  await ctx.admin
    .client(SSMClient)
    .send(new PutParameterCommand({ Name, Type: 'SecureString', Value: fresh, ...more }));
}

export async function setSecretPolicy(ctx: SubmissionContext, SecretId: string, statement: Statement): Promise<void> {
  await secrets(ctx).send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policy(statement) }));
}
