import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue, loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { type RunningRange, runRange } from '../clients/range.ts';

let running: RunningRange;
beforeAll(async () => {
  running = await runRange();
});
afterAll(() => running?.close());

const root = join(import.meta.dirname, '../..');

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `range …` as a program of its own. */
function range(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'server/cli.ts'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', DATA_DIR: join(running.folder, 'data'), RANGE_URL: running.range.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code, out, err }));
  });
}

async function json<T>(args: string[]): Promise<T & { code: number | null }> {
  const { code, out, err } = await range([...args, '--json']);
  expect(err).toBe('');
  return { ...(JSON.parse(out) as T), code };
}

const check = {
  id: expect.any(String),
  kind: expect.stringMatching(/^(exploit|function|policy|hygiene)$/),
  because: expect.any(String),
};

describe('range', () => {
  it('lists the labs', async () => {
    const labs = JSON.parse((await range(['labs', '--json'])).out) as {
      id: string;
      max: number;
      progress: { state: string };
    }[];
    expect(labs.find(({ id }) => id === 'thumbnailer-owns-s3')).toMatchObject({
      progress: { state: 'started' },
      max: expect.any(Number),
    });
    expect((await range(['labs'])).out).toContain('thumbnailer-owns-s3');
  });

  it('starts a lab, or goes on with it, and prints what a client needs', async () => {
    const started = await json<Record<string, unknown>>(['start', 'thumbnailer-owns-s3']);
    expect(started).toEqual({
      code: 0,
      attempt: running.attempt,
      lab: 'thumbnailer-owns-s3',
      account: expect.stringMatching(/^\d{12}$/),
      region: expect.any(String),
      endpoint: running.range.awsUrl,
      credentials: {
        accessKeyId: expect.stringMatching(/^ASIA/),
        secretAccessKey: expect.any(String),
        sessionToken: expect.any(String),
      },
      outputs: expect.any(Object),
    });
    const { out } = await range(['env', running.attempt]);
    for (const [name, value] of Object.entries(running.env)) expect(out).toContain(`export ${name}=${value}`);
    expect(
      out.split('\n').filter((line) => line !== '' && !/^export [A-Z0-9_]+=[A-Za-z0-9:/+=._-]+$/.test(line)),
    ).toEqual([]);
  });

  it('attacks, grades unsolved with 1, reveals a hint, solves with 0, and resets', async () => {
    const attack = await json<{ succeeded: boolean; steps: unknown[] }>(['attack', running.attempt]);
    expect(attack).toMatchObject({ code: 0, succeeded: true, because: expect.any(String) });
    const before = await json<{ checks: object[]; max: number }>(['grade', running.attempt]);
    expect(before).toMatchObject({ code: 1, verdict: 'unsolved', points: 0, max: expect.any(Number) });
    expect(before.checks.length).toBeGreaterThan(2);
    for (const entry of before.checks)
      expect(entry).toMatchObject({
        ...check,
        status: expect.stringMatching(/^(passed|failed)$/),
        points: expect.any(Number),
      });
    const hint = await json<{ number: number; text: string; cost: number }>(['hint', running.attempt]);
    expect(hint).toMatchObject({ code: 0, number: 1, text: expect.any(String), cost: expect.any(Number) });

    const lab = (await loadCatalogue()).find('thumbnailer-owns-s3')!;
    const reference = (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!;
    await applySubmission(running.range.training.cloud('local', running.attempt)!, lab, reference);
    const solved = await json<{ checks: { status: string }[]; points: number; max: number }>([
      'grade',
      running.attempt,
    ]);
    expect(solved).toMatchObject({ code: 0, verdict: 'solved', points: before.max - hint.cost });
    expect(solved.checks.every(({ status }) => status === 'passed')).toBe(true);
    expect((await json(['attack', running.attempt])).code).toBe(0);

    const shown = await json<Record<string, unknown>>(['show', running.attempt]);
    expect(shown).toMatchObject({
      id: running.attempt,
      lab: lab.id,
      status: 'solved',
      points: solved.points,
      max: before.max,
      hints: [hint.text],
      grades: [{ verdict: 'unsolved' }, { verdict: 'solved', points: solved.points }],
    });
    expect(await json(['reset', running.attempt])).toMatchObject({ code: 0, id: running.attempt });
    // Points stay, the account is back: the same fix is needed again.
    const after = await range(['grade', running.attempt]);
    expect(after.code).toBe(1);
    expect(after.out).toMatch(/unsolved: 0 of \d+ points/);
    expect(await json(['show', running.attempt])).toMatchObject({ points: solved.points });
  }, 120_000);

  it.each([
    ['a lab that is none', ['start', 'nope'], 'There is no lab "nope".'],
    ['a team that is none', ['start', 'thumbnailer-owns-s3', '--team', 'nope'], 'There is no team'],
    ['an attempt that is none', ['grade', 'nope', '--json'], 'There is no attempt "nope".'],
    ['an attempt that climbs', ['show', '../../labs'], 'There is no attempt'],
    ['a missing argument', ['grade'], "missing required argument 'attempt'"],
    ['a command that is none', ['nope'], "unknown command 'nope'"],
  ])('ends with 2 and a sentence for %s', async (_name, args, sentence) => {
    const ended = await range(args);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(sentence);
  });

  it('ends with 2 where the token is wrong or missing, or nobody answers', async () => {
    const wrong = await range(['labs'], { RANGE_TOKEN: 'wrong' });
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('Authorization');
    expect(await range(['labs'], { DATA_DIR: join(running.folder, 'nowhere') })).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no token'),
    });
    expect(await range(['labs'], { RANGE_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('No server answers at http://127.0.0.1:1'),
    });
    expect((await range(['labs'], { RANGE_TOKEN: running.range.token, DATA_DIR: '/nowhere' })).code).toBe(0);
  });

  it('reads a token that only its owner can read', () => {
    expect(statSync(join(running.folder, 'data/token')).mode & 0o777).toBe(0o600);
  });
});
