import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { more } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...more]);

export const indifferent: Indifferent[] = [
  { mutant: 'own-logs-only: iam.roles', because: 'which logs a role may write is not part of the task' },
  {
    mutant: 'slugs-only: statement 1: Principal',
    because: 'who else may take on a role that writes logs is another matter',
  },
];
