import { cloudScope } from '../cloud/accounts.ts';
import type { AccountState } from '../cloud/state/account-state.ts';
import { defineTable } from '../cloud/state/table.ts';
import type { LabFacts } from './definition.ts';

/** What deploy left behind, as a record of the account state. */
export const labFacts = defineTable<LabFacts>('lab.facts', { global: true });

export function factsOf(state: AccountState): LabFacts {
  const facts = state.get(labFacts, cloudScope, 'facts');
  if (!facts) throw new Error('the account has no lab facts: it was never deployed');
  return facts;
}
