import { materialBytes } from '../../services/kms/keys.ts';
import { aliases, type KeyMaterial, type KeySpecName, keys } from '../../services/kms/keys-store.ts';
import { managedAliases } from '../../services/kms/managed-keys.ts';
import type { Scope } from '../../state/table.ts';
import { derivedBytes } from '../derived.ts';
import type { Mirror } from '../types.ts';

/**
 * The first material of a key: the mirror's own where it knows the key. KMS gives key material to nobody, so else it is made
 * up, the same in every capture. What that means: what the endpoint encrypted only the endpoint can decrypt, and what was
 * encrypted here only this mirror and its forks. Values that services encrypt (secrets, parameters) are read in the clear,
 * and encrypted here anew under this material.
 */
export function firstMaterial(
  mirror: Mirror,
  scope: Scope,
  key: { keyId: string; created: number; spec: KeySpecName },
): KeyMaterial {
  return (
    mirror.was.get(keys, scope, key.keyId)?.materials[0] ?? {
      id: derivedBytes(mirror, `name of the material of key ${key.keyId}`, 32).toString('hex'),
      bytes: derivedBytes(mirror, `material of key ${key.keyId}`, materialBytes[key.spec]).toString('base64'),
      created: key.created,
    }
  );
}

/** Keeps the AWS managed keys that only the mirror has. */
export function keepManagedKeys(mirror: Mirror, scope: Scope, inEndpoint: ReadonlySet<string>): void {
  for (const name of managedAliases()) {
    const alias = inEndpoint.has(name) ? undefined : mirror.was.get(aliases, scope, name);
    const key = alias && mirror.was.get(keys, scope, alias.keyId);
    if (!alias || !key) continue;
    mirror.put(keys, scope, key.keyId, key);
    mirror.put(aliases, scope, name, alias);
  }
}
