import type { Service } from '../../context.ts';
import { FilterLogEvents, GetLogEvents, PutLogEvents } from './events.ts';
import * as groups from './groups.ts';
import { DeleteMetricFilter, DescribeMetricFilters, PutMetricFilter, TestMetricFilter } from './metric-filters.ts';
import * as streams from './streams.ts';
import * as subscriptionFilters from './subscription-filters.ts';
import {
  ListTagsForResource,
  ListTagsLogGroup,
  TagLogGroup,
  TagResource,
  UntagLogGroup,
  UntagResource,
} from './tags.ts';

export const logs: Service = {
  id: 'logs',
  stored: {
    AssociateKmsKey: 'the key is not asked',
    DisassociateKmsKey: 'the key was not asked',
    PutMetricFilter: 'no metric is fed',
  },
  operations: {
    ...groups,
    ...{ TagResource, UntagResource, ListTagsForResource, TagLogGroup, UntagLogGroup, ListTagsLogGroup },
    ...streams,
    ...{ PutLogEvents, GetLogEvents, FilterLogEvents },
    ...{ PutMetricFilter, DescribeMetricFilters, DeleteMetricFilter, TestMetricFilter },
    ...subscriptionFilters,
  },
};
