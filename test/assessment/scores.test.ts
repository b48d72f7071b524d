import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank, type Scoring, scoreEntry, scoreLab, type Try } from '../../server/assessment/scores.ts';

const lab = { lab: 'a', weight: 1 };
const credits = [100, 80, 50];
const grade = (points: number, at: number, more: Partial<Try> = {}): Try => ({
  lab: 'a',
  points,
  verdict: points === 100 ? 'solved' : 'unsolved',
  startedAt: at,
  createdAt: at + 2,
  automatic: false,
  ...more,
});
const scoring = (policy: Scoring['policy']): Scoring => ({ policy, credits });

describe('the points of a lab', () => {
  const cases: [string, Scoring['policy'], Try[], number, number | undefined, number][] = [
    ['best: none without a grade', 'best', [], 0, undefined, 0],
    ['best: the most', 'best', [grade(30, 1), grade(70, 2), grade(50, 3)], 70, 2, 3],
    ['best: the first of equals gives the time', 'best', [grade(70, 1), grade(70, 2)], 70, 1, 2],
    ['best: nothing is no time', 'best', [grade(0, 5)], 0, undefined, 1],
    ['last: the last', 'last', [grade(70, 1), grade(50, 2)], 50, 2, 2],
    [
      'last: the range takes nothing away when time is up',
      'last',
      [grade(70, 1), grade(50, 2, { automatic: true })],
      70,
      1,
      2,
    ],
    ['last: the range gives what is better', 'last', [grade(30, 1), grade(50, 2, { automatic: true })], 50, 2, 2],
    ['first: the first', 'first', [grade(30, 1), grade(100, 2)], 30, 1, 2],
    ['first: a void one is none', 'first', [grade(0, 1, { verdict: 'void' }), grade(60, 2)], 60, 2, 1],
    ['decreasing: what is worth most', 'decreasing', [grade(50, 1), grade(100, 2)], 80, 2, 2],
    [
      'decreasing: an early half is more than a late whole',
      'decreasing',
      [grade(60, 1), grade(60, 2), grade(100, 3)],
      60,
      1,
      3,
    ],
    [
      'decreasing: the last credit goes on',
      'decreasing',
      [grade(0, 1), grade(0, 2), grade(0, 3), grade(100, 4)],
      50,
      4,
      4,
    ],
    ['in the order in which they were asked for', 'last', [grade(50, 2), grade(70, 1)], 50, 2, 2],
  ];
  it.each(cases)('%s', (_what, policy, tries, points, at, count) => {
    expect(scoreLab(scoring(policy), lab, tries)).toMatchObject({ points, at, tries: count });
  });
  it('are weighed, and rounded once', () => {
    expect(scoreLab(scoring('best'), { lab: 'a', weight: 0.33 }, [grade(50, 1)]).points).toBe(17);
    expect(scoreLab(scoring('decreasing'), { lab: 'a', weight: 2.5 }, [grade(0, 1), grade(33, 2)]).points).toBe(66);
  });

  const tries = fc.array(
    fc.record({ points: fc.nat(100), at: fc.nat(1000), verdict: fc.constantFrom('solved', 'unsolved', 'void') }),
    { maxLength: 12 },
  );
  const later = (all: { points: number; at: number; verdict: string }[]): Try[] =>
    all.map(({ points, at, verdict }) => grade(points, at, { verdict: verdict as Try['verdict'] }));
  it.each(['best', 'first', 'decreasing'] as const)('%s: a further grade never takes points away', (policy) => {
    fc.assert(
      fc.property(tries, fc.nat(100), (all, points) => {
        const before = scoreLab(scoring(policy), lab, later(all));
        const after = scoreLab(scoring(policy), lab, [...later(all), grade(points, 2000)]);
        expect(after.points).toBeGreaterThanOrEqual(before.points);
        // Who does not improve keeps the time.
        if (after.points === before.points) expect(after.at).toBe(before.at);
      }),
      { seed: 1 },
    );
  });
  it.each(['best', 'last', 'first', 'decreasing'] as const)(
    '%s: what the range grades itself never takes points away',
    (policy) => {
      fc.assert(
        fc.property(tries, fc.nat(100), (all, points) => {
          const before = scoreLab(scoring(policy), lab, later(all));
          const after = scoreLab(scoring(policy), lab, [...later(all), grade(points, 2000, { automatic: true })]);
          expect(after.points).toBeGreaterThanOrEqual(before.points);
        }),
        { seed: 1 },
      );
    },
  );
  it.each(['best', 'last', 'first', 'decreasing'] as const)('%s: void grades change nothing', (policy) => {
    fc.assert(
      fc.property(tries, (all) => {
        const valid = all.filter(({ verdict }) => verdict !== 'void');
        expect(scoreLab(scoring(policy), lab, later(all))).toEqual(scoreLab(scoring(policy), lab, later(valid)));
      }),
      { seed: 1 },
    );
  });
});

describe('the score of an entry', () => {
  const entry = {
    since: 100,
    finishedAt: undefined,
    drawn: [
      { lab: 'a', weight: 1 },
      { lab: 'b', weight: 2 },
    ],
    tries: [grade(50, 150), grade(40, 180, { lab: 'b' }), grade(90, 190, { lab: 'not-drawn' })],
    adjustments: [],
    pauses: [],
  };
  it('is the sum of its labs; its time is that of the last improvement', () => {
    expect(scoreEntry(scoring('best'), entry)).toMatchObject({ points: 130, elapsedMs: 80 });
  });
  it('counts adjustments, of a lab and of the whole', () => {
    const adjustments = [
      { lab: 'b', points: -10 },
      { lab: null, points: 5 },
    ];
    const score = scoreEntry(scoring('best'), { ...entry, adjustments });
    expect(score.points).toBe(125);
    expect(score.labs.map(({ points }) => points)).toEqual([50, 70]);
  });
  it('does not count the time of pauses, nor what the range took after the end', () => {
    expect(scoreEntry(scoring('best'), { ...entry, pauses: [{ from: 120, to: 140 }] }).elapsedMs).toBe(60);
    expect(scoreEntry(scoring('best'), { ...entry, finishedAt: 170 }).elapsedMs).toBe(70);
  });
});

describe('ranks', () => {
  const at = (id: string, points: number, elapsedMs: number) => ({ id, points, elapsedMs });
  it('go by points, then by time; who is equal in both shares one', () => {
    const ranked = rank([at('d', 5, 1), at('a', 9, 7), at('c', 9, 3), at('b', 9, 7)]);
    expect(ranked.map(({ rank: place, of }) => [place, of.id])).toEqual([
      [1, 'c'],
      [2, 'a'],
      [2, 'b'],
      [4, 'd'],
    ]);
  });
  it('do not depend on the order in which rows come', () => {
    const entries = fc.uniqueArray(fc.record({ id: fc.string(), points: fc.nat(5), elapsedMs: fc.nat(3) }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(entries, (all) => {
        expect(rank([...all].reverse())).toEqual(rank(all));
      }),
      { seed: 1 },
    );
  });
});
