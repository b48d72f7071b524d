import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'without the guard error.name',
    because:
      'what becomes of other errors is not promised: a known waybill stays as it is whether its run ends well or not',
  },
  { mutant: 'lambda.functionPolicies', because: 'who may start the function is the subject of other labs' },
  { mutant: 'sqs.queues scans', because: 'who may send to the queue is the subject of other labs' },
  { mutant: 'iam.roles waybills-role', because: 'what the role may do besides is the subject of other labs' },
];
