import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { AccountState, type Change, type Journal } from '../cloud/state/account-state.ts';
import { blobNames } from '../cloud/state/blobs.ts';
import type { Database } from './database.ts';

/** The account states of all attempts: a row a resource. */
export class RecordStore {
  private readonly database: Database;
  /** How often an attempt's records were replaced since the start of the process. */
  private readonly generations = new Map<string, number>();
  private readonly upsert;
  private readonly remove;
  private readonly byAttempt;
  private readonly owners;
  private readonly values;

  constructor(database: Database) {
    this.database = database;
    this.upsert = database.prepare(
      'insert into records (attempt, tbl, scope, id, value) values (?, ?, ?, ?, ?) on conflict (attempt, tbl, scope, id) do update set value = excluded.value',
    );
    this.remove = database.prepare('delete from records where attempt = ? and tbl = ? and scope = ? and id = ?');
    this.byAttempt = database.prepare('select tbl as "table", scope, id, value from records where attempt = ?');
    this.values = database.prepare('select value from records where attempt = ?').pluck();
    this.owners = database.prepare(
      'select distinct attempt from records where tbl = ? and id = ? and exists (select 1 from attempts where attempts.id = records.attempt and ended_at is null) limit 2',
    );
  }

  /**
   * Writes each commit of an attempt's account in one transaction. `replace` ends the journals that were given out
   * before it: a call that is still under way in the old account must not write into the new one.
   */
  journal(attempt: string): Journal {
    const generation = this.generations.get(attempt);
    const write = this.database.transaction((changes: readonly Change[]) => {
      for (const { table, scope, id, value } of changes)
        if (value === undefined) this.remove.run(attempt, table, scope, id);
        else this.upsert.run(attempt, table, scope, id, JSON.stringify(value));
    });
    return {
      commit: (changes) => {
        if (this.generations.get(attempt) !== generation)
          throw new Error(`the account of attempt ${attempt} was put back meanwhile`);
        write(changes);
      },
    };
  }

  /** The account state as it was last acknowledged. */
  load(attempt: string): AccountState {
    const rows = this.byAttempt.all(attempt) as { table: string; scope: string; id: string; value: string }[];
    return AccountState.load(
      rows.map((row) => ({ ...row, value: freeze(JSON.parse(row.value)) })),
      this.journal(attempt),
    );
  }

  /** The blobs that an attempt's records mention. */
  blobNames(attempt: string): Set<string> {
    const names = new Set<string>();
    for (const value of this.values.iterate(attempt)) for (const name of blobNames(value as string)) names.add(name);
    return names;
  }

  /** The attempts that were not ended and have a record of this table and id, at most two. */
  attemptsWith(table: string, id: string): string[] {
    return (this.owners.all(table, id) as { attempt: string }[]).map(({ attempt }) => attempt);
  }

  /** Replaces everything an attempt has, in one transaction. */
  replace(attempt: string, records: Iterable<Change>): void {
    this.generations.set(attempt, (this.generations.get(attempt) ?? 0) + 1);
    this.database.transaction(() => {
      this.database.prepare('delete from records where attempt = ?').run(attempt);
      for (const { table, scope, id, value } of records)
        if (value) this.upsert.run(attempt, table, scope, id, JSON.stringify(value));
    })();
  }
}

/** A state as bytes, for the start state and for exports. */
export function packState(state: AccountState): Buffer {
  return deflateRawSync(JSON.stringify([...state.records()]), { level: 1 });
}

/** The reverse of `packState`. */
export function unpackState(bytes: Buffer, journal?: Journal): AccountState {
  const records = JSON.parse(inflateRawSync(bytes).toString()) as Change[];
  return AccountState.load(
    records.map((record) => ({ ...record, value: freeze(record.value as object) })),
    journal,
  );
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
