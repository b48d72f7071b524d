import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Installed } from './install.ts';
import type { RunningRange } from './range.ts';

/** The programs that a learner types, each run as a process of its own. */

const root = join(import.meta.dirname, '../..');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** What `range start --json` answers. */
export interface Started {
  attempt: string;
  region: string;
  account: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  outputs: Record<string, string>;
}

function run(command: string, args: string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code, out, err }));
  });
}

/** `range …` against a running installation. */
export function range(running: RunningRange, ...args: string[]): Promise<Ended> {
  return run(process.execPath, ['--import', 'tsx', join(root, 'server/cli.ts'), ...args], {
    PATH: process.env.PATH ?? '',
    DATA_DIR: join(running.folder, 'data'),
    RANGE_URL: running.range.url,
  });
}

/** `range … --json`, whose answer is read; the exit code goes along. */
export async function rangeJson<T>(running: RunningRange, ...args: string[]): Promise<T & { code: number | null }> {
  const { code, out, err } = await range(running, ...args, '--json');
  expect(err).toBe('');
  return { ...(JSON.parse(out) as T), code };
}

/**
 * A command as the learner of an attempt types it: aws`iam get-role --role-name ${role}`. What stands in a brace is one
 * argument, as if it were quoted. Answers the JSON that the command prints.
 */
export type Aws = <T = unknown>(words: TemplateStringsArray, ...quoted: string[]) => Promise<T>;

export function awsCli(client: Exclude<Installed, { missing: string }>, folder: string, started: Started): Aws {
  const { accessKeyId, secretAccessKey, sessionToken } = started.credentials;
  const env = {
    // Nothing of this machine's own AWS set-up: a home without ~/.aws, no variables but the attempt's.
    PATH: process.env.PATH ?? '',
    HOME: folder,
    LANG: 'C.UTF-8',
    AWS_PAGER: '',
    AWS_MAX_ATTEMPTS: '1',
    ...client.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_DEFAULT_REGION: started.region,
  };
  const program = 'import sys; from awscli.clidriver import main; sys.exit(main())';
  return async <T>(words: TemplateStringsArray, ...quoted: string[]) => {
    const args = words.flatMap((text, i) => [...(text.match(/\S+/g) ?? []), ...quoted.slice(i, i + 1)]);
    const whole = ['-s', '-c', program, '--endpoint-url', started.endpoint, ...args];
    const { code, out, err } = await run(client.python, whole, env);
    if (code !== 0) throw new Error(`aws ${args.join(' ')}: exit ${code}: ${err.trim()}`);
    return (out.trim() ? JSON.parse(out) : undefined) as T;
  };
}
