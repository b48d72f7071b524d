import * as Kms from '@aws-sdk/client-kms';
import type { Source } from '../types.ts';

/** A key lives on for a week at least. One that was removed says so, and is not seen any more. */
const REMOVED = 'Removed with its account by Lambda Range';

export const isRemoved = (key: Kms.KeyMetadata): boolean =>
  key.KeyState === 'PendingDeletion' && key.Description === REMOVED;

/** Deletes grants and aliases, and sends the customer's keys on their way out. AWS managed keys belong to AWS. */
export async function removeKms(source: Source): Promise<number> {
  const kms = source.client(Kms.KMSClient);
  const [keys, aliases] = await Promise.all([
    source.pages(
      'the KMS keys',
      (Marker) => kms.send(new Kms.ListKeysCommand({ Marker })),
      (page) => ({ items: page.Keys, next: page.Truncated ? page.NextMarker : undefined }),
    ),
    source.pages(
      'the KMS aliases',
      (Marker) => kms.send(new Kms.ListAliasesCommand({ Marker })),
      (page) => ({ items: page.Aliases, next: page.Truncated ? page.NextMarker : undefined }),
    ),
  ]);
  const own = aliases.filter(({ AliasName }) => !AliasName?.startsWith('alias/aws/'));
  const managed = new Set(aliases.filter((alias) => !own.includes(alias)).map(({ TargetKeyId }) => TargetKeyId));
  await source.each(own, ({ AliasName }) =>
    source.attempt(AliasName!, () => kms.send(new Kms.DeleteAliasCommand({ AliasName }))),
  );
  const removed = await source.each(
    keys.filter(({ KeyId }) => !managed.has(KeyId)),
    ({ KeyId }) => removeKey(source, KeyId!),
  );
  return own.length + removed.filter((was) => was).length;
}

/** @returns whether there was a key to remove */
async function removeKey(source: Source, KeyId: string): Promise<boolean> {
  const kms = source.client(Kms.KMSClient);
  const answer = await source.read(`key ${KeyId}`, () => kms.send(new Kms.DescribeKeyCommand({ KeyId })), [
    'NotFoundException',
  ]);
  const key = answer?.KeyMetadata;
  if (!key || key.KeyManager === 'AWS' || isRemoved(key)) return false;
  const attempt = (ask: () => Promise<unknown>) => source.attempt(`key ${KeyId}`, ask);
  if (key.KeyState === 'PendingDeletion') await attempt(() => kms.send(new Kms.CancelKeyDeletionCommand({ KeyId })));
  const grants = await source.read(`the grants of key ${KeyId}`, () => kms.send(new Kms.ListGrantsCommand({ KeyId })));
  for (const { GrantId } of grants?.Grants ?? [])
    await attempt(() => kms.send(new Kms.RevokeGrantCommand({ KeyId, GrantId })));
  await attempt(() => kms.send(new Kms.UpdateKeyDescriptionCommand({ KeyId, Description: REMOVED })));
  await attempt(() => kms.send(new Kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })));
  return true;
}
