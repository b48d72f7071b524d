import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FairLimit, waitsOf, waitsOfThread } from '../../../server/cloud/runtime/fair-limit.ts';

const sandbox = 4_000_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** When a limit of a second expires, milliseconds after its start; `waited` says how long who has waited at a time. */
function expiry(waited: (at: number) => Record<number, number>, limitMs = 1_000): number | undefined {
  let at: number | undefined;
  const started = Date.now();
  const now = (): number => Date.now() - started;
  new FairLimit(
    () => new Map(Object.entries(waited(now())).map(([pid, ms]) => [Number(pid), ms])),
    limitMs,
    () => {
      at = now();
    },
  );
  vi.advanceTimersByTime(200_000);
  return at;
}

describe('the limit of a function', () => {
  test('is what was asked for where nobody waits for a processor', () => {
    expect(expiry(() => ({ [process.pid]: 700, [sandbox]: 9_000 }))).toBe(1_000);
  });

  test('is what was asked for where nobody counts', () => {
    expect(expiry(() => ({}))).toBe(1_000);
  });

  test('gives back what a sandbox waited, what it waited meanwhile too, and nothing of before', () => {
    // Half of the time in the queue, for three seconds.
    expect(expiry((at) => ({ [process.pid]: 0, [sandbox]: 500 + Math.min(at, 3_000) / 2 }))).toBeGreaterThan(1_900);
    expect(expiry((at) => ({ [process.pid]: 0, [sandbox]: 500 + Math.min(at, 3_000) / 2 }))).toBeLessThan(2_000);
  });

  test('gives back what this process waited, which answers the calls', () => {
    expect(expiry((at) => ({ [process.pid]: at < 500 ? 0 : 300, [sandbox]: 0 }))).toBe(1_300);
  });

  test('of several processes counts the one that waited longest', () => {
    expect(
      expiry((at) => ({ [process.pid]: 0, [sandbox]: at < 500 ? 0 : 300, [sandbox + 1]: at < 500 ? 0 : 200 })),
    ).toBe(1_300);
  });

  test('ends for code that fights itself: after five times the limit, or thirty seconds more', () => {
    expect(expiry((at) => ({ [process.pid]: 0, [sandbox]: at * 0.95 }))).toBeCloseTo(5_000, -2);
    expect(expiry((at) => ({ [process.pid]: 0, [sandbox]: at * 0.95 }), 60_000)).toBeCloseTo(90_000, -2);
  });

  test('does not expire when it was cleared', () => {
    const expired = vi.fn();
    new FairLimit(() => new Map(), 1_000, expired).clear();
    vi.advanceTimersByTime(10_000);
    expect(expired).not.toHaveBeenCalled();
  });
});

test('what a thread waited is counted beside what this process did, where the thread has a number', () => {
  expect([...waitsOfThread(sandbox)]).toContainEqual([sandbox, 0]);
  expect(waitsOfThread(sandbox).has(process.pid)).toBe(true);
  expect(waitsOfThread(undefined).size).toBe(0);
});

test('this machine counts for a process tree', () => {
  expect(waitsOf(process.pid).has(process.pid)).toBe(true);
});
