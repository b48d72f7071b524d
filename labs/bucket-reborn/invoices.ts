import { DeleteBucketCommand, DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { type Actor, type CheckContext, digits, hex } from '../../server/kit.ts';

/** The bucket, what suppliers put into it, and its end. */

export const bucketOf = (ctx: CheckContext): string => ctx.outputs.bucket!;

export const bucketArn = (ctx: CheckContext): string => `arn:aws:s3:::${bucketOf(ctx)}`;

/** An invoice that nobody has seen before. */
export function invoice(ctx: CheckContext) {
  return {
    invoice: `INV-${hex(ctx.random, 10)}`,
    iban: `XX${digits(ctx.random, 16)}`,
    cents: 1000 + Number(digits(ctx.random, 5)),
  };
}

/** What the migration does to the old bucket in the end: everything in it is deleted, then the bucket. */
export async function deleteTheBucket(ctx: CheckContext, migration: Actor): Promise<void> {
  const s3 = migration.client(S3Client);
  const Bucket = bucketOf(ctx);
  for (let page = 0; page < 20; page++) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    if (Versions.length + DeleteMarkers.length === 0) break;
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
      await s3.send(new DeleteObjectCommand({ Bucket, Key: Key!, VersionId: VersionId! }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
