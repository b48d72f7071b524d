import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { resourceTagContext } from '../../tags.ts';
import { type GrantRecord, grantsOf } from './grants-store.ts';
import { aliasesOf, type KeyRecord, keyArn, type NamedKey } from './keys-store.ts';

/**
 * The question for an operation on a key. Its key policy must allow; grants are further resource policies, as "a grant
 * is a policy instrument"; where no policy of the key names the caller itself, the account's IAM policies decide.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export function keyAccess(
  ctx: CallContext,
  action: string,
  { key, alias }: NamedKey,
  context: ConditionContext = {},
  options: { crossAccount?: boolean; grants?: GrantRecord[] } = {},
): Access {
  if (!options.crossAccount && key.account !== ctx.account)
    throw new AwsError(
      'AccessDeniedException',
      `User: ${ctx.caller.principal.arn} is not authorized to perform: kms:${action} on resource: ${keyArn(key)}`,
    );
  const names = aliasesOf(ctx.state, key);
  return {
    action: `kms:${action}`,
    resource: keyArn(key),
    resourceAccount: key.account,
    resourcePolicyMustAllow: true,
    resourcePolicy: keyPolicies(key, names, options.grants ?? grantsOf(ctx.state, key)),
    context: {
      ...requestContext(ctx),
      'kms:KeySpec': key.spec,
      'kms:KeyUsage': key.usage,
      'kms:KeyOrigin': 'AWS_KMS',
      'kms:MultiRegion': 'false',
      ...(names.length ? { 'kms:ResourceAliases': names } : {}),
      ...(alias ? { 'kms:RequestAlias': alias } : {}),
      ...resourceTagContext(key.tags),
      ...context,
    },
  };
}

/** The policies of a key by their names in verdicts: its key policy, and a document for each grant. */
export function keyPolicies(key: KeyRecord, names: readonly string[], grants: readonly GrantRecord[]): NamedPolicy[] {
  const name = names[0] ?? key.keyId;
  return [
    { name: `key policy of ${name}`, document: key.policy.document },
    ...grants.map((grant) => ({ name: `grant ${grant.name ?? grant.grantId} on ${name}`, document: grant.document })),
  ];
}

/** `kms:CallerAccount` and `kms:ViaService`. */
export function requestContext(ctx: CallContext): ConditionContext {
  const { principal } = ctx.caller;
  const via = viaService(ctx);
  return {
    ...(principal.account ? { 'kms:CallerAccount': principal.account } : {}),
    ...(via ? { 'kms:ViaService': `${via}.${ctx.region}.amazonaws.com` } : {}),
  };
}

/** The service that calls on the caller's behalf: `secretsmanager`. */
export function viaService(ctx: CallContext): string | undefined {
  const via = ctx.caller.source.via?.at(-1);
  return via?.endsWith('.amazonaws.com') ? via.slice(0, -'.amazonaws.com'.length) : undefined;
}

/** `kms:EncryptionContext:…` and `kms:EncryptionContextKeys`. */
export function encryptionContextKeys(context: Record<string, string> | undefined): ConditionContext {
  const entries = Object.entries(context ?? {});
  if (entries.length === 0) return {};
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
    'kms:EncryptionContextKeys': entries.map(([key]) => key),
  };
}

/** For graders and pages: the policies that speak about a key. */
export function policiesOfKey(state: StateReader, key: KeyRecord): NamedPolicy[] {
  return keyPolicies(key, aliasesOf(state, key), grantsOf(state, key));
}
