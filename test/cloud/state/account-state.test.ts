import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountState, type Change, WriteConflict } from '../../../server/cloud/state/account-state.ts';
import { FileBlobs, MemoryBlobs } from '../../../server/cloud/state/blobs.ts';
import { defineTable } from '../../../server/cloud/state/table.ts';

const things = defineTable<{ n: number; deep?: { list: number[] } }>('state-test.things');
const everywhere = defineTable<{ n: number }>('state-test.everywhere', { global: true });
const scope = { account: '111122223333', region: 'us-east-1' };

describe('an account state', () => {
  it('shows a transaction its own writes, and nobody else’s before they are committed', () => {
    const state = new AccountState();
    const one = state.begin();
    const two = state.begin();
    one.put(things, scope, 'a', { n: 1 });
    expect(one.get(things, scope, 'a')).toEqual({ n: 1 });
    expect(one.list(things, scope)).toHaveLength(1);
    expect(two.get(things, scope, 'a')).toBeUndefined();
    expect(state.get(things, scope, 'a')).toBeUndefined();
    one.commit();
    expect(two.get(things, scope, 'a')).toEqual({ n: 1 });
    two.delete(things, scope, 'a');
    expect(two.list(things, scope)).toEqual([]);
    expect(two.all(things)).toEqual([]);
    expect(state.list(things, scope)).toHaveLength(1);
  });

  it('is read in order, by parts, with what a transaction writes in its place', () => {
    const state = new AccountState();
    const write = state.begin();
    for (const id of ['d', 'b', 'f']) write.put(things, scope, id, { n: 1 });
    write.commit();
    const ids = (part?: object, of: AccountState | ReturnType<AccountState['begin']> = state) =>
      [...of.range(things, scope, part)].map(({ id }) => id).join('');
    expect(ids()).toBe('bdf');
    const later = state.begin();
    later.put(things, scope, 'a', { n: 2 });
    later.put(things, scope, 'e', { n: 2 });
    later.put(things, scope, 'd', { n: 2 });
    later.delete(things, scope, 'b');
    expect(ids({}, later)).toBe('adef');
    expect(ids({ from: 'b', to: 'f' }, later)).toBe('de');
    expect(ids({ to: 'f', reverse: true }, later)).toBe('eda');
    expect([...later.range(things, scope, { from: 'd' })][0]!.value).toEqual({ n: 2 });
    expect(ids()).toBe('bdf');
    later.commit();
    expect(ids()).toBe('adef');
    expect(ids({ from: 'b', to: 'e', reverse: true })).toBe('d');
    expect(ids({}, state.fork())).toBe('adef');
  });

  it('refuses the later of two that wrote one record, and writes nothing of it', () => {
    const state = new AccountState();
    const one = state.begin();
    const two = state.begin();
    one.put(things, scope, 'a', { n: 1 });
    two.put(things, scope, 'b', { n: 2 });
    two.put(things, scope, 'a', { n: 2 });
    one.commit();
    expect(() => two.commit()).toThrow(WriteConflict);
    expect(state.list(things, scope)).toEqual([{ id: 'a', value: { n: 1 } }]);
  });

  it('makes nothing visible that the journal did not take', () => {
    const state = new AccountState({
      commit: () => {
        throw new Error('the disk is full');
      },
    });
    const write = state.begin();
    write.put(things, scope, 'a', { n: 1 });
    expect(() => write.commit()).toThrow('the disk is full');
    expect(state.get(things, scope, 'a')).toBeUndefined();
    expect(state.version).toBe(0);
  });

  it('freezes what it is given, to the bottom', () => {
    const state = new AccountState();
    const write = state.begin();
    write.put(things, scope, 'a', { n: 1, deep: { list: [1] } });
    write.commit();
    const read = state.get(things, scope, 'a')!;
    expect(() => read.deep!.list.push(2)).toThrow(TypeError);
  });

  it('forks share what was and nothing that comes', () => {
    const written: Change[] = [];
    const state = new AccountState({ commit: (changes) => written.push(...changes) });
    const write = state.begin();
    write.put(things, scope, 'a', { n: 1 });
    write.commit();
    const fork = state.fork();
    const inFork = fork.begin();
    inFork.put(things, scope, 'a', { n: 2 });
    inFork.put(things, scope, 'b', { n: 3 });
    inFork.commit();
    const later = state.begin();
    later.delete(things, scope, 'a');
    later.commit();
    expect(state.list(things, scope)).toEqual([]);
    expect(fork.list(things, scope)).toEqual([
      { id: 'a', value: { n: 2 } },
      { id: 'b', value: { n: 3 } },
    ]);
    expect(written.map(({ id }) => id)).toEqual(['a', 'a']);
  });

  it('keeps regions and accounts apart, except for global tables', () => {
    const state = new AccountState();
    const write = state.begin();
    write.put(things, scope, 'a', { n: 1 });
    write.put(everywhere, scope, 'a', { n: 1 });
    write.commit();
    const west = { ...scope, region: 'us-west-2' };
    expect(state.get(things, west, 'a')).toBeUndefined();
    expect(state.get(everywhere, west, 'a')).toEqual({ n: 1 });
    expect(state.get(everywhere, { ...scope, account: '444455556666' }, 'a')).toBeUndefined();
    expect(state.all(things).map((entry) => entry.scope)).toEqual([scope]);
  });

  it('takes names out of Object.prototype like any other, and is the same after a save', () => {
    const state = new AccountState();
    const write = state.begin();
    for (const id of ['__proto__', 'constructor', 'b', 'a', '😀', '']) write.put(things, scope, id, { n: 1 });
    write.commit();
    const saved = JSON.parse(JSON.stringify([...state.records()])) as Change[];
    const again = AccountState.load(saved);
    expect([...again.records()]).toEqual([...state.records()]);
    expect(again.list(things, scope).map(({ id }) => id)).toEqual(['', '__proto__', 'a', 'b', 'constructor', '😀']);
  });

  it('refuses two tables of one name', () => {
    expect(() => defineTable('state-test.things')).toThrow(/defined twice/);
  });
});

describe('blobs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lambda-range-blobs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are named by what they hold, stored once, and there after a restart', () => {
    const blobs = new FileBlobs(folder);
    const name = blobs.put(Buffer.from('bytes'));
    expect(blobs.put(Buffer.from('bytes'))).toBe(name);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map((entry) => entry.name)).toEqual([name]);
    expect(new FileBlobs(folder).get(name).toString()).toBe('bytes');
    expect(() => blobs.get('0'.repeat(64))).toThrow();
  });

  it('of a fork are gone with it', () => {
    const blobs = new FileBlobs(folder);
    const kept = blobs.put(Buffer.from('kept'));
    const fork = new MemoryBlobs(blobs);
    const own = fork.put(Buffer.from('own'));
    expect(fork.get(kept).toString()).toBe('kept');
    expect(fork.get(own).toString()).toBe('own');
    expect(() => blobs.get(own)).toThrow();
  });

  it('are not changed by who put or got them', () => {
    const blobs = new FileBlobs(folder);
    const bytes = Buffer.from('first');
    const name = blobs.put(bytes);
    bytes.write('other');
    expect(blobs.get(name).toString()).toBe('first');
  });
});
