const DAY = 86_400_000;
const MINUTE = 60_000;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** When a schedule is due next after a time, in milliseconds; undefined when it never is. */
export type Schedule = (after: number) => number | undefined;

/** The text is no cron expression; each service answers it with an error of its own. */
export class CronFault extends Error {}

/**
 * AWS's six fields: minutes, hours, day of month, month, day of week, year, in UTC. One of the two days is `?`.
 * differs from AWS: looks nine years ahead of the first year that is named, no further.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @throws CronFault
 */
export function cronSchedule(fields: readonly string[]): Schedule {
  if (fields.length !== 6) throw new CronFault();
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  const minutes = [...readField(minute, 0, 59)].sort((a, b) => a - b);
  const hours = [...readField(hour, 0, 23)].sort((a, b) => a - b);
  const months = readField(month, 1, 12, MONTHS, 1);
  const years = year === '*' ? undefined : readField(year, 1970, 2199);
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw new CronFault();
  const isDay = dayOfMonth === '?' ? weekdayTest(dayOfWeek) : dateTest(dayOfMonth);
  return (after) => {
    const start = new Date(after).getUTCFullYear();
    const firstYear = years ? Math.min(...[...years].filter((each) => each >= start)) : start;
    if (firstYear === Number.POSITIVE_INFINITY) return undefined;
    const first = Math.max(Math.floor(after / DAY) * DAY, Date.UTC(firstYear, 0, 1));
    for (let midnight = first; midnight <= first + 9 * 366 * DAY; midnight += DAY) {
      const date = new Date(midnight);
      if (!months.has(date.getUTCMonth() + 1) || (years && !years.has(date.getUTCFullYear())) || !isDay(date)) continue;
      for (const h of hours)
        for (const m of minutes) {
          const at = midnight + (h * 60 + m) * MINUTE;
          if (at > after) return at;
        }
    }
    return undefined;
  };
}

const lengthOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Days of a month, `L` for the last one, `15W` for the weekday that is nearest to the 15th. */
function dateTest(text: string): (date: Date) => boolean {
  if (text === 'L') return (date) => date.getUTCDate() === lengthOfMonth(date);
  const near = /^([1-9]|[12]\d|3[01])W$/.exec(text);
  if (near) {
    const wanted = Number(near[1]);
    return (date) => {
      const length = lengthOfMonth(date);
      if (wanted > length) return false;
      const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
      // A Saturday gives way to Friday, a Sunday to Monday, and neither leaves its month.
      const shift = weekday === 6 ? (wanted === 1 ? 2 : -1) : weekday === 0 ? (wanted === length ? -2 : 1) : 0;
      return date.getUTCDate() === wanted + shift;
    };
  }
  const days = readField(text, 1, 31);
  return (date) => days.has(date.getUTCDate());
}

/** `MON`, `MON-FRI`, `2#1` (the first Monday), `6L` (the last Friday). */
function weekdayTest(text: string): (date: Date) => boolean {
  const special = /^([1-7]|[A-Za-z]{3})(?:#([1-5])|L)$/.exec(text);
  const weekdays = readField(text === 'L' ? '7' : special ? special[1]! : text, 1, 7, DAYS, 1);
  return (date) => {
    if (!weekdays.has(date.getUTCDay() + 1)) return false;
    if (!special) return true;
    const day = date.getUTCDate();
    return special[2] ? Math.ceil(day / 7) === Number(special[2]) : day + 7 > lengthOfMonth(date);
  };
}

/** `*`, numbers, names, lists, ranges and steps. */
function readField(text: string, least: number, most: number, names: string[] = [], base = 0): Set<number> {
  const numbers = new Set<number>();
  const one = (word: string): number => {
    const name = names.indexOf(word.toUpperCase());
    const number = name >= 0 ? name + base : /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN;
    if (!(number >= least && number <= most)) throw new CronFault();
    return number;
  };
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const by = step === undefined ? 1 : /^\d{1,3}$/.test(step) ? Number(step) : 0;
    if (more.length || by < 1) throw new CronFault();
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length) throw new CronFault();
    const start = range === '*' ? least : one(from);
    const end = range === '*' || (step !== undefined && to === undefined) ? most : one(to ?? from);
    if (end < start) throw new CronFault();
    for (let n = start; n <= end; n += by) numbers.add(n);
  }
  return numbers;
}
