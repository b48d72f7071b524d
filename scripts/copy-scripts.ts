import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../server/paths.ts';

// A thread's plain JavaScript is not compiled: it goes to dist as it is. (What sandboxes run is read from server/.)
const threads = ['server/cloud/services/rds-data/sqlite-worker.cjs'];
rmSync(join(projectRoot, 'dist/server/cloud/runtime/bootstrap'), { recursive: true, force: true });
for (const path of threads) cpSync(join(projectRoot, path), join(projectRoot, 'dist', path));
