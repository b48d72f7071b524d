import type { Service } from '../../context.ts';
import * as analyzers from './analyzers.ts';
import * as checks from './checks.ts';
import * as findings from './findings.ts';
import * as generation from './generation.ts';
import { ValidatePolicy } from './validate-policy.ts';

const { CreateAnalyzer, GetAnalyzer, ListAnalyzers, DeleteAnalyzer, TagResource, UntagResource, ListTagsForResource } =
  analyzers;

/** IAM Access Analyzer: external access, policies out of activity, and checks of policies. */
export const accessanalyzer: Service = {
  id: 'accessanalyzer',
  operations: {
    CreateAnalyzer,
    GetAnalyzer,
    ListAnalyzers,
    DeleteAnalyzer,
    TagResource,
    UntagResource,
    ListTagsForResource,
    ...findings,
    ...generation,
    ...checks,
    ValidatePolicy,
  },
};
