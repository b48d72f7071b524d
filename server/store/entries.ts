import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

export interface EntryRow {
  id: string;
  assessment: string;
  /** The person, or the team. */
  party: string;
  dry_run: 0 | 1;
  seed: string;
  /** JSON of `DrawnLab[]`. */
  drawn: string;
  started_at: number;
  started_by: string;
  extra_ms: number;
  finished_at: number | null;
  finished_by: string | null;
  settled_at: number | null;
  voided_at: number | null;
  voided_by: string | null;
  void_reason: string | null;
}

/** An entry with the name of its party. */
export interface NamedEntryRow extends EntryRow {
  name: string;
  bracket: string | null;
}

/** A stored grade of an entry, without its report. */
export interface EntryGradeRow {
  entry: string;
  lab: string;
  points: number;
  verdict: 'solved' | 'unsolved' | 'void';
  started_at: number | null;
  created_at: number;
  actor: string | null;
}

type GradeTuple = [
  entry: string,
  lab: string,
  points: number,
  verdict: EntryGradeRow['verdict'],
  started_at: number | null,
  created_at: number,
  actor: string | null,
];

export interface AdjustmentRow {
  id: number;
  entry: string;
  lab: string | null;
  points: number;
  reason: string;
  actor: string;
  at: number;
}

const named = `select entries.*, coalesce(teams.name, users.name, learners.name) as name, teams.bracket from entries
  join learners on learners.id = entries.party left join teams on teams.id = entries.party left join users on users.id = entries.party`;

/** Who sits an assessment: entries, and the rows that their scores are made of. */
export class EntryStore {
  private readonly database: Database;
  private readonly byId: Statement;
  private readonly around: Statement;
  private gradesOfAll: Statement | undefined;
  /** Whether anybody has ever sat anything: where nobody has, the question of every AWS call is answered without SQL. */
  private any: boolean;

  constructor(database: Database) {
    this.database = database;
    this.any = database.prepare('select 1 from entries limit 1').get() !== undefined;
    // Both are asked at every AWS call of an attempt: prepared once.
    this.byId = database.prepare(`${named} where entries.id = ?`);
    this.around = database.prepare(
      `with
        own (id) as (select @owner union select user from team_members where team = @owner),
        shared (id) as (select team from team_members where user in (select id from own)),
        around (id) as (
          select id from own union select id from shared
          union select user from team_members where team in (select id from shared)
        )
      ${named} where entries.party in (select id from around)
        and entries.finished_at is null and entries.voided_at is null and entries.dry_run = 0`,
    );
  }

  insert(
    row: Pick<
      EntryRow,
      'id' | 'assessment' | 'party' | 'dry_run' | 'seed' | 'drawn' | 'started_at' | 'started_by' | 'extra_ms'
    >,
  ): void {
    this.database
      .prepare(
        'insert into entries (id, assessment, party, dry_run, seed, drawn, started_at, started_by, extra_ms) values (@id, @assessment, @party, @dry_run, @seed, @drawn, @started_at, @started_by, @extra_ms)',
      )
      .run(row);
    this.any = true;
  }

  find(id: string): NamedEntryRow | undefined {
    return this.byId.get(id) as NamedEntryRow | undefined;
  }

  ofParty(assessment: string, party: string, dryRun: boolean): NamedEntryRow | undefined {
    return this.database
      .prepare(`${named} where entries.assessment = ? and entries.party = ? and entries.dry_run = ?`)
      .get(assessment, party, dryRun ? 1 : 0) as NamedEntryRow | undefined;
  }

  /** Entries whose time may run, of a person or team, of their teams, and of the others in these. Dry runs do not count. */
  unfinishedAround(owner: string): NamedEntryRow[] {
    return this.any ? (this.around.all({ owner }) as NamedEntryRow[]) : [];
  }

  /** Those that count, by name. */
  ofAssessment(assessment: string): NamedEntryRow[] {
    return this.database
      .prepare(`${named} where entries.assessment = ? and entries.dry_run = 0 order by name collate nocase, entries.id`)
      .all(assessment) as NamedEntryRow[];
  }

  /** Entries whose last state is not graded yet, dry runs too. @param assessment of all without */
  unsettled(assessment?: string): EntryRow[] {
    return assessment === undefined
      ? (this.database.prepare('select * from entries where settled_at is null').all() as EntryRow[])
      : (this.database
          .prepare('select * from entries where assessment = ? and settled_at is null')
          .all(assessment) as EntryRow[]);
  }

