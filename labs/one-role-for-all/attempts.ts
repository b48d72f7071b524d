import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'sqs.queues mail-out: statement 1: Resource → *',
    because: 'the policy of a queue speaks of that queue alone, whatever it names',
  },
  { mutant: 'shop-orders-access: statement 2', because: 'describing tables is allowed, not needed' },
  { mutant: 'shop-orders-access: statement 4', because: 'traces are allowed, not needed' },
  { mutant: '-boundary: statement 3', because: 'logs are not part of the task' },
];
