import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

const own = 'what the function may do is not part of the task';

export const indifferent: Indifferent[] = [
  { mutant: 'Action → ssm:*', because: 'nothing in Parameter Store leads to the token' },
  { mutant: 'iam.groups readers: statement 2: Resource → *', because: 'as above' },
  { mutant: 'Action → logs:*', because: 'nor does anything in the logs' },
  { mutant: 'reference: iam.groups readers: statement 3: Action → kms:*', because: 'evidence alone is under that key' },
  { mutant: 'kms.grants', because: 'a grant that Lambda made for the role of the function' },
  {
    mutant: 'fetched-when-it-starts: kms.keys',
    because: 'the key of AWS for Secrets Manager, which no learner writes',
  },
  { mutant: 'fetched-when-it-starts: iam.roles berths-role', because: own },
  { mutant: 'encrypted-before: kms.keys', because: own },
  { mutant: 'statement 1 dropped', because: 'it lets administrators use the key; without it, fewer can' },
];
