import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'reference: iam.users tuner: statement 2: Action → lambda:*',
    because: 'who sets the configuration of a tuned function runs code in it anyway',
  },
  { mutant: 'by-tag: iam.users tuner: statement 2: Action → lambda:*', because: 'as above' },
  { mutant: 'without-layers: iam.users tuner: statement 2: Action → lambda:*', because: 'as above' },
  { mutant: 'without-layers: iam.users tuner: statement 3: Action → lambda:*', because: 'as above' },
  {
    mutant: 'without-layers: iam.users tuner: statement 2: Resource → *',
    because: 'settings of all functions may be read',
  },
  {
    mutant: 'without-layers: iam.users tuner: statement 3: Condition dropped',
    because: 'layers are refused out of caution: the function itself is the tuner’s',
  },
];
