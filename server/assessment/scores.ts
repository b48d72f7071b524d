import type { DrawnLab } from './draw.ts';
import type { Settings } from './settings.ts';
import { runningMs, type Stretch } from './timing.ts';

/** A stored grade, as far as a score needs it. */
export interface Try {
  lab: string;
  /** As awarded when it was graded, hints taken off. */
  points: number;
  verdict: 'solved' | 'unsolved' | 'void';
  startedAt: number;
  createdAt: number;
  /** Made by the range when time was up, not asked for by anybody. */
  automatic: boolean;
}

export interface LabScore {
  lab: string;
  points: number;
  /** Grades that counted, automatic ones too. */
  tries: number;
  solved: boolean;
  /** When the points became what they are; undefined while there are none. */
  at: number | undefined;
}

export interface EntryScore {
  points: number;
  labs: LabScore[];
  /** When the last improvement was, as time that the entry had run. */
  elapsedMs: number;
  solved: number;
}

export type Scoring = Pick<Settings, 'policy' | 'credits'>;

/** Points given or taken by a person; of the whole entry without a lab. */
export interface Adjustment {
  lab: string | null;
  points: number;
}

/** Per cent that the nth try (from 0) is worth. */
export function creditOf({ policy, credits }: Scoring, index: number): number {
  return policy === 'decreasing' ? (credits[Math.min(index, credits.length - 1)] ?? 100) : 100;
}

/**
 * The score of one lab from its stored grades. Void ones count for nothing. `best` and `decreasing` take the try that
 * is worth most, `first` the first one, `last` the last that somebody asked for: what the range graded by itself when time
 * was up never takes points away. Points are rounded once, after weight and credit.
 */
export function scoreLab(scoring: Scoring, { lab, weight }: DrawnLab, all: readonly Try[]): LabScore {
  const tries = all
    .filter(({ verdict }) => verdict !== 'void')
    .sort((a, b) => a.startedAt - b.startedAt || a.createdAt - b.createdAt);
  let points = 0;
  let at: number | undefined;
  for (const [index, each] of tries.entries()) {
    const worth = Math.round((each.points * weight * creditOf(scoring, index)) / 100);
    const counts =
      scoring.policy === 'first' ? index === 0 : scoring.policy === 'last' && !each.automatic ? true : worth > points;
    if (!counts || worth === points) continue;
    points = worth;
    at = each.startedAt;
  }
  return {
    lab,
    points,
    tries: tries.length,
    solved: tries.some(({ verdict }) => verdict === 'solved'),
    at: points > 0 ? at : undefined,
  };
}

/** Everything that a score is made of. */
export interface ScoredEntry {
  /** From when its time is counted: its own start where it has a timer of its own, else the window's. */
  since: number;
  /** The end of its time; a grade that the range made later belongs to this moment. */
  finishedAt: number | undefined;
  drawn: readonly DrawnLab[];
  tries: readonly Try[];
  adjustments: readonly Adjustment[];
  pauses: readonly Stretch[];
}

/** The score of an entry, from stored rows alone. */
export function scoreEntry(scoring: Scoring, entry: ScoredEntry): EntryScore {
  const byLab = new Map<string, Try[]>();
  for (const each of entry.tries) {
    const list = byLab.get(each.lab);
    if (list) list.push(each);
    else byLab.set(each.lab, [each]);
  }
  const labs = entry.drawn.map((drawn) => {
    const score = scoreLab(scoring, drawn, byLab.get(drawn.lab) ?? []);
    const given = entry.adjustments.filter(({ lab }) => lab === drawn.lab);
    return { ...score, points: given.reduce((sum, { points }) => sum + points, score.points) };
  });
  const whole = entry.adjustments.filter(({ lab }) => lab === null);
  const last = labs.reduce((latest, { at }) => Math.max(latest, at ?? 0), 0);
  return {
    points: labs.reduce((sum, { points }) => sum + points, 0) + whole.reduce((sum, { points }) => sum + points, 0),
    labs,
    elapsedMs: last === 0 ? 0 : runningMs(entry.since, Math.min(last, entry.finishedAt ?? last), entry.pauses),
    solved: labs.filter(({ solved }) => solved).length,
  };
}

export interface Ranked<T> {
  rank: number;
  of: T;
}

/** More points first; of equal ones, who was faster. Equal in both is equal in rank, and stands in the order of ids. */
export function rank<T extends { id: string; points: number; elapsedMs: number }>(entries: readonly T[]): Ranked<T>[] {
  const sorted = [...entries].sort(
    (a, b) => b.points - a.points || a.elapsedMs - b.elapsedMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  let place = 0;
  return sorted.map((each, index) => {
    const before = sorted[index - 1];
    if (!before || before.points !== each.points || before.elapsedMs !== each.elapsedMs) place = index + 1;
    return { rank: place, of: each };
  });
}
