import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DescribeDBClustersCommand, ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { allow, putRolePolicy, type SubmissionContext, trust } from '../../../server/kit.ts';
import { deploy, letRead, parameter, parameterArn, roleArn, rotate, secret } from './account.ts';
import { fromParameter, fromSecretsManager, fromSecretsManagerThroughRole } from './code.ts';

/** Right fixes that near-misses begin with, too. */

/** What the code needs to know: where the secret is, and no password. */
export const noPassword = { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' };

/** A new password in a secret, which the function reads every five minutes. */
export async function moveToSecret(
  ctx: SubmissionContext,
  {
    code = fromSecretsManager(5),
    files = {},
    more = {},
  }: { code?: string; files?: Record<string, string>; more?: Record<string, string> } = {},
): Promise<void> {
  const arn = await secret(ctx);
  await rotate(ctx);
  await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
  await deploy(ctx, { ...noPassword, ...more }, code, files);
}

/** A new password in a parameter, which the function reads at every call. */
export async function moveToParameter(
  ctx: SubmissionContext,
  Type: 'SecureString' | 'String' = 'SecureString',
): Promise<void> {
  await parameter(ctx, '/orders/db-password', { Type });
  await rotate(ctx);
  await letRead(ctx, 'ssm:GetParameter', parameterArn(ctx, '/orders/db-password'));
  await deploy(ctx, { DB_PASSWORD: undefined, DB_PARAMETER: '/orders/db-password' }, fromParameter);
}

/** RDS makes the password and keeps its secret. */
export async function letRdsManage(ctx: SubmissionContext): Promise<void> {
  const rds = ctx.admin.client(RDSClient);
  const DBClusterIdentifier = 'orders-db';
  await rds.send(
    new ModifyDBClusterCommand({ DBClusterIdentifier, ManageMasterUserPassword: true, ApplyImmediately: true }),
  );
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier }));
  const arn = DBClusters![0]!.MasterUserSecret!.SecretArn!;
  await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
  await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, fromSecretsManager(0));
}

/** The function takes a role that trusts it, and reads the secret with that. */
export async function readThroughRole(ctx: SubmissionContext): Promise<void> {
  const arn = await secret(ctx);
  await rotate(ctx);
  const RoleName = 'orders-db-password';
  await ctx.admin
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust({ AWS: roleArn(ctx) }) }));
  await putRolePolicy(ctx.admin, RoleName, 'secret', allow('secretsmanager:GetSecretValue', arn));
  await deploy(
    ctx,
    { DB_PASSWORD: undefined, DB_SECRET: arn, READER: roleArn(ctx, RoleName) },
    fromSecretsManagerThroughRole,
  );
}
