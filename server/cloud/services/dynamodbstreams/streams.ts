import type {
  DescribeStreamCommandInput,
  DescribeStreamCommandOutput,
  ListStreamsCommandInput,
  ListStreamsCommandOutput,
} from '@aws-sdk/client-dynamodb-streams';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import {
  findStream,
  type StreamRecord,
  sequenceNumber,
  streamArn,
  streamSpans,
  streams,
} from '../dynamodb/streams-store.ts';
import { placeOf } from '../dynamodb/tables-store.ts';

/** A stream of the caller's region. @throws AwsError ResourceNotFoundException */
export function getStream(ctx: CallContext, arn: string): NonNullable<ReturnType<typeof findStream>> {
  const found = findStream(ctx.state, arn);
  if (!found || found.scope.region !== ctx.region)
    throw new AwsError(
      'ResourceNotFoundException',
      `Requested resource not found: Stream: ${arn.slice(0, 300)} not found`,
    );
  return found;
}

export function streamAccess(action: string, arn: string): Access {
  const account = arn.split(':')[4];
  return { action: `dynamodb:${action}`, resource: arn, ...(account ? { resourceAccount: account } : {}) };
}

const checkLimit = (limit: number | undefined): number => {
  if (limit !== undefined && (limit < 1 || limit > 100))
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100`,
    );
  return limit ?? 100;
};

export const ListStreams = operation<ListStreamsCommandInput, ListStreamsCommandOutput>({
  access: () => ({ action: 'dynamodb:ListStreams', resource: '*' }),
  run(ctx, input) {
    const limit = checkLimit(input.Limit);
    const table = input.TableName === undefined ? undefined : placeOf(ctx, input.TableName).name;
    const arnOf = (stream: StreamRecord): string => streamArn(ctx, stream.table, stream.label);
    const all = ctx.state
      .list(streams, ctx)
      .map(({ value }) => value)
      .filter((stream) => table === undefined || stream.table === table);
    const start = input.ExclusiveStartStreamArn;
    const rest = start === undefined ? all : all.slice(all.findIndex((stream) => arnOf(stream) === start) + 1);
    const page = rest.slice(0, limit);
    return {
      Streams: page.map((stream) => ({
        StreamArn: arnOf(stream),
        TableName: stream.table,
        StreamLabel: stream.label,
      })),
      ...(rest.length > limit ? { LastEvaluatedStreamArn: arnOf(page.at(-1)!) } : {}),
    };
  },
});

export const DescribeStream = operation<DescribeStreamCommandInput, DescribeStreamCommandOutput>({
  access: (_ctx, input) => streamAccess('DescribeStream', input.StreamArn!),
  run(ctx, input) {
    checkLimit(input.Limit);
    const { scope, id, stream } = getStream(ctx, input.StreamArn!);
    const span = ctx.state.get(streamSpans, scope, id)!;
    const shard = {
      ShardId: stream.shardId,
      SequenceNumberRange: {
        StartingSequenceNumber: sequenceNumber(1),
        ...(stream.closed === undefined ? {} : { EndingSequenceNumber: sequenceNumber(span.next) }),
      },
    };
    return {
      StreamDescription: {
        StreamArn: streamArn(scope, stream.table, stream.label),
        StreamLabel: stream.label,
        StreamStatus: stream.closed === undefined ? 'ENABLED' : 'DISABLED',
        StreamViewType: stream.viewType,
        CreationRequestDateTime: new Date(stream.created),
        TableName: stream.table,
        KeySchema: stream.key.map(({ name, type }) => ({ AttributeName: name, KeyType: type })),
        Shards: input.ExclusiveStartShardId === stream.shardId ? [] : [shard],
      },
    };
  },
});
