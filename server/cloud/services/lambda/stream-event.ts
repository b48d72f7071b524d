import type { _Record } from '@aws-sdk/client-dynamodb-streams';

/** One record of the event: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function streamRecord(record: _Record, eventSourceARN: string): { [key: string]: unknown } {
  const { dynamodb, userIdentity, ...rest } = record;
  return {
    ...rest,
    dynamodb: {
      ...dynamodb,
      ApproximateCreationDateTime: Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
    },
    ...(userIdentity ? { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } } : {}),
    eventSourceARN,
  };
}

/**
 * The first record that a handler reports as failed: all before it are done, it and all behind it come again.
 * Undefined: none failed. Anything but a well-formed report fails the whole batch.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function firstFailure(payload: Uint8Array, batch: readonly string[]): string | undefined {
  const text = Buffer.from(payload).toString();
  let answer: unknown;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    return batch[0];
  }
  const items = (answer as { batchItemFailures?: unknown } | null)?.batchItemFailures;
  if (items === undefined || items === null) return undefined;
  if (!Array.isArray(items)) return batch[0];
  const failed = items.map((item) => (item as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  if (failed.some((id) => typeof id !== 'string' || !batch.includes(id))) return batch[0];
  return (failed as string[]).sort()[0];
}
