import type { Service } from '../../context.ts';

/** EventBridge: buses, rules, targets and schedules. */
export const events: Service = {
  id: 'events',
  operations: {},
};
