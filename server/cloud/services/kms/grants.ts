import type {
  CreateGrantCommandInput,
  CreateGrantCommandOutput,
  GrantListEntry,
  GrantOperation,
  ListGrantsCommandInput,
  ListGrantsCommandOutput,
  ListRetirableGrantsCommandInput,
  ListRetirableGrantsCommandOutput,
  RetireGrantCommandInput,
  RetireGrantCommandOutput,
  RevokeGrantCommandInput,
  RevokeGrantCommandOutput,
} from '@aws-sdk/client-kms';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { hex } from '../../random.ts';
import { type GrantRecord, grantDocument, grants, grantsOf, principalElement } from './grants-store.ts';
import { encryptionContextKeys, keyAccess, requestContext, viaService } from './key-access.ts';
import { findKey, getKey, invalid, type KeyRecord, keyArn, mustBeEnabled, notFound } from './keys-store.ts';
import { getOrMakeKey } from './managed-keys.ts';
import { page } from './page.ts';

const operationsOf: Record<KeyRecord['usage'], ReadonlySet<string>> = {
  ENCRYPT_DECRYPT: new Set([
    'Encrypt',
    'Decrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'CreateGrant',
    'RetireGrant',
    'DescribeKey',
  ]),
  GENERATE_VERIFY_MAC: new Set(['GenerateMac', 'VerifyMac', 'CreateGrant', 'RetireGrant', 'DescribeKey']),
};

/** Whether a service deals with the grant for a resource of its own. */
const forService = (ctx: CallContext): ConditionContext => ({
  'kms:GrantIsForAWSResource': String(viaService(ctx) !== undefined),
});

export const CreateGrant = operation<CreateGrantCommandInput, CreateGrantCommandOutput>({
  access(ctx, input) {
    const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = input.Constraints ?? {};
    return keyAccess(
      ctx,
      'CreateGrant',
      getOrMakeKey(ctx, input.KeyId!),
      {
        ...(input.GranteePrincipal ? { 'kms:GranteePrincipal': input.GranteePrincipal } : {}),
        ...(input.GranteeServicePrincipal ? { 'kms:GranteeServicePrincipal': input.GranteeServicePrincipal } : {}),
        ...(input.RetiringPrincipal ? { 'kms:RetiringPrincipal': input.RetiringPrincipal } : {}),
        ...(input.RetiringServicePrincipal ? { 'kms:RetiringServicePrincipal': input.RetiringServicePrincipal } : {}),
        'kms:GrantOperations': input.Operations!,
        ...forService(ctx),
        ...(equals || subset
          ? { 'kms:GrantConstraintType': equals ? 'EncryptionContextEquals' : 'EncryptionContextSubset' }
          : {}),
        ...encryptionContextKeys(equals ?? subset),
      },
      { crossAccount: true },
    );
  },
  run(ctx, input) {
    const { key } = getKey(ctx, input.KeyId!);
    mustBeEnabled(key);
    const granteePrincipal = input.GranteePrincipal ?? input.GranteeServicePrincipal;
    if (!granteePrincipal) throw invalid('GranteePrincipal is required');
    const retiringPrincipal = input.RetiringPrincipal ?? input.RetiringServicePrincipal;
    for (const principal of [granteePrincipal, retiringPrincipal]) checkPrincipal(principal);
    const wrong = input.Operations!.filter((name) => !operationsOf[key.usage].has(name));
    if (wrong.length)
      throw invalid(
        `1 validation error detected: Value '[${wrong.join(', ')}]' at 'operations' failed to satisfy constraint: the operations are not supported by the key`,
      );
    if (input.Constraints?.EncryptionContextEquals && input.Constraints.EncryptionContextSubset)
      throw invalid('Only one of EncryptionContextEquals and EncryptionContextSubset may be given');
    const constraints = {
      ...(input.Constraints?.EncryptionContextEquals ? { equals: input.Constraints.EncryptionContextEquals } : {}),
      ...(input.Constraints?.EncryptionContextSubset ? { subset: input.Constraints.EncryptionContextSubset } : {}),
    };
    const wanted = {
      keyId: key.keyId,
      ...(input.Name ? { name: input.Name } : {}),
      granteePrincipal,
      ...(retiringPrincipal ? { retiringPrincipal } : {}),
      issuingAccount: ctx.account,
      operations: [...new Set<string>(input.Operations!)].sort(),
      ...(Object.keys(constraints).length ? { constraints } : {}),
    };
    // "When this value is present, you can retry a CreateGrant request with identical parameters."
    const same = input.Name && grantsOf(ctx.state, key).find((grant) => sameGrant(grant, wanted));
    if (same) return { GrantId: same.grantId, GrantToken: same.token };
    const grant = {
      grantId: hex(ctx.cloud.random, 64),
      token: ctx.cloud.random.bytes(96).toString('base64url'),
      created: ctx.now,
      ...wanted,
    };
    ctx.state.put(grants, key, grant.grantId, { ...grant, document: grantDocument(grant) });
    return { GrantId: grant.grantId, GrantToken: grant.token };
  },
});

function sameGrant(grant: GrantRecord, wanted: object): boolean {
  const { grantId: _, token: __, created: ___, document: ____, ...rest } = grant;
  const text = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(rest) === text(wanted);
}

