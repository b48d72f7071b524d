/** Whose attempts are looked at: people or teams of a cohort, or the entries of an assessment. */
export interface Group {
  cohort: string;
  of: 'people' | 'teams' | 'entries';
  /** Where `of` is entries. */
  assessment?: string;
}

export interface OwnerRow {
  /** The owner of the attempts: a person, a team, an entry. */
  id: string;
  name: string;
  bracket: string | null;
  /** Labs that an entry drew, as JSON; null where every lab is theirs. */
  drawn: string | null;
}

/** An attempt with what counts of it. */
export interface AttemptFacts {
  id: string;
  owner: string;
  lab: string;
  created_at: number;
  ended_at: number | null;
  gave_up_at: number | null;
  tries: number | null;
  passed: number | null;
  checks: number | null;
  points: number | null;
  solved_at: number | null;
  solved_ms: number | null;
  hints: number | null;
  first_hint_at: number | null;
  active_ms: number | null;
  last_at: number | null;
  changed_ms: number | null;
  best: string | null;
  snoozed_until: number | null;
}

export interface GradeFacts {
  id: string;
  created_at: number;
  verdict: 'solved' | 'unsolved' | 'void';
  points: number;
  max: number;
  passed: number;
  checks: number;
  voided_at: number | null;
  void_reason: string | null;
  actor: string | null;
  /** The name of who asked for it. */
  name: string | null;
}

/** The same without names, as a thousand of them are read at once. */
export type AttemptTuple = [
  id: string,
  owner: string,
  lab: string,
  created_at: number,
  ended_at: number | null,
  gave_up_at: number | null,
  tries: number | null,
  passed: number | null,
  checks: number | null,
  points: number | null,
  solved_at: number | null,
  solved_ms: number | null,
  hints: number | null,
  first_hint_at: number | null,
  active_ms: number | null,
  last_at: number | null,
  changed_ms: number | null,
  best: string | null,
];
