import * as S3 from '@aws-sdk/client-s3';
import type { Source } from '../../types.ts';

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
