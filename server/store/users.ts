import type { Database } from './database.ts';

export type Role = 'learner' | 'instructor' | 'administrator';

export interface UserRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** argon2id in PHC form; null until the person has chosen a password. */
  password: string | null;
  created_at: number;
  disabled_at: number | null;
  last_seen_at: number | null;
}

/** Which people a list shows. */
export interface UserFilter {
  /** A part of the name or the e-mail. */
  text: string;
  limit: number;
  offset: number;
}

/** People who sign in. Each is a learner too, of the same id. */
export class UserStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(user: Pick<UserRow, 'id' | 'email' | 'name' | 'role' | 'password' | 'created_at'>): void {
    this.database
      .prepare("insert into learners (id, name, created_at, kind) values (@id, @name, @created_at, 'person')")
      .run({ id: user.id, name: user.name, created_at: user.created_at });
    this.database
      .prepare(
        'insert into users (id, email, name, role, password, created_at) values (@id, @email, @name, @role, @password, @created_at)',
      )
      .run(user);
  }

  find(id: string): UserRow | undefined {
    return this.database.prepare('select * from users where id = ?').get(id) as UserRow | undefined;
  }

  byEmail(email: string): UserRow | undefined {
    return this.database.prepare('select * from users where email = ?').get(email) as UserRow | undefined;
  }

  /** By name, a page of them. */
  list({ text, limit, offset }: UserFilter): UserRow[] {
    return this.database
      .prepare(
        "select * from users where name like @like escape '\\' or email like @like escape '\\' order by name collate nocase, id limit @limit offset @offset",
      )
      .all({ like: likeness(text), limit, offset }) as UserRow[];
  }

  count(text = ''): number {
    return this.database
      .prepare("select count(*) from users where name like @like escape '\\' or email like @like escape '\\'")
      .pluck()
      .get({ like: likeness(text) }) as number;
  }

  setName(id: string, name: string): void {
    this.database.prepare('update users set name = ? where id = ?').run(name, id);
    this.database.prepare('update learners set name = ? where id = ?').run(name, id);
  }

  setPassword(id: string, password: string): void {
    this.database.prepare('update users set password = ? where id = ?').run(password, id);
  }

  setRole(id: string, role: Role): void {
    this.database.prepare('update users set role = ? where id = ?').run(role, id);
  }

  setDisabled(id: string, at: number | null): void {
    this.database.prepare('update users set disabled_at = ? where id = ?').run(at, id);
  }

  seen(id: string, at: number): void {
    this.database.prepare('update users set last_seen_at = ? where id = ?').run(at, id);
  }

  /** Is there an administrator besides this person who can sign in? */
  otherAdministrator(id: string): boolean {
    return (
      this.database
        .prepare(
          "select 1 from users where role = 'administrator' and disabled_at is null and password is not null and id <> ? limit 1",
        )
        .get(id) !== undefined
    );
  }

  /** A person and all that they own: attempts, grades, entries of assessments. The audit trail keeps their id. */
  remove(id: string): void {
    this.database.prepare('delete from learners where id in (select id from entries where party = ?)').run(id);
    this.database.prepare('delete from learners where id = ?').run(id);
  }
}

const likeness = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
