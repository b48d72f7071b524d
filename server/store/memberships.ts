import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

/** Who belongs where: what every right is read from. */
export class MembershipStore {
  private readonly database: Database;
  private readonly acting: Statement;
  private readonly instructed: Statement;

  constructor(database: Database) {
    this.database = database;
    // Asked at every request: prepared once.
    this.acting = database.prepare(
      `select 1 from team_members where team = @owner and user = @person
       union all
       select 1 from entries where id = @owner
         and (party = @person or party in (select team from team_members where user = @person))
       limit 1`,
    );
    this.instructed = database.prepare(
      `select 1 from cohort_instructors ci where ci.user = @instructor and (
         exists (select 1 from cohort_members m where m.cohort = ci.cohort and m.user = @owner)
         or exists (select 1 from teams t where t.cohort = ci.cohort and t.id = @owner)
         or exists (select 1 from entries e join assessments a on a.id = e.assessment
                    where a.cohort = ci.cohort and e.id = @owner)
       ) limit 1`,
    );
  }

  /** Is the owner a team of this person, or an entry of theirs or of their team's? */
  actsFor(person: string, owner: string): boolean {
    return this.acting.get({ person, owner }) !== undefined;
  }

  /** Is the owner a member, a team or an entry of a cohort that this person instructs? */
  instructsOwner(instructor: string, owner: string): boolean {
    return this.instructed.get({ instructor, owner }) !== undefined;
  }

  instructs(instructor: string, cohort: string): boolean {
    return (
      this.database
        .prepare('select 1 from cohort_instructors where user = ? and cohort = ?')
        .get(instructor, cohort) !== undefined
    );
  }

  ownerExists(owner: string): boolean {
    return this.database.prepare('select 1 from learners where id = ?').get(owner) !== undefined;
  }

  cohort(id: string): { id: string; name: string; archived: boolean } | undefined {
    const row = this.database.prepare('select id, name, archived_at from cohorts where id = ?').get(id) as
      | { id: string; name: string; archived_at: number | null }
      | undefined;
    return row && { id: row.id, name: row.name, archived: row.archived_at !== null };
  }

  /** A person's cohorts, as what, and their team in each. */
  cohortsOf(user: string): { id: string; name: string; as: 'member' | 'instructor'; team: string | null }[] {
    return this.database
      .prepare(
        `select c.id, c.name, 'member' as "as",
           (select t.name from teams t join team_members tm on tm.team = t.id where t.cohort = c.id and tm.user = @user) as team
         from cohorts c join cohort_members m on m.cohort = c.id where m.user = @user
         union all
         select c.id, c.name, 'instructor', null from cohorts c join cohort_instructors i on i.cohort = c.id where i.user = @user
         order by 2, 1`,
      )
      .all({ user }) as { id: string; name: string; as: 'member' | 'instructor'; team: string | null }[];
  }

  isMember(cohort: string, user: string): boolean {
    return (
      this.database.prepare('select 1 from cohort_members where cohort = ? and user = ?').get(cohort, user) !==
      undefined
    );
  }

  /** Answers whether it is new. */
  join(cohort: string, user: string, as: 'member' | 'instructor', at: number): boolean {
    const { changes } =
      as === 'instructor'
        ? this.database
            .prepare('insert into cohort_instructors (cohort, user) values (?, ?) on conflict do nothing')
            .run(cohort, user)
        : this.database
            .prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, ?) on conflict do nothing')
            .run(cohort, user, at);
    return changes > 0;
  }

  /** Out of a cohort and of its teams. Answers whether the person was in it. */
  leave(cohort: string, user: string): boolean {
    this.database
      .prepare('delete from team_members where user = ? and team in (select id from teams where cohort = ?)')
      .run(user, cohort);
    return (
      this.database.prepare('delete from cohort_members where cohort = ? and user = ?').run(cohort, user).changes > 0
    );
  }
}
