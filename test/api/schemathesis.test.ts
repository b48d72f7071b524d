import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installSchemathesis } from '../clients/install.ts';
import { type AccountsRange, startAccountsRange } from '../people/kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'lambda-range-schemathesis-'));
const installed = installSchemathesis(folder);
const missing = 'missing' in installed ? installed.missing : undefined;
if (missing !== undefined && process.env.CI === 'true') throw new Error(`CI must run schemathesis: ${missing}`);

let range: AccountsRange;
let cohort: string;
let ada: string;
let root: string;

/** What schemathesis says of a run over every operation as one person. @param known ids that exist, so that it gets further */
function fuzz(person: string, known: Record<string, string>): Promise<{ code: number | null; out: string }> {
  const token = range.people.tokens.make(person, 'schemathesis', undefined).token;
  const parameters = Object.entries(known).map(([name, id]) => `"path.${name}" = "${id}"`);
  writeFileSync(join(folder, 'schemathesis.toml'), `[parameters]\n${parameters.join('\n')}\n`);
  const { python, env } = installed as Exclude<typeof installed, { missing: string }>;
  const child = spawn(
    python,
    [
      '-m',
      'schemathesis.cli',
      'run',
      `${range.url}/api/v1/openapi.json`,
      ...['--url', `${range.url}/api/v1`, '--header', `Authorization: Bearer ${token}`],
      ...['--checks', 'not_a_server_error', '--phases', 'fuzzing', '--max-examples', '8', '--seed', '11'],
      // It would take its own role away, and be refused from then on.
      ...['--exclude-path-regex', '^/users/'],
      '--no-color',
    ],
    { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code, out }));
  });
}

describe.skipIf(missing)(`the API under schemathesis${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    range = await startAccountsRange();
    root = await range.person('root@example.org', 'administrator');
    ada = await range.person('ada@example.org');
    cohort = (await range.api(root, 'POST', '/cohorts', { name: 'Autumn' })).body.id;
    await range.api(root, 'POST', `/cohorts/${cohort}/members`, { email: 'ada@example.org' });
  });
  afterAll(async () => {
    await range?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['an administrator', () => root],
    ['a learner', () => ada],
  ])(
    'fails by no fault of ours, whatever is sent by %s',
    async (_who, person) => {
      const { code, out } = await fuzz(person(), { cohort, owner: ada, person: ada });
      expect(code, out.slice(-4000)).toBe(0);
      expect(Number(/(\d+) generated/.exec(out)?.[1])).toBeGreaterThan(200);
    },
    240_000,
  );
});