export const ListGrants = operation<ListGrantsCommandInput, ListGrantsCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'ListGrants', getKey(ctx, input.KeyId!), forService(ctx), { crossAccount: true }),
  run(ctx, input) {
    const { key } = getKey(ctx, input.KeyId!);
    const grantee = input.GranteePrincipal ?? input.GranteeServicePrincipal;
    const all = grantsOf(ctx.state, key)
      .filter(({ grantId }) => input.GrantId === undefined || grantId === input.GrantId)
      .filter(({ granteePrincipal }) => grantee === undefined || granteePrincipal === grantee);
    const { items, ...rest } = page(all, ({ grantId }) => grantId, input, 100);
    return { Grants: items.map((grant) => entry(key, grant)), ...rest };
  },
});

export const ListRetirableGrants = operation<ListRetirableGrantsCommandInput, ListRetirableGrantsCommandOutput>({
  access: (ctx) => ({ action: 'kms:ListRetirableGrants', resource: '*', context: requestContext(ctx) }),
  run(ctx, input) {
    const all = ctx.state
      .all(grants)
      .filter(
        ({ scope, value }) =>
          scope.region === ctx.region &&
          value.retiringPrincipal === (input.RetiringPrincipal ?? input.RetiringServicePrincipal),
      );
    const { items, ...rest } = page(all, ({ id }) => id, input, 100);
    return { Grants: items.map(({ scope, value }) => entry({ ...scope, keyId: value.keyId }, value)), ...rest };
  },
});

export const RevokeGrant = operation<RevokeGrantCommandInput, RevokeGrantCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'RevokeGrant', getKey(ctx, input.KeyId!), forService(ctx), { crossAccount: true }),
  run(ctx, input) {
    const { key } = getKey(ctx, input.KeyId!);
    remove(
      ctx,
      key,
      grantsOf(ctx.state, key).find(({ grantId }) => grantId === input.GrantId),
    );
    return {};
  },
});

export const RetireGrant = operation<RetireGrantCommandInput, RetireGrantCommandOutput>({
  access(ctx, input): Access {
    const { key, grant } = retired(ctx, input);
    // "Permission to retire a grant is determined primarily by the grant": by its operations and its retiring principal.
    const access = keyAccess(
      ctx,
      'RetireGrant',
      { key },
      grant.constraints ? encryptionContextKeys(grant.constraints.equals ?? grant.constraints.subset) : {},
      { crossAccount: true, grants: [grant] },
    );
    if (!grant.retiringPrincipal) return access;
    const Principal = principalElement(grant.retiringPrincipal);
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow' as const, Principal, Action: 'kms:RetireGrant', Resource: '*' }],
    };
    return {
      ...access,
      resourcePolicy: [...access.resourcePolicy!, { name: `retiring principal of grant ${grant.grantId}`, document }],
    };
  },
  run(ctx, input) {
    const { key, grant } = retired(ctx, input);
    remove(ctx, key, grant);
    return {};
  },
});

function retired(ctx: CallContext, input: RetireGrantCommandInput): { key: KeyRecord; grant: GrantRecord } {
  if (input.GrantToken === undefined && (input.KeyId === undefined || input.GrantId === undefined))
    throw invalid('Either GrantToken or both KeyId and GrantId must be given');
  for (const { scope, value } of ctx.state.all(grants)) {
    const meant = input.GrantToken === undefined ? value.grantId === input.GrantId : value.token === input.GrantToken;
    const key = meant && scope.region === ctx.region ? findKey(ctx.state, scope, value.keyId, ctx.now) : undefined;
    if (key && (input.KeyId === undefined || getKey(ctx, input.KeyId).key === key)) return { key, grant: value };
  }
  if (input.GrantToken !== undefined) throw new AwsError('InvalidGrantTokenException', 'The grant token is not valid.');
  throw notFound(`Grant ID ${input.GrantId} not found`);
}

function remove(ctx: CallContext, key: KeyRecord, grant: GrantRecord | undefined): void {
  if (!grant) throw new AwsError('InvalidGrantIdException', 'The grant ID is not valid.');
  ctx.state.delete(grants, key, grant.grantId);
}

/** ARNs of users, roles, sessions, federated users and accounts; or a service. */
function checkPrincipal(principal: string | undefined): void {
  if (principal === undefined || /^arn:aws:(iam|sts)::\d{12}:/.test(principal) || /^\d{12}$/.test(principal)) return;
  if (/^[a-z0-9.-]{1,128}\.amazonaws\.com$/.test(principal)) return;
  throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${principal}`);
}

function entry(key: Pick<KeyRecord, 'account' | 'region' | 'keyId'>, grant: GrantRecord): GrantListEntry {
  return {
    KeyId: keyArn(key),
    GrantId: grant.grantId,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.created),
    GranteePrincipal: grant.granteePrincipal,
    ...(grant.retiringPrincipal ? { RetiringPrincipal: grant.retiringPrincipal } : {}),
    IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
    Operations: grant.operations as GrantOperation[],
    ...(grant.constraints
      ? {
          Constraints: {
            ...(grant.constraints.equals ? { EncryptionContextEquals: grant.constraints.equals } : {}),
            ...(grant.constraints.subset ? { EncryptionContextSubset: grant.constraints.subset } : {}),
          },
        }
      : {}),
  };
}
