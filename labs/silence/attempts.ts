import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { moreNearMisses, moreRight } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...moreRight, ...nearMisses, ...moreNearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'iam.roles',
    because: 'what the roles of functions may do besides is not part of the task',
  },
  {
    mutant: 'sqs.queues',
    because: 'who else may send to a queue is not part of the task; the policy of a queue speaks of that queue alone',
  },
  { mutant: 'kms.keys', because: 'who else may use the key is not part of the task' },
];
