import { z } from 'zod';

/** When something is told to who sits the assessment. */
export const shown = z.enum(['during', 'after-end', 'after-release', 'never']);
export type Shown = z.infer<typeof shown>;

const whole = (least: number, most: number) =>
  z
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(least, least === 0 ? 'must not be negative' : `must be ${least} or more`)
    .max(most, `must be ${most} or less`);

const weight = z
  .number({ error: 'must be a number' })
  .gt(0, 'must be more than 0')
  .max(100, 'must be 100 or less')
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, 'has two decimals at most');

const labId = z.string().min(1, 'names no lab').max(100);
const localTime = z.string().max(20, 'must be a date and time like 2026-12-01T09:00');

/** Every setting of an assessment. `checkSettings` asks what one member alone cannot tell. */
export const settingsSchema = z.strictObject({
  /** Labs that everybody gets, in order. */
  labs: z.array(z.strictObject({ lab: labId, weight })).max(64, 'must be 64 labs or fewer'),
  /** Draws: so many of these labs, by the seed of each entry. */
  pools: z
    .array(
      z.strictObject({
        name: z.string().max(100, 'must be 100 characters or fewer'),
        draw: whole(1, 64),
        labs: z.array(labId).max(64, 'must be 64 labs or fewer'),
        weight,
      }),
    )
    .max(16, 'must be 16 pools or fewer'),
  party: z.enum(['person', 'team'], { error: 'must be person or team' }),
  zone: z.string().max(64, 'must be the name of a time zone'),
  from: localTime,
  to: localTime,
  /** Own timer from the start; null: until the window closes. */
  minutes: whole(1, 43_200).nullable(),
  /** The own timer may run on when the window has closed; nobody begins then. */
  beyondWindow: z.boolean(),
  /** Grades that count, for each lab; null: any number. */
  tries: whole(1, 1000).nullable(),
  /** Minutes between two tries at a lab. */
  cooldown: whole(0, 43_200),
  policy: z.enum(['best', 'last', 'first', 'decreasing'], { error: 'must be best, last, first or decreasing' }),
  /** Per cent of its points that each try is worth where the policy is `decreasing`; the last one goes on. */
  credits: z.array(whole(0, 100)).max(20, 'must be 20 tries or fewer'),
  hints: z.enum(['off', 'priced', 'free'], { error: 'must be off, priced or free' }),
  /** Points that a hint costs; null: what the lab says. */
  hintPrice: whole(0, 1000).nullable(),
  attacks: z.boolean(),
  show: z.strictObject({ scores: shown, messages: shown, ranks: shown, solutions: shown }),
  /** What everybody accepts before they begin; empty: nothing. */
  honour: z.string().max(5000, 'must be 5000 characters or fewer'),
  scoreboard: z.strictObject({
    on: z.boolean(),
    /** Minutes before the window's end from which on it stands still, until it has closed or results are released. */
    freeze: whole(0, 43_200),
    brackets: z.boolean(),
    anonymous: z.boolean(),
  }),
  /** Who joined a team after it began may work with it. */
  lateMembers: z.boolean(),
});

export type Settings = z.infer<typeof settingsSchema>;

/** What a new assessment begins with: everything but labs and window. */
export const defaultSettings: Settings = {
  labs: [],
  pools: [],
  party: 'person',
  zone: 'UTC',
  from: '',
  to: '',
  minutes: null,
  beyondWindow: false,
  tries: null,
  cooldown: 0,
  policy: 'best',
  credits: [100, 80, 60, 40],
  hints: 'priced',
  hintPrice: null,
  attacks: true,
  show: { scores: 'during', messages: 'during', ranks: 'during', solutions: 'after-release' },
  honour: '',
  scoreboard: { on: true, freeze: 0, brackets: false, anonymous: false },
  lateMembers: true,
};

/** Settings that may change once an assessment is published: none of them moves a point that somebody has. */
export const changeableWhenPublished = ['to', 'show', 'scoreboard', 'lateMembers'] as const;

/** What a name may be, of anything that people name. */
export const plainName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must be 100 characters or fewer')
  .refine(
    (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text),
    'must not contain control characters',
  );

/** A text of several lines that people write; the same characters are refused, but for line breaks. */
export const plainText = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most, `must be ${most} characters or fewer`)
    .refine(
      (text) =>
        !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text.replaceAll('\r\n', '\n')),
      'must not contain control characters',
    );
