import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import type { Cloud } from '../../cloud.ts';
import { uuid } from '../../random.ts';
import type { InvokeResult } from '../../runtime/types.ts';
import type { Scope } from '../../state/table.ts';
import { sendTo } from './destinations.ts';
import type { EventSourceMappingRecord } from './event-source-records.ts';
import { arnOf } from './names.ts';
import type { VersionRecord } from './records.ts';
import { hopsThrough } from './recursion.ts';
import { streamRecord } from './stream-event.ts';

/** A batch that is given up. */
export interface Discard {
  mapping: EventSourceMappingRecord;
  version: VersionRecord;
  shardId: string;
  batch: _Record[];
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'RecursiveInvocationException';
  attempts: number;
  result: InvokeResult | undefined;
}

/**
 * Tells the mapping's destination of a batch that is given up: where it lies in the stream, to S3 also what is in it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export async function discard(cloud: Cloud, scope: Scope, given: Discard): Promise<void> {
  const { mapping, version, shardId, batch, condition, attempts, result } = given;
  const arn = mapping.onFailure;
  if (!arn) return;
  const at = (record: _Record): string => record.dynamodb!.ApproximateCreationDateTime!.toISOString();
  const [first, last] = [batch[0]!, batch.at(-1)!];
  const now = new Date(cloud.clock.now()).toISOString();
  const functionArn = arnOf(scope, version.functionName);
  const record = {
    requestContext: {
      requestId: uuid(cloud.random),
      functionArn,
      condition,
      approximateInvokeCount: attempts + (result ? 1 : 0),
    },
    ...(result
      ? {
          responseContext: {
            statusCode: 200,
            executedVersion: version.version,
            functionError: result.functionError ?? null,
          },
        }
      : {}),
    version: '1.0',
    timestamp: now,
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.dynamodb!.SequenceNumber,
      endSequenceNumber: last.dynamodb!.SequenceNumber,
      approximateArrivalOfFirstRecord: at(first),
      approximateArrivalOfLastRecord: at(last),
      batchSize: batch.length,
      streamArn: mapping.eventSourceArn,
    },
    ...(arn.startsWith('arn:aws:s3:')
      ? {
          payload: JSON.stringify({
            Records: batch.map((each) => streamRecord(each, mapping.eventSourceArn)),
          }),
        }
      : {}),
  };
  const day = now.slice(0, 10).replaceAll('-', '/');
  const key = `aws/lambda/${mapping.uuid}/${shardId}/${day}/${now.slice(0, 19).replaceAll(':', '.')}-${uuid(cloud.random)}`;
  const from = { role: version.role, functionName: version.functionName, hops: hopsThrough(functionArn, undefined) };
  await sendTo(cloud, scope, from, arn, JSON.stringify(record), {}, key);
}
