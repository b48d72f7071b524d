import { labsIn } from './labs.ts';

labsIn('ministack');
