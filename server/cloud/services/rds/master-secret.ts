import type { CallContext, Caller } from '../../context.ts';
import { uuid } from '../../random.ts';
import { newPassword } from './passwords.ts';

/**
 * The secret in which RDS keeps a master password that it manages itself.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
 */

/** Makes the secret with the caller's own rights, as AWS asks for them. */
export async function createMasterSecret(
  ctx: CallContext,
  username: string,
  KmsKeyId: string | undefined,
): Promise<{ arn: string; password: string }> {
  const password = newPassword(ctx.cloud.random);
  const { ARN } = await ctx.call<{ ARN: string }>('secretsmanager', 'CreateSecret', {
    Name: `rds!cluster-${uuid(ctx.cloud.random)}`,
    Description: 'Secret associated with primary RDS DB cluster',
    SecretString: JSON.stringify({ username, password }),
    ...(KmsKeyId ? { KmsKeyId } : {}),
  });
  return { arn: ARN, password };
}

/** Gives the secret a new password; the caller needs `secretsmanager:RotateSecret` on it, and RDS does the rest. */
export async function rotateMasterSecret(ctx: CallContext, arn: string, username: string): Promise<string> {
  ctx.authorize({ action: 'secretsmanager:RotateSecret', resource: arn });
  const password = newPassword(ctx.cloud.random);
  await asRds(ctx, 'PutSecretValue', { SecretId: arn, SecretString: JSON.stringify({ username, password }) });
  return password;
}

/** Removes the secret at once: RDS does not let it linger. */
export async function deleteMasterSecret(ctx: CallContext, arn: string): Promise<void> {
  await asRds(ctx, 'DeleteSecret', { SecretId: arn, ForceDeleteWithoutRecovery: true });
}

/**
 * What RDS does by its service-linked role.
 * differs from AWS: the call log names the account's root, invoked by rds.amazonaws.com
 */
function asRds(ctx: CallContext, operation: string, input: object): Promise<unknown> {
  const service = 'rds.amazonaws.com';
  const caller: Caller = {
    principal: { type: 'root', account: ctx.account, arn: `arn:aws:iam::${ctx.account}:root` },
    context: {},
    source: { ip: service, userAgent: service, via: [service] },
  };
  return ctx.cloud.call(caller, 'secretsmanager', operation, input, {
    region: ctx.region,
    within: ctx.state,
    account: ctx.account,
  });
}
