import { describe, expect, it } from 'vitest';
import { predictedFinish } from '../../server/progress/forecast.ts';
import { stuck } from '../../server/progress/stuck.ts';
import { type Happening, situationOf } from '../../server/progress/timeline.ts';

const minute = 60_000;
const nobody = { median: undefined, count: 0 };

/** `[minute, what]`: `call`, `change`, `hint`, `attack`, `reset`, `give-up`, `solved`, or the checks that fail: `✗a b`. */
function recorded(...events: [number, string][]): Happening[] {
  return events.map(([at, what]): Happening => {
    const base = { at: at * minute, person: 'ada' };
    if (what === 'call' || what === 'change') return { ...base, kind: 'call', changed: what === 'change' };
    if (what === 'solved') return { ...base, kind: 'grade', solved: true, checks: { a: true, b: true } };
    if (what.startsWith('✗')) {
      const failed = what.slice(1).split(' ');
      return { ...base, kind: 'grade', solved: false, checks: { a: !failed.includes('a'), b: !failed.includes('b') } };
    }
    return { ...base, kind: what as 'hint' };
  });
}

function rules(
  events: [number, string][],
  now: number,
  solvers: { median: number | undefined; count: number } = nobody,
  hints = 3,
) {
  const situation = situationOf(recorded(...events), now * minute, { hints, solvers });
  return stuck(situation, now * minute).map(({ rule, value, threshold }) => [rule, value, threshold]);
}

/** A call every three minutes. */
const steadily = (until: number): [number, string][] =>
  Array.from({ length: Math.floor(until / 3) + 1 }, (_, index) => [index * 3, 'call']);

describe('the same check failed three times in a row', () => {
  it.each<[string, [number, string][], unknown[]]>([
    [
      'three times',
      [
        [1, '✗a'],
        [2, '✗a'],
        [3, '✗a b'],
      ],
      [['check-failed', 3, 3]],
    ],
    [
      'five times',
      [
        [1, '✗a'],
        [2, '✗a'],
        [3, '✗a'],
        [4, '✗a'],
        [5, '✗a'],
      ],
      [['check-failed', 5, 3]],
    ],
    [
      'twice',
      [
        [1, '✗a'],
        [2, '✗a'],
      ],
      [],
    ],
    [
      'another one each time',
      [
        [1, '✗a'],
        [2, '✗b'],
        [3, '✗a'],
      ],
      [],
    ],
    [
      'passed in between',
      [
        [1, '✗a'],
        [2, '✗a'],
        [3, '✗b'],
        [4, '✗a'],
      ],
      [],
    ],
    [
      'solved at last',
      [
        [1, '✗a'],
        [2, '✗a'],
        [3, '✗a'],
        [4, 'solved'],
      ],
      [],
    ],
    [
      'given up',
      [
        [1, '✗a'],
        [2, '✗a'],
        [3, '✗a'],
        [4, 'give-up'],
      ],
      [],
    ],
  ])('%s', (_name, events, expected) => {
    expect(rules(events, 5)).toEqual(expected);
  });
});

describe('nothing changed for twenty minutes', () => {
  it.each<[string, [number, string][], number, unknown[]]>([
    ['since the start', steadily(20), 20, [['unchanged', 20 * minute, 20 * minute]]],
    ['nineteen minutes', steadily(19), 19, []],
    ['a change in between', [...steadily(20), [10, 'change']], 20, []],
    ['since a change', [...steadily(33), [10, 'change']], 33, [['unchanged', 23 * minute, 20 * minute]]],
    ['a reset is a change', [...steadily(33), [30, 'reset']], 33, []],
    [
      'back from a lunch break: time away does not count',
      [
        [0, 'change'],
        [60, 'call'],
        [61, 'call'],
      ],
      61,
      [],
    ],
  ])('%s', (_name, events, now, expected) => {
    expect(rules(events, now)).toEqual(expected);
  });
});

describe('all hints used', () => {
  it.each<[string, [number, string][], unknown[], number?]>([
    [
      'all three',
      [
        [1, 'hint'],
        [2, 'hint'],
        [3, 'hint'],
      ],
      [['hints-used', 3, 3]],
    ],
    [
      'two of three',
      [
        [1, 'hint'],
        [2, 'hint'],
      ],
      [],
    ],
    [
      'and solved',
      [
        [1, 'hint'],
        [2, 'hint'],
        [3, 'hint'],
        [4, 'solved'],
      ],
      [],
    ],
    ['a lab without hints', [[1, 'call']], [], 0],
  ])('%s', (_name, events, expected, hints = 3) => {
    expect(rules(events, 5, nobody, hints)).toEqual(expected);
  });
});

describe('behind the median of the group', () => {
  const changing: [number, string][] = steadily(30).map(([at]) => [at, 'change']);
  it.each<[string, { median: number | undefined; count: number }, unknown[]]>([
    ['more than twice', { median: 14 * minute, count: 3 }, [['behind', 30 * minute, 28 * minute]]],
    ['exactly twice', { median: 15 * minute, count: 3 }, []],
    ['two solvers say nothing', { median: 5 * minute, count: 2 }, []],
    ['nobody solved it', nobody, []],
  ])('%s', (_name, solvers, expected) => {
    expect(rules(changing, 30, solvers)).toEqual(expected);
  });
});

describe('nobody is stuck while away', () => {
  const everything: [number, string][] = [
    ...steadily(30),
    [28, '✗a'],
    [29, '✗a'],
    [30, '✗a'],
    [1, 'hint'],
    [2, 'hint'],
    [3, 'hint'],
  ];
  const solvers = { median: minute, count: 9 };

  it('all rules hold while they work', () => {
    expect(rules(everything, 34, solvers).map(([rule]) => rule)).toEqual([
      'check-failed',
      'unchanged',
      'hints-used',
      'behind',
    ]);
  });

  it('and none five minutes later', () => {
    expect(rules(everything, 35, solvers)).toEqual([]);
    expect(rules([], 35, solvers)).toEqual([]);
  });

  it('and again when they are back', () => {
    expect(rules([...everything, [90, 'call']], 91, solvers).map(([rule]) => rule)).toContain('check-failed');
  });
});

describe('predicted finish', () => {
  it.each<[string, Parameters<typeof predictedFinish>[0], number | undefined]>([
    ['nothing left', [], undefined],
    ['a lab not begun', [{ spentMs: 0, medianMs: 20, expectedMs: 99 }], 1020],
    ['a lab half done', [{ spentMs: 12, medianMs: 20, expectedMs: 99 }], 1008],
    ['longer than the others already', [{ spentMs: 50, medianMs: 20, expectedMs: 99 }], 1005],
    ['too few solved it: the author’s estimate', [{ spentMs: 0, medianMs: undefined, expectedMs: 40 }], 1040],
    [
      'several',
      [
        { spentMs: 0, medianMs: 20, expectedMs: 1 },
        { spentMs: 0, medianMs: 30, expectedMs: 1 },
      ],
      1050,
    ],
  ])('%s', (_name, left, expected) => {
    expect(predictedFinish(left, 1000)).toBe(expected);
  });
});
