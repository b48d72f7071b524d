import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** A policy as it was put, and as it is evaluated: the engine compiles a document once per object. */
export interface StoredPolicy {
  text: string;
  document: PolicyDocument;
}

/** Key material: rotation adds one, and every ciphertext names the one it was made with. */
export interface KeyMaterial {
  /** 64 hex digits, as AWS names key material. */
  id: string;
  /** Base64. */
  bytes: string;
  created: number;
  rotation?: 'AUTOMATIC' | 'ON_DEMAND';
}

/** A KMS key. Times are milliseconds of the cloud's clock. */
export interface KeyRecord {
  keyId: string;
  account: string;
  region: string;
  created: number;
  description: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** From then on the key does not exist. */
  deletionDate?: number;
  manager: 'CUSTOMER' | 'AWS';
  usage: 'ENCRYPT_DECRYPT' | 'GENERATE_VERIFY_MAC';
  spec: KeySpecName;
  policy: StoredPolicy;
  tags: Tags;
  rotation?: { periodDays: number; next: number };
  materials: KeyMaterial[];
}

export type KeySpecName = 'SYMMETRIC_DEFAULT' | 'HMAC_224' | 'HMAC_256' | 'HMAC_384' | 'HMAC_512';

/** Id: the alias with its prefix, `alias/orders`. */
export interface AliasRecord {
  keyId: string;
  created: number;
  updated: number;
}

export const keys = defineTable<KeyRecord>('kms.keys');
export const aliases = defineTable<AliasRecord>('kms.aliases');

export const keyArn = (key: Pick<KeyRecord, 'account' | 'region' | 'keyId'>): string =>
  `arn:aws:kms:${key.region}:${key.account}:key/${key.keyId}`;
export const aliasArn = (scope: Scope, alias: string): string =>
  `arn:aws:kms:${scope.region}:${scope.account}:${alias}`;

/** The key, unless its waiting period is over. */
export function findKey(state: StateReader, scope: Scope, keyId: string, now: number): KeyRecord | undefined {
  const key = state.get(keys, scope, keyId);
  return key?.deletionDate !== undefined && key.deletionDate <= now ? undefined : key;
}

/** `alias/…` names of a key, in order. */
export function aliasesOf(state: StateReader, key: KeyRecord): string[] {
  return state
    .list(aliases, key)
    .filter(({ value }) => value.keyId === key.keyId)
    .map(({ id }) => id);
}

/** A key as a request named it. */
export interface NamedKey {
  key: KeyRecord;
  /** The alias that the request used, `alias/orders`: `kms:RequestAlias`. */
  alias?: string;
}

const UUID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * The key that a key id, key ARN, alias name or alias ARN names.
 * @throws AwsError NotFoundException
 */
export function getKey(ctx: Pick<CallContext, 'state' | 'account' | 'region' | 'now'>, given: string): NamedKey {
  let scope: Scope = ctx;
  let name = given;
  if (given.startsWith('arn:')) {
    const parts = given.split(':');
    if (parts.length !== 6 || parts[2] !== 'kms') throw notFound(`Invalid arn ${given}`);
    if (parts[3] !== ctx.region) throw notFound(`Invalid arn ${parts[3]}`);
    scope = { account: parts[4]!, region: parts[3] };
    name = parts[5]!.startsWith('key/') ? parts[5]!.slice(4) : parts[5]!;
  }
  if (name.startsWith('alias/')) {
    const alias = ctx.state.get(aliases, scope, name);
    const key = alias && findKey(ctx.state, scope, alias.keyId, ctx.now);
    if (!key) throw notFound(`Alias ${aliasArn(scope, name)} is not found.`);
    return { key, alias: name };
  }
  if (!UUID.test(name)) throw notFound(`Invalid keyId '${name}'`);
  const key = findKey(ctx.state, scope, name, ctx.now);
  if (!key) throw notFound(`Key '${keyArn({ ...scope, keyId: name })}' does not exist`);
  return { key };
}

/** A key that operations of management name: by id or ARN, and not one that AWS manages. */
export function customerKey(ctx: Pick<CallContext, 'state' | 'account' | 'region' | 'now'>, given: string): KeyRecord {
  const { key, alias } = getKey(ctx, given);
  if (alias) throw notFound(`Invalid keyId '${given}'`);
  // differs from AWS: management of AWS managed keys is refused with one wording for every operation.
  if (key.manager === 'AWS')
    throw new AwsError(
      'AccessDeniedException',
      'User is not authorized to perform this operation on AWS managed keys.',
    );
  return key;
}

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** @throws AwsError unless the key may be used for cryptography */
export function mustBeEnabled(key: KeyRecord): void {
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${keyArn(key)} is disabled.`);
  mustNotBePendingDeletion(key);
}

/** @throws AwsError for a key whose deletion is scheduled */
export function mustNotBePendingDeletion(key: KeyRecord): void {
  if (key.state === 'PendingDeletion')
    throw new AwsError('KMSInvalidStateException', `${keyArn(key)} is pending deletion.`);
}
