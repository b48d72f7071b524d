import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { more } from './attempts/more.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...more]);

export const indifferent: Indifferent[] = [
  { mutant: 'policy/own-bookings: statement 2 dropped', because: 'describing tables is allowed, not needed' },
];
