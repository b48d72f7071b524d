import type { Database } from './database.ts';

export interface CohortRow {
  id: string;
  name: string;
  created_at: number;
  archived_at: number | null;
  version: number;
}

/** A person in a list of a cohort's people. */
export interface PersonRow {
  id: string;
  name: string;
  email: string;
  last_seen_at: number | null;
}

export interface MemberRow extends PersonRow {
  joined_at: number;
  /** The team in this cohort, where they are in one. */
  team: string | null;
  team_name: string | null;
}

const columns = 'cohorts.id, cohorts.name, cohorts.created_at, cohorts.archived_at, cohorts.version';

/** Cohorts, their members and their instructors. */
export class CohortStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: { id: string; name: string; created_at: number }): void {
    this.database.prepare('insert into cohorts (id, name, created_at) values (@id, @name, @created_at)').run(row);
  }

  find(id: string): CohortRow | undefined {
    return this.database.prepare(`select ${columns} from cohorts where id = ?`).get(id) as CohortRow | undefined;
  }

  /** By name. @param instructor only those that this person instructs; all without */
  list(instructor?: string): (CohortRow & { members: number; teams: number })[] {
    const counts =
      '(select count(*) from cohort_members where cohort = cohorts.id) as members, (select count(*) from teams where cohort = cohorts.id) as teams';
    const where = instructor === undefined ? '' : 'join cohort_instructors on cohort = cohorts.id and user = ?';
    return this.database
      .prepare(`select ${columns}, ${counts} from cohorts ${where} order by cohorts.name collate nocase, cohorts.id`)
      .all(...(instructor === undefined ? [] : [instructor])) as (CohortRow & { members: number; teams: number })[];
  }

  /** Changes a cohort that still has this version. False when it has another one by now. */
  update(id: string, version: number, to: { name: string; archived_at: number | null }): boolean {
    const { changes } = this.database
      .prepare('update cohorts set name = ?, archived_at = ?, version = version + 1 where id = ? and version = ?')
      .run(to.name, to.archived_at, id, version);
    return changes > 0;
  }

  /** False when they were a member already. */
  addMember(cohort: string, user: string, at: number): boolean {
    return (
      this.database
        .prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, ?) on conflict do nothing')
        .run(cohort, user, at).changes > 0
    );
  }

  removeMember(cohort: string, user: string): boolean {
    return (
      this.database.prepare('delete from cohort_members where cohort = ? and user = ?').run(cohort, user).changes > 0
    );
  }

  isMember(cohort: string, user: string): boolean {
    return (
      this.database.prepare('select 1 from cohort_members where cohort = ? and user = ?').get(cohort, user) !==
      undefined
    );
  }

  /** By name, each with their team. */
  members(cohort: string): MemberRow[] {
    return this.database
      .prepare(
        `select users.id, users.name, users.email, users.last_seen_at, cohort_members.joined_at, own.id as team, own.name as team_name
         from cohort_members join users on users.id = cohort_members.user
         left join (select teams.id, teams.name, team_members.user from teams join team_members on team_members.team = teams.id where teams.cohort = @cohort) as own on own.user = users.id
         where cohort_members.cohort = @cohort order by users.name collate nocase, users.id`,
      )
      .all({ cohort }) as MemberRow[];
  }

  /** The cohorts that a person is a member of, by name; archived ones last. */
  memberships(user: string): (CohortRow & { team: string | null; team_name: string | null })[] {
    return this.database
      .prepare(
        `select ${columns}, own.id as team, own.name as team_name
         from cohort_members join cohorts on cohorts.id = cohort_members.cohort
         left join (select teams.id, teams.name, teams.cohort from teams join team_members on team_members.team = teams.id where team_members.user = @user) as own on own.cohort = cohorts.id
         where cohort_members.user = @user order by cohorts.archived_at is not null, cohorts.name collate nocase, cohorts.id`,
      )
      .all({ user }) as (CohortRow & { team: string | null; team_name: string | null })[];
  }

  addInstructor(cohort: string, user: string): boolean {
    return (
      this.database
        .prepare('insert into cohort_instructors (cohort, user) values (?, ?) on conflict do nothing')
        .run(cohort, user).changes > 0
    );
  }

  removeInstructor(cohort: string, user: string): boolean {
    return (
      this.database.prepare('delete from cohort_instructors where cohort = ? and user = ?').run(cohort, user).changes >
      0
    );
  }

  isInstructor(cohort: string, user: string): boolean {
    return (
      this.database.prepare('select 1 from cohort_instructors where cohort = ? and user = ?').get(cohort, user) !==
      undefined
    );
  }

  instructors(cohort: string): PersonRow[] {
    return this.database
      .prepare(
        'select users.id, users.name, users.email, users.last_seen_at from cohort_instructors join users on users.id = cohort_instructors.user where cohort_instructors.cohort = ? order by users.name collate nocase, users.id',
      )
      .all(cohort) as PersonRow[];
  }

  /** A person who can sign in, by e-mail address in any case. */
  personByEmail(email: string): { id: string; name: string; role: string } | undefined {
    return this.database
      .prepare('select id, name, role from users where email = ? and disabled_at is null')
      .get(email) as { id: string; name: string; role: string } | undefined;
  }
}
