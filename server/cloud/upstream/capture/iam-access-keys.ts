import { type AccessKeyMetadata, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { accessKeys, roles, users } from '../../services/iam/tables.ts';
import { derivedBytes } from '../derived.ts';
import type { Mirror, Source } from '../types.ts';
import { none, time } from './iam-identity.ts';

/**
 * Access keys. The gateway verifies signatures, so keys that it gave out are the mirror's own and stay as long as their
 * users. One that only the endpoint knows has a secret here that nobody was told: it is seen, and opens nothing.
 */
export async function captureAccessKeys(source: Source, mirror: Mirror, userNames: readonly string[]): Promise<void> {
  const { scope } = source;
  for (const { id, value } of mirror.was.list(accessKeys, scope))
    if (value.userName === undefined || userNames.includes(value.userName)) mirror.put(accessKeys, scope, id, value);
  // Of those whom the gateway made, it gave out the keys too.
  const unknown = userNames.filter((name) => !mirror.was.get(users, scope, name));
  const root = mirror.was.list(roles, scope).length === 0 ? [undefined] : [];
  await source.each([...root, ...unknown], async (userName) => {
    for (const key of await keysOf(source, userName)) {
      if (mirror.was.get(accessKeys, scope, key.AccessKeyId!)) continue;
      mirror.put(accessKeys, scope, key.AccessKeyId!, {
        ...(userName === undefined ? {} : { userName }),
        secretAccessKey: derivedBytes(mirror, `access key ${key.AccessKeyId}`, 30).toString('base64'),
        status: key.Status === 'Inactive' ? 'Inactive' : 'Active',
        createDate: time(key.CreateDate),
      });
    }
  });
}

/** @param userName undefined for the account's root */
function keysOf(source: Source, userName: string | undefined): Promise<AccessKeyMetadata[]> {
  const iam = source.client(IAMClient);
  return source.pages(
    `the access keys of ${userName === undefined ? 'root' : `user ${userName}`}`,
    async (Marker) => {
      try {
        return await iam.send(new ListAccessKeysCommand({ UserName: userName, Marker }));
      } catch (error) {
        // LocalStack's root has no keys, which it words as an error.
        if (none.includes((error as Error).name))
          return { AccessKeyMetadata: [], IsTruncated: false, Marker: undefined };
        throw error;
      }
    },
    (page) => ({ items: page.AccessKeyMetadata, next: page.IsTruncated ? page.Marker : undefined }),
  );
}
