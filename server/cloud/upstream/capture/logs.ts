import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  type MetricFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { metricFilters } from '../../services/logs/metric-filters.ts';
import { subscriptionFilters } from '../../services/logs/push.ts';
import { logChunks, logGroupArn, logGroups, logStreams, newGroup } from '../../services/logs/store.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';
import { captureStreams } from './logs-streams.ts';

const gone = ['ResourceNotFoundException'];

/** Not read, as no call tells: ids of events, which are given anew in the order of their times. */
export const capturedLogs: CapturedService = {
  id: 'logs',
  tables: [logGroups, metricFilters, subscriptionFilters],
  data: [logStreams, logChunks],
  async capture(source, mirror) {
    const groups = await groupsOf(source);
    await Promise.all([
      source.each(groups, (group) => captureGroup(source, mirror, group)),
      source.each(groups, ({ logGroupName }) => captureSubscriptions(source, mirror, logGroupName!)),
      captureMetricFilters(source, mirror, groups),
    ]);
  },
  async captureData(source, mirror) {
    await source.each(await groupsOf(source), ({ logGroupName }) => captureStreams(source, mirror, logGroupName!));
  },
  async remove(source) {
    const logs = source.client(CloudWatchLogsClient);
    const [groups, filters] = await Promise.all([groupsOf(source), metricFiltersOf(source)]);
    // In LocalStack filters outlive their groups.
    await source.each(filters, ({ logGroupName, filterName }) =>
      source.attempt(`metric filter ${filterName}`, () =>
        logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName })),
      ),
    );
    await source.each(groups, ({ logGroupName }) =>
      source.attempt(`log group ${logGroupName}`, () => logs.send(new DeleteLogGroupCommand({ logGroupName }))),
    );
    return groups.length + filters.length;
  },
};

function groupsOf(source: Source): Promise<LogGroup[]> {
  const logs = source.client(CloudWatchLogsClient);
  return source.pages(
    'the log groups',
    (nextToken) => logs.send(new DescribeLogGroupsCommand({ nextToken })),
    (page) => ({ items: page.logGroups, next: page.nextToken }),
  );
}

async function captureGroup(source: Source, mirror: Mirror, group: LogGroup): Promise<void> {
  const logs = source.client(CloudWatchLogsClient);
  const name = group.logGroupName!;
  const answer = await source.read(
    `the tags of log group ${name}`,
    () => logs.send(new ListTagsForResourceCommand({ resourceArn: logGroupArn(source.scope, name) })),
    gone,
  );
  mirror.put(
    logGroups,
    source.scope,
    name,
    newGroup(name, group.creationTime ?? 0, {
      logGroupClass: group.logGroupClass ?? 'STANDARD',
      tags: { ...answer?.tags },
      ...(group.retentionInDays ? { retentionInDays: group.retentionInDays } : {}),
      ...(group.kmsKeyId ? { kmsKeyId: group.kmsKeyId } : {}),
    }),
  );
}

function metricFiltersOf(source: Source): Promise<MetricFilter[]> {
  const logs = source.client(CloudWatchLogsClient);
  return source.pages(
    'the metric filters',
    (nextToken) => logs.send(new DescribeMetricFiltersCommand({ nextToken })),
    (page) => ({ items: page.metricFilters, next: page.nextToken }),
  );
}

async function captureMetricFilters(source: Source, mirror: Mirror, groups: readonly LogGroup[]): Promise<void> {
  for (const filter of await metricFiltersOf(source)) {
    const group = filter.logGroupName!;
    const itsGroup = groups.find(({ logGroupName }) => logGroupName === group);
    if (!itsGroup) continue;
    const name = filter.filterName!;
    mirror.put(metricFilters, source.scope, `${group}:${name}`, {
      group,
      name,
      filterPattern: filter.filterPattern ?? '',
      metricTransformations: filter.metricTransformations ?? [],
      // LocalStack does not say when a filter was made.
      created: filter.creationTime ?? itsGroup.creationTime ?? 0,
    });
  }
}

async function captureSubscriptions(source: Source, mirror: Mirror, group: string): Promise<void> {
  const logs = source.client(CloudWatchLogsClient);
  const found = await source.pages(
    `the subscription filters of log group ${group}`,
    (nextToken) => logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: group, nextToken })),
    (page) => ({ items: page.subscriptionFilters, next: page.nextToken }),
  );
  for (const filter of found)
    mirror.put(subscriptionFilters, source.scope, `${group}:${filter.filterName}`, {
      group,
      name: filter.filterName!,
      filterPattern: filter.filterPattern ?? '',
      destinationArn: filter.destinationArn!,
      ...(filter.roleArn ? { roleArn: filter.roleArn } : {}),
      distribution: filter.distribution ?? 'ByLogStream',
      created: filter.creationTime ?? 0,
    });
}
