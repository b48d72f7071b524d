import type { Access, CallContext } from '../../context.ts';
import { getBucket } from './access.ts';
import { openEncryption } from './encryption.ts';
import { invalidArgument } from './errors.ts';
import { getVersion, readAccess } from './object-store.ts';
import { checkCopySource } from './preconditions.ts';
import type { BucketRecord, ObjectRecord } from './tables.ts';

/** The members of CopyObject and UploadPartCopy that say what is copied. */
export interface CopySourceInput {
  CopySource?: string | undefined;
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
  ExpectedSourceBucketOwner?: string | undefined;
}

export interface CopySource {
  bucket: BucketRecord;
  key: string;
  versionId: string | undefined;
}

/**
 * `bucket/key`, `/bucket/key?versionId=…`, URL-encoded, a `+` standing for a space.
 * @throws AwsError InvalidArgument, NoSuchBucket
 */
export function copySource(ctx: CallContext, input: CopySourceInput): CopySource {
  const text = input.CopySource ?? '';
  const bad = () =>
    invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      text,
    );
  const [path = '', version] = text.split('?versionId=') as [string, string?];
  let decoded: string;
  try {
    decoded = decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    throw bad();
  }
  if (decoded.startsWith('arn:')) throw bad();
  const plain = decoded.startsWith('/') ? decoded.slice(1) : decoded;
  const slash = plain.indexOf('/');
  const name = plain.slice(0, slash);
  const key = plain.slice(slash + 1);
  if (slash <= 0 || key === '') throw bad();
  const bucket = getBucket(ctx, { Bucket: name, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
  return { bucket, key, versionId: version };
}

export function sourceAccess(ctx: CallContext, { bucket, key, versionId }: CopySource): Access {
  return readAccess(ctx, bucket, key, versionId, { current: 'GetObject', version: 'GetObjectVersion' });
}

/** The object that is copied, once its conditions hold and its key opens. */
export async function readSource(ctx: CallContext, source: CopySource, input: CopySourceInput): Promise<ObjectRecord> {
  const object = getVersion(ctx, source.bucket, source.key, source.versionId);
  checkCopySource(object, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  await openEncryption(ctx, object.encryption);
  return object;
}
