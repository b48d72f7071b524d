import { setImmediate } from 'node:timers/promises';
import { blobNames, type FileBlobs } from '../cloud/state/blobs.ts';
import type { Store } from '../store/index.ts';
import { unpackState } from '../store/records.ts';

/** How long a blob must have gone unmentioned; longer than any grade, upload or code link. */
export const quietMs = 15 * 60_000;

/**
 * Removes the blobs that no open attempt mentions, neither as it is now nor in the start that a reset returns to,
 * and no graded account either.
 * Attempts are read one at a time, so that requests are answered in between.
 * @param now milliseconds of the machine's clock: files have its times
 * @returns how many were removed
 */
export async function sweepBlobs(store: Store, blobs: FileBlobs, now: number): Promise<number> {
  const used = new Set<string>(store.scores.gradedBlobs());
  for (const attempt of store.attempts.open()) {
    for (const name of store.records.blobNames(attempt)) used.add(name);
    const start = store.attempts.startState(attempt);
    if (start)
      for (const { value } of unpackState(start).records())
        for (const name of blobNames(JSON.stringify(value))) used.add(name);
    await setImmediate();
  }
  return blobs.sweep(used, now, quietMs);
}
