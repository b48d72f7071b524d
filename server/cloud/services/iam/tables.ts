import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** What IAM remembers. Times are milliseconds of the cloud's clock; policy documents are kept as the text that was put. */

/** An inline policy; a list and no object, as learners choose the names. */
export interface InlinePolicy {
  name: string;
  document: string;
}

/** What users, groups and roles have in common. `attached` are ARNs of managed policies in the order of attaching. */
export interface Identity {
  arn: string;
  path: string;
  createDate: number;
  inline: InlinePolicy[];
  attached: string[];
}

export interface UserRecord extends Identity {
  userName: string;
  /** `AIDA…` */
  userId: string;
  /** ARN of the managed policy that is the permissions boundary. */
  boundary?: string;
  tags: Tags;
  /** Names of groups. */
  groups: string[];
}

export interface GroupRecord extends Identity {
  groupName: string;
  /** `AGPA…` */
  groupId: string;
}

export interface RoleRecord extends Identity {
  roleName: string;
  /** `AROA…` */
  roleId: string;
  description?: string;
  assumeRolePolicyDocument: string;
  /** Seconds. */
  maxSessionDuration: number;
  boundary?: string;
  tags: Tags;
}

export interface PolicyVersionRecord {
  /** `v1` */
  versionId: string;
  document: string;
  createDate: number;
}

/** A customer managed policy; its id in the table is its ARN. */
export interface PolicyRecord {
  policyName: string;
  /** `ANPA…` */
  policyId: string;
  arn: string;
  path: string;
  description?: string;
  createDate: number;
  updateDate: number;
  defaultVersionId: string;
  /** Version numbers are never used again. */
  nextVersion: number;
  versions: PolicyVersionRecord[];
  tags: Tags;
}

export interface AccessKeyRecord {
  /** Absent for keys of the account's root. */
  userName?: string;
  secretAccessKey: string;
  status: 'Active' | 'Inactive';
  createDate: number;
}

export interface InstanceProfileRecord {
  instanceProfileName: string;
  /** `AIPA…` */
  instanceProfileId: string;
  arn: string;
  path: string;
  createDate: number;
  /** At most one. */
  roles: string[];
  tags: Tags;
}

export const users = defineTable<UserRecord>('iam.users', { global: true });
export const groups = defineTable<GroupRecord>('iam.groups', { global: true });
export const roles = defineTable<RoleRecord>('iam.roles', { global: true });
export const policies = defineTable<PolicyRecord>('iam.policies', { global: true });
/** The id is the access key id. */
export const accessKeys = defineTable<AccessKeyRecord>('iam.accessKeys', { global: true });
export const instanceProfiles = defineTable<InstanceProfileRecord>('iam.instanceProfiles', { global: true });
/** The id is the alias; an account has at most one. */
export const accountAliases = defineTable<{ createDate: number }>('iam.accountAliases', { global: true });

/** The scope of an account's IAM records. */
export const iamScope = (account: string): Scope => ({ account, region: '' });

/** Account, kind, path and name of an IAM ARN: `arn:aws:iam::111122223333:role/app/worker`. */
export interface IamArn {
  account: string;
  /** `user`, `role`, `policy`, `root` … */
  kind: string;
  /** `/app/` */
  path: string;
  /** '' for root. */
  name: string;
}

/** Reads an IAM ARN; undefined for anything else. */
export function parseIamArn(arn: string): IamArn | undefined {
  const [head, partition, service, region, account, rest, ...more] = arn.split(':');
  if (head !== 'arn' || partition !== 'aws' || service !== 'iam' || region !== '' || !account || !rest || more.length)
    return undefined;
  const slash = rest.indexOf('/');
  if (slash < 0) return { account, kind: rest, path: '/', name: '' };
  const last = rest.lastIndexOf('/');
  return { account, kind: rest.slice(0, slash), path: rest.slice(slash, last + 1), name: rest.slice(last + 1) };
}

/** The role of this ARN, in whichever account of the cloud; undefined when there is none, also under another path. */
export function findRoleByArn(state: StateReader, arn: string): RoleRecord | undefined {
  const parsed = parseIamArn(arn);
  if (parsed?.kind !== 'role') return undefined;
  const role = state.get(roles, iamScope(parsed.account), parsed.name);
  return role?.arn === arn ? role : undefined;
}

/** As `findRoleByArn`, for users. */
export function findUserByArn(state: StateReader, arn: string): UserRecord | undefined {
  const parsed = parseIamArn(arn);
  if (parsed?.kind !== 'user') return undefined;
  const user = state.get(users, iamScope(parsed.account), parsed.name);
  return user?.arn === arn ? user : undefined;
}
