import type { Service } from '../../context.ts';
import { LookupEvents } from './lookup.ts';
import * as status from './trail-status.ts';
import * as trails from './trails.ts';

/** CloudTrail: the event history out of the call log, and trails that are kept as they are configured. */
export const cloudtrail: Service = {
  id: 'cloudtrail',
  stored: {
    CreateTrail: 'no log files are written; the event history needs no trail',
    UpdateTrail: 'no log files are written; the event history needs no trail',
    PutEventSelectors: 'no log files are written; the event history needs no trail',
    StartLogging: 'no log files are written; the event history needs no trail',
    StopLogging: 'no log files are written; the event history needs no trail',
  },
  operations: { LookupEvents, ...trails, ...status },
};
