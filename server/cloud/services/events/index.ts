import type { Service } from '../../context.ts';
import * as busPolicy from './bus-policy.ts';
import * as buses from './buses.ts';
import { TestEventPattern } from './patterns.ts';
import { PutEvents } from './put-events.ts';
import * as rules from './rules.ts';
import { nextSchedule, startSchedules } from './schedule.ts';
import * as tags from './tags.ts';
import * as targets from './targets.ts';

/** EventBridge: buses, rules, targets and schedules. */
export const events: Service = {
  id: 'events',
  operations: { ...buses, ...busPolicy, ...rules, ...targets, ...tags, PutEvents, TestEventPattern },
  background: startSchedules,
  nextDue: nextSchedule,
};
