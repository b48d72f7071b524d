import type { Database } from './database.ts';

export interface AssessmentRow {
  id: string;
  cohort: string;
  name: string;
  /** JSON of `Settings`. */
  settings: string;
  state: 'draft' | 'published' | 'archived';
  version: number;
  created_by: string;
  created_at: number;
  published_at: number | null;
  released_at: number | null;
}

export interface PauseRow {
  id: number;
  entry: string | null;
  from_at: number;
  to_at: number | null;
  paused_by: string;
}

export interface ExtensionRow {
  id: number;
  entry: string | null;
  at: number;
  ms: number;
  reason: string;
  actor: string;
}

export interface AnnouncementRow {
  id: number;
  at: number;
  actor: string;
  text: string;
}

/** Assessments, what is said to all in them, and what moves their clocks. */
export class AssessmentStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: Pick<AssessmentRow, 'id' | 'cohort' | 'name' | 'settings' | 'created_by' | 'created_at'>): void {
    this.database
      .prepare(
        "insert into assessments (id, cohort, name, settings, state, created_by, created_at) values (@id, @cohort, @name, @settings, 'draft', @created_by, @created_at)",
      )
      .run(row);
  }

  find(id: string): AssessmentRow | undefined {
    return this.database.prepare('select * from assessments where id = ?').get(id) as AssessmentRow | undefined;
  }

  /** Changes an assessment that still has this version. False when it has another one by now. */
  update(
    id: string,
    version: number,
    to: Pick<AssessmentRow, 'name' | 'settings' | 'state' | 'published_at' | 'released_at'>,
  ): boolean {
    const { changes } = this.database
      .prepare(
        'update assessments set name = @name, settings = @settings, state = @state, published_at = @published_at, released_at = @released_at, version = version + 1 where id = @id and version = @version',
      )
      .run({
        id,
        version,
        name: to.name,
        settings: to.settings,
        state: to.state,
        published_at: to.published_at,
        released_at: to.released_at,
      });
    return changes > 0;
  }

  /** Published ones of the cohorts that a person is a member of, newest first. */
  invitedTo(person: string): AssessmentRow[] {
    return this.database
      .prepare(
        "select assessments.* from assessments join cohort_members on cohort_members.cohort = assessments.cohort where cohort_members.user = ? and assessments.state <> 'draft' order by assessments.created_at desc",
      )
      .all(person) as AssessmentRow[];
  }

  /** Newest first. @param instructor only those of cohorts that this person instructs; all without */
  managedBy(instructor?: string): AssessmentRow[] {
    return instructor === undefined
      ? (this.database.prepare('select * from assessments order by created_at desc').all() as AssessmentRow[])
      : (this.database
          .prepare(
            'select assessments.* from assessments join cohort_instructors on cohort_instructors.cohort = assessments.cohort where cohort_instructors.user = ? order by assessments.created_at desc',
          )
          .all(instructor) as AssessmentRow[]);
  }

  ofCohort(cohort: string): AssessmentRow[] {
    return this.database
      .prepare('select * from assessments where cohort = ? order by created_at desc')
      .all(cohort) as AssessmentRow[];
  }

  /** Cohorts that a person may make assessments for, by name. @param instructor all cohorts without */
  cohortsOf(instructor?: string): { id: string; name: string }[] {
    const own = 'where archived_at is null and id in (select cohort from cohort_instructors where user = ?)';
    return this.database
      .prepare(
        `select id, name from cohorts ${instructor === undefined ? 'where archived_at is null' : own} order by name collate nocase, id`,
      )
      .all(...(instructor === undefined ? [] : [instructor])) as { id: string; name: string }[];
  }

  cohortName(cohort: string): string | undefined {
    return this.database.prepare('select name from cohorts where id = ?').pluck().get(cohort) as string | undefined;
  }

  isInstructor(cohort: string, person: string): boolean {
    return (
      this.database.prepare('select 1 from cohort_instructors where cohort = ? and user = ?').get(cohort, person) !==
      undefined
    );
  }

  isMember(cohort: string, person: string): boolean {
    return (
      this.database.prepare('select 1 from cohort_members where cohort = ? and user = ?').get(cohort, person) !==
      undefined
    );
  }

  /** The people of a cohort, by name. */
  members(cohort: string): { id: string; name: string }[] {
    return this.database
      .prepare(
        'select users.id, users.name from cohort_members join users on users.id = cohort_members.user where cohort_members.cohort = ? order by users.name collate nocase, users.id',
      )
      .all(cohort) as { id: string; name: string }[];
  }

  announce(assessment: string, at: number, actor: string, text: string): number {
    const { lastInsertRowid } = this.database
      .prepare('insert into announcements (assessment, at, actor, text) values (?, ?, ?, ?)')
      .run(assessment, at, actor, text);
    return Number(lastInsertRowid);
  }

  /** Newest first. */
  announcements(assessment: string): AnnouncementRow[] {
    return this.database
      .prepare('select id, at, actor, text from announcements where assessment = ? order by at desc, id desc limit 200')
      .all(assessment) as AnnouncementRow[];
  }

  /** Everything that moves a clock, of all and of each entry. */
  clockMoves(assessment: string): { pauses: PauseRow[]; extensions: ExtensionRow[] } {
    return {
      pauses: this.database
        .prepare('select id, entry, from_at, to_at, paused_by from pauses where assessment = ? order by id')
        .all(assessment) as PauseRow[],
      extensions: this.database
        .prepare('select id, entry, at, ms, reason, actor from extensions where assessment = ? order by id')
        .all(assessment) as ExtensionRow[],
    };
  }

  /** False where it is paused already. @param entry null: everybody */
  pause(assessment: string, entry: string | null, at: number, actor: string): boolean {
    return (
      this.database
        .prepare(
          'insert into pauses (assessment, entry, from_at, paused_by) values (?, ?, ?, ?) on conflict do nothing',
        )
        .run(assessment, entry, at, actor).changes > 0
    );
  }

  /** A pause that is over already: the time between an end and going on. */
  addPause(assessment: string, entry: string, from: number, to: number, actor: string): void {
    this.database
      .prepare(
        'insert into pauses (assessment, entry, from_at, to_at, paused_by, resumed_by) values (?, ?, ?, ?, ?, ?)',
      )
      .run(assessment, entry, from, to, actor, actor);
  }

  /** False where it is not paused. */
  resume(assessment: string, entry: string | null, at: number, actor: string): boolean {
    return (
      this.database
        .prepare('update pauses set to_at = ?, resumed_by = ? where assessment = ? and entry is ? and to_at is null')
        .run(at, actor, assessment, entry).changes > 0
    );
  }

  extend(assessment: string, entry: string | null, at: number, ms: number, reason: string, actor: string): void {
    this.database
      .prepare('insert into extensions (assessment, entry, at, ms, reason, actor) values (?, ?, ?, ?, ?, ?)')
      .run(assessment, entry, at, ms, reason, actor);
  }

  /** Sets a person's extra time; none for 0. */
  setExtra(assessment: string, person: string, ms: number): void {
    if (ms === 0)
      this.database.prepare('delete from time_extras where assessment = ? and person = ?').run(assessment, person);
    else
      this.database
        .prepare(
          'insert into time_extras (assessment, person, ms) values (?, ?, ?) on conflict (assessment, person) do update set ms = excluded.ms',
        )
        .run(assessment, person, ms);
  }

  extras(assessment: string): { person: string; name: string; ms: number }[] {
    return this.database
      .prepare(
        'select time_extras.person, users.name, time_extras.ms from time_extras join users on users.id = time_extras.person where assessment = ? order by users.name collate nocase, users.id',
      )
      .all(assessment) as { person: string; name: string; ms: number }[];
  }
}
