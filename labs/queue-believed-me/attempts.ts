import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { moreNearMisses, moreRight } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...moreRight, ...nearMisses, ...moreNearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'iam.roles',
    because: 'the roles of functions are trusted by the task; what they may do besides is not part of it',
  },
  {
    mutant: 'sqs.queues orders: statement 1: Action → sqs:*',
    because: 'its principal is the shop or the own account, whose other users have no rights of their own to the queue',
  },
  { mutant: 'Resource → *', because: 'the policy of a queue speaks of that queue alone' },
  {
    mutant: "without the guard typeof customer !== 'string'",
    because: 'DynamoDB refuses a key that is no text, and the order fails all the same',
  },
];
