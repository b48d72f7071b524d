import { mutation } from './mutation.ts';

mutation(0, 2);
