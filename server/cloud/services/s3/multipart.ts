import { createHash } from 'node:crypto';
import type {
  AbortMultipartUploadCommandInput,
  AbortMultipartUploadCommandOutput,
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommandInput,
  CreateMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { alphanumeric } from '../../random.ts';
import { getBucket, objectAccess } from './access.ts';
import { requestedAcl } from './acl.ts';
import { checksumMembers, checksumName, checksumOf, compositeChecksum } from './checksums.ts';
import { encryptionFor, encryptionMembers, openEncryption } from './encryption.ts';
import { invalidRequest, malformedXml, noSuchUpload } from './errors.ts';
import { encodeKey, notify } from './events.ts';
import { checkKey, checkSize, describedBy, refuseObjectLock } from './object-input.ts';
import { currentVersion, putVersion, wholeSeconds } from './object-store.ts';
import { checkWrite } from './preconditions.ts';
import { writeAccess } from './put-object.ts';
import {
  type BucketRecord,
  objectScope,
  type PartRecord,
  partRecordId,
  parts,
  type StoredChecksum,
  type UploadRecord,
  uploads,
} from './tables.ts';
import { tagsFromHeader } from './tag-rules.ts';

/** Only the last part may be smaller. */
const SMALLEST_PART = 5 * 1024 * 1024;

export const CreateMultipartUpload = operation<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput>({
  access: (ctx, input) => writeAccess(ctx, getBucket(ctx, input), input.Key!, input, { whole: false }),
  async run(ctx, input) {
    const key = input.Key!;
    checkKey(key);
    refuseObjectLock(input);
    const described = describedBy(input);
    const tags = tagsFromHeader(input.Tagging);
    const checksum = wantedChecksum(input);
    const acl = requestedAcl(getBucket(ctx, input), input);
    const encryption = await encryptionFor(ctx, getBucket(ctx, input), key, input);
    const bucket = getBucket(ctx, input);
    const id = alphanumeric(ctx.cloud.random, 128);
    const upload: UploadRecord = {
      id,
      key,
      initiated: ctx.now,
      initiator: ctx.caller.principal.arn,
      ...described,
      encryption,
      ...(Object.keys(tags).length ? { tags } : {}),
      ...(checksum ? { checksum } : {}),
      ...(acl ? { acl } : {}),
    };
    ctx.state.put(uploads, objectScope(bucket), id, upload);
    return {
      Bucket: bucket.name,
      Key: key,
      UploadId: id,
      ...encryptionMembers(encryption),
      ...(checksum ? { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type } : {}),
    };
  },
});

/** CRC64NVME is always of the whole; the others are of the parts unless asked otherwise, which SHA cannot be. */
function wantedChecksum(input: CreateMultipartUploadCommandInput): UploadRecord['checksum'] {
  if (input.ChecksumAlgorithm === undefined) {
    if (input.ChecksumType !== undefined)
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    return undefined;
  }
  const algorithm = checksumName(input.ChecksumAlgorithm);
  const type = input.ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const possible =
    algorithm === 'CRC64NVME' ? type === 'FULL_OBJECT' : algorithm.startsWith('CRC') || type === 'COMPOSITE';
  if (!possible)
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return { algorithm, type };
}

/** The upload that a request names. @throws AwsError NoSuchUpload */
export function getUpload(ctx: CallContext, bucket: BucketRecord, key: string, id: string): UploadRecord {
  const upload = ctx.state.get(uploads, objectScope(bucket), id);
  if (upload?.key !== key) throw noSuchUpload(id);
  return upload;
}

/** The parts of an upload, in their order. */
export function partsOf(ctx: CallContext, bucket: BucketRecord, uploadId: string): PartRecord[] {
  const all = ctx.state.list(parts, objectScope(bucket));
  return all.filter(({ id }) => id.startsWith(`${uploadId}/`)).map(({ value }) => value);
}

function forget(ctx: CallContext, bucket: BucketRecord, uploadId: string): void {
  const scope = objectScope(bucket);
  for (const { number } of partsOf(ctx, bucket, uploadId))
    ctx.state.delete(parts, scope, partRecordId(uploadId, number));
  ctx.state.delete(uploads, scope, uploadId);
}

export const CompleteMultipartUpload = operation<
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput
>({
  access(ctx, input) {
    const { IfMatch, IfNoneMatch } = input;
    return writeAccess(ctx, getBucket(ctx, input), input.Key!, { IfMatch, IfNoneMatch });
  },
  async run(ctx, input) {
    const key = input.Key!;
    await openEncryption(ctx, getUpload(ctx, getBucket(ctx, input), key, input.UploadId!).encryption);
    const bucket = getBucket(ctx, input);
    const upload = getUpload(ctx, bucket, key, input.UploadId!);
    const chosen = chosenParts(input.MultipartUpload?.Parts ?? [], partsOf(ctx, bucket, upload.id), upload);
    const size = chosen.reduce((sum, part) => sum + part.size, 0);
    checkSize(size);
    if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size)
      throw invalidRequest(
        'The provided x-amz-mp-object-size header does not match the size of the object that was uploaded.',
      );
    checkWrite(currentVersion(ctx.state, bucket, key), key, input);
    const body = Buffer.concat(chosen.map(({ sha256 }) => ctx.cloud.blobs.get(sha256)));
    const checksum = completedChecksum(upload, chosen, body, input);
    const digests = Buffer.concat(chosen.map(({ etag }) => Buffer.from(etag, 'hex')));
    const { id, initiated: _begun, initiator: _by, checksum: _wanted, ...described } = upload;
    const version = putVersion(ctx, bucket, {
      ...described,
      modified: wholeSeconds(ctx.now),
      sha256: ctx.cloud.blobs.put(body),
      size,
      etag: `${createHash('md5').update(digests).digest('hex')}-${chosen.length}`,
      parts: chosen.map((part) => ({ size: part.size, ...(part.checksum ? { checksum: part.checksum } : {}) })),
      ...(checksum ? { checksum } : {}),
    });
    forget(ctx, bucket, id);
    notify(ctx, bucket, 'ObjectCreated:CompleteMultipartUpload', version);
    return {
      Location: `https://${bucket.name}.s3.${bucket.region}.amazonaws.com/${encodeKey(key)}`,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${version.etag}"`,
      ...checksumMembers(checksum),
      ...encryptionMembers(version.encryption),
      ...(version.versionId === 'null' ? {} : { VersionId: version.versionId }),
    };
  },
});

