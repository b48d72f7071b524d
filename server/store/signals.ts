import { ownersOfCohort } from './audit-trail.ts';
import type { Database } from './database.ts';

export const signalKinds = [
  'foreign-value',
  'foreign-credential',
  'same-fix',
  'two-networks',
  'solved-at-once',
] as const;
export type SignalKind = (typeof signalKinds)[number];
export type SignalState = 'open' | 'dismissed' | 'confirmed';
export type ValueKind = 'account' | 'name' | 'secret';

export interface SignalRow {
  id: string;
  kind: SignalKind;
  thing: string;
  attempt: string;
  other: string | null;
  first_at: number;
  last_at: number;
  times: number;
  /** JSON. */
  evidence: string;
  state: SignalState;
  judged_by: string | null;
  judged_at: number | null;
  note: string | null;
  version: number;
}

/** With whose attempts they are. */
export interface NamedSignal extends SignalRow {
  lab: string;
  owner: string;
  owner_name: string | null;
  other_lab: string | null;
  other_owner: string | null;
  other_name: string | null;
  judge: string | null;
}

const named = `select signals.*, a.lab, a.learner as owner, coalesce(ap.name, al.name) as owner_name,
    b.lab as other_lab, b.learner as other_owner, coalesce(bp.name, bl.name) as other_name, judges.name as judge
  from signals
  join attempts a on a.id = signals.attempt left join learners al on al.id = a.learner
  left join entries ae on ae.id = a.learner left join learners ap on ap.id = ae.party
  left join attempts b on b.id = signals.other left join learners bl on bl.id = b.learner
  left join entries be on be.id = b.learner left join learners bp on bp.id = be.party
  left join learners judges on judges.id = signals.judged_by`;

/** The people behind an owner: a person alone, the members of a team, those of an entry's party. */
const peopleOf = `select @owner as person where exists (select 1 from learners where id = @owner and kind = 'person')
  union select user from team_members where team = @owner
  union select party from entries join learners on learners.id = party where entries.id = @owner and learners.kind = 'person'
  union select user from team_members join entries on entries.party = team_members.team where entries.id = @owner`;

/** Signs of work that is not one's own, the values they are known by, and what people judged. */
export class SignalStore {
  private readonly database: Database;
  private readonly holders;

  constructor(database: Database) {
    this.database = database;
    this.holders = database.prepare(
      'select attempt, kind from distinctive_values where hash = ? order by attempt limit 3',
    );
  }

  /** Whose value it is: at most three attempts. */
  holdersOf(hash: string): { attempt: string; kind: ValueKind }[] {
    return this.holders.all(hash) as { attempt: string; kind: ValueKind }[];
  }

  addValues(attempt: string, values: ReadonlyMap<string, ValueKind>): void {
    this.database.transaction(() => {
      const insert = this.database.prepare(
        'insert into distinctive_values (hash, attempt, kind) values (?, ?, ?) on conflict do nothing',
      );
      for (const [hash, kind] of values) insert.run(hash, attempt, kind);
    })();
  }

  /** Attempts whose values are not known yet. */
  unindexed(limit: number): { id: string; lab: string; seed: string }[] {
    return this.database
      .prepare(
        'select id, lab, seed from attempts where ready_at is not null and not exists (select 1 from distinctive_values where attempt = attempts.id) limit ?',
      )
      .all(limit) as { id: string; lab: string; seed: string }[];
  }

  mark(name: string): number {
    return (this.database.prepare('select at from integrity_marks where name = ?').pluck().get(name) ?? 0) as number;
  }

  setMark(name: string, at: number): void {
    this.database
      .prepare('insert into integrity_marks (name, at) values (?, ?) on conflict (name) do update set at = excluded.at')
      .run(name, at);
  }

  callsAfter(seq: number, limit: number): { seq: number; attempt: string; event: string }[] {
    return this.database
      .prepare('select seq, attempt, event from calls where seq > ? order by seq limit ?')
      .all(seq, limit) as { seq: number; attempt: string; event: string }[];
  }

  /** Grades that nobody has looked at. */
  uninspected(limit: number): { id: string; attempt: string; lab: string; owner: string }[] {
    return this.database
      .prepare(
        `select grades.id, attempt, lab, learner as owner from grades join attempts on attempts.id = grades.attempt
        where grades.id not in (select grade from inspected_grades) order by grades.created_at, grades.id limit ?`,
      )
      .all(limit) as { id: string; attempt: string; lab: string; owner: string }[];
  }

