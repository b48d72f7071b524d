import type { AliasListEntry } from '@aws-sdk/client-kms';
import { uuid } from '../../random.ts';
import { aliases, type KeyRecord, keys } from '../../services/kms/keys-store.ts';
import { managedKeyFacts } from '../../services/kms/managed-keys.ts';
import type { Scope } from '../../state/table.ts';
import { derivedBytes } from '../derived.ts';
import type { Mirror, Source } from '../types.ts';
import { aliasesOf, putAlias } from './kms-aliases.ts';
import { readKey } from './kms-keys.ts';
import { firstMaterial } from './kms-material.ts';

/** A key as captured services encrypt under it: always its first material, which later rotations leave as it is. */
export type EncryptingKey = Pick<KeyRecord, 'account' | 'keyId' | 'materials'>;

/**
 * Finds the keys that a service encrypts values under. A key that is gone has a name but no record, so that nothing can be
 * decrypted, as in AWS.
 * @returns a function of the key as the user named it; undefined: the service's AWS managed key
 */
export function encryptingKeys(
  source: Source,
  mirror: Mirror,
  service: 'lambda' | 'secretsmanager' | 'ssm',
): (given: string | undefined) => Promise<EncryptingKey> {
  const managed = `alias/aws/${service}`;
  let listed: Promise<AliasListEntry[]> | undefined;
  return async (given) => {
    const parts = given?.startsWith('arn:') ? given.split(':') : undefined;
    const scope = { ...source.scope, account: parts?.[4] ?? source.scope.account };
    const name = parts ? parts.slice(5).join(':') : (given ?? managed);
    if (!name.startsWith('alias/')) return named(mirror, scope, name.replace(/^key\//, ''));
    if (scope.account !== source.scope.account)
      return named(mirror, scope, mirror.was.get(aliases, scope, name)?.keyId ?? madeUpId(mirror, given!));
    listed ??= aliasesOf(source);
    const alias = (await listed).find(({ AliasName }) => AliasName === name);
    if (name === managed)
      return alias ? putManaged(source, mirror, service, alias) : putOwnManaged(mirror, scope, service);
    return named(mirror, scope, alias?.TargetKeyId ?? madeUpId(mirror, `${scope.account}/${name}`));
  };
}

const named = (mirror: Mirror, scope: Scope, keyId: string): EncryptingKey => ({
  account: scope.account,
  keyId,
  materials: [firstMaterial(mirror, scope, { keyId, created: 0, spec: 'SYMMETRIC_DEFAULT' })],
});

const madeUpId = (mirror: Mirror, what: string): string =>
  uuid({ bytes: (length) => derivedBytes(mirror, `id of ${what}`, length) });

/** As the capture of KMS does: the key may be newer than what the mirror knows of KMS. */
async function putManaged(
  source: Source,
  mirror: Mirror,
  service: string,
  alias: AliasListEntry,
): Promise<EncryptingKey> {
  const keyId = alias.TargetKeyId!;
  const key = await readKey(source, mirror, keyId, service);
  if (key) {
    mirror.put(keys, source.scope, keyId, key);
    putAlias(source, mirror, alias);
  }
  return named(mirror, source.scope, keyId);
}

/** Where the endpoint has no AWS managed key, as MiniStack, the mirror has one of its own. */
function putOwnManaged(mirror: Mirror, scope: Scope, service: string): EncryptingKey {
  const name = `alias/aws/${service}`;
  const known = mirror.was.get(aliases, scope, name);
  const keyId = known?.keyId ?? madeUpId(mirror, `${scope.account}/${scope.region}/${name}`);
  const facts = managedKeyFacts(scope, service, 0);
  const key = (known && mirror.was.get(keys, scope, keyId)) ?? {
    keyId,
    ...facts,
    materials: [firstMaterial(mirror, scope, { keyId, ...facts })],
  };
  mirror.put(keys, scope, keyId, key);
  mirror.put(aliases, scope, name, known ?? { keyId, created: 0, updated: 0 });
  return key;
}
