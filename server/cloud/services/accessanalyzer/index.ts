import type { Service } from '../../context.ts';

/** IAM Access Analyzer. */
export const accessanalyzer: Service = {
  id: 'accessanalyzer',
  operations: {},
};
