import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { type RunningRange, runRange } from '../clients/range.ts';
import { type AccountsRange, startAccountsRange } from '../people/kit.ts';

const lab = 'thumbnailer-owns-s3';

describe('one user on their own machine', () => {
  let running: RunningRange;
  beforeAll(async () => {
    running = await runRange(lab);
  });
  afterAll(() => running?.close());

  const training = () => running.range.training;
  const recordsOf = (attempt: string) => [...training().cloud('local', attempt)!.state.records()];

  async function fix(): Promise<void> {
    const reference = (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!;
    await applySubmission(training().cloud('local', running.attempt)!, training().lab(lab), reference);
  }

  async function send(method: string, path: string, body?: Buffer): Promise<Response> {
    return fetch(`${running.range.url}/api/v1/attempts/${running.attempt}${path}`, {
      method,
      headers: { authorization: `Bearer ${running.range.token}` },
      ...(body ? { body: new Uint8Array(body) } : {}),
    });
  }

  it('takes the account out, changes it, and puts the taken one back', async () => {
    const before = recordsOf(running.attempt);
    const answer = await send('GET', '/account');
    expect(answer.status).toBe(200);
    const file = Buffer.from(await answer.arrayBuffer());
    await fix();
    const changes = (await (await send('POST', '/account/diff', file)).json()) as { diff: { change: string }[] };
    expect(changes.diff.length).toBeGreaterThan(0);
    expect(await (await send('GET', '/diff')).json()).toEqual(changes);
    const keys = training().credentials('local', running.attempt);
    expect((await send('PUT', '/account', file)).status).toBe(200);
    expect(recordsOf(running.attempt)).toEqual(before);
    expect(await (await send('POST', '/account/diff', file)).json()).toEqual({ diff: [] });
    expect(training().credentials('local', running.attempt)).toEqual(keys);
    expect(training().history('local', running.attempt).at(-1)).toMatchObject({ event: 'imported' });
  });

  it('keeps what was imported over a restart of its cloud, and resets to the start of the file', async () => {
    const start = recordsOf(running.attempt);
    await fix();
    const file = await training().exportAccount('local', running.attempt);
    await training().reset('local', running.attempt);
    await training().importAccount('local', running.attempt, file);
    const fixed = recordsOf(running.attempt);
    expect(fixed).not.toEqual(start);
    await training().reset('local', running.attempt);
    expect(recordsOf(running.attempt)).toEqual(start);
  });

  it('changes nothing where a file is refused', async () => {
    const before = recordsOf(running.attempt);
    const file = await training().exportAccount('local', running.attempt);
    const edited = (name: string, edit: (text: string) => string): Buffer => {
      const files = unzipSync(file);
      files[name] = strToU8(edit(strFromU8(files[name]!)));
      return Buffer.from(zipSync(files));
    };
    for (const [bad, status] of [
      [Buffer.from('no zip'), 400],
      [edited('manifest.json', (text) => text.replace(lab, 'another-lab')), 409],
      [edited('manifest.json', (text) => text.replace('"labVersion": ', '"labVersion": 9')), 409],
      [edited('records.jsonl', (text) => text.replaceAll('lambda', 'lambada')), 400],
    ] as const) {
      const answer = await send('PUT', '/account', bad);
      expect(answer.status).toBe(status);
      expect(((await answer.json()) as { error: { code: string } }).error.code).toBe('learner');
    }
    expect((await send('PUT', '/account')).status).toBe(400);
    expect(recordsOf(running.attempt)).toEqual(before);
  });

  it('goes into another attempt only when the one that it was taken from has ended', async () => {
    await fix();
    const file = await training().exportAccount('local', running.attempt);
    const records = recordsOf(running.attempt);
    running.range.training.enrol('guest', 'Guest');
    const guest = (await training().start('guest', lab)).id;
    await expect(training().importAccount('guest', guest, file)).rejects.toThrow(/end that one first/);
    await training().end('local', running.attempt);
    await training().importAccount('guest', guest, file);
    const arrived = [...training().cloud('guest', guest)!.state.records()];
    const mine = ({ table }: { table: string }): boolean => table !== 'cloud.settings';
    expect(arrived.filter(mine)).toEqual(records.filter(mine));
    expect((await training().grade('guest', guest)).report.verdict).toBe('solved');
  });
});

describe('a server with accounts', () => {
  let range: AccountsRange;
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-account-file-'));
  beforeAll(async () => {
    range = await startAccountsRange();
  });
  afterAll(async () => {
    await range?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('seals files, and takes them from nobody but the owner', async () => {
    const ann = await range.person('ann@example.org');
    const ben = await range.person('ben@example.org');
    const [hers, his] = [(await range.training.start(ann, lab)).id, (await range.training.start(ben, lab)).id];
    const file = await range.training.exportAccount(ann, hers);
    const canary = Object.values(
      (
        range.training
          .cloud(ann, hers)!
          .state.list({ name: 'lab.facts', global: true }, { account: 'cloud', region: '' })[0]!.value as {
          secrets: Record<string, string>;
        }
      ).secrets,
    );
    expect(() => unzipSync(file)).toThrow();
    for (const secret of canary) expect(file.includes(secret)).toBe(false);
    await expect(range.training.exportAccount(ben, hers)).rejects.toThrow(/There is no attempt/);
    await expect(range.training.importAccount(ben, his, file)).rejects.toThrow(/somebody else/);
    const changed = Buffer.from(file);
    changed[changed.length - 1]! ^= 1;
    await expect(range.training.importAccount(ann, hers, changed)).rejects.toThrow(/changed since/);
    await expect(range.training.importAccount(ann, hers, Buffer.from(zipSync({})))).rejects.toThrow(/made itself/);
    expect((await range.training.importAccount(ann, hers, file)).id).toBe(hers);
    expect(readFileSync(join(range.dataDir, 'account-key'), 'utf8').trim()).toHaveLength(43);
  });
});
