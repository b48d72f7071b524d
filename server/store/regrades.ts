import { ownersOfCohort } from './audit-trail.ts';
import type { Database } from './database.ts';

export type RegradePolicy = 'show' | 'raise' | 'apply';

export interface RegradeJob {
  id: string;
  cohort: string;
  lab: string;
  assessment: string | null;
  which: 'counting' | 'all';
  created_by: string;
  created_at: number;
  finished_at: number | null;
  policy: RegradePolicy | null;
  decided_by: string | null;
  decided_at: number | null;
  reason: string | null;
}

export interface RegradeCounts {
  total: number;
  waiting: number;
  same: number;
  changed: number;
  impossible: number;
  up: number;
  down: number;
  applied: number;
}

export interface RegradeRow {
  job: string;
  position: number;
  grade: string;
  state: 'waiting' | 'same' | 'changed' | 'impossible';
  trouble: string | null;
  old_points: number | null;
  new_points: number | null;
  old_verdict: string | null;
  new_verdict: string | null;
  old_report: string | null;
  new_report: string | null;
  done_at: number | null;
  applied_at: number | null;
  attempt: string;
  owner: string;
  owner_name: string | null;
  graded_at: number;
}

/** Jobs of re-grading, and what each grade was and would be. */
export class RegradeStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Makes a job over the grades that it is about. `counting`: of each attempt the best and the last. @returns how many */
  insert(job: Omit<RegradeJob, 'finished_at' | 'policy' | 'decided_by' | 'decided_at' | 'reason'>): number {
    return this.database.transaction(() => {
      this.database
        .prepare(
          'insert into regrade_jobs (id, cohort, lab, assessment, which, created_by, created_at) values (@id, @cohort, @lab, @assessment, @which, @created_by, @created_at)',
        )
        .run(job);
      const { changes } = this.database
        .prepare(
          `insert into regrades (job, position, grade)
          with owners as (${ownersOfCohort}), chosen as (
            select grades.id, grades.created_at,
              row_number() over (partition by grades.attempt order by grades.points desc, grades.created_at, grades.id) as best,
              row_number() over (partition by grades.attempt order by grades.created_at desc, grades.id desc) as latest
            from attempts join grades on grades.attempt = attempts.id
            where attempts.lab = @lab and grades.voided_at is null and grades.verdict <> 'void'
              and attempts.learner in (select user from owners)
              and (case when @assessment is null
                then attempts.learner not in (select id from entries)
                else attempts.learner in (select id from entries where assessment = @assessment) end)
          )
          select @id, row_number() over (order by created_at, id), id from chosen
          where @which = 'all' or best = 1 or latest = 1`,
        )
        .run({ id: job.id, cohort: job.cohort, lab: job.lab, assessment: job.assessment, which: job.which });
      return changes;
    })();
  }

  job(id: string): RegradeJob | undefined {
    return this.database.prepare('select * from regrade_jobs where id = ?').get(id) as RegradeJob | undefined;
  }

  /** Newest first. */
  jobs(cohort: string): RegradeJob[] {
    return this.database
      .prepare('select * from regrade_jobs where cohort = ? order by created_at desc, id')
      .all(cohort) as RegradeJob[];
  }

  /** Those that a server left in the middle, oldest first. */
  unfinished(): string[] {
    return this.database
      .prepare('select id from regrade_jobs where finished_at is null order by created_at, id')
      .pluck()
      .all() as string[];
  }

  /** The next grade of a job that is still to be made. */
  next(job: string): { position: number; grade: string } | undefined {
    return this.database
      .prepare("select position, grade from regrades where job = ? and state = 'waiting' order by position limit 1")
      .get(job) as { position: number; grade: string } | undefined;
  }

  done(
    job: string,
    position: number,
    of: Pick<
      RegradeRow,
      'state' | 'old_points' | 'new_points' | 'old_verdict' | 'new_verdict' | 'old_report' | 'new_report'
    >,
    at: number,
  ): void {
    this.database
      .prepare(
        'update regrades set state = @state, old_points = @old_points, new_points = @new_points, old_verdict = @old_verdict, new_verdict = @new_verdict, old_report = @old_report, new_report = @new_report, done_at = @at where job = @job and position = @position',
      )
      .run({ ...of, at, job, position });
  }

  impossible(job: string, position: number, trouble: string, at: number): void {
    this.database
      .prepare("update regrades set state = 'impossible', trouble = ?, done_at = ? where job = ? and position = ?")
      .run(trouble, at, job, position);
  }

  finish(job: string, at: number): void {
    this.database.prepare('update regrade_jobs set finished_at = coalesce(finished_at, ?) where id = ?').run(at, job);
  }

  /** Answers whether it had not been decided before. */
  decide(job: string, policy: RegradePolicy, actor: string, reason: string, at: number): boolean {
    const { changes } = this.database
      .prepare(
        'update regrade_jobs set policy = ?, decided_by = ?, reason = ?, decided_at = ? where id = ? and decided_at is null',
      )
      .run(policy, actor, reason, at, job);
    return changes > 0;
  }

  applied(job: string, position: number, at: number): void {
    this.database.prepare('update regrades set applied_at = ? where job = ? and position = ?').run(at, job, position);
  }

  counts(job: string): RegradeCounts {
    return this.database
      .prepare(
        `select count(*) as total,
          count(*) filter (where state = 'waiting') as waiting,
          count(*) filter (where state = 'same') as same,
          count(*) filter (where state = 'changed') as changed,
          count(*) filter (where state = 'impossible') as impossible,
          count(*) filter (where new_points > old_points) as up,
          count(*) filter (where new_points < old_points) as down,
          count(*) filter (where applied_at is not null) as applied
        from regrades where job = ?`,
      )
      .get(job) as RegradeCounts;
  }

  /** Differences first: what goes down, then what goes up, then what could not be made again. */
  rows(job: string, limit: number, offset = 0): RegradeRow[] {
    return this.database
      .prepare(
        `select regrades.*, grades.attempt, grades.created_at as graded_at, attempts.learner as owner,
          coalesce(party.name, learners.name) as owner_name
        from regrades join grades on grades.id = regrades.grade join attempts on attempts.id = grades.attempt
        left join learners on learners.id = attempts.learner
        left join entries on entries.id = attempts.learner left join learners party on party.id = entries.party
        where job = ?
        order by case when state = 'changed' then 0 when state = 'impossible' then 1 when state = 'waiting' then 2 else 3 end,
          coalesce(new_points - old_points, 0), position
        limit ? offset ?`,
      )
      .all(job, limit, offset) as RegradeRow[];
  }

  row(job: string, grade: string): RegradeRow | undefined {
    return this.database
      .prepare(
        `select regrades.*, grades.attempt, grades.created_at as graded_at, attempts.learner as owner,
          coalesce(party.name, learners.name) as owner_name
        from regrades join grades on grades.id = regrades.grade join attempts on attempts.id = grades.attempt
        left join learners on learners.id = attempts.learner
        left join entries on entries.id = attempts.learner left join learners party on party.id = entries.party
        where job = ? and grade = ?`,
      )
      .get(job, grade) as RegradeRow | undefined;
  }

  /** Everything of a job that differs. */
  changed(job: string): {
    position: number;
    grade: string;
    attempt: string;
    old_points: number;
    new_points: number;
    new_verdict: string;
    new_report: string;
  }[] {
    return this.database
      .prepare(
        "select position, grade, grades.attempt, old_points, new_points, new_verdict, new_report from regrades join grades on grades.id = regrades.grade where job = ? and state = 'changed' order by position",
      )
      .all(job) as never;
  }
}
