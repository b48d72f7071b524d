import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installed, installAwsCli, installBoto3 } from './install.ts';
import { type RunningRange, runRange } from './range.ts';

let running: RunningRange;
beforeAll(async () => {
  running = await runRange();
});
afterAll(() => running?.close());

const here = join(import.meta.dirname);

/** Runs a tour; answers its `ok`/`not ok` lines. */
function tour(
  client: Exclude<Installed, { missing: string }>,
  script: string,
): Promise<{ lines: string[]; errors: string }> {
  return new Promise((done, failed) => {
    const child = spawn(client.python, ['-s', join(here, script)], {
      // Nothing of this machine's own AWS set-up: a home without ~/.aws, no variables but the attempt's.
      env: { PATH: process.env.PATH ?? '', HOME: running.folder, LANG: 'C.UTF-8', ...client.env, ...running.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
    child.once('error', failed);
    child.once('close', () => done({ lines: out.split('\n').filter((line) => /^(not )?ok /.test(line)), errors }));
  });
}

const tours = [
  { name: 'boto3', install: installBoto3, script: 'tour_boto3.py', steps: 24 },
  { name: 'the AWS CLI v2 of Debian, with --endpoint-url', install: installAwsCli, script: 'tour_cli.py', steps: 14 },
];

describe.each(tours)('a tour of the services by $name', ({ install, script, steps }) => {
  it('finds AWS', async (test) => {
    const client = install(running.folder);
    if ('missing' in client) {
      // CI must run it; a machine without Python or the network says so by name.
      if (process.env.CI) throw new Error(client.missing);
      return test.skip(client.missing);
    }
    const { lines, errors } = await tour(client, script);
    expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([]);
    expect(lines.length, errors).toBe(steps);
  }, 600_000);
});
