import { type AliasListEntry, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { aliases } from '../../services/kms/keys-store.ts';
import type { Mirror, Source } from '../types.ts';

/** Aliases that lead to a key: AWS lists its managed ones before there is any. */
export async function aliasesOf(source: Source): Promise<AliasListEntry[]> {
  const kms = source.client(KMSClient);
  const found = await source.pages(
    'the KMS aliases',
    (Marker) => kms.send(new ListAliasesCommand({ Marker })),
    (page) => ({ items: page.Aliases, next: page.Truncated ? page.NextMarker : undefined }),
  );
  return found.filter(({ TargetKeyId }) => TargetKeyId !== undefined);
}

export function putAlias(source: Source, mirror: Mirror, alias: AliasListEntry): void {
  const created = alias.CreationDate?.getTime() ?? 0;
  mirror.put(aliases, source.scope, alias.AliasName!, {
    keyId: alias.TargetKeyId!,
    created,
    updated: alias.LastUpdatedDate?.getTime() ?? created,
  });
}
