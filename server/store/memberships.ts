import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

/** Who belongs where: what every right is read from. */
export class MembershipStore {
  private readonly database: Database;
  private readonly acting: Statement;
  private readonly instructed: Statement;
  private readonly disabled: Statement;

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
    this.disabled = database.prepare('select 1 from users where id = ? and disabled_at is not null');
    this.instructed = database.prepare(
      `select 1 from cohort_instructors ci where ci.user = @instructor and (
         exists (select 1 from cohort_members m where m.cohort = ci.cohort and m.user = @owner)
         or exists (select 1 from teams t where t.cohort = ci.cohort and t.id = @owner)
         or exists (select 1 from entries e join assessments a on a.id = e.assessment
                    where a.cohort = ci.cohort and e.id = @owner)
       ) limit 1`,
    );
  }

  isDisabled(person: string): boolean {
    return this.disabled.get(person) !== undefined;
  }

  /** Is the owner a team of this person, or an entry of theirs or of their team's? */
  actsFor(person: string, owner: string): boolean {
    return this.acting.get({ person, owner }) !== undefined;
  }

  /** Is the owner a member, a team or an entry of a cohort that this person instructs? */
  instructsOwner(instructor: string, owner: string): boolean {
    return this.instructed.get({ instructor, owner }) !== undefined;
  }

  ownerExists(owner: string): boolean {
    return this.database.prepare('select 1 from learners where id = ?').get(owner) !== undefined;
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

  /** Is a person a learner in cohorts that this person instructs, all of them, and in one at least? */
  instructsAllOf(instructor: string, learner: string): boolean {
    const { all, own } = this.database
      .prepare(
        `select count(*) as "all", count(ci.user) as own from cohort_members m
         left join cohort_instructors ci on ci.cohort = m.cohort and ci.user = @instructor where m.user = @learner`,
      )
      .get({ instructor, learner }) as { all: number; own: number };
    return all > 0 && all === own;
  }

  /** Themselves and their own entries: whose attempts go with the account. */
  ownersOf(user: string): string[] {
    return this.database
      .prepare('select @user union all select id from entries where party = @user')
      .pluck()
      .all({ user }) as string[];
  }
}
