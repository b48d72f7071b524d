import type { CallRecord } from '../cloud/call-log.ts';
import type { Database } from './database.ts';

/** The call log of every attempt. Written in batches: it is evidence, not state, and no answer waits for it. */
export class CallStore {
  private readonly database: Database;
  private pending: { attempt: string; record: CallRecord }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly keep: number;
  private readonly listeners = new Set<(attempt: string, record: CallRecord) => void>();

  constructor(database: Database, keep = 5000) {
    this.database = database;
    this.keep = keep;
  }

  /** Hears of every call of every attempt as it is made. Returns the function that ends the subscription. */
  subscribe(listener: (attempt: string, record: CallRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(attempt: string, record: CallRecord): void {
    for (const listener of this.listeners) listener(attempt, record);
    this.pending.push({ attempt, record });
    if (this.pending.length >= 1000) this.flush();
    this.timer ??= setTimeout(() => this.flush(), 200).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.pending;
    this.pending = [];
    if (batch.length === 0 || !this.database.open) return;
    this.database.transaction(() => {
      // An attempt may have been removed meanwhile; its calls go with it.
      const insert = this.database.prepare(
        'insert into calls (attempt, event) select ?, ? where exists (select 1 from attempts where id = ?)',
      );
      for (const { attempt, record } of batch) insert.run(attempt, JSON.stringify(record), attempt);
      for (const attempt of new Set(batch.map((entry) => entry.attempt)))
        this.database
          .prepare(
            'delete from calls where attempt = ? and seq <= (select seq from calls where attempt = ? order by seq desc limit 1 offset ?)',
          )
          .run(attempt, attempt, this.keep);
    })();
  }

  /** The last calls of an attempt, oldest first. */
  list(attempt: string, limit = 500): CallRecord[] {
    this.flush();
    const rows = this.database
      .prepare('select event from calls where attempt = ? order by seq desc limit ?')
      .all(attempt, limit) as { event: string }[];
    return rows.map(({ event }) => JSON.parse(event) as CallRecord).reverse();
  }
}
