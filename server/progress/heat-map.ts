import type { AttemptFacts, OwnerRow } from '../store/progress-rows.ts';
import type { Finding } from './stuck.ts';

/** A lab as a column. */
export interface LabColumn {
  id: string;
  title: string;
  track: string;
  /** Minutes that the author expects. */
  minutes: number;
  hints: number;
  checks: readonly { id: string; title: string }[];
}

export const cellStates = ['none', 'started', 'share', 'solved', 'unaided', 'help', 'absent'] as const;
/** not started · started · some checks pass · solved · solved without hints · needs help · not theirs to do */
export type CellState = (typeof cellStates)[number];

export interface Cell {
  state: CellState;
  /** Checks that pass in the best grade. */
  passed: number;
  checks: number;
  points: number;
  hints: number;
  tries: number;
  gaveUp: boolean;
  solvedAt: number | undefined;
  /** Time on task until the last activity. */
  activeMs: number;
  lastAt: number | undefined;
  /** The attempt that opens: the open one, else the last. */
  attempt: string | undefined;
  /** The attempt that the counts are of: the one with the best grade. */
  best: string | undefined;
  /** Why they need help. */
  findings: readonly Finding[];
}

export interface HeatRow {
  id: string;
  name: string;
  bracket: string;
  lastAt: number | undefined;
  solved: number;
  points: number;
  activeMs: number;
  /** One a column. */
  cells: Cell[];
}

export interface ColumnCounts {
  started: number;
  solved: number;
  unaided: number;
  help: number;
  /** Of how many: those whose lab it is. */
  of: number;
}

const emptyCell = (state: 'none' | 'absent' | 'started'): Cell => ({
  state,
  passed: 0,
  checks: 0,
  points: 0,
  hints: 0,
  tries: 0,
  gaveUp: false,
  solvedAt: undefined,
  activeMs: 0,
  lastAt: undefined,
  attempt: undefined,
  best: undefined,
  findings: [],
});
const notStarted = Object.freeze(emptyCell('none'));
const notTheirs = Object.freeze(emptyCell('absent'));

/** Everybody's state in every lab. @param findingsOf why an attempt needs help; asked of those that are worked on alone */
export function heatRows(
  owners: readonly OwnerRow[],
  columns: readonly LabColumn[],
  attempts: readonly AttemptFacts[],
  findingsOf: ReadonlyMap<string, readonly Finding[]>,
): HeatRow[] {
  const place = new Map(columns.map(({ id }, index) => [id, index]));
  const byOwner = new Map<string, (AttemptFacts[] | undefined)[]>();
  for (const attempt of attempts) {
    const column = place.get(attempt.lab);
    if (column === undefined) continue;
    let own = byOwner.get(attempt.owner);
    if (!own) byOwner.set(attempt.owner, (own = new Array(columns.length)));
    const there = own[column];
    if (there) there.push(attempt);
    else own[column] = [attempt];
  }
  return owners.map((owner) => {
    const own = byOwner.get(owner.id);
    const drawn = owner.drawn === null ? undefined : drawnLabs(owner.drawn);
    const row: HeatRow = {
      id: owner.id,
      name: owner.name,
      bracket: owner.bracket ?? '',
      lastAt: undefined,
      solved: 0,
      points: 0,
      activeMs: 0,
      cells: columns.map(({ id }, index) => {
        const here = own?.[index];
        return here ? cellOf(here, findingsOf) : drawn && !drawn.has(id) ? notTheirs : notStarted;
      }),
    };
    for (const { solvedAt, points, activeMs, lastAt } of row.cells) {
      if (solvedAt !== undefined) row.solved += 1;
      row.points += points;
      row.activeMs += activeMs;
      if (lastAt !== undefined && lastAt > (row.lastAt ?? 0)) row.lastAt = lastAt;
    }
    return row;
  });
}

/** The labs that an entry drew. */
export function drawnLabs(json: string): Set<string> {
  return new Set((JSON.parse(json) as { lab: string }[]).map(({ lab }) => lab));
}

