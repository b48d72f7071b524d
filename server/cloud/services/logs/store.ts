import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import type { Hops } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { seededRandom } from '../../random.ts';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';
import { notifySubscribers } from './push.ts';

export interface LogGroupRecord {
  name: string;
  /** Milliseconds of the cloud's clock. */
  created: number;
  retentionInDays?: number;
  kmsKeyId?: string;
  logGroupClass: LogGroupClass;
  tags: Tags;
}

export interface LogStreamRecord {
  group: string;
  name: string;
  created: number;
  firstEvent?: number;
  lastEvent?: number;
  lastIngestion?: number;
  /** Chunks `first` … `next - 1` hold the stream's events. */
  first: number;
  next: number;
  /** Events ever written; numbers them. */
  written: number;
  /** UTF-8 bytes of the events that are kept. */
  bytes: number;
}

export interface LogEvent {
  id: string;
  timestamp: number;
  ingestionTime: number;
  message: string;
}

/** Some consecutive events of a stream: a record of its own, so that a new line rewrites little. */
export interface LogChunk {
  events: LogEvent[];
  bytes: number;
}

/** A line as the function runtime hands it over; `timestamp` in milliseconds of the cloud's clock. */
export interface LogLine {
  timestamp: number;
  message: string;
}

export const logGroups = defineTable<LogGroupRecord>('logs.groups');
export const logStreams = defineTable<LogStreamRecord>('logs.streams');
export const logChunks = defineTable<LogChunk>('logs.chunks');

const chunkBytes = 32 * 1024;
const chunkEvents = 200;
/** differs from AWS: a stream keeps its newest 1 MiB and a group its newest 300 streams of functions. */
const streamBytes = 1024 * 1024;
const groupStreams = 300;

/** Neither name can hold a colon, so the id is unambiguous. */
export const streamId = (group: string, stream: string): string => `${group}:${stream}`;
const chunkId = (group: string, stream: string, index: number): string => `${streamId(group, stream)}:${index}`;

/** `arn:aws:logs:…:log-group:NAME`, the form of tagging calls and of `logGroupArn`. */
export const logGroupArn = (scope: Scope, group: string): string =>
  `arn:aws:logs:${scope.region}:${scope.account}:log-group:${group}`;

/**
 * The ARN that policies are asked about. For an action on a group the stream's name is empty, which `log-group:NAME:*`
 * matches and `log-group:NAME` does not.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
export const logStreamArn = (scope: Scope, group: string, stream = ''): string =>
  `${logGroupArn(scope, group)}:log-stream:${stream}`;

/** @throws ResourceNotFoundException */
export function getGroup(state: StateReader, scope: Scope, name: string): LogGroupRecord {
  const found = state.get(logGroups, scope, name);
  if (!found) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return found;
}

/** @throws ResourceNotFoundException */
export function getStream(state: StateReader, scope: Scope, group: string, name: string): LogStreamRecord {
  getGroup(state, scope, group);
  const found = state.get(logStreams, scope, streamId(group, name));
  if (!found) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  return found;
}

/** The streams of a group, by name. */
export function streamsOf(state: StateReader, scope: Scope, group: string): LogStreamRecord[] {
  return state
    .list(logStreams, scope)
    .map(({ value }) => value)
    .filter((stream) => stream.group === group);
}

export function newGroup(name: string, now: number, rest: Partial<LogGroupRecord> = {}): LogGroupRecord {
  return { name, created: now, logGroupClass: 'STANDARD', tags: {}, ...rest };
}

export function newStream(group: string, name: string, now: number): LogStreamRecord {
  return { group, name, created: now, first: 0, next: 0, written: 0, bytes: 0 };
}

/** The events that a stream keeps, ordered by time, then by arrival. */
export function eventsOf(state: StateReader, scope: Scope, stream: LogStreamRecord): LogEvent[] {
  const out: LogEvent[] = [];
  for (let i = stream.first; i < stream.next; i++) {
    const chunk = state.get(logChunks, scope, chunkId(stream.group, stream.name, i));
    if (chunk) out.push(...chunk.events);
  }
  return out.sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
}

