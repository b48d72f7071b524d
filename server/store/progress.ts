import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import type { AttemptFacts, AttemptTuple, GradeFacts, Group, OwnerRow } from './progress-rows.ts';

const bulk = `attempts.id, attempts.learner, attempts.lab, attempts.created_at, attempts.ended_at, attempts.gave_up_at,
  p.tries, p.passed, p.checks, p.points, p.solved_at, p.solved_ms, p.hints, p.first_hint_at, p.active_ms, p.last_at,
  p.changed_ms, p.best`;
const facts = `${bulk}, attempts.learner as owner, snoozes.until_at as snoozed_until`;
const joined = `attempts left join attempt_progress p on p.attempt = attempts.id
  left join snoozes on snoozes.attempt = attempts.id`;

const owners: Record<Group['of'], string> = {
  people: `select learners.id, learners.name, null as drawn, (
      select teams.bracket from team_members join teams on teams.id = team_members.team
      where team_members.user = learners.id and teams.cohort = @cohort and teams.bracket is not null limit 1
    ) as bracket
    from cohort_members join learners on learners.id = cohort_members.user where cohort_members.cohort = @cohort`,
  teams: `select teams.id, teams.name, null as drawn, teams.bracket from teams where teams.cohort = @cohort`,
  entries: `select entries.id, coalesce(teams.name, learners.name) as name, entries.drawn, teams.bracket
    from entries join assessments on assessments.id = entries.assessment
    join learners on learners.id = entries.party left join teams on teams.id = entries.party
    where assessments.cohort = @cohort and entries.assessment = @assessment and entries.dry_run = 0`,
};

/** What was recorded of work under way, read for those who teach. */
export class ProgressStore {
  private readonly database: Database;
  private lastChecksOf: Statement | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  assessment(cohort: string, id: string): { id: string; name: string } | undefined {
    return this.database.prepare('select id, name from assessments where cohort = ? and id = ?').get(cohort, id) as
      | { id: string; name: string }
      | undefined;
  }

  /** The assessments of a cohort, newest first. */
  assessments(cohort: string): { id: string; name: string }[] {
    return this.database
      .prepare("select id, name from assessments where cohort = ? and state <> 'draft' order by created_at desc")
      .all(cohort) as { id: string; name: string }[];
  }

  owners(group: Group): OwnerRow[] {
    return this.database
      .prepare(owners[group.of])
      .all({ cohort: group.cohort, assessment: group.assessment ?? '' }) as OwnerRow[];
  }

  /** The group that an owner is in, of a cohort; undefined for owners of other cohorts. */
  groupOf(cohort: string, owner: string): Group | undefined {
    const member = this.database.prepare('select 1 from cohort_members where cohort = ? and user = ?');
    if (member.get(cohort, owner)) return { cohort, of: 'people' };
    if (this.database.prepare('select 1 from teams where cohort = ? and id = ?').get(cohort, owner))
      return { cohort, of: 'teams' };
    const assessment = this.database
      .prepare(
        'select assessments.id from entries join assessments on assessments.id = entries.assessment where entries.id = ? and assessments.cohort = ?',
      )
      .pluck()
      .get(owner, cohort) as string | undefined;
    return assessment === undefined ? undefined : { cohort, of: 'entries', assessment };
  }

  /** Other owners of a cohort that a person or team works as: teams, and entries of assessments, theirs and their teams'. */
  alsoAs(cohort: string, owner: string): { id: string; name: string; as: 'team' | 'entry' }[] {
    return this.database
      .prepare(
        `with parties as (select @owner as id union
          select teams.id from team_members join teams on teams.id = team_members.team
          where team_members.user = @owner and teams.cohort = @cohort)
        select teams.id, teams.name, 'team' as "as" from teams join parties using (id) where id <> @owner
        union all
        select entries.id, assessments.name, 'entry' from entries
          join assessments on assessments.id = entries.assessment join parties on parties.id = entries.party
          where assessments.cohort = @cohort and entries.dry_run = 0 and entries.id <> @owner
        order by 3 desc, 2`,
      )
      .all({ cohort, owner }) as { id: string; name: string; as: 'team' | 'entry' }[];
  }

  /**
   * The attempts of a group that were made ready. There may be ten thousands: SQLite writes them as one text, which is
   * read in half the time of as many rows.
   */
  attempts(group: Group): AttemptFacts[] {
    const snoozed = new Map(
      this.database.prepare('select attempt, until_at from snoozes').raw().all() as [string, number][],
    );
    const text = this.database
      .prepare(
        `select json_group_array(json_array(${bulk})) from (select id from (${owners[group.of]})) o
        join attempts indexed by attempts_for_progress on attempts.learner = o.id and attempts.ready_at is not null
        left join attempt_progress p on p.attempt = attempts.id`,
      )
      .pluck()
      .get({ cohort: group.cohort, assessment: group.assessment ?? '' }) as string;
    const rows = JSON.parse(text) as AttemptTuple[];
    return rows.map(
      ([
        id,
        owner,
        lab,
        created_at,
        ended_at,
        gave_up_at,
        tries,
        passed,
        checks,
        points,
        solved_at,
        solved_ms,
        hints,
        first_hint_at,
        active_ms,
        last_at,
        changed_ms,
        best,
      ]) => ({
        id,
        owner,
        lab,
        created_at,
        ended_at,
        gave_up_at,
        tries,
        passed,
        checks,
        points,
        solved_at,
        solved_ms,
        hints,
        first_hint_at,
        active_ms,
        last_at,
        changed_ms,
        best,
        snoozed_until: snoozed.size === 0 ? null : (snoozed.get(id) ?? null),
      }),
    );
  }

