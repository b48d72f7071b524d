import type { Database } from './database.ts';
import type { UserRow } from './users.ts';

export interface TokenRow {
  id: string;
  hash: string;
  user: string;
  name: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

/** Personal tokens of the API. */
export class TokenStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: Omit<TokenRow, 'last_used_at'>): void {
    this.database
      .prepare(
        'insert into tokens (id, hash, user, name, created_at, expires_at) values (@id, @hash, @user, @name, @created_at, @expires_at)',
      )
      .run(row);
  }

  /** The token with its person, where it has not expired and the person is not disabled. */
  live(hash: string, now: number): { token: TokenRow; user: UserRow } | undefined {
    const token = this.database
      .prepare('select * from tokens where hash = ? and (expires_at is null or expires_at > ?)')
      .get(hash, now) as TokenRow | undefined;
    if (!token) return undefined;
    const user = this.database.prepare('select * from users where id = ?').get(token.user) as UserRow;
    return user.disabled_at === null ? { token, user } : undefined;
  }

  /** A person's tokens, expired ones too, the newest first. */
  of(user: string): TokenRow[] {
    return this.database
      .prepare('select * from tokens where user = ? order by created_at desc, id')
      .all(user) as TokenRow[];
  }

  used(id: string, at: number): void {
    this.database.prepare('update tokens set last_used_at = ? where id = ?').run(at, id);
  }

  /** Answers whether the person had it. */
  remove(user: string, id: string): boolean {
    return this.database.prepare('delete from tokens where user = ? and id = ?').run(user, id).changes > 0;
  }

  removeOf(user: string): void {
    this.database.prepare('delete from tokens where user = ?').run(user);
  }
}
