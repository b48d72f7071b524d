import type {
  _Record,
  GetRecordsCommandInput,
  GetRecordsCommandOutput,
  GetShardIteratorCommandInput,
  GetShardIteratorCommandOutput,
} from '@aws-sdk/client-dynamodb-streams';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import {
  type ChangeRecord,
  changeScope,
  changes,
  retention,
  type StreamRecord,
  sequenceNumber,
  streamArn,
  streamSpans,
} from '../dynamodb/streams-store.ts';
import { getStream, streamAccess } from './streams.ts';

/** "Shard iterators expire 15 minutes after they are retrieved". */
const validity = 15 * 60_000;
const mostRecords = 1_000;
const mostBytes = 1024 * 1024;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** An iterator says all of itself: the stream, the sequence number to read next, and since when it is valid. */
function writeIterator(arn: string, next: number, at: number): string {
  return `${arn}|1|${Buffer.from(JSON.stringify({ next, at })).toString('base64')}`;
}

function readIterator(text: string): { arn: string; next: number; at: number } {
  const [arn = '', version, body = ''] = text.split('|');
  try {
    const { next, at } = JSON.parse(Buffer.from(body, 'base64').toString()) as Record<string, unknown>;
    if (version === '1' && Number.isSafeInteger(next) && typeof at === 'number')
      return { arn, next: next as number, at };
  } catch {
    // Anything but an iterator of ours.
  }
  throw invalid('Invalid ShardIterator');
}

function numberIn(text: string | undefined): number {
  if (text === undefined || !/^1\d{20}$/.test(text)) throw invalid('Invalid SequenceNumber');
  return Number(text.slice(1));
}

const trimmed = (): AwsError =>
  new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );

/** The oldest sequence number that is still readable. */
function oldestOf(
  ctx: CallContext,
  scope: { account: string; region: string },
  id: string,
  stream: StreamRecord,
): number {
  const span = ctx.state.get(streamSpans, scope, id)!;
  for (const { id: number, value } of ctx.state.range(changes, changeScope(scope, stream.table, stream.label)))
    if (value.at > ctx.now - retention) return Number(number.slice(1));
  return span.next;
}

export const GetShardIterator = operation<GetShardIteratorCommandInput, GetShardIteratorCommandOutput>({
  access: (_ctx, input) => streamAccess('GetShardIterator', input.StreamArn!),
  run(ctx, input) {
    const { scope, id, stream } = getStream(ctx, input.StreamArn!);
    if (input.ShardId !== stream.shardId)
      throw new AwsError(
        'ResourceNotFoundException',
        `Requested resource not found: Shard does not exist: ${String(input.ShardId).slice(0, 100)}`,
      );
    const span = ctx.state.get(streamSpans, scope, id)!;
    const oldest = oldestOf(ctx, scope, id, stream);
    const given = input.SequenceNumber;
    let next: number;
    switch (input.ShardIteratorType) {
      case 'TRIM_HORIZON':
        next = oldest;
        break;
      case 'LATEST':
        next = span.next;
        break;
      case 'AT_SEQUENCE_NUMBER':
      case 'AFTER_SEQUENCE_NUMBER':
        next = numberIn(given) + (input.ShardIteratorType === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
        if (next < oldest) throw trimmed();
        break;
      default:
        throw invalid(
          `1 validation error detected: Value '${String(input.ShardIteratorType).slice(0, 100)}' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]`,
        );
    }
    return { ShardIterator: writeIterator(streamArn(scope, stream.table, stream.label), next, ctx.now) };
  },
});

function describeChange(region: string, viewType: StreamRecord['viewType'], id: string, change: ChangeRecord): _Record {
  return {
    eventID: id.slice(-16).padStart(32, '0'),
    eventName: change.name,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: new Date(Math.floor(change.at / 1000) * 1000),
      Keys: change.keys as never,
      ...(change.after ? { NewImage: change.after as never } : {}),
      ...(change.before ? { OldImage: change.before as never } : {}),
      SequenceNumber: id,
      SizeBytes: change.bytes,
      StreamViewType: viewType,
    },
    ...(change.byService ? { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } } : {}),
  };
}

/** The question of GetRecords is about the stream that its iterator names. */
function recordsAccess(iterator: string): Access {
  return streamAccess('GetRecords', readIterator(iterator).arn);
}

export const GetRecords = operation<GetRecordsCommandInput, GetRecordsCommandOutput>({
  access: (_ctx, input) => recordsAccess(input.ShardIterator!),
  run(ctx, input) {
    const limit = input.Limit ?? mostRecords;
    if (limit < 1 || limit > mostRecords)
      throw invalid(
        `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 1000`,
      );
    const { arn, next, at } = readIterator(input.ShardIterator!);
    const { scope, id, stream } = getStream(ctx, arn);
    if (ctx.now - at > validity)
      throw new AwsError(
        'ExpiredIteratorException',
        'The shard iterator has expired. Shard iterators expire 15 minutes after they are retrieved using the GetShardIterator action.',
      );
    const span = ctx.state.get(streamSpans, scope, id)!;
    if (next < oldestOf(ctx, scope, id, stream)) throw trimmed();
    const Records: _Record[] = [];
    let bytes = 0;
    let read = next;
    const part = { from: sequenceNumber(next) };
    for (const { id: number, value } of ctx.state.range(
      changes,
      changeScope(scope, stream.table, stream.label),
      part,
    )) {
      if (Records.length >= limit || bytes >= mostBytes) break;
      Records.push(describeChange(scope.region, stream.viewType, number, value));
      bytes += value.bytes;
      read = Number(number.slice(1)) + 1;
    }
    // A closed shard has an end; there is no iterator behind it.
    const ended = stream.closed !== undefined && read >= span.next;
    return { Records, ...(ended ? {} : { NextShardIterator: writeIterator(arn, read, ctx.now) }) };
  },
});
