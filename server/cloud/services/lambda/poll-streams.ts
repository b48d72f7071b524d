import type {
  _Record,
  DescribeStreamCommandOutput,
  GetRecordsCommandOutput,
  GetShardIteratorCommandOutput,
} from '@aws-sdk/client-dynamodb-streams';
import type { Cloud } from '../../cloud.ts';
import type { Caller } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { uuid } from '../../random.ts';
import type { InvokeResult } from '../../runtime/types.ts';
import type { Scope } from '../../state/table.ts';
import { sequenceNumber } from '../dynamodb/streams-store.ts';
import { passesFilters } from './event-filter.ts';
import { type EventSourceMappingRecord, eventSourceMappings } from './event-source-records.ts';
import { execute } from './execute.ts';
import { getVersion } from './find.ts';
import { routed } from './invoke.ts';
import { functionTarget } from './names.ts';
import type { VersionRecord } from './records.ts';
import { isRecursive, mergeHops, recursiveInvocation } from './recursion.ts';
import { executionRole } from './role-rights.ts';
import { firstFailure, streamRecord } from './stream-event.ts';
import { type Discard, discard } from './stream-failures.ts';
import { changeAt, type PositionRecord, peekStream, positions } from './stream-positions.ts';
import { isStream } from './stream-sources.ts';

/** How long a poller waits after a refusal or a throttle, in milliseconds. */
const backoff = 10_000;
/** Between two tries of a batch, in milliseconds: AWS's waits grow to a minute. */
const waitAfter = (attempts: number): number => Math.min(1000 * 2 ** attempts, 60_000);

/** Which mappings are at work, and since when one gathers a batch; in memory, as a restart begins anew. */
interface Poller {
  running: boolean;
  gatheringSince: number | undefined;
}

function pollerOf(cloud: Cloud, id: string): Poller {
  const key = `lambda.streamPoller:${id}`;
  let poller = cloud.memory.get(key) as Poller | undefined;
  if (!poller) cloud.memory.set(key, (poller = { running: false, gatheringSince: undefined }));
  return poller;
}

/** When this mapping can take a batch next; undefined when there is nothing to wait for. */
function dueAt(cloud: Cloud, scope: Scope, record: EventSourceMappingRecord, now: number): number | undefined {
  const poller = pollerOf(cloud, record.uuid);
  if (!record.enabled || poller.running) return undefined;
  const position = cloud.state.get(positions, scope, record.uuid);
  const peeked = position && peekStream(cloud.state, record.eventSourceArn);
  const waiting = peeked ? peeked.span.next - Math.max(position.next, peeked.span.first) : 0;
  if (!position || waiting <= 0) {
    poller.gatheringSince = undefined;
    return undefined;
  }
  const ready = Math.max(now, position.notBefore);
  if (record.batchingWindow === 0 || waiting >= record.batchSize || position.attempts > 0) return ready;
  poller.gatheringSince ??= now;
  return Math.max(poller.gatheringSince + record.batchingWindow * 1000, position.notBefore);
}

/** Starts a poll of every mapping whose stream has something new: one batch of a shard at a time, in order. */
export function startStreamPolls(cloud: Cloud): void {
  const now = cloud.clock.now();
  for (const { scope, value } of cloud.state.all(eventSourceMappings)) {
    if (!isStream(value.eventSourceArn)) continue;
    const due = dueAt(cloud, scope, value, now);
    if (due === undefined || due > now) continue;
    const poller = pollerOf(cloud, value.uuid);
    poller.running = true;
    poller.gatheringSince = undefined;
    cloud.track(`event source mapping of ${value.eventSourceArn}`, async () => {
      try {
        await poll(cloud, scope, value);
      } finally {
        poller.running = false;
      }
    });
  }
}

export function nextStreamPoll(cloud: Cloud): number | undefined {
  const now = cloud.clock.now();
  const due = cloud.state
    .all(eventSourceMappings)
    .filter(({ value }) => isStream(value.eventSourceArn))
    .map(({ scope, value }) => dueAt(cloud, scope, value, now))
    .filter((time) => time !== undefined);
  return due.length ? Math.min(...due) : undefined;
}

