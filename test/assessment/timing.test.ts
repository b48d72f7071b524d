import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf, isTimeZone, localAt } from '../../server/assessment/time-zone.ts';
import {
  joined,
  type Run,
  runningMs,
  standingOf,
  type Window,
  windowStanding,
} from '../../server/assessment/timing.ts';

const iso = (local: string, zone: string): string => new Date(instantOf(local, zone)).toISOString().slice(0, 16);

describe('local times', () => {
  it.each([
    ['2026-12-01T09:00', 'Europe/Berlin', '2026-12-01T08:00'],
    ['2026-07-01T09:00', 'Europe/Berlin', '2026-07-01T07:00'],
    ['2026-07-01T09:00', 'Asia/Kolkata', '2026-07-01T03:30'],
    ['2026-07-01T09:00', 'UTC', '2026-07-01T09:00'],
    // Put forward at 02:00: 02:30 is never shown, and means an hour later.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30'],
    // Put back at 03:00: 02:30 is shown twice, and means the first.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30'],
    ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:30'],
    // By half an hour.
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45'],
  ])('%s in %s is %s', (local, zone, expected) => expect(iso(local, zone)).toBe(expected));

  it('read back as they were written, where they are shown once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2030, 0) }),
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'),
        (at, zone) => {
          const local = localAt(at, zone);
          expect(localAt(instantOf(local, zone), zone)).toBe(local);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Etc/GMT+3', true],
    ['+01:00', false],
    ['', false],
    ['Mars', false],
    ['x\u0000', false],
    ['../etc', false],
  ])('zone %j: %s', (zone, right) => expect(isTimeZone(zone)).toBe(right));
});

const window: Window = { from: 0, to: 180, duration: 60, beyondWindow: false, pauses: [], extensions: [] };
const run: Run = { startedAt: 10, extraMs: 0, pauses: [], extensions: [] };

describe('the clock of an entry', () => {
  const cases: [string, Partial<Window>, Partial<Run>, number, object][] = [
    ['runs from its start', {}, {}, 40, { paused: false, over: false, leftMs: 30, endsAt: 70 }],
    ['is over at its end, not after it', {}, {}, 70, { over: true, leftMs: 0, endsAt: 70 }],
    ['ends with the window', {}, { startedAt: 150 }, 160, { endsAt: 180, leftMs: 20 }],
    [
      'runs beyond it where that is allowed',
      { beyondWindow: true },
      { startedAt: 150 },
      190,
      { endsAt: 210, over: false },
    ],
    ['is the window without a timer', { duration: null }, {}, 100, { endsAt: 180, leftMs: 80 }],
    ['has extra time', {}, { extraMs: 15 }, 40, { endsAt: 85 }],
    ['has extra time after the window', { duration: null }, { extraMs: 15 }, 190, { endsAt: 195, over: false }],
    [
      'stands still in a pause',
      { pauses: [{ from: 20, to: undefined }] },
      {},
      100,
      { paused: true, over: false, leftMs: 50, endsAt: 150 },
    ],
    ['goes on after it', { pauses: [{ from: 20, to: 50 }] }, {}, 60, { paused: false, endsAt: 100, leftMs: 40 }],
    [
      'counts a pause of all and its own once',
      { pauses: [{ from: 20, to: 50 }] },
      { pauses: [{ from: 30, to: 60 }] },
      70,
      { endsAt: 110 },
    ],
    ['does not count what was before it', { pauses: [{ from: 2, to: 6 }] }, {}, 30, { endsAt: 70 }],
    ['counts the rest of a pause that it began in', { pauses: [{ from: 5, to: 20 }] }, {}, 30, { endsAt: 80 }],
    [
      'has the window later by a pause before it',
      { duration: null, pauses: [{ from: 2, to: 6 }] },
      {},
      30,
      { endsAt: 184 },
    ],
    [
      'does not count a pause after its end',
      { pauses: [{ from: 75, to: undefined }] },
      {},
      90,
      { paused: false, over: true, endsAt: 70 },
    ],
    ['is longer by an extension of its own', {}, { extensions: [{ at: 30, ms: 7 }] }, 40, { endsAt: 77 }],
    ['is longer by one for all', { extensions: [{ at: 30, ms: 7 }] }, {}, 40, { endsAt: 77 }],
    ['is not longer by one from before it began', { extensions: [{ at: 5, ms: 7 }] }, {}, 40, { endsAt: 70 }],
    [
      'has the window of that one, though',
      { extensions: [{ at: 5, ms: 7 }] },
      { startedAt: 150 },
      160,
      { endsAt: 187 },
    ],
  ];
  it.each(cases)('%s', (_what, windowPart, runPart, now, expected) => {
    expect(standingOf({ ...window, ...windowPart }, { ...run, ...runPart }, now)).toMatchObject(expected);
  });

  it('of who has not begun is the window', () => {
    expect(
      windowStanding({ ...window, pauses: [{ from: 20, to: 50 }], extensions: [{ at: 1, ms: 5 }] }, 100),
    ).toMatchObject({ endsAt: 215, over: false });
  });

  const stretch = fc.tuple(fc.nat(200), fc.nat(50)).map(([from, length]) => ({ from, to: from + length }));
  it('gives everybody their whole time: what runs between start and end is the timer', () => {
    fc.assert(
      fc.property(fc.array(stretch), fc.array(stretch), fc.nat(100), (all, own, startedAt) => {
        const { endsAt } = standingOf(
          { ...window, beyondWindow: true, pauses: all },
          { ...run, startedAt, pauses: own },
          1000,
        );
        expect(runningMs(startedAt, endsAt, [...all, ...own])).toBe(60);
      }),
      { seed: 1 },
    );
  });
  it('joins pauses: in order, none touching', () => {
    fc.assert(
      fc.property(fc.array(stretch), (pauses) => {
        const out = joined(pauses);
        for (const [index, { from }] of out.entries()) if (index > 0) expect(from).toBeGreaterThan(out[index - 1]!.to!);
      }),
      { seed: 1 },
    );
  });
});
