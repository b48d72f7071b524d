import { accounts, cloudScope } from '../../accounts.ts';
import type { Statement } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { findRoleByArn, findUserByArn } from '../iam/identity.ts';

/**
 * Whether the users and roles that a statement names exist, which S3 demands when a policy is put.
 * differs from AWS: of accounts outside the cloud everything is taken to exist.
 */
export function principalsExist(state: StateReader, statement: Statement): boolean {
  return [statement.Principal, statement.NotPrincipal].every((principal) => {
    if (principal === undefined || typeof principal === 'string') return true;
    return [principal.AWS ?? []].flat().every((name) => exists(state, name));
  });
}

function exists(state: StateReader, name: string): boolean {
  const match = /^arn:aws:iam::([0-9]{12}):(role|user)\//.exec(name);
  if (!match || !state.get(accounts, cloudScope, match[1]!)) return true;
  return match[2] === 'role' ? findRoleByArn(state, name) !== undefined : findUserByArn(state, name) !== undefined;
}