/** All attempts of an owner at one lab as one cell. What was graded after giving up, in whichever of them, is no solve. */
export function cellOf(
  attempts: readonly AttemptFacts[],
  findingsOf: ReadonlyMap<string, readonly Finding[]> = new Map(),
): Cell {
  const cell = emptyCell('started');
  let best: AttemptFacts | undefined;
  let gaveUpAt = Number.POSITIVE_INFINITY;
  let firstHintAt = Number.POSITIVE_INFINITY;
  let current: AttemptFacts | undefined;
  for (const attempt of attempts) {
    gaveUpAt = Math.min(gaveUpAt, attempt.gave_up_at ?? gaveUpAt);
    firstHintAt = Math.min(firstHintAt, attempt.first_hint_at ?? firstHintAt);
    cell.tries += attempt.tries ?? 0;
    cell.hints = Math.max(cell.hints, attempt.hints ?? 0);
    cell.activeMs += attempt.active_ms ?? 0;
    if ((attempt.last_at ?? 0) > (cell.lastAt ?? 0)) cell.lastAt = attempt.last_at!;
    if (attempt.best !== null && (!best || better(attempt, best))) best = attempt;
    if (!current || (attempt.ended_at === null && current.ended_at !== null)) current = attempt;
    else if ((attempt.ended_at === null) === (current.ended_at === null) && attempt.created_at >= current.created_at)
      current = attempt;
  }
  for (const { solved_at } of attempts)
    if (solved_at !== null && solved_at <= gaveUpAt) cell.solvedAt = Math.min(cell.solvedAt ?? solved_at, solved_at);
  cell.gaveUp = gaveUpAt !== Number.POSITIVE_INFINITY;
  cell.attempt = current?.id;
  if (best) {
    cell.best = best.id;
    cell.passed = best.passed!;
    cell.checks = best.checks!;
    cell.points = best.points!;
  }
  const findings = current && findingsOf.get(current.id);
  if (findings?.length && cell.solvedAt === undefined) cell.findings = findings;
  cell.state = stateOf(cell, firstHintAt);
  return cell;
}

function better(one: AttemptFacts, other: AttemptFacts): boolean {
  return one.points! > other.points! || (one.points === other.points && one.passed! > other.passed!);
}

function stateOf({ solvedAt, findings, best }: Cell, firstHintAt: number): CellState {
  if (solvedAt !== undefined) return firstHintAt < solvedAt ? 'solved' : 'unaided';
  if (findings.length > 0) return 'help';
  return best === undefined ? 'started' : 'share';
}

/** The line below the columns. */
export function countColumns(rows: readonly HeatRow[], columns: number): ColumnCounts[] {
  return Array.from({ length: columns }, (_, index) => {
    const counts: ColumnCounts = { started: 0, solved: 0, unaided: 0, help: 0, of: 0 };
    for (const { cells } of rows) {
      const { state } = cells[index]!;
      if (state === 'absent') continue;
      counts.of += 1;
      if (state !== 'none') counts.started += 1;
      if (state === 'solved' || state === 'unaided') counts.solved += 1;
      if (state === 'unaided') counts.unaided += 1;
      if (state === 'help') counts.help += 1;
    }
    return counts;
  });
}

export interface HeatFilter {
  /** Part of the name, in any case. */
  name: string;
  bracket: string;
  /** Rows with a cell of this state; '' for all. */
  state: CellState | '';
  /** A lab's id, `name`, `bracket`, `last`, `solved`, `points`, `time`. */
  sort: string;
  descending: boolean;
}

const rank: Record<CellState, number> = { help: 6, unaided: 5, solved: 4, share: 3, started: 2, none: 1, absent: 0 };
const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

/** The rows that are asked for, in the order that is asked for; equal ones by name. */
export function chosenRows(rows: readonly HeatRow[], columns: readonly LabColumn[], filter: HeatFilter): HeatRow[] {
  const wanted = filter.name.toLocaleLowerCase('en');
  const chosen = rows.filter(
    ({ name, bracket, cells }) =>
      (wanted === '' || name.toLocaleLowerCase('en').includes(wanted)) &&
      (filter.bracket === '' || bracket === filter.bracket) &&
      (filter.state === '' || cells.some(({ state }) => state === filter.state)),
  );
  const sign = filter.descending ? -1 : 1;
  const column = columns.findIndex(({ id }) => id === filter.sort);
  const value = keyOf(filter.sort, column);
  const keyed = chosen.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => sign * compare(a.key, b.key) || collator.compare(a.row.name, b.row.name));
  return keyed.map(({ row }) => row);
}

function keyOf(sort: string, column: number): (row: HeatRow) => string | number {
  if (column >= 0)
    return ({ cells }) => {
      const { state, passed, checks } = cells[column]!;
      return rank[state] + (checks > 0 && state === 'share' ? passed / (checks + 1) : 0);
    };
  if (sort === 'bracket') return ({ bracket }) => bracket;
  if (sort === 'last') return ({ lastAt }) => lastAt ?? 0;
  if (sort === 'solved') return ({ solved }) => solved;
  if (sort === 'points') return ({ points }) => points;
  if (sort === 'time') return ({ activeMs }) => activeMs;
  return ({ name }) => name;
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
