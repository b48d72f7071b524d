import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

export interface AttemptRow {
  id: string;
  learner: string;
  lab: string;
  lab_version: number;
  seed: string;
  /** `embedded`, or the name of the AWS endpoint that the account lives in. */
  backend: string;
  created_at: number;
  ready_at: number | null;
  ended_at: number | null;
  gave_up_at: number | null;
  last_active_at: number;
}

const columns =
  'id, learner, lab, lab_version, seed, backend, created_at, ready_at, ended_at, gave_up_at, last_active_at';

/** Attempts: one learner's work on one lab. */
export class AttemptStore {
  private readonly database: Database;
  /** Asked at every AWS call and every page. */
  private readonly one: Statement;
  private readonly touched: Statement;

  constructor(database: Database) {
    this.database = database;
    this.one = database.prepare(`select ${columns} from attempts where id = ?`);
    this.touched = database.prepare('update attempts set last_active_at = ? where id = ?');
  }

  insert(row: Omit<AttemptRow, 'ready_at' | 'ended_at' | 'gave_up_at' | 'last_active_at'>): void {
    this.database
      .prepare(
        'insert into attempts (id, learner, lab, lab_version, seed, backend, created_at, last_active_at) values (@id, @learner, @lab, @lab_version, @seed, @backend, @created_at, @created_at)',
      )
      .run(row);
  }

  find(id: string): AttemptRow | undefined {
    return this.one.get(id) as AttemptRow | undefined;
  }

  /** A learner's attempts that were not ended, newest first. */
  openOf(learner: string): AttemptRow[] {
    return this.database
      .prepare(`select ${columns} from attempts where learner = ? and ended_at is null order by created_at desc`)
      .all(learner) as AttemptRow[];
  }

  allOf(learner: string): AttemptRow[] {
    return this.database
      .prepare(`select ${columns} from attempts where learner = ? order by created_at desc`)
      .all(learner) as AttemptRow[];
  }

  /** The ids of all attempts that were not ended. */
  open(): string[] {
    return this.database.prepare('select id from attempts where ended_at is null').pluck().all() as string[];
  }

  /** Attempts whose deploy never finished: the process died in the middle of it. */
  unready(): AttemptRow[] {
    return this.database.prepare(`select ${columns} from attempts where ready_at is null`).all() as AttemptRow[];
  }

  setReady(id: string, at: number, startState: Buffer): void {
    this.database.prepare('update attempts set ready_at = ?, start_state = ? where id = ?').run(at, startState, id);
  }

  setStartState(id: string, startState: Buffer): void {
    this.database.prepare('update attempts set start_state = ? where id = ?').run(startState, id);
  }

  startState(id: string): Buffer | undefined {
    const row = this.database.prepare('select start_state from attempts where id = ?').get(id) as
      | { start_state: Buffer | null }
      | undefined;
    return row?.start_state ?? undefined;
  }

  touch(id: string, at: number): void {
    this.touched.run(at, id);
  }

  giveUp(id: string, at: number): void {
    this.database.prepare('update attempts set gave_up_at = coalesce(gave_up_at, ?) where id = ?').run(at, id);
  }

  end(id: string, at: number): void {
    this.database.prepare('update attempts set ended_at = coalesce(ended_at, ?) where id = ?').run(at, id);
  }

  remove(id: string): void {
    this.database.prepare('delete from attempts where id = ?').run(id);
  }
}
