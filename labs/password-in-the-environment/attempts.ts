import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'Action → ',
    because: 'what the function may do with its own secret besides reading it is not part of the task',
  },
  { mutant: 'without the guard !response.ok', because: 'it tells of failures; nothing is read or kept by it' },
];
