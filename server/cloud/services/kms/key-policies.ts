import type {
  GetKeyPolicyCommandInput,
  GetKeyPolicyCommandOutput,
  ListKeyPoliciesCommandInput,
  ListKeyPoliciesCommandOutput,
  PutKeyPolicyCommandInput,
  PutKeyPolicyCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import { keyAccess } from './key-access.ts';
import { customerKey, getKey, type KeyRecord, keys, notFound, type StoredPolicy } from './keys-store.ts';

export const GetKeyPolicy = operation<GetKeyPolicyCommandInput, GetKeyPolicyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'GetKeyPolicy', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    mustBeDefault(input.PolicyName);
    return { Policy: getKey(ctx, input.KeyId!).key.policy.text, PolicyName: 'default' };
  },
});

export const PutKeyPolicy = operation<PutKeyPolicyCommandInput, PutKeyPolicyCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'PutKeyPolicy', getKey(ctx, input.KeyId!), {
      'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
    }),
  run(ctx, input) {
    mustBeDefault(input.PolicyName);
    const key = { ...customerKey(ctx, input.KeyId!), policy: checkedKeyPolicy(input.Policy!) };
    if (!input.BypassPolicyLockoutSafetyCheck) mustNotLockOut(ctx, key);
    ctx.state.put(keys, key, key.keyId, key);
    return {};
  },
});

export const ListKeyPolicies = operation<ListKeyPoliciesCommandInput, ListKeyPoliciesCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'ListKeyPolicies', getKey(ctx, input.KeyId!)),
  run: () => ({ PolicyNames: ['default'], Truncated: false }),
});

function mustBeDefault(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notFound('No such policy exists');
}

/** @throws AwsError MalformedPolicyDocumentException */
export function checkedKeyPolicy(text: string): StoredPolicy {
  const { document, problems } = parsePolicy(text, 'resource');
  if (!document) throw new AwsError('MalformedPolicyDocumentException', problems[0]!.message);
  return { text, document };
}

/** What a key has when nobody gave it a policy: the account's IAM policies decide. */
export function defaultKeyPolicy(account: string): StoredPolicy {
  const document = {
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow' as const,
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };
  return { text: JSON.stringify(document, null, 2), document };
}

/**
 * "The key policy must allow the calling principal to make a subsequent PutKeyPolicy request."
 * Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export function mustNotLockOut(ctx: CallContext, key: KeyRecord): void {
  const next = keyAccess(
    ctx,
    'PutKeyPolicy',
    { key },
    { 'kms:BypassPolicyLockoutSafetyCheck': 'false' },
    { grants: [] },
  );
  if (ctx.allows(next)) return;
  throw new AwsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );
}
