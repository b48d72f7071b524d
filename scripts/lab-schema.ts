import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labSchema } from '../server/catalogue/types.ts';
import { projectRoot } from '../server/paths.ts';

// Writes docs/lab.schema.json, which editors read to help with lab.json.
writeFileSync(join(projectRoot, 'docs/lab.schema.json'), `${JSON.stringify(labSchema(), null, 2)}\n`);
