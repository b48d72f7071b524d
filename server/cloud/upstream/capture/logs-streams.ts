import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  appendEvents,
  getStream,
  logChunks,
  logGroups,
  logStreams,
  newGroup,
  newStream,
  streamId,
} from '../../services/logs/store.ts';
import { AccountState } from '../../state/account-state.ts';
import type { Mirror, Source } from '../types.ts';

/** The streams of a group, with their events as if they had been written here in the order of their times. */
export async function captureStreams(source: Source, mirror: Mirror, group: string): Promise<void> {
  const logs = source.client(CloudWatchLogsClient);
  const [streams, events] = await Promise.all([
    source.pages(
      `the streams of log group ${group}`,
      (nextToken) => logs.send(new DescribeLogStreamsCommand({ logGroupName: group, nextToken })),
      (page) => ({ items: page.logStreams, next: page.nextToken }),
    ),
    source.pages(
      `the events of log group ${group}`,
      (nextToken) => logs.send(new FilterLogEventsCommand({ logGroupName: group, nextToken })),
      (page) => ({ items: page.events, next: page.nextToken }),
    ),
  ]);
  for (const stream of streams)
    putStream(
      source,
      mirror,
      group,
      stream,
      events.filter(({ logStreamName }) => logStreamName === stream.logStreamName),
    );
}

/** Written in a state of its own first: how events lie in chunks is the embedded service's affair. */
function putStream(
  { scope }: Source,
  mirror: Mirror,
  group: string,
  stream: LogStream,
  events: readonly FilteredLogEvent[],
): void {
  const name = stream.logStreamName!;
  const written = new AccountState().begin();
  written.put(logGroups, scope, group, newGroup(group, 0));
  written.put(logStreams, scope, streamId(group, name), newStream(group, name, stream.creationTime ?? 0));
  for (let first = 0; first < events.length; ) {
    const { ingestionTime = 0 } = events[first]!;
    const end = events.findIndex((event, index) => index > first && event.ingestionTime !== ingestionTime);
    const together = events.slice(first, end < 0 ? events.length : end);
    const lines = together.map(({ timestamp, message }) => ({ timestamp: timestamp!, message: message ?? '' }));
    appendEvents(written, scope, getStream(written, scope, group, name), lines, ingestionTime);
    first += together.length;
  }
  const record = getStream(written, scope, group, name);
  mirror.put(logStreams, scope, streamId(group, name), {
    ...record,
    ...(record.lastIngestion === undefined ? {} : { lastIngestion: stream.lastIngestionTime ?? record.lastIngestion }),
  });
  for (const { id, value } of written.list(logChunks, scope)) mirror.put(logChunks, scope, id, value);
}