  inspected(grade: string): void {
    this.database.prepare('insert into inspected_grades (grade) values (?) on conflict do nothing').run(grade);
  }

  /** Do the same people, or people of one team, stand behind both? */
  related(one: string, two: string): boolean {
    if (one === two) return true;
    const people = (owner: string): string[] => this.database.prepare(peopleOf).pluck().all({ owner }) as string[];
    const [first, second] = [people(one), people(two)];
    if (first.some((person) => second.includes(person))) return true;
    const inOneTeam = this.database.prepare(
      'select 1 from team_members a join team_members b on b.team = a.team where a.user = ? and b.user = ? limit 1',
    );
    return first.some((person) => second.some((other) => inOneTeam.get(person, other) !== undefined));
  }

  /** Earlier work on a lab by the people behind an owner, in whichever attempt. */
  knewLab(owner: string, lab: string, before: number): boolean {
    return (
      this.database
        .prepare(
          `with people as (${peopleOf}) select 1 from attempts where lab = @lab and created_at < @before and (
            learner in (select person from people)
            or learner in (select team from team_members where user in (select person from people))
            or learner in (select id from entries where party in (select person from people)
              or party in (select team from team_members where user in (select person from people)))) limit 1`,
        )
        .get({ owner, lab, before }) !== undefined
    );
  }

  addText(of: { hash: string; grade: string; attempt: string; lab: string; at: number; what: string }): void {
    this.database
      .prepare(
        'insert into written_texts (hash, grade, attempt, lab, at, what) values (@hash, @grade, @attempt, @lab, @at, @what) on conflict do nothing',
      )
      .run(of);
  }

  /** Who wrote a text before. */
  writersOf(hash: string, lab: string): { attempt: string; grade: string; at: number; owner: string }[] {
    return this.database
      .prepare(
        'select attempt, grade, at, learner as owner from written_texts join attempts on attempts.id = attempt where hash = ? and written_texts.lab = ? order by at limit 50',
      )
      .all(hash, lab) as { attempt: string; grade: string; at: number; owner: string }[];
  }

  /** Adds a signal, or counts that it was seen again. Answers whether it was new. */
  raise(of: Pick<SignalRow, 'id' | 'kind' | 'thing' | 'attempt' | 'other' | 'evidence'> & { at: number }): boolean {
    const { times } = this.database
      .prepare(
        `insert into signals (id, kind, thing, attempt, other, first_at, last_at, evidence)
        values (@id, @kind, @thing, @attempt, @other, @at, @at, @evidence)
        on conflict (thing) do update set times = times + 1, last_at = max(last_at, excluded.last_at) returning times`,
      )
      .get(of) as { times: number };
    return times === 1;
  }

  /** Newest first. @param state only those */
  list(cohort: string, state: SignalState | undefined, limit: number, offset: number): NamedSignal[] {
    return this.database
      .prepare(
        `with owners as (${ownersOfCohort}) ${named}
        where a.learner in (select user from owners) and (@state is null or signals.state = @state)
        order by signals.last_at desc, signals.id limit @limit offset @offset`,
      )
      .all({ cohort, state: state ?? null, limit, offset }) as NamedSignal[];
  }

  counts(cohort: string): Record<SignalState, number> {
    const rows = this.database
      .prepare(
        `with owners as (${ownersOfCohort}) select state, count(*) as n from signals join attempts on attempts.id = signals.attempt
        where attempts.learner in (select user from owners) group by state`,
      )
      .all({ cohort }) as { state: SignalState; n: number }[];
    return { open: 0, dismissed: 0, confirmed: 0, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) };
  }

  /** A signal of a cohort. */
  find(cohort: string, id: string): NamedSignal | undefined {
    return this.database
      .prepare(
        `with owners as (${ownersOfCohort}) ${named} where signals.id = @id and a.learner in (select user from owners)`,
      )
      .get({ cohort, id }) as NamedSignal | undefined;
  }

  /** Does an owner belong to a cohort? */
  ofCohort(cohort: string, owner: string): boolean {
    return (
      this.database
        .prepare(`with owners as (${ownersOfCohort}) select 1 from owners where user = @owner`)
        .get({ cohort, owner }) !== undefined
    );
  }

  /** Answers whether nobody changed it since this version. */
  judge(id: string, version: number, of: { state: SignalState; by: string; note: string; at: number }): boolean {
    const { changes } = this.database
      .prepare(
        'update signals set state = @state, judged_by = @by, judged_at = @at, note = @note, version = version + 1 where id = @id and version = @version',
      )
      .run({ id, version, ...of });
    return changes > 0;
  }
}
