import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { more } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...more]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'Action → s3:*',
    because: 'whose keys and whose buckets is the task; which calls they may make is for identity and bucket policies',
  },
];