export function removeStream(state: StateWriter, scope: Scope, stream: LogStreamRecord): void {
  for (let i = stream.first; i < stream.next; i++)
    state.delete(logChunks, scope, chunkId(stream.group, stream.name, i));
  state.delete(logStreams, scope, streamId(stream.group, stream.name));
}

/**
 * Writes lines as the Lambda service does for a function: the group and the stream are made where they are missing.
 * Whether the function's role may do so (logs:CreateLogGroup, CreateLogStream, PutLogEvents) is the caller's question.
 * Bounded: the stream drops its oldest lines beyond 1 MiB, the group its oldest streams beyond 300.
 */
export function appendLogs(
  state: StateWriter,
  scope: Scope,
  group: string,
  stream: string,
  lines: readonly LogLine[],
  now: number,
  hops?: Hops,
): void {
  if (!state.get(logGroups, scope, group)) state.put(logGroups, scope, group, newGroup(group, now));
  let record = state.get(logStreams, scope, streamId(group, stream));
  if (!record) {
    const old = streamsOf(state, scope, group).sort((a, b) => a.created - b.created);
    for (const surplus of old.slice(0, Math.max(0, old.length - groupStreams + 1))) removeStream(state, scope, surplus);
    record = newStream(group, stream, now);
    state.put(logStreams, scope, streamId(group, stream), record);
  }
  appendEvents(state, scope, record, lines, now, hops);
}

/** Adds events to a stream that exists, and promises them to the group's subscription filters. */
export function appendEvents(
  state: StateWriter,
  scope: Scope,
  stream: LogStreamRecord,
  lines: readonly LogLine[],
  now: number,
  hops?: Hops,
): void {
  if (lines.length === 0) return;
  const { group, name } = stream;
  const added: LogEvent[] = [];
  let { first, next, written, bytes } = stream;
  const salt = eventSalt(`${scope.account}/${scope.region}/${streamId(group, name)}`);
  const last = next > first ? state.get(logChunks, scope, chunkId(group, name, next - 1)) : undefined;
  let chunk: LogChunk = last ? { events: [...last.events], bytes: last.bytes } : { events: [], bytes: 0 };
  let index = last ? next - 1 : next;
  for (const { timestamp, message } of lines) {
    const event: LogEvent = { id: eventId(timestamp, salt, written++), timestamp, ingestionTime: now, message };
    const size = Buffer.byteLength(message) + 26;
    if (chunk.events.length > 0 && (chunk.bytes + size > chunkBytes || chunk.events.length >= chunkEvents)) {
      state.put(logChunks, scope, chunkId(group, name, index), chunk);
      chunk = { events: [], bytes: 0 };
      index++;
    }
    chunk.events.push(event);
    chunk.bytes += size;
    bytes += size;
    added.push(event);
  }
  state.put(logChunks, scope, chunkId(group, name, index), chunk);
  next = index + 1;
  while (bytes > streamBytes && first < next - 1) {
    bytes -= state.get(logChunks, scope, chunkId(group, name, first))?.bytes ?? 0;
    state.delete(logChunks, scope, chunkId(group, name, first++));
  }
  const times = lines.map(({ timestamp }) => timestamp);
  const earliest = times.reduce((a, b) => Math.min(a, b));
  const latest = times.reduce((a, b) => Math.max(a, b));
  state.put(logStreams, scope, streamId(group, name), {
    ...stream,
    firstEvent: Math.min(stream.firstEvent ?? earliest, earliest),
    lastEvent: Math.max(stream.lastEvent ?? latest, latest),
    lastIngestion: now,
    first,
    next,
    written,
    bytes,
  });
  notifySubscribers(state, scope, group, name, added, now, hops);
}

/** 30 digits that differ from stream to stream. */
function eventSalt(stream: string): string {
  return BigInt(`0x${seededRandom(stream).bytes(16).toString('hex')}`)
    .toString()
    .padStart(30, '0')
    .slice(-30);
}

/** 56 digits, as AWS's; they order the events of a stream by time and arrival. */
function eventId(timestamp: number, salt: string, number: number): string {
  return `3${String(timestamp).padStart(13, '0').slice(-13)}${salt}${String(number).padStart(12, '0').slice(-12)}`;
}
