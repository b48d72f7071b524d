import type { Database } from './database.ts';
import type { UserRow } from './users.ts';

export interface SessionRow {
  hash: string;
  user: string;
  created_at: number;
  expires_at: number;
  last_seen_at: number;
  user_agent: string;
}

/** Who is signed in, on which device. */
export class SessionStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: SessionRow): void {
    this.database
      .prepare(
        'insert into sessions (hash, user, created_at, expires_at, last_seen_at, user_agent) values (@hash, @user, @created_at, @expires_at, @last_seen_at, @user_agent)',
      )
      .run(row);
  }

  find(hash: string): SessionRow | undefined {
    return this.database.prepare('select * from sessions where hash = ?').get(hash) as SessionRow | undefined;
  }

  /** The session with its person, where it has not expired and the person is not disabled. */
  live(hash: string, now: number): { session: SessionRow; user: UserRow } | undefined {
    const session = this.find(hash);
    if (!session || session.expires_at <= now) return undefined;
    const user = this.database.prepare('select * from users where id = ?').get(session.user) as UserRow;
    return user.disabled_at === null ? { session, user } : undefined;
  }

  /** A person's live sessions, the last used first. */
  of(user: string, now: number): SessionRow[] {
    return this.database
      .prepare('select * from sessions where user = ? and expires_at > ? order by last_seen_at desc, created_at desc')
      .all(user, now) as SessionRow[];
  }

  seen(hash: string, at: number, expiresAt: number): void {
    this.database
      .prepare('update sessions set last_seen_at = ?, expires_at = ? where hash = ?')
      .run(at, expiresAt, hash);
  }

  remove(hash: string): void {
    this.database.prepare('delete from sessions where hash = ?').run(hash);
  }

  /** @param except the session that stays */
  removeOf(user: string, except = ''): number {
    return this.database.prepare('delete from sessions where user = ? and hash <> ?').run(user, except).changes;
  }

  removeExpired(now: number): void {
    this.database.prepare('delete from sessions where expires_at <= ?').run(now);
  }
}
