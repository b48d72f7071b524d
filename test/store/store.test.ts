import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineTable } from '../../server/cloud/state/table.ts';
import type { GradeReport } from '../../server/grading/types.ts';
import { availableMigrations, migrate, openDatabase } from '../../server/store/database.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { packState, unpackState } from '../../server/store/records.ts';

const things = defineTable<{ n: number; text?: string }>('test.things');
const scope = { account: '111122223333', region: 'us-east-1' };

describe('migrations', () => {
  const one = { name: '0001_a.sql', sql: 'create table a (n integer) strict' };
  const two = { name: '0002_b.sql', sql: 'create table b (n integer) strict' };
  const names = (database: BetterSqlite3.Database): string[] =>
    (database.prepare('select name from migrations order by name').all() as { name: string }[]).map(({ name }) => name);

  it('are applied once, in order, and what is missing later', () => {
    const database = new BetterSqlite3(':memory:');
    migrate(database, [one]);
    migrate(database, [one]);
    migrate(database, [one, two]);
    expect(names(database)).toEqual(['0001_a.sql', '0002_b.sql']);
  });

  it('refuse a store of another version: unknown, missing and reordered ones', () => {
    const database = new BetterSqlite3(':memory:');
    migrate(database, [one, two]);
    expect(() => migrate(database, [one])).toThrow(/0002_b\.sql, which this version does not know/);
    expect(() => migrate(database, [two])).toThrow(/0001_a\.sql/);
    expect(() => migrate(database, [{ ...one, name: '0000_before.sql' }, one, two])).toThrow();
    expect(names(database)).toEqual(['0001_a.sql', '0002_b.sql']);
  });

  it('leave nothing of one that fails', () => {
    const database = new BetterSqlite3(':memory:');
    const broken = { name: '0002_c.sql', sql: 'create table c (n integer) strict; create table c (n integer) strict;' };
    expect(() => migrate(database, [one, broken])).toThrow();
    expect(names(database)).toEqual(['0001_a.sql']);
    expect(database.prepare("select name from sqlite_master where name = 'c'").get()).toBeUndefined();
  });

  it('are numbered without a gap or a double', () => {
    expect(availableMigrations().map(({ name }) => Number(name.slice(0, 4)))).toEqual(
      availableMigrations().map((_, index) => index + 1),
    );
  });

  it('make the schema of schema.sql (UPDATE_SCHEMA=1 writes it anew)', () => {
    const database = openDatabase(':memory:');
    const rows = database
      .prepare("select sql from sqlite_master where sql is not null order by type = 'table' desc, tbl_name, name")
      .all() as { sql: string }[];
    const schema = `-- What all migrations make together. Written by test/store/store.test.ts; do not edit.\n${rows.map(({ sql }) => `${sql};\n`).join('')}`;
    const path = join(import.meta.dirname, 'schema.sql');
    if (process.env.UPDATE_SCHEMA) writeFileSync(path, schema);
    expect(readFileSync(path, 'utf8')).toBe(schema);
    const tables = database.prepare('pragma table_list').all() as { name: string; type: string; strict: number }[];
    const lax = tables.filter(({ name, type, strict }) => type === 'table' && !name.startsWith('sqlite_') && !strict);
    expect(lax).toEqual([]);
    database.close();
  });
});

