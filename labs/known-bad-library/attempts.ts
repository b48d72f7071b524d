import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [];
