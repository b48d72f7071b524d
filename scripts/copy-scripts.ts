import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../server/paths.ts';

// Plain JavaScript that runs elsewhere (threads, sandboxes) is not compiled: it goes to dist as it is.
cpSync(join(projectRoot, 'server'), join(projectRoot, 'dist/server'), {
  recursive: true,
  filter: (path) => !/\.[^/.]+$/.test(path) || /\.[cm]js$/.test(path),
});
