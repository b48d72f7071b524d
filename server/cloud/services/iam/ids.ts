import { type Random, upperAlphanumeric } from '../../random.ts';

/** IAM's unique ids: a prefix for the kind and 17 characters. */
export type IdPrefix = 'AIDA' | 'AGPA' | 'AROA' | 'ANPA' | 'AIPA';

export function newId(random: Random, prefix: IdPrefix): string {
  return `${prefix}${upperAlphanumeric(random, 17)}`;
}
