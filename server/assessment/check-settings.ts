import { LearnerError } from '../training/errors.ts';
import { changeableWhenPublished, plainName, type Settings, type Shown, settingsSchema, shown } from './settings.ts';
import { instantOf, isTimeZone, parseLocal } from './time-zone.ts';

/** One thing that is wrong, with the path of its field: `pools.0.draw`. */
export interface Problem {
  field: string;
  message: string;
}

/** Settings that are refused; every problem at once, each with its field. */
export class SettingsError extends LearnerError {
  readonly problems: Problem[];

  constructor(problems: Problem[], status = 400) {
    super(status, problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** What is asked about labs: why one cannot be used, or undefined where it can. */
export type AskLab = (lab: string) => string | undefined;

/**
 * Reads settings as somebody entered them, and names everything that is wrong with them.
 * @throws SettingsError
 */
export function readSettings(name: unknown, given: unknown, askLab: AskLab): { name: string; settings: Settings } {
  const title = plainName.safeParse(name);
  const parsed = settingsSchema.safeParse(given);
  const problems = [
    ...(title.error?.issues ?? []).map(({ message }) => ({ field: 'name', message })),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ field: path.join('.') || 'settings', message })),
    ...(parsed.data ? checkSettings(parsed.data, askLab) : []),
  ];
  if (problems.length || !title.success || !parsed.success) throw new SettingsError(problems);
  return { name: title.data, settings: parsed.data };
}

/** What cannot be: times in the wrong order, pools that are too small, labs that are not there or stand twice. */
export function checkSettings(settings: Settings, askLab: AskLab): Problem[] {
  return [...checkLabs(settings, askLab), ...checkTimes(settings), ...checkScoring(settings), ...checkShown(settings)];
}

function checkLabs({ labs, pools }: Settings, askLab: AskLab): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const look = (lab: string, field: string): void => {
    const because = askLab(lab);
    if (because !== undefined) problems.push({ field, message: because });
    if (seen.has(lab)) problems.push({ field, message: `the lab "${clip(lab)}" stands in this assessment twice` });
    seen.add(lab);
  };
  if (labs.length + pools.length === 0) problems.push({ field: 'labs', message: 'choose a lab, or a pool of labs' });
  for (const [index, { lab }] of labs.entries()) look(lab, `labs.${index}.lab`);
  for (const [index, pool] of pools.entries()) {
    for (const [place, lab] of pool.labs.entries()) look(lab, `pools.${index}.labs.${place}`);
    if (pool.draw > pool.labs.length)
      problems.push({
        field: `pools.${index}.draw`,
        message: `draws ${pool.draw} of ${pool.labs.length === 1 ? '1 lab' : `${pool.labs.length} labs`}: the pool is too small`,
      });
  }
  return problems;
}

function checkTimes(settings: Settings): Problem[] {
  const problems: Problem[] = [];
  const { zone, from, to, minutes, beyondWindow, cooldown, scoreboard } = settings;
  if (!isTimeZone(zone))
    problems.push({ field: 'zone', message: `"${clip(zone)}" is no time zone; write one like Europe/Berlin or UTC` });
  for (const [field, text] of Object.entries({ from, to }))
    if (parseLocal(text) === undefined)
      problems.push({ field, message: 'must be a date and time like 2026-12-01T09:00' });
  if (problems.length) return problems;
  const length = (instantOf(to, zone) - instantOf(from, zone)) / 60_000;
  if (length <= 0) return [{ field: 'to', message: 'must be after the start of the window' }];
  if (minutes !== null && minutes > length && !beyondWindow)
    problems.push({ field: 'minutes', message: `is longer than the window, which has ${length} minutes` });
  if (cooldown > (minutes ?? length))
    problems.push({
      field: 'cooldown',
      message: `is longer than ${minutes === null ? 'the window' : 'the timer'}, so that there would never be a second try`,
    });
  if (scoreboard.freeze > length)
    problems.push({ field: 'scoreboard.freeze', message: `is longer than the window, which has ${length} minutes` });
  return problems;
}

function checkShown({ show: { scores, messages, ranks } }: Settings): Problem[] {
  const late = (field: Shown): number => shown.options.indexOf(field);
  return [
    ...(late(messages) < late(scores)
      ? [
          {
            field: 'show.messages',
            message: 'cannot be shown before scores: what a check says tells whether it passed',
          },
        ]
      : []),
    ...(late(ranks) < late(scores)
      ? [{ field: 'show.ranks', message: 'cannot be shown before scores: a rank is made of them' }]
      : []),
  ];
}

function checkScoring({ policy, credits }: Settings): Problem[] {
  if (policy !== 'decreasing') return [];
  if (credits.length === 0) return [{ field: 'credits', message: 'must say what the first try is worth' }];
  if (credits[0] === 0)
    return [{ field: 'credits.0', message: 'must be more than 0: the first try is worth something' }];
  const rises = credits.findIndex((credit, index) => index > 0 && credit > credits[index - 1]!);
  return rises < 0
    ? []
    : [{ field: `credits.${rises}`, message: 'must not be more than the try before it: the policy is decreasing' }];
}

/** What may not change when an assessment is published. @returns a problem a setting that differs */
export function checkPublishedChange(before: Settings, after: Settings): Problem[] {
  const free = new Set<string>(changeableWhenPublished);
  const problems = Object.keys(before)
    .filter((key) => !free.has(key))
    .filter((key) => JSON.stringify(before[key as keyof Settings]) !== JSON.stringify(after[key as keyof Settings]))
    .map((field) => ({ field, message: 'cannot change any more: the assessment is published' }));
  if (isTimeZone(after.zone) && instantOf(after.to, after.zone) < instantOf(before.to, before.zone))
    problems.push({ field: 'to', message: 'can only be later than before: the assessment is published' });
  return problems;
}

const clip = (text: string): string => text.slice(0, 60);
