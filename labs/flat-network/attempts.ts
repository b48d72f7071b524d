import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { more } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...more]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'the-other-one-moves: iam.roles',
    because:
      'allowed where lambda:SourceFunctionArn is absent: more for Lambda, which the task leaves open; none for code',
  },
];