  /** The team of a cohort that a person is in, and since when. */
  teamOf(cohort: string, person: string): { id: string; name: string; joined_at: number } | undefined {
    return this.database
      .prepare(
        'select teams.id, teams.name, team_members.joined_at from team_members join teams on teams.id = team_members.team where teams.cohort = ? and team_members.user = ?',
      )
      .get(cohort, person) as { id: string; name: string; joined_at: number } | undefined;
  }

  /** When a person joined a team. Undefined for who is not in it. */
  joinedAt(team: string, person: string): number | undefined {
    return this.database
      .prepare('select joined_at from team_members where team = ? and user = ?')
      .pluck()
      .get(team, person) as number | undefined;
  }

  /** The people behind a party: the person, or the members of the team. */
  peopleOf(party: string): string[] {
    const members = this.database
      .prepare('select user from team_members where team = ? order by user')
      .pluck()
      .all(party) as string[];
    return members.length ? members : [party];
  }

  /** The greatest extra time among the people of a party. */
  extraOf(assessment: string, party: string): number {
    return this.database
      .prepare(
        'select coalesce(max(ms), 0) from time_extras where assessment = @assessment and (person = @party or person in (select user from team_members where team = @party))',
      )
      .pluck()
      .get({ assessment, party }) as number;
  }

  setExtra(entry: string, ms: number): void {
    this.database.prepare('update entries set extra_ms = ? where id = ?').run(ms, entry);
  }

  /** False where it is finished already. */
  finish(entry: string, at: number, by: string): boolean {
    return (
      this.database
        .prepare('update entries set finished_at = ?, finished_by = ? where id = ? and finished_at is null')
        .run(at, by, entry).changes > 0
    );
  }

  settle(entry: string, at: number): void {
    this.database
      .prepare('update entries set settled_at = ? where id = ? and finished_at is not null and settled_at is null')
      .run(at, entry);
  }

  /** Makes a finished entry run again. */
  reopen(entry: string): void {
    this.database
      .prepare('update entries set finished_at = null, finished_by = null, settled_at = null where id = ?')
      .run(entry);
  }

  void(entry: string, at: number | null, by: string | null, reason: string | null): void {
    this.database
      .prepare('update entries set voided_at = ?, voided_by = ?, void_reason = ? where id = ?')
      .run(at, by, reason, entry);
  }

  /** A dry run is thrown away; its attempts go with it. */
  remove(entry: string): void {
    this.database.prepare('delete from entries where id = ?').run(entry);
  }

  /** Answers whether it is new. */
  accept(entry: string, person: string, at: number): boolean {
    return (
      this.database
        .prepare('insert into honours (entry, person, at) values (?, ?, ?) on conflict do nothing')
        .run(entry, person, at).changes > 0
    );
  }

  acceptedAt(entry: string, person: string): number | undefined {
    return this.database.prepare('select at from honours where entry = ? and person = ?').pluck().get(entry, person) as
      | number
      | undefined;
  }

  adjust(row: Omit<AdjustmentRow, 'id'>): void {
    this.database
      .prepare(
        'insert into adjustments (entry, lab, points, reason, actor, at) values (@entry, @lab, @points, @reason, @actor, @at)',
      )
      .run(row);
  }

  adjustments(assessment: string): AdjustmentRow[] {
    return this.database
      .prepare(
        'select adjustments.* from adjustments join entries on entries.id = adjustments.entry where entries.assessment = ? order by adjustments.id',
      )
      .all(assessment) as AdjustmentRow[];
  }

  /** Grades of one entry, oldest first; voided ones not. */
  gradesOf(entry: string): EntryGradeRow[] {
    return this.database
      .prepare(
        'select attempts.learner as entry, attempts.lab, grades.points, grades.verdict, grades.started_at, grades.created_at, grades.actor from attempts join grades on grades.attempt = attempts.id where attempts.learner = ? and grades.voided_at is null order by grades.created_at',
      )
      .all(entry) as EntryGradeRow[];
  }

  /** As `gradesOf`, of all entries that count, in no order; read from an index that has no reports. */
  grades(assessment: string): EntryGradeRow[] {
    this.gradesOfAll ??= this.database
      .prepare(
        'select entries.id, attempts.lab, grades.points, grades.verdict, grades.started_at, grades.created_at, grades.actor from entries join attempts on attempts.learner = entries.id join grades indexed by grades_for_scores on grades.attempt = attempts.id where entries.assessment = ? and entries.dry_run = 0 and grades.voided_at is null',
      )
      .raw();
    // Tuples: of many thousand rows, the names of the columns cost more than the rows.
    return (this.gradesOfAll.all(assessment) as GradeTuple[]).map(
      ([entry, lab, points, verdict, started_at, created_at, actor]) => ({
        entry,
        lab,
        points,
        verdict,
        started_at,
        created_at,
        actor,
      }),
    );
  }
}
