import { CronFault, cronSchedule, type Schedule } from '../../cron.ts';
import type { RotationRules } from './store.ts';
import { invalidParameter } from './store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

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
  const fields = cron[1]!.trim().split(/\s+/);
  // "Secrets Manager rotation windows open on the hour": minutes are 0; years cannot be chosen.
  if (fields[0] !== '0' || fields[5] !== '*') throw invalid();
  try {
    return cronSchedule(fields);
  } catch (error) {
    throw error instanceof CronFault ? invalid() : error;
  }
}

const invalid = () => invalidParameter('The schedule expression is not valid.');
