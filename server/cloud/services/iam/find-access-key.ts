import { accountOfAccessKeyId } from '../../access-key-id.ts';
import type { StateReader } from '../../state/account-state.ts';
import { type AccessKeyRecord, accessKeys, iamScope } from './tables.ts';

/** A long-term access key of any account of the cloud, active or not. */
export function findAccessKey(
  state: StateReader,
  accessKeyId: string,
): { account: string; key: AccessKeyRecord } | undefined {
  const account = accountOfAccessKeyId(accessKeyId);
  const key = account === undefined ? undefined : state.get(accessKeys, iamScope(account), accessKeyId);
  if (account !== undefined && key) return { account, key };
  const found = state.all(accessKeys).find(({ id }) => id === accessKeyId);
  return found && { account: found.scope.account, key: found.value };
}
