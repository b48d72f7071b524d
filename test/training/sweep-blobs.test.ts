import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AccountState } from '../../server/cloud/state/account-state.ts';
import { FileBlobs } from '../../server/cloud/state/blobs.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { packState } from '../../server/store/records.ts';
import { quietMs, sweepBlobs } from '../../server/training/sweep-blobs.ts';

let folder: string;
let store: Store;
let blobs: FileBlobs;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-test-'));
  store = openStore(':memory:');
  blobs = new FileBlobs(folder);
  store.ensureLearner('ann', 'Ann', 0);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const record = (id: string, name: string) => ({
  table: 's3.objects',
  scope: '111122223333',
  id,
  value: { sha256: name },
});

/** An attempt that was deployed with one object and has another one now. */
function attempt(id: string): { start: string; now: string } {
  store.attempts.insert({
    id,
    learner: 'ann',
    lab: 'lab',
    lab_version: 1,
    seed: '',
    backend: 'embedded',
    created_at: 0,
  });
  const start = blobs.put(Buffer.from(`start of ${id}`));
  const now = blobs.put(Buffer.from(`now in ${id}`));
  store.attempts.setReady(id, 0, packState(AccountState.load([record('a', start)])));
  store.records.replace(id, [record('b', now)]);
  return { start, now };
}

it('keeps what open attempts have and began with, and removes the rest', async () => {
  const open = attempt('open');
  const ended = attempt('ended');
  const nobodys = blobs.put(Buffer.from('replaced'));
  store.attempts.end('ended', 1);
  const later = Date.now() + quietMs + 60_000;
  expect(await sweepBlobs(store, blobs, Date.now())).toBe(0);
  expect(await sweepBlobs(store, blobs, later)).toBe(3);
  const there = (name: string) => blobs.size(name) !== undefined;
  expect([open.start, open.now].map(there)).toEqual([true, true]);
  expect([ended.start, ended.now, nobodys].map(there)).toEqual([false, false, false]);
});
