import { AwsError } from '../../errors.ts';

/** Most entries of any batch. */
const mostEntries = 10;

/** @throws EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct */
export function checkBatch(entries: readonly { Id: string | undefined }[]): void {
  if (entries.length === 0)
    throw new AwsError(
      'EmptyBatchRequest',
      'There should be at least one SendMessageBatchRequestEntry in the request.',
    );
  if (entries.length > mostEntries)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    );
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id))
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (seen.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
}

export interface BatchFailure {
  Id: string;
  Code: string;
  Message: string;
  SenderFault: boolean;
}

/** Does the same for each entry; what AWS would refuse becomes an answer, what is our fault a throw. */
export function eachEntry<E extends { Id: string | undefined }, R>(
  entries: readonly E[],
  act: (entry: E) => R,
): { Successful: (R & { Id: string })[] | undefined; Failed: BatchFailure[] | undefined } {
  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchFailure[] = [];
  for (const entry of entries) {
    const Id = entry.Id!;
    try {
      Successful.push({ Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return {
    Successful: Successful.length > 0 ? Successful : undefined,
    Failed: Failed.length > 0 ? Failed : undefined,
  };
}
