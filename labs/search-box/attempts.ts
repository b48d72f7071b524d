import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'lambda.functionPolicies',
    because: 'who calls a fixed function gets the answers that every visitor gets; its permissions are not the task',
  },
  {
    mutant: 'iam.roles',
    because: 'what the database user or the role may do is a further wall; the task is what the search lets through',
  },
  {
    mutant: 'another-function-behind-the-route: code',
    because:
      'text, limit and order are bound or chosen besides; without the guard wrong input gets another answer, no data',
  },
  { mutant: 'one-json-parameter: code', because: 'as above' },
];
