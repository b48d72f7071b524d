import type { DiffEntry, GradeReport } from '../grading/types.ts';
import { AuditTrail } from './audit-trail.ts';
import type { Database } from './database.ts';

export interface GradeRow {
  id: string;
  attempt: string;
  created_at: number;
  seed: string;
  verdict: GradeReport['verdict'];
  points: number;
  max: number;
  report: string;
  diff: string;
  /** Who asked for it; null in grades older than accounts. */
  actor: string | null;
  /** When the account was taken to be graded. */
  started_at: number | null;
  /** A voided grade counts nowhere. */
  voided_at: number | null;
  void_reason: string | null;
}

export interface NewGrade {
  id: string;
  attempt: string;
  createdAt: number;
  startedAt: number;
  /** Who asked for it. */
  actor: string;
  report: GradeReport;
  diff: DiffEntry[];
  awarded: number;
  /** The account as it was graded, packed. */
  state: Buffer;
  /** Names of the blobs that it mentions. */
  blobs: Iterable<string>;
}

export interface SolveRow {
  learner: string;
  lab: string;
  attempt: string;
  grade: string;
  points: number;
  solved_at: number;
}

/** Hints, grades, solves and the audit trail: everything that a score is made of. */
export class ScoreStore {
  readonly trail: AuditTrail;
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    this.trail = new AuditTrail(database);
  }

  /** Stores a grade, its solve where it is one, and the audit entry, together. A lab is solved once; a better later solve raises its points. `counts`: false after giving up. */
  addGrade(grade: NewGrade, owner: string, counts = true): void {
    this.database.transaction(() => {
      this.database
        .prepare(
          'insert into grades (id, attempt, created_at, seed, verdict, points, max, report, diff, actor, started_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          grade.id,
          grade.attempt,
          grade.createdAt,
          grade.report.seed,
          grade.report.verdict,
          grade.awarded,
          grade.report.max,
          JSON.stringify(grade.report),
          JSON.stringify(grade.diff),
          grade.actor,
          grade.startedAt,
        );
      this.database.prepare('insert into grade_states (grade, state) values (?, ?)').run(grade.id, grade.state);
      const keep = this.database.prepare('insert into grade_blobs (grade, name) values (?, ?)');
      for (const name of new Set(grade.blobs)) keep.run(grade.id, name);
      if (grade.report.verdict === 'solved' && counts)
        this.database
          .prepare(
            'insert into solves (learner, lab, attempt, grade, points, solved_at) values (?, ?, ?, ?, ?, ?) on conflict (learner, lab) do update set points = excluded.points, attempt = excluded.attempt, grade = excluded.grade where excluded.points > solves.points',
          )
          .run(owner, grade.report.lab, grade.attempt, grade.id, grade.awarded, grade.createdAt);
      this.audit(grade.createdAt, grade.actor, grade.attempt, 'graded', {
        grade: grade.id,
        verdict: grade.report.verdict,
        points: grade.awarded,
      });
    })();
  }

  /**
   * Takes a grade out of every count, with the reason: its learner's solve of the lab is made of the grades that are left.
   * Answers whether it was not voided before.
   */
  voidGrade(id: string, actor: string, reason: string, at: number): boolean {
    return this.database.transaction(() => {
      const { changes } = this.database
        .prepare('update grades set voided_at = ?, voided_by = ?, void_reason = ? where id = ? and voided_at is null')
        .run(at, actor, reason, id);
      if (changes === 0) return false;
      const { attempt, points } = this.grade(id)!;
      const { learner, lab } = this.database.prepare('select learner, lab from attempts where id = ?').get(attempt) as {
        learner: string;
        lab: string;
      };
      this.solveAgain(learner, lab);
      this.audit(at, actor, attempt, 'voided', { grade: id, points, reason });
      return true;
    })();
  }

  /** Puts a grade's report and points in the place of what it was; what it was is kept by who made it again. */
  replaceGrade(id: string, of: { report: GradeReport; points: number }, actor: string, at: number, why: object): void {
    this.database.transaction(() => {
      const old = this.grade(id);
      if (!old) return;
      this.database
        .prepare('update grades set report = ?, verdict = ?, points = ?, max = ? where id = ?')
        .run(JSON.stringify(of.report), of.report.verdict, of.points, of.report.max, id);
      const { learner, lab } = this.database
        .prepare('select learner, lab from attempts where id = ?')
        .get(old.attempt) as { learner: string; lab: string };
      this.solveAgain(learner, lab);
      const { verdict, points } = old;
      const now = { verdict: of.report.verdict, points: of.points };
      this.audit(at, actor, old.attempt, 'regraded', { grade: id, before: { verdict, points }, now, ...why });
    })();
  }

  /** What had been shown of a lab when it was this time: what a grade of then was worth. */
  helpTakenUntil(learner: string, lab: string, at: number): { hintCost: number; gaveUp: boolean } {
    return this.database
      .prepare(
        `select
          (select coalesce(sum(cost), 0) from (
            select max(hints.cost) as cost from hints join attempts on attempts.id = hints.attempt
            where attempts.learner = @learner and attempts.lab = @lab and hints.revealed_at <= @at group by hints.number
          )) as hintCost,
          exists (select 1 from attempts where learner = @learner and lab = @lab and gave_up_at <= @at) as gaveUp`,
      )
      .get({ learner, lab, at }) as { hintCost: number; gaveUp: boolean };
  }

  /** The solve of a lab, made anew of the grades that count: the best of those before giving up, since the first. */
  private solveAgain(learner: string, lab: string): void {
    this.database.prepare('delete from solves where learner = ? and lab = ?').run(learner, lab);
    this.database
      .prepare(
        `insert into solves (learner, lab, attempt, grade, points, solved_at)
        select learner, lab, attempt, id, points, min(created_at) over ()
        from (
          select attempts.learner, attempts.lab, grades.* from grades join attempts on attempts.id = grades.attempt
          where attempts.learner = @learner and attempts.lab = @lab
            and grades.verdict = 'solved' and grades.voided_at is null
            and grades.created_at <= coalesce(
              (select min(gave_up_at) from attempts where learner = @learner and lab = @lab and gave_up_at is not null),
              grades.created_at)
        ) order by points desc, created_at, id limit 1`,
      )
      .run({ learner, lab });
  }

  grade(id: string): GradeRow | undefined {
    return this.database.prepare('select * from grades where id = ?').get(id) as GradeRow | undefined;
  }

  /** Oldest first. */
  grades(attempt: string): GradeRow[] {
    return this.database
      .prepare('select * from grades where attempt = ? order by created_at, id')
      .all(attempt) as GradeRow[];
  }

  /** How many grades counted, the best points, and when it was first solved, without reading the reports. */
  gradeSummary(attempt: string): { tries: number; best: number; solvedAt: number | undefined } {
    const row = this.database
      .prepare(
        "select count(*) as tries, coalesce(max(points), 0) as best, min(case verdict when 'solved' then created_at end) as solvedAt from grades where attempt = ? and verdict <> 'void' and voided_at is null",
      )
      .get(attempt) as { tries: number; best: number; solvedAt: number | null };
    return { ...row, solvedAt: row.solvedAt ?? undefined };
  }

  /** What a learner has been shown of a lab, in whichever attempt: each hint costs once. */
  helpTaken(learner: string, lab: string): { hintCost: number; gaveUp: boolean } {
    const hints = this.database
      .prepare(
        'select coalesce(sum(cost), 0) as hintCost from (select max(hints.cost) as cost from hints join attempts on attempts.id = hints.attempt where attempts.learner = ? and attempts.lab = ? group by hints.number)',
      )
      .get(learner, lab) as { hintCost: number };
    const gaveUp = this.database
      .prepare('select 1 from attempts where learner = ? and lab = ? and gave_up_at is not null limit 1')
      .get(learner, lab);
    return { hintCost: hints.hintCost, gaveUp: gaveUp !== undefined };
  }

  /** The account that a grade was made of. Undefined for grades older than accounts. */
  gradedState(grade: string): Buffer | undefined {
    return this.database.prepare('select state from grade_states where grade = ?').pluck().get(grade) as
      | Buffer
      | undefined;
  }

  /** Blobs that graded accounts mention. */
  gradedBlobs(): string[] {
    return this.database.prepare('select distinct name from grade_blobs').pluck().all() as string[];
  }

  solves(learner: string): SolveRow[] {
    return this.database
      .prepare('select * from solves where learner = ? order by solved_at')
      .all(learner) as SolveRow[];
  }

  /** Reveals a hint once; the cost counts from the first time. Answers whether it was new. */
  addHint(attempt: string, number: number, cost: number, at: number, learner: string): boolean {
    return this.database.transaction(() => {
      const { changes } = this.database
        .prepare('insert into hints (attempt, number, revealed_at, cost) values (?, ?, ?, ?) on conflict do nothing')
        .run(attempt, number, at, cost);
      if (changes > 0) this.audit(at, learner, attempt, 'hint', { number, cost });
      return changes > 0;
    })();
  }

  hints(attempt: string): { number: number; revealed_at: number; cost: number }[] {
    return this.database
      .prepare('select number, revealed_at, cost from hints where attempt = ? order by number')
      .all(attempt) as { number: number; revealed_at: number; cost: number }[];
  }

  /** What the audit trail says of an attempt, oldest first. */
  auditOf(attempt: string): { at: number; actor: string; event: string; details: string }[] {
    return this.database
      .prepare('select at, actor, event, details from audit where attempt = ? order by seq')
      .all(attempt) as { at: number; actor: string; event: string; details: string }[];
  }

  audit(at: number, actor: string, attempt: string | null, event: string, details: object): void {
    this.trail.add(at, actor, attempt, event, details);
  }
}
