import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { resourceTagContext } from '../../tags.ts';
import { findSecret, nameArn, type SecretRecord, scopeOf } from './store.ts';

/** The question for an operation on a secret that exists or, for who may not know, does not. */
export function secretAccess(ctx: CallContext, action: string, id: string, context: ConditionContext = {}): Access {
  const secret = findSecret(ctx, id);
  const scope = scopeOf(ctx, id);
  return {
    action: `secretsmanager:${action}`,
    resource: secret?.arn ?? (id.startsWith('arn:') ? id : nameArn(ctx, id)),
    resourceAccount: scope.account,
    ...(secret?.policy
      ? { resourcePolicy: [{ name: `resource policy of secret ${secret.name}`, document: secret.policy.document }] }
      : {}),
    context: { 'secretsmanager:SecretId': id, ...(secret ? secretContext(secret) : {}), ...context },
  };
}

function secretContext(secret: SecretRecord): ConditionContext {
  return {
    'secretsmanager:SecretPrimaryRegion': secret.region,
    ...(secret.rotation ? { 'secretsmanager:resource/AllowRotationLambdaArn': secret.rotation.lambdaArn } : {}),
    ...resourceTagContext(secret.tags),
    ...Object.fromEntries(
      Object.entries(secret.tags).map(([key, value]) => [`secretsmanager:ResourceTag/${key}`, value]),
    ),
  };
}
