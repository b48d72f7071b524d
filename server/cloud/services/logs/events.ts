import type {
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandInput,
  GetLogEventsCommandOutput,
  PutLogEventsCommandInput,
  PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { type CallContext, operation } from '../../context.ts';
import { compileFilter } from './filter-pattern.ts';
import { groupAccess, invalidParameter, placeOf } from './names.ts';
import { appendEvents, eventsOf, getGroup, getStream, type LogEvent, type LogGroupRecord, streamsOf } from './store.ts';

const mostBytes = 1_048_576;
const mostEvents = 10_000;
const day = 24 * 60 * 60 * 1000;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const PutLogEvents = operation<PutLogEventsCommandInput, PutLogEventsCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:PutLogEvents', placeOf(ctx, input), input.logStreamName),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const stream = getStream(ctx.state, place, place.name, input.logStreamName!);
    const group = getGroup(ctx.state, place, place.name);
    const events = (input.logEvents ?? []).map(({ timestamp, message }) => ({
      timestamp: timestamp!,
      message: message!,
    }));
    checkEvents(events);
    const oldest = ctx.now - Math.min(14, group.retentionInDays ?? 14) * day;
    const newest = ctx.now + 2 * 60 * 60 * 1000;
    const tooOld = events.filter(({ timestamp }) => timestamp < oldest).length;
    const tooNew = events.findIndex(({ timestamp }) => timestamp > newest);
    const accepted = events.slice(tooOld, tooNew < 0 ? events.length : tooNew);
    appendEvents(ctx.state, place, stream, accepted, ctx.now, ctx.caller.source.hops);
    const rejected = {
      ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
      ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }),
    };
    return {
      nextSequenceToken: `49${String(stream.written + accepted.length).padStart(54, '0')}`,
      ...(Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {}),
    };
  },
});

function checkEvents(events: readonly { timestamp: number; message: string }[]): void {
  if (events.length === 0 || events.length > mostEvents)
    throw invalidParameter(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length ${events.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${mostEvents}`}`,
    );
  let bytes = 0;
  for (const [i, { timestamp, message }] of events.entries()) {
    if (message === '')
      throw invalidParameter(
        `1 validation error detected: Value '' at 'logEvents.${i + 1}.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1`,
      );
    if (i > 0 && timestamp < events[i - 1]!.timestamp)
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    bytes += Buffer.byteLength(message) + 26;
  }
  if (bytes > mostBytes) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${mostBytes}`);
  if (events.at(-1)!.timestamp - events[0]!.timestamp > day)
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html: tokens lead both ways, and at
 * an end the same token comes back.
 */
export const GetLogEvents = operation<GetLogEventsCommandInput, GetLogEventsCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:GetLogEvents', placeOf(ctx, input), input.logStreamName),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const stream = getStream(ctx.state, place, place.name, input.logStreamName!);
    const alive = within(ctx, getGroup(ctx.state, place, place.name), input);
    const events = eventsOf(ctx.state, place, stream).filter(alive);
    const limit = limitOf(input.limit);
    const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
    let page: LogEvent[];
    if (token?.direction === 'f') page = events.filter(({ id }) => id > token.id).slice(0, limit);
    else if (token)
      page = last(
        events.filter(({ id }) => id < token.id),
        limit,
      );
    else page = input.startFromHead ? events.slice(0, limit) : last(events, limit);
    page = fitting(page, token ? token.direction === 'f' : input.startFromHead === true);
    const first = page[0]?.id ?? token?.id ?? events[0]?.id ?? none;
    const final = page.at(-1)?.id ?? token?.id ?? none;
    return {
      events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
      nextForwardToken: `f/${final}/s`,
      nextBackwardToken: `b/${first}/s`,
    };
  },
});

const none = '0'.repeat(56);
const last = <T>(items: T[], count: number): T[] => items.slice(Math.max(0, items.length - count));

function readToken(token: string): { direction: 'f' | 'b'; id: string } {
  const parts = /^([fb])\/(\d{56})\/s$/.exec(token.slice(0, 100));
  if (!parts) throw invalidParameter('The specified nextToken is invalid.');
  return { direction: parts[1] as 'f' | 'b', id: parts[2]! };
}

function limitOf(limit = mostEvents): number {
  if (limit < 1 || limit > mostEvents)
    throw invalidParameter(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and ${mostEvents}`,
    );
  return limit;
}

