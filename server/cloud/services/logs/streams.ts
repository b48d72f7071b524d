import type {
  CreateLogStreamCommandInput,
  CreateLogStreamCommandOutput,
  DeleteLogStreamCommandInput,
  DeleteLogStreamCommandOutput,
  DescribeLogStreamsCommandInput,
  DescribeLogStreamsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { checkStreamName, groupAccess, invalidParameter, placeOf } from './names.ts';
import {
  getGroup,
  getStream,
  type LogStreamRecord,
  logStreamArn,
  logStreams,
  newStream,
  removeStream,
  streamId,
  streamsOf,
} from './store.ts';

/** differs from AWS: a group holds any number of streams there. */
const mostStreams = 1_000;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const CreateLogStream = operation<CreateLogStreamCommandInput, CreateLogStreamCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:CreateLogStream', placeOf(ctx, input), input.logStreamName),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const name = input.logStreamName!;
    checkStreamName(name);
    getGroup(ctx.state, place, place.name);
    if (ctx.state.get(logStreams, place, streamId(place.name, name)))
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    if (streamsOf(ctx.state, place, place.name).length >= mostStreams)
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    ctx.state.put(logStreams, place, streamId(place.name, name), newStream(place.name, name, ctx.now));
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html */
export const DeleteLogStream = operation<DeleteLogStreamCommandInput, DeleteLogStreamCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DeleteLogStream', placeOf(ctx, input), input.logStreamName),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    removeStream(ctx.state, place, getStream(ctx.state, place, place.name, input.logStreamName!));
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html: pages of at most 50. */
export const DescribeLogStreams = operation<DescribeLogStreamsCommandInput, DescribeLogStreamsCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DescribeLogStreams', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const { orderBy = 'LogStreamName', descending = false, logStreamNamePrefix: prefix, limit = 50 } = input;
    if (orderBy === 'LastEventTime' && prefix !== undefined)
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    const byTime = (stream: LogStreamRecord) => String(stream.lastEvent ?? 0).padStart(15, '0') + stream.name;
    const key = orderBy === 'LastEventTime' ? byTime : (stream: LogStreamRecord) => stream.name;
    const all = streamsOf(ctx.state, place, place.name)
      .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1) * (descending ? -1 : 1))
      .map((stream, index) => ({ stream, position: String(index).padStart(6, '0') }));
    const { page, next } = paginate(all, ({ position }) => position, {
      token: input.nextToken,
      limit,
      max: 50,
      invalid: { code: 'InvalidParameterException', message: 'The specified nextToken is invalid.' },
    });
    return {
      logStreams: page.map(({ stream }) => ({
        logStreamName: stream.name,
        creationTime: stream.created,
        ...(stream.firstEvent === undefined ? {} : { firstEventTimestamp: stream.firstEvent }),
        ...(stream.lastEvent === undefined ? {} : { lastEventTimestamp: stream.lastEvent }),
        ...(stream.lastIngestion === undefined ? {} : { lastIngestionTime: stream.lastIngestion }),
        arn: logStreamArn(place, place.name, stream.name),
        storedBytes: 0,
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },
});
