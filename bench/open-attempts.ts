import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../server/config.ts';
import { startRange } from '../server/range.ts';

// Opens so many attempts, each of another learner, and prints the resident megabytes of the process.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const count = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), 'lambda-range-bench-'));
const range = await startRange(readConfig({ PORT: '0', AWS_PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'error' }));
const labs = range.training.catalogue('local').map(({ id }) => id);
for (let i = 0; i < count; i++) {
  const learner = `learner-${i}`;
  range.training.enrol(learner, learner);
  await range.training.start(learner, labs[i % labs.length]!);
}
process.stdout.write(String(process.memoryUsage.rss() / 1024 / 1024));
await range.close();
rmSync(folder, { recursive: true, force: true });
