import * as S3 from '@aws-sdk/client-s3';
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
import { readObject } from './object.ts';

/** A version or delete marker as it is listed. */
export interface Listed {
  key: string;
  versionId: string;
  latest: boolean;
  deleteMarker: boolean;
  modified: number;
  etag: string;
  size: number;
}

/** Every version of every object, the newest of a key first, keys together. */
export async function listVersions(source: Source, Bucket: string): Promise<Listed[]> {
  const s3 = source.client(S3.S3Client);
  return source.pages(
    `the objects of bucket ${Bucket}`,
    (token) => s3.send(new S3.ListObjectVersionsCommand({ Bucket, ...(token ? JSON.parse(token) : {}) })),
    (page) => ({
      items: [...(page.DeleteMarkers ?? []).map(marker), ...(page.Versions ?? []).map(version)],
      next: page.IsTruncated
        ? JSON.stringify({ KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker })
        : undefined,
    }),
  );
}

const version = (found: S3.ObjectVersion): Listed => ({
  key: found.Key!,
  versionId: found.VersionId ?? 'null',
  latest: found.IsLatest ?? true,
  deleteMarker: false,
  modified: wholeSeconds(found.LastModified),
  etag: (found.ETag ?? '').replaceAll('"', ''),
  size: found.Size ?? 0,
});

const marker = (found: S3.DeleteMarkerEntry): Listed => ({
  key: found.Key!,
  versionId: found.VersionId ?? 'null',
  latest: found.IsLatest ?? true,
  deleteMarker: true,
  modified: wholeSeconds(found.LastModified),
  // What a delete marker has for a body.
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  size: 0,
});

const wholeSeconds = (date: Date | undefined): number => Math.floor((date?.getTime() ?? 0) / 1000) * 1000;

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