  attemptsOf(owner: string): AttemptFacts[] {
    return this.database
      .prepare(
        `select ${facts} from ${joined} where attempts.learner = ? and attempts.ready_at is not null order by attempts.created_at`,
      )
      .all(owner) as AttemptFacts[];
  }

  attempt(id: string): AttemptFacts | undefined {
    return this.database.prepare(`select ${facts} from ${joined} where attempts.id = ?`).get(id) as
      | AttemptFacts
      | undefined;
  }

  /** The last grades that count, newest first: which checks passed. */
  lastChecks(attempt: string, grades: number): { grade: string; check_id: string; passed: number }[] {
    // Asked for everybody who works: prepared once.
    this.lastChecksOf ??= this.database.prepare(
      `select g.id as "grade", c.check_id, c.status = 'passed' as passed from (
          select id, created_at from grades where attempt = ? and verdict <> 'void' and voided_at is null
          order by created_at desc, id desc limit ?
        ) g join grade_checks c on c.grade = g.id order by g.created_at desc, g.id desc`,
    );
    return this.lastChecksOf.all(attempt, grades) as { grade: string; check_id: string; passed: number }[];
  }

  /** The checks of the best grades of a lab's attempts, for a group: `[attempt, check, passed]`. */
  bestChecks(group: Group, lab: string): { attempt: string; check_id: string; passed: number }[] {
    return this.database
      .prepare(
        `select attempts.id as attempt, c.check_id, c.status = 'passed' as passed
        from (select id from (${owners[group.of]})) o
        join attempts indexed by attempts_for_progress on attempts.learner = o.id and attempts.lab = @lab
        join attempt_progress p on p.attempt = attempts.id join grade_checks c on c.grade = p.best`,
      )
      .all({ cohort: group.cohort, assessment: group.assessment ?? '', lab }) as {
      attempt: string;
      check_id: string;
      passed: number;
    }[];
  }

  /** The checks of the best grade of an attempt. */
  checksOf(attempt: string): { check_id: string; passed: number }[] {
    return this.database
      .prepare(
        "select check_id, status = 'passed' as passed from grade_checks where grade = (select best from attempt_progress where attempt = ?)",
      )
      .all(attempt) as { check_id: string; passed: number }[];
  }

  /** Every check of every grade that counts of a group's attempts at a lab, oldest first. */
  checkHistory(
    group: Group,
    lab: string,
  ): { owner: string; attempt: string; grade: string; check_id: string; passed: number }[] {
    return this.database
      .prepare(
        `select attempts.learner as owner, attempts.id as attempt, grades.id as "grade", c.check_id, c.status = 'passed' as passed
        from (select id from (${owners[group.of]})) o
        join attempts indexed by attempts_for_progress on attempts.learner = o.id and attempts.lab = @lab
        join grades on grades.attempt = attempts.id and grades.verdict <> 'void' and grades.voided_at is null
        join grade_checks c on c.grade = grades.id order by grades.created_at, grades.id`,
      )
      .all({ cohort: group.cohort, assessment: group.assessment ?? '', lab }) as {
      owner: string;
      attempt: string;
      grade: string;
      check_id: string;
      passed: number;
    }[];
  }

  /** The grades of an attempt, newest first, without their reports. */
  grades(attempt: string): GradeFacts[] {
    return this.database
      .prepare(
        `select grades.id, grades.created_at, grades.verdict, grades.points, grades.max, grades.passed, grades.checks,
          grades.voided_at, grades.void_reason, grades.actor, learners.name
        from grades left join learners on learners.id = grades.actor
        where grades.attempt = ? order by grades.created_at desc, grades.id desc`,
      )
      .all(attempt) as GradeFacts[];
  }

  setSolvedMs(attempt: string, ms: number): void {
    this.database.prepare('update attempt_progress set solved_ms = ? where attempt = ?').run(ms, attempt);
  }

  /** The name of a person, team or entry; the id of who has left. */
  nameOf(id: string): string {
    return (
      (this.database.prepare('select name from learners where id = ?').pluck().get(id) as string | undefined) ?? id
    );
  }

  /** Those who may be who a session is named after: people whose id ends so. */
  peopleWithEnd(end: string): string[] {
    return this.database.prepare('select id from users where substr(id, -4) = ?').pluck().all(end) as string[];
  }

  /** What the audit trail says of an attempt, oldest first. */
  auditOf(attempt: string): { at: number; actor: string; event: string; details: string; name: string | null }[] {
    return this.database
      .prepare(
        'select audit.at, audit.actor, audit.event, audit.details, learners.name from audit left join learners on learners.id = audit.actor where audit.attempt = ? order by audit.seq',
      )
      .all(attempt) as { at: number; actor: string; event: string; details: string; name: string | null }[];
  }

  snooze(attempt: string, until: number, actor: string, at: number): void {
    this.database
      .prepare(
        'insert into snoozes (attempt, until_at, actor, at) values (?, ?, ?, ?) on conflict (attempt) do update set until_at = excluded.until_at, actor = excluded.actor, at = excluded.at',
      )
      .run(attempt, until, actor, at);
  }
}
