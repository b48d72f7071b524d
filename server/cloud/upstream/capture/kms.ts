import { type GrantListEntry, KMSClient, ListGrantsCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { type GrantRecord, grantDocument, grants } from '../../services/kms/grants-store.ts';
import { aliases, keys } from '../../services/kms/keys-store.ts';
import { managedAliases } from '../../services/kms/managed-keys.ts';
import { derivedBytes } from '../derived.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';
import { aliasesOf, putAlias } from './kms-aliases.ts';
import { readKey } from './kms-keys.ts';
import { keepManagedKeys } from './kms-material.ts';
import { removeKms } from './kms-removal.ts';

/** Not read, as no call tells: key material, the name of an HMAC key's material, grant tokens. */
export const capturedKms: CapturedService = {
  id: 'kms',
  tables: [keys, aliases, grants],
  data: [],
  async capture(source, mirror) {
    const [ids, named] = await Promise.all([keyIds(source), aliasesOf(source)]);
    const managed = new Map(
      named
        .filter(({ AliasName }) => managedNames.has(AliasName!))
        .map((alias) => [alias.TargetKeyId!, alias.AliasName!]),
    );
    await source.each(ids, async (keyId) => {
      const key = await readKey(source, mirror, keyId, managed.get(keyId)?.slice('alias/aws/'.length));
      if (!key) return;
      mirror.put(keys, source.scope, keyId, key);
      for (const grant of await grantsOf(source, keyId)) putGrant(source, mirror, keyId, grant);
    });
    for (const alias of named) putAlias(source, mirror, alias);
    keepManagedKeys(mirror, source.scope, new Set(named.map(({ AliasName }) => AliasName!)));
  },
  remove: removeKms,
};

const managedNames = new Set(managedAliases());

async function keyIds(source: Source): Promise<string[]> {
  const kms = source.client(KMSClient);
  const found = await source.pages(
    'the KMS keys',
    (Marker) => kms.send(new ListKeysCommand({ Marker })),
    (page) => ({ items: page.Keys, next: page.Truncated ? page.NextMarker : undefined }),
  );
  return found.map(({ KeyId }) => KeyId!).sort();
}

function grantsOf(source: Source, KeyId: string): Promise<GrantListEntry[]> {
  const kms = source.client(KMSClient);
  return source.pages(
    `the grants of key ${KeyId}`,
    (Marker) => kms.send(new ListGrantsCommand({ KeyId, Marker })),
    (page) => ({ items: page.Grants, next: page.Truncated ? page.NextMarker : undefined }),
  );
}

function putGrant(source: Source, mirror: Mirror, keyId: string, entry: GrantListEntry): void {
  const grantId = entry.GrantId!;
  const retiringPrincipal = entry.RetiringPrincipal ?? entry.RetiringServicePrincipal;
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = entry.Constraints ?? {};
  const known = mirror.was.get(grants, source.scope, grantId);
  const grant: Omit<GrantRecord, 'document'> = {
    grantId,
    // Only who made the grant was told its token.
    token: known?.token ?? derivedBytes(mirror, `token of grant ${grantId}`, 96).toString('base64url'),
    keyId,
    ...(entry.Name ? { name: entry.Name } : {}),
    granteePrincipal: (entry.GranteePrincipal ?? entry.GranteeServicePrincipal)!,
    ...(retiringPrincipal ? { retiringPrincipal } : {}),
    issuingAccount: /\d{12}/.exec(entry.IssuingAccount ?? '')?.[0] ?? source.scope.account,
    operations: [...new Set<string>(entry.Operations)].sort(),
    ...(equals || subset ? { constraints: { ...(equals ? { equals } : {}), ...(subset ? { subset } : {}) } } : {}),
    created: entry.CreationDate?.getTime() ?? 0,
  };
  mirror.put(grants, source.scope, grantId, { ...grant, document: grantDocument(grant) });
}
