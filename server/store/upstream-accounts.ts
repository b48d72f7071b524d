import type { Database } from './database.ts';

export interface UpstreamAccountRow {
  backend: string;
  account: string;
  attempt: string;
  made_at: number;
}

/** Accounts in AWS endpoints behind the gateway that something may be left in. */
export class UpstreamAccountStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  add(row: UpstreamAccountRow): void {
    this.database
      .prepare(
        'insert into upstream_accounts (backend, account, attempt, made_at) values (@backend, @account, @attempt, @made_at) on conflict do update set attempt = @attempt, made_at = @made_at',
      )
      .run(row);
  }

  of(attempt: string): UpstreamAccountRow[] {
    return this.database
      .prepare('select * from upstream_accounts where attempt = ?')
      .all(attempt) as UpstreamAccountRow[];
  }

  /** Those whose attempt has ended, was deleted, or never came to be. */
  orphans(): UpstreamAccountRow[] {
    return this.database
      .prepare(
        'select * from upstream_accounts where not exists (select 1 from attempts where id = attempt and ended_at is null)',
      )
      .all() as UpstreamAccountRow[];
  }

  remove(backend: string, account: string): void {
    this.database.prepare('delete from upstream_accounts where backend = ? and account = ?').run(backend, account);
  }
}
