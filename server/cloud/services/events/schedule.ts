import type { Cloud } from '../../cloud.ts';
import { CronFault, cronSchedule, type Schedule } from '../../cron.ts';
import { uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { type Publisher, publish, timestamp } from './deliver.ts';
import { invalid } from './errors.ts';
import { placeOfRecord, type RuleRecord, ruleId, rules } from './store.ts';

const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * `rate(5 minutes)` or `cron(0 8 ? * MON *)`, in UTC.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @throws ValidationException
 */
export function readSchedule(expression: string): Schedule {
  const fault = () => invalid('Parameter ScheduleExpression is not valid.');
  if (expression.length > 256) throw fault();
  const rate = /^rate\((\d{1,5}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) {
    const count = Number(rate[1]);
    // One is singular, and nothing else is.
    if (count < 1 || (count === 1) !== (rate[3] === '')) throw fault();
    return (after) => after + count * units[rate[2]!]!;
  }
  const cron = /^cron\(([^()]*)\)$/.exec(expression);
  if (!cron) throw fault();
  try {
    return cronSchedule(cron[1]!.trim().split(/\s+/));
  } catch (error) {
    throw error instanceof CronFault ? fault() : error;
  }
}

/** Sends the event of every schedule that is due. What was missed while the clock jumped is not made up for. */
export function startSchedules(cloud: Cloud): void {
  const now = cloud.clock.now();
  const due = cloud.state.all(rules).filter(({ value }) => isDue(value, now));
  if (due.length === 0) return;
  cloud.track('schedules of EventBridge', async () => {
    cloud.transact((state) => {
      for (const { scope, value } of due) fire({ cloud, state, now, hops: undefined }, scope, value);
    });
  });
}

function fire(from: Publisher, scope: Scope, rule: RuleRecord): void {
  const place = placeOfRecord(scope, rule);
  const next = readSchedule(rule.schedule!)(from.now);
  const { next: _old, ...rest } = rule;
  from.state.put(rules, scope, ruleId(place), { ...rest, ...(next === undefined ? {} : { next }) });
  publish(from, place, rule, {
    version: '0',
    id: uuid(from.cloud.random),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: scope.account,
    time: timestamp(from.now),
    region: scope.region,
    resources: [place.arn],
    detail: {},
  });
}

export function nextSchedule(cloud: Cloud): number | undefined {
  let next: number | undefined;
  for (const { value } of cloud.state.all(rules))
    if (isDue(value, Number.POSITIVE_INFINITY) && (next === undefined || value.next! < next)) next = value.next;
  return next;
}

const isDue = (rule: { state: string; next?: number; targets: readonly unknown[] }, now: number): boolean =>
  rule.next !== undefined && rule.next <= now && rule.state !== 'DISABLED' && rule.targets.length > 0;
