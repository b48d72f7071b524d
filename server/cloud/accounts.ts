import type { NamedPolicy } from './policy/types.ts';
import { defineTable, type Scope } from './state/table.ts';

/** What an account is in AWS Organizations. */
export interface OrganizationMembership {
  /** `o-a1b2c3d4e5` */
  id: string;
  /** `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`: the account's place, as `aws:PrincipalOrgPaths` shows it. */
  path: string;
  /** The management account, which no policy of the organisation limits. */
  management?: boolean;
  /** Service control policies by level, the root first and the account itself last; each level must allow. */
  scps?: NamedPolicy[][];
  /** Resource control policies, as `scps`. */
  rcps?: NamedPolicy[][];
}

/** One account of an attempt. `own` is the learner's. */
export interface AccountRecord {
  id: string;
  kind: 'own' | 'partner' | 'attacker';
  name: string;
  /** Absent: the account stands alone. */
  organization?: OrganizationMembership;
}

/** What the cloud as a whole has: the key that sessions are derived from, and its default region. */
export interface CloudRecord {
  /** 64 hex digits; new in every fork, so that no credential of the learner's opens it. */
  secret: string;
  region: string;
}

export const accounts = defineTable<AccountRecord>('cloud.accounts', { global: true });
export const cloudSettings = defineTable<CloudRecord>('cloud.settings', { global: true });

/** The scope of records that belong to no account. */
export const cloudScope: Scope = { account: 'cloud', region: '' };
