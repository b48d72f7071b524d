import type { Database } from './database.ts';

export interface ResetLinkRow {
  hash: string;
  user: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

/** One-time links to choose a password. */
export class ResetLinkStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Adds a link. The person's earlier ones are void. */
  replace(row: Omit<ResetLinkRow, 'used_at'>): void {
    this.database.prepare('delete from reset_links where user = ? and used_at is null').run(row.user);
    this.database
      .prepare(
        'insert into reset_links (hash, user, created_by, created_at, expires_at) values (@hash, @user, @created_by, @created_at, @expires_at)',
      )
      .run(row);
  }

  /** A link that can still be used. */
  live(hash: string, now: number): ResetLinkRow | undefined {
    return this.database
      .prepare('select * from reset_links where hash = ? and used_at is null and expires_at > ?')
      .get(hash, now) as ResetLinkRow | undefined;
  }

  /** Answers whether it was unused until now. */
  use(hash: string, at: number): boolean {
    return (
      this.database.prepare('update reset_links set used_at = ? where hash = ? and used_at is null').run(at, hash)
        .changes > 0
    );
  }
}
