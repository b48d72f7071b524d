import { captured } from './capture/index.ts';
import type { Source } from './types.ts';

const MOST_ROUNDS = 12;

/**
 * Deletes everything that an account in an AWS endpoint holds. Things hold one another (an interface its subnet, a policy
 * its role), so it goes round until nothing is left.
 * @returns how many things are left that could not be deleted
 */
export async function removeAccount(source: Source, services?: ReadonlySet<string>): Promise<number> {
  let left = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    left = 0;
    for (const service of captured) if (services?.has(service.id) ?? true) left += await service.remove(source);
    if (left === 0) return 0;
    // Two rounds that free nothing: more of them would not either.
    if (left >= before && round > 2) return left;
    before = left;
  }
  return left;
}
