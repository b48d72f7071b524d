import { createHash } from 'node:crypto';
import * as S3 from '@aws-sdk/client-s3';
import { describedBy } from '../../../services/s3/object-input.ts';
import { findVersion } from '../../../services/s3/object-store.ts';
import {
  type BucketRecord,
  bucketArn,
  type ChecksumName,
  type ObjectEncryption,
  type ObjectRecord,
  objectArn,
} from '../../../services/s3/tables.ts';
import { tagsFrom } from '../../../tags.ts';
import { collect } from '../../bytes.ts';
import type { Seal } from '../../seal.ts';
import type { Mirror, Source } from '../../types.ts';
import { aclFrom } from './bucket.ts';
import type { Listed } from './listing.ts';

/** One version of an object, without its place among the others; undefined where it cannot be read. */
export async function readObject(
  source: Source,
  mirror: Mirror,
  seal: Seal,
  bucket: BucketRecord,
  listed: Listed,
): Promise<ObjectRecord | undefined> {
  const { key, versionId, modified, etag } = listed;
  if (listed.deleteMarker)
    return {
      key,
      deleteMarker: true,
      modified,
      sha256: '',
      size: 0,
      etag,
      headers: {},
      metadata: {},
      encryption: { algorithm: 'AES256' },
      versionId,
    };
  const s3 = source.client(S3.S3Client);
  const of = { Bucket: bucket.name, Key: key, ...(bucket.versioning ? { VersionId: versionId } : {}) };
  const what = `${bucket.name}/${key}${bucket.versioning ? ` (version ${versionId})` : ''}`;
  const gone = ['NoSuchKey', 'NoSuchVersion', 'NotFound', 'NoSuchBucket'];
  const was = findVersion(mirror.was, bucket, key, versionId);
  const known =
    was?.etag === etag && was.size === listed.size && mirror.blobs.size(was.sha256) !== undefined
      ? was.sha256
      : undefined;
  const asks = { ...of, ChecksumMode: 'ENABLED' as const };
  const read = known
    ? async () => ({ answer: await s3.send(new S3.HeadObjectCommand(asks)), sha256: known, size: listed.size })
    : async () => {
        const answer = await s3.send(new S3.GetObjectCommand(asks));
        const body = await collect(answer.Body);
        return { answer, sha256: mirror.blobs.put(body), size: body.length };
      };
  const found = await source.read(what, read, gone);
  if (!found) return undefined;
  const { answer, sha256, size } = found;
  const [tagging, acl, parts, encryption] = await Promise.all([
    source.read(`the tags of ${what}`, () => s3.send(new S3.GetObjectTaggingCommand(of)), gone),
    bucket.ownership === 'BucketOwnerEnforced'
      ? undefined
      : source.read(`the ACL of ${what}`, () => s3.send(new S3.GetObjectAclCommand(of)), gone),
    partsOf(source, what, asks, listed),
    encryptionOf(seal, bucket, listed, answer, was?.encryption),
  ]);
  const tags = tagsFrom(tagging?.TagSet);
  const grants = bucket.ownership === 'BucketOwnerEnforced' ? was?.acl : aclFrom(acl, was?.acl);
  const checksum = checksumOf(answer);
  return {
    key,
    ...described(answer),
    modified,
    sha256,
    size,
    etag,
    encryption,
    ...(Object.keys(tags).length ? { tags } : {}),
    ...(checksum ? { checksum } : {}),
    ...(parts ? { parts } : {}),
    ...(grants ? { acl: grants } : {}),
    versionId,
  };
}

type Answer = S3.HeadObjectCommandOutput;

function described(answer: Answer): Pick<ObjectRecord, 'headers' | 'metadata' | 'storageClass'> {
  const { ExpiresString, ...rest } = answer;
  const { headers, ...more } = describedBy({ ...rest, Expires: undefined, StorageClass: undefined });
  return {
    headers: { ...headers, ...(ExpiresString ? { Expires: new Date(ExpiresString).toUTCString() } : {}) },
    ...more,
    ...(answer.StorageClass && answer.StorageClass !== 'STANDARD' ? { storageClass: answer.StorageClass } : {}),
  };
}

const names: readonly ChecksumName[] = ['CRC64NVME', 'CRC32', 'CRC32C', 'SHA1', 'SHA256', 'SHA512', 'MD5'];

function checksumOf(answer: Answer): ObjectRecord['checksum'] {
  for (const algorithm of names) {
    const value = (answer as object as { [name: string]: unknown })[`Checksum${algorithm}`];
    if (typeof value === 'string')
      return { algorithm, value, type: answer.ChecksumType ?? (value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT') };
  }
  return undefined;
}

async function encryptionOf(
  seal: Seal,
  bucket: BucketRecord,
  { key, etag }: Listed,
  answer: Answer,
  was: ObjectEncryption | undefined,
): Promise<ObjectEncryption> {
  const algorithm = (answer.ServerSideEncryption ?? 'AES256') as ObjectEncryption['algorithm'];
  const keyId = answer.SSEKMSKeyId;
  if (algorithm === 'AES256' || !keyId) return { algorithm };
  const bucketKey = answer.BucketKeyEnabled ?? false;
  if (was?.dataKey && was.algorithm === algorithm && was.keyArn === keyId && (was.bucketKey ?? false) === bucketKey)
    return was;
  const context = { 'aws:s3:arn': bucketKey ? bucketArn(bucket.name) : objectArn(bucket.name, key) };
  const dataKey = createHash('sha256').update(`${bucket.name}/${key} ${etag}`).digest();
  const sealed = await seal(keyId, dataKey, context);
  return {
    algorithm,
    keyArn: sealed.keyArn,
    ...(bucketKey ? { bucketKey: true } : {}),
    dataKey: sealed.ciphertext,
    context,
  };
}

/** More parts than that nobody looks at one by one. */
const MOST_PARTS = 100;

/** How an object that came in parts was cut, which its ETag tells of. */
async function partsOf(source: Source, what: string, of: S3.HeadObjectCommandInput, { etag, size }: Listed) {
  const count = Number(/-(\d+)$/.exec(etag)?.[1] ?? 0);
  if (count === 0 || count > MOST_PARTS) return undefined;
  const s3 = source.client(S3.S3Client);
  const all = await source.each([...Array(count).keys()], (i) =>
    source.read(`part ${i + 1} of ${what}`, () => s3.send(new S3.HeadObjectCommand({ ...of, PartNumber: i + 1 })), [
      'InvalidPartNumber',
      'InvalidPart',
      'NotFound',
    ]),
  );
  if (all.some((part) => part === undefined)) return undefined;
  const attributes = await source.read(
    `the parts of ${what}`,
    () =>
      s3.send(
        new S3.GetObjectAttributesCommand({
          ...(of as S3.GetObjectAttributesCommandInput),
          ObjectAttributes: ['ObjectParts'],
        }),
      ),
    ['NoSuchKey', 'NotImplemented'],
  );
  const parts = all.map((part, i) => {
    const told = attributes?.ObjectParts?.Parts?.find(({ PartNumber }) => PartNumber === i + 1);
    const checksum =
      told && names.map((name) => (told as { [name: string]: unknown })[`Checksum${name}`]).find(Boolean);
    return { size: part!.ContentLength ?? 0, ...(typeof checksum === 'string' ? { checksum } : {}) };
  });
  // An endpoint that takes no notice of part numbers gives the whole each time.
  return parts.reduce((sum, part) => sum + part.size, 0) === size ? parts : undefined;
}
