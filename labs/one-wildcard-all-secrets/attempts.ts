import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  { mutant: 'Action → sts:*', because: 'a trust policy lets its principals take the role, whatever else it names' },
  {
    mutant: 'by-tag: iam.roles dispatch-role: statement 3: Action → kms:*',
    because: 'its condition lets it be used through the two services only, which rule over no keys',
  },
  { mutant: 'Action → ssm:*', because: 'its resource is the path, which is no parameter that could be changed' },
];
