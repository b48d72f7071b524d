import type { Database } from './database.ts';

/** The normal forms of graded fixes: made once, when a grade is stored or first asked for. */
export class FixStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  add(grade: string, fix: { hash: string; sample: string }): void {
    this.database
      .prepare('insert into grade_fixes (grade, hash, sample) values (?, ?, ?) on conflict do nothing')
      .run(grade, fix.hash, fix.sample);
  }

  find(grade: string): { hash: string; sample: string } | undefined {
    return this.database.prepare('select hash, sample from grade_fixes where grade = ?').get(grade) as
      | { hash: string; sample: string }
      | undefined;
  }

  /** What a normal form is made of. */
  source(grade: string): { seed: string; attempt: string; diff: string } | undefined {
    return this.database
      .prepare(
        'select attempts.seed, attempts.id as attempt, grades.diff from grades join attempts on attempts.id = grades.attempt where grades.id = ?',
      )
      .get(grade) as { seed: string; attempt: string; diff: string } | undefined;
  }
}
