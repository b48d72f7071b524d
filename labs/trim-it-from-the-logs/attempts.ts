import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'over-careful: iam.roles bill-meters-role: statement 3: Condition dropped',
    because: 'billing lists the bucket, and may list all of it',
  },
  { mutant: 'over-careful: iam.roles bill-meters-role: statement 11', because: 'settings may be read, and need not' },
  { mutant: 'over-careful: iam.roles bill-meters-role: statement 12', because: 'as above' },
  { mutant: 'over-careful: iam.roles bill-meters-role: statement 13', because: 'as above' },
  {
    mutant: 'over-careful: iam.roles bill-meters-role: statement 3: Action',
    because: 'with a condition on the prefix, s3:* is lists alone',
  },
  {
    mutant: 'policy/billing: statement 11',
    because:
      'a boundary gives nothing: what the role may do with logs, its policy says, and billing does not need them',
  },
];
