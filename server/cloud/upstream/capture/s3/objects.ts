import {
  type BucketRecord,
  type ObjectRecord,
  objectScope,
  objects,
  versionRecordId,
  versions,
} from '../../../services/s3/tables.ts';
import type { Seal } from '../../seal.ts';
import type { Mirror, Source } from '../../types.ts';
import { type Listed, listVersions } from './listing.ts';
import { readObject } from './object.ts';

/** Objects with all of their versions. Uploads that nobody completed are not read: no call gives the bytes of a part. */
export async function captureObjects(source: Source, mirror: Mirror, seal: Seal, bucket: BucketRecord): Promise<void> {
  const scope = objectScope(bucket);
  await source.each(byKey(await listVersions(source, bucket.name)), async (all) => {
    const records = await source.each(all, (listed) => readObject(source, mirror, seal, bucket, listed));
    // What could not be read leaves a gap that its neighbours close.
    const there = records.filter((record): record is ObjectRecord => record !== undefined);
    for (const [i, record] of there.entries()) {
      const older = there[i + 1];
      const linked = older ? { ...record, previous: older.versionId } : record;
      if (i === 0) mirror.put(objects, scope, record.key, linked);
      else mirror.put(versions, scope, versionRecordId(record.key, record.versionId), linked);
    }
  });
}

/** The versions of each key, the newest first. Markers and versions come in two lists, whose common order only times tell. */
function byKey(listed: readonly Listed[]): Listed[][] {
  const keys = new Map<string, Listed[]>();
  for (const one of listed) keys.set(one.key, [...(keys.get(one.key) ?? []), one]);
  return [...keys.values()].map((all) =>
    all.sort((a, b) => Number(b.latest) - Number(a.latest) || b.modified - a.modified),
  );
}
