import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: sources, labs, views and migrations lie under it, whether this runs from `dist/` or not. */
export const projectRoot = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of lambda-range was not found above its own code');
    folder = parent;
  }
  return folder;
})();

/** Whether the compiled code runs: labs are then imported from `dist/labs`. */
export const compiled = import.meta.url.endsWith('.js');
