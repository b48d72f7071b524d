import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  idleMs,
  isAway,
  median,
  type RunningClock,
  readClock,
  timeOnTask,
} from '../../server/progress/clock.ts';

const minute = 60_000;
const at = (...minutes: number[]) => minutes.map((each) => ({ from: each * minute, to: each * minute }));

describe('time on task', () => {
  it.each<[string, number[], number, number]>([
    ['nothing done', [], 100, 0],
    ['one thing, just now', [10], 10, 0],
    ['one thing, two minutes ago', [10], 12, 2],
    ['one thing, long ago: five minutes count', [10], 100, 5],
    ['a thing a minute', [0, 1, 2, 3], 3, 3],
    ['a pause of exactly five minutes is no pause', [0, 5], 5, 5],
    ['a pause of six stops the clock for one', [0, 6], 6, 5],
    ['a lunch break', [0, 3, 63, 64], 70, 3 + 5 + 1 + 5],
    ['what comes later does not count yet', [0, 3, 63], 50, 8],
    ['order says nothing', [64, 0, 63, 3], 70, 14],
  ])('%s', (_name, minutes, now, expected) => {
    expect(timeOnTask(at(...minutes), now * minute) / minute).toBe(expected);
  });

  it('the running clock says the same as all that was recorded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 200 * minute })),
        fc.integer({ min: 0, max: 300 * minute }),
        (times, later) => {
          const sorted = [...times].sort((a, b) => a - b);
          const now = (sorted.at(-1) ?? 0) + later;
          const clock = sorted.reduce<RunningClock>((each, time) => advance(each, time), {
            activeMs: 0,
            lastAt: undefined,
          });
          expect(readClock(clock, now)).toBe(
            timeOnTask(
              sorted.map((time) => ({ from: time, to: time })),
              now,
            ),
          );
        },
      ),
    );
  });

  it('rows a minute say the same as single moments', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90 * minute }), { minLength: 1 }), (times) => {
        const rows = new Map<number, { from: number; to: number }>();
        for (const time of times) {
          const row = rows.get(Math.floor(time / minute)) ?? { from: time, to: time };
          rows.set(Math.floor(time / minute), { from: Math.min(row.from, time), to: Math.max(row.to, time) });
        }
        expect(timeOnTask([...rows.values()], 100 * minute)).toBe(
          timeOnTask(
            times.map((time) => ({ from: time, to: time })),
            100 * minute,
          ),
        );
      }),
    );
  });

  it('stops when the attempt ends', () => {
    expect(readClock({ activeMs: 0, lastAt: 0 }, 10 * minute, 2 * minute)).toBe(2 * minute);
  });

  it('away is five minutes without anything', () => {
    expect(isAway(0, idleMs - 1)).toBe(false);
    expect(isAway(0, idleMs)).toBe(true);
    expect(isAway(undefined, 0)).toBe(true);
  });

  it('the median of few, of none', () => {
    expect([median([]), median([3]), median([9, 1]), median([5, 1, 3])]).toEqual([undefined, 3, 5, 3]);
  });
});
