import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'Resource → *',
    because:
      'a policy of a function or queue speaks of itself alone; what else the role may do is not part of the task',
  },
  {
    mutant: 'lambda.functionPolicies payout: statement 1: Principal → *',
    because: 'aws:SourceArn is set by AWS services alone: with the topic as condition nobody else is let in',
  },
  { mutant: 'lambda.functionPolicies payout:live: statement 1: Principal → *', because: 'as above' },
  { mutant: 'sqs.queues payments: statement 1: Principal → *', because: 'as above' },
  { mutant: 'Action → ', because: 'what the roles of the own functions may do besides is not part of the task' },
  { mutant: 'without the guard r.FunctionError', because: 'it tells of failures, and lets nobody in or out' },
];
