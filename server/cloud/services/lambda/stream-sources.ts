import type {
  CreateEventSourceMappingCommandInput,
  EventSourceMappingConfiguration,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import type { CallContext } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { destinationAccess, parseDestination } from './destinations.ts';
import { invalidParameter, validation } from './errors.ts';
import type { EventSourceMappingRecord } from './event-source-records.ts';
import { getVersion } from './find.ts';
import type { Target } from './names.ts';
import { roleMay } from './role-rights.ts';
import { peekStream } from './stream-positions.ts';

export const isStream = (arn: string): boolean => /^arn:aws:dynamodb:[^:]*:\d{12}:table\/[^/:]+\/stream\/.+$/.test(arn);

/** The members of a mapping that only streams have. */
export type StreamSettings = Pick<
  EventSourceMappingRecord,
  'bisect' | 'maximumRetryAttempts' | 'maximumRecordAge' | 'parallelizationFactor' | 'onFailure'
>;

/** The rights that the execution role must have before a mapping is made. */
const needed = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'];

/** @throws AwsError InvalidParameterValueException when the role may not read the stream, or there is none */
export function checkStream(ctx: CallContext, target: Target, arn: string): void {
  const { version } = getVersion(ctx.state, target);
  const resourceAccount = arn.split(':')[4]!;
  const may = roleMay(
    ctx,
    version.role,
    target.name,
    needed.map((call) => ({ action: `dynamodb:${call}`, resource: arn, resourceAccount })),
  );
  if (!may)
    throw invalidParameter(
      `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`,
    );
  if (!peekStream(ctx.state, arn)) throw invalidParameter(`Stream not found: ${arn}`);
}

/** Where a new mapping starts. @throws AwsError as AWS refuses it */
export function readStart(input: CreateEventSourceMappingCommandInput): 'TRIM_HORIZON' | 'LATEST' {
  const start = input.StartingPosition;
  if (start === undefined)
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  if (start !== 'TRIM_HORIZON' && start !== 'LATEST' && start !== 'AT_TIMESTAMP')
    throw validation(
      start,
      'startingPosition',
      'Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]',
    );
  // "AT_TIMESTAMP is supported only for Amazon Kinesis streams, …": https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
  if (start === 'AT_TIMESTAMP')
    throw invalidParameter('Unsupported starting position AT_TIMESTAMP for the event source DynamoDB.');
  return start;
}

/** Retries, bisection, age and destination; what is not given stays as it was. @throws AwsError */
export function readStreamSettings(
  ctx: CallContext,
  target: Target,
  input: CreateEventSourceMappingCommandInput | UpdateEventSourceMappingCommandInput,
  old: StreamSettings = {},
): StreamSettings {
  if (input.TumblingWindowInSeconds) throw new NotEmulated('tumbling windows of event source mappings');
  const attempts = input.MaximumRetryAttempts;
  if (attempts !== undefined && (attempts < -1 || attempts > 10_000))
    throw validation(attempts, 'maximumRetryAttempts', 'Member must have value between -1 and 10000');
  const age = input.MaximumRecordAgeInSeconds;
  if (age !== undefined && age !== -1 && (age < 60 || age > 604_800))
    throw validation(age, 'maximumRecordAgeInSeconds', 'Member must have value between 60 and 604800, or -1');
  const factor = input.ParallelizationFactor;
  if (factor !== undefined && (factor < 1 || factor > 10))
    throw validation(factor, 'parallelizationFactor', 'Member must have value between 1 and 10');
  const onFailure = input.DestinationConfig
    ? checkOnFailure(ctx, target, input.DestinationConfig.OnFailure?.Destination)
    : old.onFailure;
  return {
    bisect: input.BisectBatchOnFunctionError ?? old.bisect ?? false,
    maximumRetryAttempts: attempts ?? old.maximumRetryAttempts ?? -1,
    maximumRecordAge: age ?? old.maximumRecordAge ?? -1,
    parallelizationFactor: factor ?? old.parallelizationFactor ?? 1,
    ...(onFailure ? { onFailure } : {}),
  };
}

function checkOnFailure(ctx: CallContext, target: Target, arn: string | undefined): string | undefined {
  if (!arn) return undefined;
  const destination = parseDestination(arn);
  if (!destination || !['sqs', 'sns', 's3'].includes(destination.service))
    throw invalidParameter(
      `The provided destination config is invalid: the destination ARN ${arn.slice(0, 300)} is not supported.`,
    );
  const { version } = getVersion(ctx.state, target);
  if (!roleMay(ctx, version.role, target.name, [destinationAccess(destination)]))
    throw invalidParameter(
      `The provided destination config DestinationConfig(onFailure=OnFailure(destination=${arn})) is invalid: The function's execution role does not have permissions to call ${destination.call}`,
    );
  return arn;
}

/** What a mapping of a stream shows beyond one of a queue. */
export function describeStreamSettings(record: EventSourceMappingRecord): EventSourceMappingConfiguration {
  return {
    ...(record.startingPosition ? { StartingPosition: record.startingPosition as 'LATEST' } : {}),
    BisectBatchOnFunctionError: record.bisect ?? false,
    MaximumRetryAttempts: record.maximumRetryAttempts ?? -1,
    MaximumRecordAgeInSeconds: record.maximumRecordAge ?? -1,
    ParallelizationFactor: record.parallelizationFactor ?? 1,
    TumblingWindowInSeconds: 0,
    DestinationConfig: { OnFailure: record.onFailure ? { Destination: record.onFailure } : {} },
    LastProcessingResult: record.lastProcessingResult,
  };
}