async function poll(cloud: Cloud, scope: Scope, mapping: EventSourceMappingRecord): Promise<void> {
  const move = (change: Partial<PositionRecord>, result: string): void =>
    advance(cloud, scope, mapping, change, result);
  const pause = (problem: string): void => move({ notBefore: cloud.clock.now() + backoff }, `PROBLEM: ${problem}`);
  const target = functionTarget(scope, mapping.functionArn);
  let version: VersionRecord;
  try {
    const found = getVersion(cloud.state, target);
    version = routed(cloud, cloud.state, target, found.version, found.alias);
  } catch {
    return pause('Function not found');
  }
  const role = executionRole(cloud, version.role, target.name);
  if (!role) return pause('The execution role does not exist');
  const position = cloud.state.get(positions, scope, mapping.uuid)!;
  let read: { shardId: string; records: _Record[] };
  try {
    read = await fetchBatch(cloud, role, mapping, position);
  } catch (error) {
    return pause(wording(error));
  }
  const { shardId, records } = read;
  if (records.length === 0) return pause('No records processed');
  const numbers = records.map((record) => Number(record.dynamodb!.SequenceNumber!.slice(1)));
  const behind = numbers.at(-1)! + 1;
  const done = { next: behind, attempts: 0, notBefore: 0 };
  const give = (condition: Discard['condition'], batch: _Record[], result?: InvokeResult): Promise<void> =>
    discard(cloud, scope, { mapping, version, shardId, batch, condition, attempts: position.attempts, result });
  // What is too old is given up before it is tried (again).
  const oldest = cloud.clock.now() - (mapping.maximumRecordAge ?? -1) * 1000;
  if ((mapping.maximumRecordAge ?? -1) > 0) {
    const expired = records.filter((record) => (record.dynamodb!.ApproximateCreationDateTime?.getTime() ?? 0) < oldest);
    if (expired.length) {
      await give('RecordAgeExceeded', expired);
      return move({ ...done, next: numbers[expired.length - 1]! + 1 }, 'OK');
    }
  }
  const events = records.map((record) => streamRecord(record, mapping.eventSourceArn));
  const wanted = events.flatMap((event, i) => (passesFilters(mapping.filters, event) ? [{ event, i }] : []));
  if (wanted.length === 0) return move(done, 'OK');
  const hops = mergeHops(wanted.map(({ i }) => changeAt(cloud.state, mapping.eventSourceArn, numbers[i]!)?.hops));
  if (isRecursive(cloud, scope, target.name, hops)) {
    await give('RecursiveInvocationException', records);
    return move(done, `PROBLEM: ${recursiveInvocation(cloud, target.functionArn).message}`);
  }
  let result: InvokeResult;
  try {
    result = await execute(cloud, scope, version, {
      requestId: uuid(cloud.random),
      event: Buffer.from(JSON.stringify({ Records: wanted.map(({ event }) => event) })),
      invokedArn: target.arn,
      hops,
    });
  } catch (error) {
    // Throttled, or the function cannot start: no try of the batch.
    return pause(wording(error));
  }
  const failed = failedAt(mapping, result, records);
  if (failed === undefined) return move(done, 'OK');
  // What came before the first failure is done.
  const rest = records.slice(failed);
  const at = numbers[failed]!;
  const attempts = failed > 0 ? 0 : position.attempts;
  if (mapping.bisect && rest.length > 1)
    return move(
      {
        next: at,
        attempts,
        until: numbers[failed + Math.ceil(rest.length / 2)]!,
        notBefore: cloud.clock.now() + waitAfter(0),
      },
      'PROBLEM: Function call failed',
    );
  const retries = mapping.maximumRetryAttempts ?? -1;
  if (retries >= 0 && attempts >= retries) {
    await give('RetryAttemptsExhausted', rest, result);
    return move(done, 'PROBLEM: Function call failed');
  }
  move(
    { next: at, attempts: attempts + 1, until: behind, notBefore: cloud.clock.now() + waitAfter(attempts) },
    'PROBLEM: Function call failed',
  );
}

/** The index of the first record that failed; undefined when all are done. */
function failedAt(mapping: EventSourceMappingRecord, result: InvokeResult, records: _Record[]): number | undefined {
  if (result.functionError) return 0;
  if (!mapping.reportBatchItemFailures) return undefined;
  const ids = records.map((record) => record.dynamodb!.SequenceNumber!);
  const first = firstFailure(result.payload, ids);
  return first === undefined ? undefined : ids.indexOf(first);
}

/** Reads a batch with the role's rights, from where the mapping stands. */
async function fetchBatch(
  cloud: Cloud,
  role: Caller,
  mapping: EventSourceMappingRecord,
  position: PositionRecord,
): Promise<{ shardId: string; records: _Record[] }> {
  const StreamArn = mapping.eventSourceArn;
  const region = StreamArn.split(':')[3]!;
  const ask = <O>(operation: string, input: object): Promise<O> =>
    cloud.call<O>(role, 'dynamodbstreams', operation, input, { region });
  const { StreamDescription } = await ask<DescribeStreamCommandOutput>('DescribeStream', { StreamArn });
  const shardId = StreamDescription!.Shards![0]!.ShardId!;
  const first = peekStream(cloud.state, StreamArn)?.span.first ?? position.next;
  const next = Math.max(position.next, first);
  const { ShardIterator } = await ask<GetShardIteratorCommandOutput>('GetShardIterator', {
    StreamArn,
    ShardId: shardId,
    ...(position.next < first
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: sequenceNumber(next) }),
  });
  const most = Math.min(mapping.batchSize, position.until === undefined ? 10_000 : Math.max(1, position.until - next));
  const { Records = [] } = await ask<GetRecordsCommandOutput>('GetRecords', {
    ShardIterator,
    Limit: Math.min(most, 1000),
  });
  return { shardId, records: Records };
}

function wording(error: unknown): string {
  if (error instanceof AwsError || error instanceof NotEmulated) return error.message;
  throw error;
}

/** Writes down how far the mapping is and how the poll ended; a mapping that was deleted meanwhile stays so. */
function advance(
  cloud: Cloud,
  scope: Scope,
  mapping: EventSourceMappingRecord,
  change: Partial<PositionRecord>,
  lastProcessingResult: string,
): void {
  cloud.transact((state) => {
    const position = state.get(positions, scope, mapping.uuid);
    const record = state.get(eventSourceMappings, scope, mapping.uuid);
    if (!position || !record) return;
    // A step forward ends what a bisection began.
    const { until, ...rest } = position;
    const same = change.next === undefined && until !== undefined ? { until } : {};
    state.put(positions, scope, mapping.uuid, { ...rest, ...same, ...change });
    if (record.lastProcessingResult !== lastProcessingResult)
      state.put(eventSourceMappings, scope, mapping.uuid, { ...record, lastProcessingResult });
  });
}