/** The parts that the request lists, as they were uploaded. */
function chosenParts(listed: CompletedPart[], uploaded: PartRecord[], upload: UploadRecord): PartRecord[] {
  if (listed.length === 0 || listed.length > 10_000) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const chosen = listed.map((part, i) => {
    if (i > 0 && part.PartNumber! <= listed[i - 1]!.PartNumber!)
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        400,
        {
          UploadId: upload.id,
        },
      );
    const found = byNumber.get(part.PartNumber!);
    const given = upload.checksum && part[`Checksum${upload.checksum.algorithm}`];
    if (!found || found.etag !== part.ETag?.replaceAll('"', '') || (given !== undefined && given !== found.checksum))
      throw new AwsError(
        'InvalidPart',
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { UploadId: upload.id, PartNumber: String(part.PartNumber ?? ''), ETag: part.ETag ?? '' },
      );
    return found;
  });
  const small = chosen.slice(0, -1).find(({ size }) => size < SMALLEST_PART);
  if (small)
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      ProposedSize: String(small.size),
      MinSizeAllowed: String(SMALLEST_PART),
      PartNumber: String(small.number),
      ETag: small.etag,
    });
  return chosen;
}

function completedChecksum(
  upload: UploadRecord,
  chosen: PartRecord[],
  body: Uint8Array,
  input: CompleteMultipartUploadCommandInput,
): StoredChecksum | undefined {
  if (!upload.checksum) return undefined;
  const { algorithm, type } = upload.checksum;
  const value =
    type === 'FULL_OBJECT'
      ? checksumOf(algorithm, body)
      : compositeChecksum(
          algorithm,
          chosen.map(({ checksum }) => checksum ?? ''),
        );
  const given = input[`Checksum${algorithm}`];
  if (given !== undefined && given !== value && given !== value.split('-')[0])
    throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400);
  return { algorithm, value, type };
}

export const AbortMultipartUpload = operation<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput>({
  access: (ctx, input) => objectAccess(ctx, getBucket(ctx, input), input.Key!, 'AbortMultipartUpload'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    forget(ctx, bucket, getUpload(ctx, bucket, input.Key!, input.UploadId!).id);
    return {};
  },
});
