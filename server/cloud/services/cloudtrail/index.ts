import type { Service } from '../../context.ts';
import { LookupEvents } from './lookup.ts';
import * as status from './trail-status.ts';
import * as trails from './trails.ts';

/** CloudTrail: the event history out of the call log, and trails that are kept as they are configured. */
export const cloudtrail: Service = {
  id: 'cloudtrail',
  operations: { LookupEvents, ...trails, ...status },
};
