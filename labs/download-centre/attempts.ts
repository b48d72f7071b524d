import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'lambda.functionPolicies',
    because: 'who calls a function that stays in its folder gets reports; its permissions are not the task',
  },
  {
    mutant: 'without the guard !known.has(file)',
    because: 'what is not in the list has no path, and reading nothing fails as well',
  },
];
