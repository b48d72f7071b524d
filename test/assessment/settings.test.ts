import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from '../../server/assessment/check-settings.ts';
import { drawLabs } from '../../server/assessment/draw.ts';
import type { Settings } from '../../server/assessment/settings.ts';
import { settingsWith } from './kit.ts';

const known = ['lab-a', 'lab-b', 'lab-c', 'lab-d', 'lab-e'];
const askLab = (lab: string): string | undefined =>
  known.includes(lab)
    ? undefined
    : lab === 'lab-x'
      ? '"Lab X" is not available here: no sandbox'
      : `there is no lab "${lab}"`;

/** What is wrong with settings, as `field: message`. */
function problems(changes: object, name: unknown = 'Check'): string[] {
  try {
    readSettings(name, { ...settingsWith(), ...changes }, askLab);
    return [];
  } catch (error) {
    return (error as SettingsError).problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

const pool = { name: 'two of five', draw: 2, labs: known, weight: 1 };

describe('settings are refused where they are entered', () => {
  const cases: [string, object, RegExp][] = [
    ['no labs', { labs: [] }, /^labs: choose a lab/],
    ['an unknown lab', { labs: [{ lab: 'nope', weight: 1 }] }, /^labs\.0\.lab: there is no lab "nope"/],
    ['an unavailable lab', { labs: [{ lab: 'lab-x', weight: 1 }] }, /^labs\.0\.lab: "Lab X" is not available here/],
    [
      'a lab twice',
      {
        labs: [
          { lab: 'lab-a', weight: 1 },
          { lab: 'lab-a', weight: 2 },
        ],
      },
      /^labs\.1\.lab: .*twice/,
    ],
    ['a lab in a pool and fixed', { pools: [pool] }, /^pools\.0\.labs\.0: .*twice/],
    ['a pool larger than its labs', { labs: [], pools: [{ ...pool, draw: 6 }] }, /^pools\.0\.draw: draws 6 of 5 labs/],
    ['a pool that draws none', { labs: [], pools: [{ ...pool, draw: 0 }] }, /^pools\.0\.draw: must be 1 or more/],
    ['weight 0', { labs: [{ lab: 'lab-a', weight: 0 }] }, /^labs\.0\.weight: must be more than 0/],
    ['weight below 0', { labs: [{ lab: 'lab-a', weight: -1 }] }, /^labs\.0\.weight: must be more than 0/],
    ['weight of three decimals', { labs: [{ lab: 'lab-a', weight: 0.125 }] }, /^labs\.0\.weight: has two decimals/],
    ['an unknown zone', { zone: 'Mars/Olympus' }, /^zone: "Mars\/Olympus" is no time zone/],
    ['a bare offset', { zone: '+01:00' }, /^zone: /],
    ['a window that ends before it begins', { to: '2026-12-01T08:00' }, /^to: must be after/],
    ['an empty window', { to: '2026-12-01T09:00' }, /^to: must be after/],
    ['no date', { from: '' }, /^from: must be a date/],
    ['a day that is none', { from: '2026-02-30T09:00' }, /^from: must be a date/],
    ['negative time', { minutes: -5 }, /^minutes: must be 1 or more/],
    ['half minutes', { minutes: 2.5 }, /^minutes: must be a whole number/],
    ['a timer longer than the window', { minutes: 181 }, /^minutes: is longer than the window, which has 180 minutes/],
    ['a cool-down longer than the window', { cooldown: 181 }, /^cooldown: is longer than the window/],
    ['a cool-down longer than the timer', { minutes: 60, cooldown: 61 }, /^cooldown: is longer than the timer/],
    ['a negative cool-down', { cooldown: -1 }, /^cooldown: must not be negative/],
    ['no tries', { tries: 0 }, /^tries: must be 1 or more/],
    [
      'a freeze longer than the window',
      { scoreboard: { on: true, freeze: 999, brackets: false, anonymous: false } },
      /^scoreboard\.freeze: /,
    ],
    ['credits that rise', { policy: 'decreasing', credits: [100, 50, 60] }, /^credits\.2: must not be more/],
    ['no credits', { policy: 'decreasing', credits: [] }, /^credits: must say/],
    ['credits that begin with nothing', { policy: 'decreasing', credits: [0] }, /^credits\.0: /],
    [
      'messages before scores',
      { show: { scores: 'after-end', messages: 'during', ranks: 'after-end', solutions: 'never' } },
      /^show\.messages: /,
    ],
    [
      'ranks before scores',
      { show: { scores: 'after-release', messages: 'never', ranks: 'during', solutions: 'never' } },
      /^show\.ranks: /,
    ],
    ['a member that nobody knows', { colour: 'red' }, /colour/],
  ];
  it.each(cases)('%s', (_what, changes, expected) => {
    expect(problems(changes).join('\n')).toMatch(expected);
  });

  it.each([
    ['', 'must not be empty'],
    ['   ', 'must not be empty'],
    ['x'.repeat(10_000), 'must be 100 characters or fewer'],
    ['a\u202Eb', 'must not contain control characters'],
    ['a\u0000b', 'must not contain control characters'],
    [7, ''],
  ])('a name that is none: %j', (name, words) => {
    expect(problems({}, name)[0]).toMatch(new RegExp(`^name: .*${words}`));
  });

  it('names everything that is wrong at once', () => {
    expect(problems({ zone: 'nowhere', labs: [], cooldown: 1 }).map((text) => text.split(':')[0])).toEqual([
      'labs',
      'zone',
    ]);
  });

  it('takes what is right', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ labs: [], pools: [pool], minutes: 60, tries: 3, cooldown: 5, policy: 'decreasing' })).toEqual([]);
    expect(problems({ minutes: 600, beyondWindow: true })).toEqual([]);
  });

  it('never fails by anything but its own error', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (name, given) => {
        try {
          readSettings(name, given, askLab);
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('labs are drawn', () => {
  const settings = {
    labs: [{ lab: 'lab-a', weight: 2 }],
    pools: [{ name: '', draw: 2, labs: ['lab-b', 'lab-c', 'lab-d', 'lab-e'], weight: 1 }],
  } satisfies Pick<Settings, 'labs' | 'pools'>;
  it('by the seed: the same seed draws the same, no lab twice, fixed ones first', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const drawn = drawLabs(settings, seed);
        expect(drawn).toEqual(drawLabs(settings, seed));
        expect(drawn[0]).toEqual({ lab: 'lab-a', weight: 2 });
        expect(new Set(drawn.map(({ lab }) => lab)).size).toBe(3);
      }),
      { seed: 1 },
    );
  });
  it('each about as often as any other', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 400; n++)
      for (const { lab } of drawLabs(settings, `${n}`)) counts.set(lab, (counts.get(lab) ?? 0) + 1);
    for (const lab of ['lab-b', 'lab-c', 'lab-d', 'lab-e']) expect(counts.get(lab)).toBeGreaterThan(150);
  });
});
