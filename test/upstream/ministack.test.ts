import { labsIn } from './labs.ts';

// All of them where the table is written; CI has forty minutes for everything.
labsIn('ministack', process.env.UPDATE_DOCS !== undefined);
