import { mutation } from './mutation.ts';

mutation(1, 2);
