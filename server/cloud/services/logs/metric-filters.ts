import type {
  DeleteMetricFilterCommandInput,
  DeleteMetricFilterCommandOutput,
  DescribeMetricFiltersCommandInput,
  DescribeMetricFiltersCommandOutput,
  MetricTransformation,
  PutMetricFilterCommandInput,
  PutMetricFilterCommandOutput,
  TestMetricFilterCommandInput,
  TestMetricFilterCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { defineTable } from '../../state/table.ts';
import { compileFilter } from './filter-pattern.ts';
import { accountAccess, groupAccess, invalidParameter, placeOf } from './names.ts';
import { getGroup } from './store.ts';

export interface MetricFilterRecord {
  group: string;
  name: string;
  filterPattern: string;
  metricTransformations: MetricTransformation[];
  created: number;
}

/** Id `group:filter`. differs from AWS: filters are kept and checked, and feed no metric. */
export const metricFilters = defineTable<MetricFilterRecord>('logs.metricFilters');

const filterName = /^[^:*]{1,512}$/;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
export const PutMetricFilter = operation<PutMetricFilterCommandInput, PutMetricFilterCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:PutMetricFilter', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const name = input.filterName!;
    if (!filterName.test(name)) throw invalidParameter('The filter name is invalid.');
    compileFilter(input.filterPattern);
    const id = `${place.name}:${name}`;
    const others = ctx.state
      .list(metricFilters, place)
      .filter((other) => other.value.group === place.name && other.id !== id);
    if (others.length >= 100) throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    if (input.metricTransformations?.length !== 1)
      throw invalidParameter('A metric filter must have exactly one metric transformation.');
    ctx.state.put(metricFilters, place, id, {
      group: place.name,
      name,
      filterPattern: input.filterPattern ?? '',
      metricTransformations: structuredClone(input.metricTransformations),
      created: ctx.now,
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html */
export const DescribeMetricFilters = operation<DescribeMetricFiltersCommandInput, DescribeMetricFiltersCommandOutput>({
  access: (ctx, input) =>
    input.logGroupName === undefined
      ? accountAccess(ctx, 'logs:DescribeMetricFilters')
      : groupAccess(ctx, 'logs:DescribeMetricFilters', placeOf(ctx, input)),
  run(ctx, input) {
    const { logGroupName, filterNamePrefix = '', metricName, metricNamespace } = input;
    if (logGroupName !== undefined) getGroup(ctx.state, ctx, logGroupName);
    const wanted = ctx.state
      .list(metricFilters, ctx)
      .filter(
        ({ value }) =>
          (logGroupName === undefined || value.group === logGroupName) &&
          value.name.startsWith(filterNamePrefix) &&
          (metricName === undefined || value.metricTransformations[0]?.metricName === metricName) &&
          (metricNamespace === undefined || value.metricTransformations[0]?.metricNamespace === metricNamespace),
      );
    const { page, next } = paginate(wanted, ({ id }) => id, {
      token: input.nextToken,
      limit: input.limit,
      max: 50,
      invalid: { code: 'InvalidParameterException', message: 'The specified nextToken is invalid.' },
    });
    return {
      metricFilters: page.map(({ value }) => ({
        filterName: value.name,
        filterPattern: value.filterPattern,
        metricTransformations: value.metricTransformations,
        creationTime: value.created,
        logGroupName: value.group,
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html */
export const DeleteMetricFilter = operation<DeleteMetricFilterCommandInput, DeleteMetricFilterCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DeleteMetricFilter', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const id = `${place.name}:${input.filterName}`;
    if (!ctx.state.get(metricFilters, place, id))
      throw new AwsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
    ctx.state.delete(metricFilters, place, id);
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html */
export const TestMetricFilter = operation<TestMetricFilterCommandInput, TestMetricFilterCommandOutput>({
  access: (ctx) => accountAccess(ctx, 'logs:TestMetricFilter'),
  run(_ctx, input) {
    const matches = compileFilter(input.filterPattern);
    const messages = input.logEventMessages ?? [];
    if (messages.length > 50) throw invalidParameter('At most 50 messages can be tested.');
    return {
      matches: messages.flatMap((eventMessage, index) =>
        matches(eventMessage) ? [{ eventNumber: index + 1, eventMessage, extractedValues: {} }] : [],
      ),
    };
  },
});
