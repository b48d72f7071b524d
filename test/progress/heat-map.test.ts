import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeOnTask } from '../../server/progress/clock.ts';
import type { HeatFilter } from '../../server/progress/heat-map.ts';
import { Progress } from '../../server/progress/progress.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import type { Group } from '../../server/store/progress-rows.ts';
import { endOfEvent, generate, labsOf } from './generated.ts';

const catalogue = labsOf(5);
const everything: HeatFilter = { name: '', bracket: '', state: '', sort: 'name', descending: false };
let store: Store;
let progress: Progress;
let group: Group;

beforeAll(() => {
  store = openStore(':memory:');
  const labs = catalogue.labs.map(({ id, definition }) => ({ id, checks: Object.keys(definition.checks) }));
  group = { cohort: generate(store, { people: 60, labs }).cohort, of: 'people' };
  progress = new Progress({ store, catalogue, now: () => endOfEvent });
});

afterAll(() => store.close());

interface RawGrade {
  created_at: number;
  verdict: string;
  points: number;
  report: string;
  voided_at: number | null;
}

/** A cell from the raw rows alone: reports, hints and activity, without anything that is kept for the heat map. */
function recomputed(owner: string, lab: string): object | undefined {
  const { database } = store;
  const attempt = database.prepare('select id from attempts where learner = ? and lab = ?').pluck().get(owner, lab);
  if (attempt === undefined) return undefined;
  const grades = (
    database.prepare('select * from grades where attempt = ? order by created_at').all(attempt) as RawGrade[]
  ).filter(({ verdict, voided_at }) => verdict !== 'void' && voided_at === null);
  const passes = ({ report }: RawGrade): number =>
    (JSON.parse(report).checks as { status: string }[]).filter(({ status }) => status === 'passed').length;
  const best = [...grades].sort(
    (a, b) => b.points - a.points || passes(b) - passes(a) || a.created_at - b.created_at,
  )[0];
  const solvedAt = grades.find(({ verdict }) => verdict === 'solved')?.created_at;
  const firstHint = database.prepare('select min(revealed_at) from hints where attempt = ?').pluck().get(attempt) as
    | number
    | null;
  const stretches = database
    .prepare('select first_at as "from", last_at as "to" from activity where attempt = ?')
    .all(attempt) as { from: number; to: number }[];
  const last = Math.max(...stretches.map(({ to }) => to));
  return {
    tries: grades.length,
    passed: best ? passes(best) : 0,
    points: best?.points ?? 0,
    solvedAt,
    unaided: solvedAt !== undefined && (firstHint === null || firstHint >= solvedAt),
    activeMs: timeOnTask(stretches, last),
  };
}

function compareAll(): number {
  let compared = 0;
  for (const { id, cells } of progress.rows(group).rows)
    cells.forEach((cell, index) => {
      const { tries, passed, points, solvedAt, activeMs, state } = cell;
      const shown = { tries, passed, points, solvedAt, unaided: state === 'unaided', activeMs };
      const expected = recomputed(id, catalogue.labs[index]!.id);
      if (expected) compared += 1;
      else expect(state).toBe('none');
      if (expected) expect(shown).toEqual(expected);
    });
  return compared;
}

describe('the heat map', () => {
  it('says of every cell what the raw rows say', () => {
    expect(compareAll()).toBeGreaterThan(80);
  });

  it('still does when grades were voided', () => {
    const solved = store.database
      .prepare("select id from grades where verdict = 'solved' limit 5")
      .pluck()
      .all() as string[];
    expect(solved).toHaveLength(5);
    for (const grade of solved)
      expect(store.scores.voidGrade(grade, 'teacher', 'a wrong check', endOfEvent)).toBe(true);
    expect(store.scores.voidGrade(solved[0]!, 'teacher', 'twice', endOfEvent)).toBe(false);
    compareAll();
  });

  it('counts below each column what is in it', () => {
    const { counts, rows } = progress.heatMap(group, everything, 1, 1000);
    counts.forEach((count, index) => {
      const states = rows.map(({ cells }) => cells[index]!.state);
      expect(count.solved).toBe(states.filter((state) => state === 'solved' || state === 'unaided').length);
      expect(count.started).toBe(states.filter((state) => state !== 'none').length);
    });
  });

  it('filters, sorts and pages', () => {
    expect(progress.heatMap(group, { ...everything, name: 'person 1' }).chosen).toBe(11);
    const byPoints = progress.heatMap(group, { ...everything, sort: 'points', descending: true }, 1, 1000).rows;
    expect(byPoints.map(({ points }) => points)).toEqual(
      [...byPoints.map(({ points }) => points)].sort((a, b) => b - a),
    );
    const second = progress.heatMap(group, everything, 2, 25);
    expect([second.rows.length, second.page, second.pages, second.total]).toEqual([25, 2, 3, 60]);
    expect(progress.heatMap(group, everything, 99, 25).page).toBe(3);
    const solvedSomething = progress.heatMap(group, { ...everything, state: 'unaided' }, 1, 1000).rows;
    expect(solvedSomething.every(({ cells }) => cells.some(({ state }) => state === 'unaided'))).toBe(true);
  });

  it('names numbers as people count them', () => {
    expect(progress.heatMap(group, everything, 1, 3).rows.map(({ name }) => name)).toEqual([
      'Person 0',
      'Person 1',
      'Person 2',
    ]);
  });
});
