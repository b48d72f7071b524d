import { defineTable, type Scope } from './state/table.ts';

/** One account of an attempt. `own` is the learner's. */
export interface AccountRecord {
  id: string;
  kind: 'own' | 'partner' | 'attacker';
  name: string;
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
