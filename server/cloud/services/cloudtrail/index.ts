import type { Service } from '../../context.ts';

/** CloudTrail over the call log. */
export const cloudtrail: Service = {
  id: 'cloudtrail',
  operations: {},
};
