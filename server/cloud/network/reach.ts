import type { StateReader } from '../state/account-state.ts';
import type { Origin, Reach, Target } from './types.ts';

/** Can a connection from this function's interface reach the target, by which path, and if not: which rule stops it? */
export function reach(_state: StateReader, _from: Origin | undefined, _to: Target): Reach {
  throw new Error('not yet built');
}
