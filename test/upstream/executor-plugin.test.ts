import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../server/paths.ts';
import { programOf } from './emulators.ts';

/** LocalStack's own Python, where it is installed: then its tests start a real one too. */
const python = programOf('localstack') ?? 'python3';

const runs = ((): boolean => {
  try {
    execFileSync(python, ['-c', 'import sys; assert sys.version_info >= (3, 10)'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!runs)('the executor plugin (needs Python 3.10)', () => {
  test('passes its own tests', () => {
    const folder = join(projectRoot, 'server/cloud/upstream/localstack');
    const { status, stderr } = spawnSync(python, ['-m', 'unittest', 'discover', '-s', join(folder, 'tests')], {
      cwd: projectRoot,
      env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/Ran \d+ tests/);
  }, 240_000);
});
