import type { NamedPolicy, Principal } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';

export interface PrincipalPolicies {
  identity: NamedPolicy[];
  boundary?: NamedPolicy;
  scps?: NamedPolicy[][];
  /** The principal's own tags: `aws:PrincipalTag/…`. */
  tags?: Record<string, string>;
}

/** The policies that follow a principal, from the account state. */
export function policiesOf(_state: StateReader, _principal: Principal): PrincipalPolicies {
  return { identity: [] };
}
