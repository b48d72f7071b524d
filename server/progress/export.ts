import { csvForSpreadsheets } from '../csv.ts';
import type { Group } from '../store/progress-rows.ts';
import type { Cell, LabColumn } from './heat-map.ts';
import { clockOf } from './insight.ts';
import type { Progress } from './progress.ts';

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
const seconds = (ms: number): number => Math.round(ms / 1000);

export interface ExportedLab {
  lab: string;
  state: Cell['state'];
  checksPassed: number;
  checks: number;
  points: number;
  tries: number;
  hints: number;
  gaveUp: boolean;
  timeOnTaskSeconds: number;
  solvedAt: string | undefined;
  lastActivityAt: string | undefined;
  attempt: string | undefined;
  checksByName: Record<string, boolean>;
}

export interface ExportedRow {
  id: string;
  name: string;
  bracket: string;
  solved: number;
  points: number;
  labs: ExportedLab[];
}

/** The heat map with every detail, for programs. */
export function exported(progress: Progress, group: Group): { at: string; labs: LabColumn[]; rows: ExportedRow[] } {
  const { rows, columns, attempts } = progress.rows(group);
  const now = progress.now();
  const times = new Map<string, number>();
  for (const attempt of attempts) {
    const key = `${attempt.owner}\0${attempt.lab}`;
    times.set(key, (times.get(key) ?? 0) + clockOf(attempt, now));
  }
  const checks = columns.map(({ id }) => progress.bestChecks(group, id));
  return {
    at: new Date(now).toISOString(),
    labs: columns,
    rows: rows.map(({ id, name, bracket, solved, points, cells }) => ({
      id,
      name,
      bracket,
      solved,
      points,
      labs: cells.map((cell, index) => ({
        lab: columns[index]!.id,
        state: cell.state,
        checksPassed: cell.passed,
        checks: cell.checks,
        points: cell.points,
        tries: cell.tries,
        hints: cell.hints,
        gaveUp: cell.gaveUp,
        timeOnTaskSeconds: seconds(times.get(`${id}\0${columns[index]!.id}`) ?? 0),
        solvedAt: iso(cell.solvedAt),
        lastActivityAt: iso(cell.lastAt),
        attempt: cell.attempt,
        checksByName: Object.fromEntries((cell.best === undefined ? undefined : checks[index]!.get(cell.best)) ?? []),
      })),
    })),
  };
}

/** The heat map as a table: a row for each person or team, a column for each lab. */
export function heatMapCsv(progress: Progress, group: Group): string {
  const { labs, rows } = exported(progress, group);
  return csvForSpreadsheets([
    ['id', 'name', 'bracket', 'solved', 'points', ...labs.map(({ id }) => id)],
    ...rows.map(({ id, name, bracket, solved, points, labs: cells }) => [
      id,
      name,
      bracket,
      solved,
      points,
      ...cells.map(({ state, checksPassed, checks }) => (checks > 0 ? `${state} ${checksPassed}/${checks}` : state)),
    ]),
  ]);
}

/** Every person or team in every lab: a row each. */
export function detailsCsv(progress: Progress, group: Group): string {
  const { rows } = exported(progress, group);
  return csvForSpreadsheets([
    [
      'id',
      'name',
      'bracket',
      'lab',
      'state',
      'checks_passed',
      'checks',
      'points',
      'tries',
      'hints',
      'gave_up',
      'time_on_task_s',
      'solved_at',
      'last_activity_at',
      'attempt',
    ],
    ...rows.flatMap(({ id, name, bracket, labs }) =>
      labs.map((lab) => [
        id,
        name,
        bracket,
        lab.lab,
        lab.state,
        lab.checksPassed,
        lab.checks,
        lab.points,
        lab.tries,
        lab.hints,
        lab.gaveUp ? 'yes' : 'no',
        lab.timeOnTaskSeconds,
        lab.solvedAt,
        lab.lastActivityAt,
        lab.attempt,
      ]),
    ),
  ]);
}