/** An answer has at most 1 MiB; what is too much is cut off at the end that the next page begins at. */
function fitting(page: LogEvent[], forward: boolean): LogEvent[] {
  const out: LogEvent[] = [];
  let bytes = 0;
  for (const event of forward ? page : [...page].reverse()) {
    bytes += Buffer.byteLength(event.message);
    if (bytes > mostBytes && out.length > 0) break;
    out.push(event);
  }
  return forward ? out : out.reverse();
}

/** In the span of time that is asked for, and not past the group's retention. */
function within(
  ctx: CallContext,
  group: LogGroupRecord,
  input: { startTime?: number | undefined; endTime?: number | undefined },
): (event: LogEvent) => boolean {
  const oldest = group.retentionInDays === undefined ? 0 : ctx.now - group.retentionInDays * day;
  const from = Math.max(input.startTime ?? 0, oldest);
  const until = input.endTime ?? Number.POSITIVE_INFINITY;
  return ({ timestamp }) => timestamp >= from && timestamp < until;
}

/** Bytes of messages that one call reads through; beyond them the answer has a token. */
const mostRead = 8 * 1024 * 1024;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export const FilterLogEvents = operation<FilterLogEventsCommandInput, FilterLogEventsCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:FilterLogEvents', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const group = getGroup(ctx.state, place, place.name);
    const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
    if (names !== undefined && prefix !== undefined)
      throw invalidParameter('logStreamNames and logStreamNamePrefix are mutually exclusive.');
    for (const name of names ?? []) getStream(ctx.state, place, place.name, name);
    const matches = compileFilter(input.filterPattern);
    const limit = limitOf(input.limit);
    const alive = within(ctx, group, input);
    const after = input.nextToken === undefined ? undefined : readPosition(input.nextToken);
    const found = streamsOf(ctx.state, place, place.name)
      .filter(({ name }) => (names ? names.includes(name) : prefix === undefined || name.startsWith(prefix)))
      .flatMap((stream) =>
        eventsOf(ctx.state, place, stream)
          .filter(alive)
          .map((event) => ({ event, stream: stream.name, position: positionOf(event) })),
      )
      .filter(({ position }) => after === undefined || position > after)
      .sort((a, b) => (a.position < b.position ? -1 : 1));
    const page: typeof found = [];
    let read = 0;
    let answered = 0;
    let end = 0;
    for (; end < found.length && page.length < limit && read < mostRead; end++) {
      const { message } = found[end]!.event;
      read += message.length;
      if (!matches(message)) continue;
      answered += message.length;
      if (answered > mostBytes && page.length > 0) break;
      page.push(found[end]!);
    }
    return {
      events: page.map(({ event, stream }) => ({
        logStreamName: stream,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestionTime,
        eventId: event.id,
      })),
      searchedLogStreams: [],
      ...(end < found.length ? { nextToken: Buffer.from(found[end - 1]!.position).toString('base64url') } : {}),
    };
  },
});

/** Orders the events of a group: by time, then by id. */
const positionOf = ({ timestamp, id }: LogEvent): string => `${String(timestamp).padStart(15, '0')}:${id}`;

function readPosition(token: string): string {
  const position = Buffer.from(token.slice(0, 200), 'base64url').toString();
  if (!/^\d{15}:\d{56}$/.test(position)) throw invalidParameter('The specified nextToken is invalid.');
  return position;
}
