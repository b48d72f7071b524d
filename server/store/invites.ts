import type { Database } from './database.ts';
import type { Role } from './users.ts';

export interface InviteRow {
  id: string;
  hash: string;
  role: Role;
  cohort: string | null;
  /** JSON: e-mail domains that may use it; empty for any. */
  domains: string;
  seats: number;
  used: number;
  created_by: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

/** Links by which people come in. */
export class InviteStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: Omit<InviteRow, 'used' | 'revoked_at'>): void {
    this.database
      .prepare(
        'insert into invites (id, hash, role, cohort, domains, seats, created_by, created_at, expires_at) values (@id, @hash, @role, @cohort, @domains, @seats, @created_by, @created_at, @expires_at)',
      )
      .run(row);
  }

  find(id: string): InviteRow | undefined {
    return this.database.prepare('select * from invites where id = ?').get(id) as InviteRow | undefined;
  }

  byHash(hash: string): InviteRow | undefined {
    return this.database.prepare('select * from invites where hash = ?').get(hash) as InviteRow | undefined;
  }

  /** The newest first. @param cohort of this cohort; undefined for all */
  list(cohort: string | undefined): InviteRow[] {
    return (
      cohort === undefined
        ? this.database.prepare('select * from invites order by created_at desc, id limit 500').all()
        : this.database
            .prepare('select * from invites where cohort = ? order by created_at desc, id limit 500')
            .all(cohort)
    ) as InviteRow[];
  }

  /** Takes a seat. Answers whether one was left and the invite still stands. */
  take(id: string, now: number): boolean {
    return (
      this.database
        .prepare(
          'update invites set used = used + 1 where id = ? and used < seats and revoked_at is null and expires_at > ?',
        )
        .run(id, now).changes > 0
    );
  }

  revoke(id: string, at: number): void {
    this.database.prepare('update invites set revoked_at = coalesce(revoked_at, ?) where id = ?').run(at, id);
  }
}
