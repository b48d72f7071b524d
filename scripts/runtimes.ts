import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findPythons } from '../server/cloud/runtime/interpreters.ts';
import { readConfig } from '../server/config.ts';

// Fetches boto3, which Lambda's Python runtimes bring, from the Python package index into the data folder. Functions see
// it from the next start of the server on; a package or a layer of their own comes first.
// The last version that Python 3.9 still reads.
const boto3 = 'boto3==1.42.97';

const folder = join(resolve(readConfig(process.env).dataDir), 'runtime', 'runtime');
const target = join(folder, 'python-packages');
const making = `${target}-${process.pid}`;

/** The newest of the machine's Pythons that has pip. */
function withPip(): string {
  const newestFirst = findPythons().sort((a, b) => Number(b.version.slice(2)) - Number(a.version.slice(2)));
  for (const { file } of newestFirst) {
    try {
      execFileSync(file, ['-m', 'pip', '--version'], { stdio: 'ignore' });
      return file;
    } catch {
      // This one has none.
    }
  }
  throw new Error('No python3 (3.9 or later) with pip was found.');
}

mkdirSync(folder, { recursive: true, mode: 0o700 });
const forOldest = ['--python-version', '3.9', '--only-binary=:all:'];
execFileSync(
  withPip(),
  ['-m', 'pip', 'install', '--quiet', '--root-user-action=ignore', '--target', making, ...forOldest, boto3],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
// Functions cannot write what Python compiles: done ahead, for every Python that may read it.
for (const { file } of findPythons()) execFileSync(file, ['-m', 'compileall', '-q', making], { stdio: 'ignore' });
rmSync(target, { recursive: true, force: true });
renameSync(making, target);
process.stdout.write(`${boto3} is in ${target}\n`);
