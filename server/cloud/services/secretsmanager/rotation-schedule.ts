import type { RotationRules } from './store.ts';
import { invalidParameter } from './store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** When a schedule is due next after a time, in milliseconds; undefined when it never is. */
export type Schedule = (after: number) => number | undefined;

/**
 * Reads rotation rules: days, `rate(10 days)`, `rate(6 hours)`, `cron(0 8 ? * MON *)` in UTC.
 * @throws AwsError InvalidParameterException
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function parseRules(rules: RotationRules): Schedule | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression, Duration } = rules;
  if (days !== undefined && expression !== undefined)
    throw invalidParameter('You can only specify one of AutomaticallyAfterDays and ScheduleExpression.');
  if (Duration !== undefined && !/^([1-9]|1\d|2[0-4])h$/.test(Duration))
    throw invalidParameter('Invalid rotation window duration.');
  if (days !== undefined) {
    if (days < 1 || days > 1000) throw invalidParameter('AutomaticallyAfterDays must be between 1 and 1000.');
    return (after) => after + days * DAY;
  }
  if (expression === undefined) return undefined;
  if (expression.length > 256) throw invalid();
  const rate = /^rate\((\d{1,4}) (hours?|days?)\)$/.exec(expression);
  if (rate) {
    const period = Number(rate[1]) * (rate[2]!.startsWith('hour') ? HOUR : DAY);
    if (period < 4 * HOUR || period > 999 * DAY) throw invalid();
    return (after) => after + period;
  }
  const cron = /^cron\(([^()]*)\)$/.exec(expression);
  if (!cron) throw invalid();
  return cronSchedule(cron[1]!.trim().split(/\s+/));
}

const invalid = () => invalidParameter('The schedule expression is not valid.');

function cronSchedule(fields: string[]): Schedule {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields;
  // "Secrets Manager rotation windows open on the hour": minutes are 0; years cannot be chosen.
  if (fields.length !== 6 || minute !== '0' || year !== '*') throw invalid();
  const hours = readField(hour!, 0, 23);
  const months = readField(month!, 1, 12, MONTHS, 1);
  const byDate = dayOfMonth === '?' ? undefined : dayOfMonth === 'L' ? 'last' : readField(dayOfMonth!, 1, 31);
  const byWeekday = dayOfWeek === '?' ? undefined : readWeekday(dayOfWeek!);
  if ((byDate === undefined) === (byWeekday === undefined)) throw invalid();
  const holds = (date: Date): boolean => {
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const day = date.getUTCDate();
    const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    if (byDate !== undefined) return byDate === 'last' ? day === length : byDate.has(day);
    const { weekdays, nth } = byWeekday!;
    if (!weekdays.has(date.getUTCDay() + 1)) return false;
    if (nth === 'last') return day + 7 > length;
    return nth === undefined || Math.ceil(day / 7) === nth;
  };
  return (after) => {
    const first = Math.floor(after / DAY) * DAY;
    for (let day = 0; day <= 4 * 366; day++) {
      const midnight = first + day * DAY;
      if (!holds(new Date(midnight))) continue;
      for (let h = 0; h < 24; h++) if (hours.has(h) && midnight + h * HOUR > after) return midnight + h * HOUR;
    }
    return undefined;
  };
}

/** `MON`, `MON-FRI`, `2#1` (the first Monday), `6L` (the last Friday). */
function readWeekday(text: string): { weekdays: Set<number>; nth?: number | 'last' } {
  const special = /^([1-7]|[A-Z]{3})(?:#([1-5])|(L))$/.exec(text);
  if (special)
    return { weekdays: readField(special[1]!, 1, 7, DAYS, 1), nth: special[3] ? 'last' : Number(special[2]) };
  return { weekdays: readField(text, 1, 7, DAYS, 1) };
}

/** `*`, numbers, names, lists, ranges and steps. */
function readField(text: string, least: number, most: number, names: string[] = [], base = 0): Set<number> {
  const numbers = new Set<number>();
  const one = (word: string): number => {
    const name = names.indexOf(word.toUpperCase());
    const number = name >= 0 ? name + base : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
    if (!(number >= least && number <= most)) throw invalid();
    return number;
  };
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const by = step === undefined ? 1 : /^\d{1,2}$/.test(step) ? Number(step) : 0;
    if (more.length || by < 1) throw invalid();
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length) throw invalid();
    const start = range === '*' ? least : one(from);
    const end = range === '*' || (step !== undefined && to === undefined) ? most : one(to ?? from);
    if (end < start) throw invalid();
    for (let n = start; n <= end; n += by) numbers.add(n);
  }
  return numbers;
}
