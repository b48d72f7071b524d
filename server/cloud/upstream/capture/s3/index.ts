import * as S3 from '@aws-sdk/client-s3';
import { type BucketRecord, buckets, objects, versions } from '../../../services/s3/tables.ts';
import { sealing } from '../../seal.ts';
import type { CapturedService, Mirror, Source } from '../../types.ts';
import { captureBucket, listBuckets } from './bucket.ts';
import { listVersions } from './listing.ts';
import { captureObjects } from './objects.ts';

/** `captureData` needs of each bucket what `capture` has just read, or what is known where it was not asked. */
const captured = new WeakMap<Mirror, readonly BucketRecord[]>();

/** Buckets with their configuration, and objects as data. */
export const capturedS3: CapturedService = {
  id: 's3',
  tables: [buckets],
  data: [objects, versions],
  async capture(source, mirror) {
    const found = await source.each(await listBuckets(source), (bucket) => captureBucket(source, mirror, bucket));
    captured.set(
      mirror,
      found.filter((bucket) => bucket !== undefined),
    );
  },
  async captureData(source, mirror) {
    const seal = sealing(source, mirror);
    const known = captured.get(mirror) ?? mirror.was.list(buckets, source.scope).map(({ value }) => value);
    await source.each(known, (bucket) => captureObjects(source, mirror, seal, bucket));
  },
  async remove(source) {
    const found = await listBuckets(source);
    await source.each(found, ({ Name }) => removeBucket(source, Name!));
    return found.length;
  },
};

/** The policy goes first, as it may forbid the rest. */
async function removeBucket(source: Source, Bucket: string): Promise<void> {
  const s3 = source.client(S3.S3Client);
  await source.attempt(`policy of ${Bucket}`, () => s3.send(new S3.DeleteBucketPolicyCommand({ Bucket })));
  const all = await listVersions(source, Bucket);
  for (let from = 0; from < all.length; from += 1000) {
    const Objects = all.slice(from, from + 1000).map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    await source.attempt(`objects of ${Bucket}`, () =>
      s3.send(new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } })),
    );
  }
  const uploads = await source.read(
    `the uploads of ${Bucket}`,
    () => s3.send(new S3.ListMultipartUploadsCommand({ Bucket })),
    ['NoSuchBucket'],
  );
  for (const { Key, UploadId } of uploads?.Uploads ?? [])
    await source.attempt(`upload of ${Bucket}`, () =>
      s3.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId })),
    );
  await source.attempt(`bucket ${Bucket}`, () => s3.send(new S3.DeleteBucketCommand({ Bucket })));
}