describe('a store', () => {
  let folder: string;
  let store: Store;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lambda-range-store-'));
    store = openStore(folder);
    store.ensureLearner('local', 'You', 1);
  });
  afterEach(() => {
    if (store.database.open) store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const insert = (id: string): void =>
    store.attempts.insert({
      id,
      learner: 'local',
      lab: 'a-lab',
      lab_version: 1,
      seed: 's',
      backend: 'embedded',
      created_at: 10,
    });
  const report = (verdict: GradeReport['verdict'], points: number): GradeReport =>
    ({ verdict, points, worth: points, max: 100, lab: 'a-lab', seed: 'seed', checks: [] }) as unknown as GradeReport;
  const grade = (id: string, verdict: GradeReport['verdict'], awarded: number, at: number, counts = true): void =>
    store.scores.addGrade(
      {
        id,
        attempt: 'one',
        createdAt: at,
        startedAt: at,
        actor: 'local',
        report: report(verdict, awarded),
        diff: [],
        awarded,
        state: Buffer.from('state'),
        blobs: [],
      },
      'local',
      counts,
    );

  it('writes ahead, keeps foreign keys, and names no attempt that is not there', () => {
    expect(store.database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(store.database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(() => store.records.journal('nobody').commit([{ table: 't', scope: 's', id: 'i', value: {} }])).toThrow(
      /FOREIGN KEY/,
    );
    expect(() => grade('g', 'solved', 1, 1)).toThrow(/FOREIGN KEY/);
    expect(store.database.prepare('select count(*) n from audit').get()).toEqual({ n: 0 });
  });

  it('keeps an account record by record, all of a commit or nothing', () => {
    insert('one');
    const state = store.records.load('one');
    const write = state.begin();
    write.put(things, scope, 'a', { n: 1 });
    write.put(things, scope, 'b', { n: 2, text: '__proto__ ü \u0000' });
    write.commit();
    expect(store.records.load('one').list(things, scope)).toEqual(state.list(things, scope));
    const again = state.begin();
    again.delete(things, scope, 'a');
    again.put(things, scope, 'c', { n: 3 });
    again.commit();
    expect(
      store.records
        .load('one')
        .list(things, scope)
        .map(({ id }) => id),
    ).toEqual(['b', 'c']);
    const circular: { n: number; self?: unknown } = { n: 4 };
    circular.self = circular;
    expect(() =>
      store.records.journal('one').commit([
        { table: 'test.things', scope: '111122223333/us-east-1', id: 'd', value: { n: 4 } },
        { table: 'test.things', scope: '111122223333/us-east-1', id: 'e', value: circular },
      ]),
    ).toThrow();
    expect(store.records.load('one').get(things, scope, 'd')).toBeUndefined();
  });

  it('lets no journal of before a reset write after it', () => {
    insert('one');
    const old = store.records.load('one');
    const pending = old.begin();
    pending.put(things, scope, 'late', { n: 1 });
    store.records.replace('one', []);
    expect(() => pending.commit()).toThrow(/put back/);
    expect(store.records.load('one').list(things, scope)).toEqual([]);
    const fresh = store.records.load('one').begin();
    fresh.put(things, scope, 'new', { n: 1 });
    fresh.commit();
    expect(store.records.load('one').list(things, scope)).toHaveLength(1);
  });

  it('packs a state and gets the same one back', () => {
    insert('one');
    const state = store.records.load('one');
    const write = state.begin();
    write.put(things, scope, '__proto__', { n: 1, text: 'x'.repeat(10_000) });
    write.commit();
    expect([...unpackState(packState(state)).records()]).toEqual([...state.records()]);
    expect(Object.isFrozen(unpackState(packState(state)).get(things, scope, '__proto__'))).toBe(true);
  });

  it('forgets an attempt with everything that was its own', () => {
    insert('one');
    store.records.journal('one').commit([{ table: 't', scope: 's', id: 'i', value: {} }]);
    store.scores.addHint('one', 1, 5, 2, 'local');
    store.calls.add('one', { eventName: 'x' } as never);
    store.attempts.remove('one');
    store.calls.flush();
    for (const table of ['records', 'hints', 'calls', 'grades'])
      expect(store.database.prepare(`select count(*) n from ${table}`).get()).toEqual({ n: 0 });
    // What was awarded is not taken back from the trail.
    expect(store.database.prepare('select count(*) n from audit').get()).toEqual({ n: 1 });
  });

  it('has one row a solve: the best, at the time of the first', () => {
    insert('one');
    grade('g1', 'unsolved', 40, 100);
    expect(store.scores.solves('local')).toEqual([]);
    grade('g2', 'solved', 80, 200);
    grade('g3', 'solved', 60, 300);
    expect(store.scores.solves('local')).toMatchObject([{ points: 80, grade: 'g2', solved_at: 200 }]);
    grade('g4', 'solved', 100, 400);
    expect(store.scores.solves('local')).toMatchObject([{ points: 100, grade: 'g4', solved_at: 200 }]);
    expect(store.scores.gradeSummary('one')).toMatchObject({ tries: 4, best: 100 });
  });

  it('counts no void grade and no solve after giving up', () => {
    insert('one');
    grade('g1', 'void', 0, 100);
    expect(store.scores.gradeSummary('one')).toMatchObject({ tries: 0, best: 0 });
    grade('g2', 'solved', 0, 200, false);
    expect(store.scores.solves('local')).toEqual([]);
  });

  it('charges a hint once', () => {
    insert('one');
    expect(store.scores.addHint('one', 1, 5, 2, 'local')).toBe(true);
    expect(store.scores.addHint('one', 1, 9, 3, 'local')).toBe(false);
    expect(store.scores.hints('one')).toEqual([{ number: 1, revealed_at: 2, cost: 5 }]);
  });

  it('has a trail to which is only added', () => {
    store.scores.audit(1, 'local', null, 'event', { a: 1 });
    expect(() => store.database.exec("update audit set event = 'other'")).toThrow(/append only/);
    expect(() => store.database.exec('delete from audit')).toThrow(/append only/);
    expect(() =>
      store.database.exec(
        "insert or replace into audit (seq, at, actor, event, details) values (1, 2, 'x', 'y', '{}')",
      ),
    ).toThrow(/append only/);
    expect(store.database.prepare('select event, actor from audit').all()).toEqual([
      { event: 'event', actor: 'local' },
    ]);
  });

  it('keeps the last calls of an attempt, and no more', () => {
    insert('one');
    for (let n = 0; n < 5100; n++) store.calls.add('one', { eventName: String(n) } as never);
    store.calls.flush();
    expect(store.database.prepare('select count(*) n from calls').get()).toEqual({ n: 5000 });
    expect(store.calls.list('one', 2).map(({ eventName }) => eventName)).toEqual(['5098', '5099']);
  });
});
