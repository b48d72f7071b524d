import type {
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  ListPartsCommandInput,
  ListPartsCommandOutput,
  UploadPartCommandInput,
  UploadPartCommandOutput,
  UploadPartCopyCommandInput,
  UploadPartCopyCommandOutput,
} from '@aws-sdk/client-s3';
import { type CallContext, operation } from '../../context.ts';
import { bucketAccess, getBucket, objectAccess, presentKeys } from './access.ts';
import { type ChecksumInput, checksumOf, provedChecksum } from './checksums.ts';
import { copySource, readSource, sourceAccess } from './copy-source.ts';
import { encryptionMembers, openEncryption } from './encryption.ts';
import { invalidRequest } from './errors.ts';
import { encoded, keysIn, pageOf } from './listing.ts';
import { getUpload, partsOf } from './multipart.ts';
import { checkPartNumber, checkSize, ofPart } from './object-input.ts';
import { wholeSeconds } from './object-store.ts';
import { readCopyRange } from './preconditions.ts';
import { etagOf } from './put-object.ts';
import {
  type BucketRecord,
  canonicalId,
  objectScope,
  type PartRecord,
  partRecordId,
  parts,
  type UploadRecord,
  uploads,
} from './tables.ts';

const nothing = new Uint8Array(0);

export const UploadPart = operation<UploadPartCommandInput, UploadPartCommandOutput>({
  access: (ctx, input) => objectAccess(ctx, getBucket(ctx, input), input.Key!, 'PutObject', { context: ofPart }),
  async run(ctx, input) {
    const body = (input.Body ?? nothing) as Uint8Array;
    const part = await putPart(ctx, input, body, input);
    const upload = getUpload(ctx, getBucket(ctx, input), input.Key!, input.UploadId!);
    const algorithm = upload.checksum?.algorithm;
    return {
      ETag: `"${part.etag}"`,
      ...encryptionMembers(upload.encryption),
      ...(part.checksum && algorithm ? { [`Checksum${algorithm}`]: part.checksum } : {}),
    };
  },
});

export const UploadPartCopy = operation<UploadPartCopyCommandInput, UploadPartCopyCommandOutput>({
  access(ctx, input) {
    const source = copySource(ctx, input);
    const context = {
      ...ofPart,
      ...presentKeys({ 's3:x-amz-copy-source': `${source.bucket.name}/${source.key}` }),
    };
    return [sourceAccess(ctx, source), objectAccess(ctx, getBucket(ctx, input), input.Key!, 'PutObject', { context })];
  },
  async run(ctx, input) {
    const source = copySource(ctx, input);
    const object = await readSource(ctx, source, input);
    const { start, end } = readCopyRange(input.CopySourceRange, object.size);
    const body = ctx.cloud.blobs.get(object.sha256).subarray(start, end + 1);
    const part = await putPart(ctx, input, body, {});
    const upload = getUpload(ctx, getBucket(ctx, input), input.Key!, input.UploadId!);
    return {
      CopyPartResult: {
        ETag: `"${part.etag}"`,
        LastModified: new Date(part.modified),
        ...(part.checksum && upload.checksum ? { [`Checksum${upload.checksum.algorithm}`]: part.checksum } : {}),
      },
      ...(source.bucket.versioning === undefined ? {} : { CopySourceVersionId: object.versionId }),
      ...encryptionMembers(upload.encryption),
    };
  },
});

/** Stores a part in the place of an earlier one of its number. */
async function putPart(
  ctx: CallContext,
  input: {
    Bucket?: string | undefined;
    Key?: string | undefined;
    UploadId?: string | undefined;
    PartNumber?: number | undefined;
  },
  body: Uint8Array,
  checksums: ChecksumInput,
): Promise<PartRecord> {
  const number = input.PartNumber!;
  checkPartNumber(number);
  checkSize(body.length);
  const proved = provedChecksum(ctx, checksums, body);
  const before = getUpload(ctx, getBucket(ctx, input), input.Key!, input.UploadId!);
  const wanted = before.checksum?.algorithm;
  // A checksum that was only named is no mistake: clients add one of their own.
  if (proved && wanted && proved.algorithm !== wanted && checksums[`Checksum${proved.algorithm}`] !== undefined)
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${proved.algorithm.toLowerCase()}`,
    );
  await openEncryption(ctx, before.encryption);
  const bucket = getBucket(ctx, input);
  const upload = getUpload(ctx, bucket, input.Key!, input.UploadId!);
  // What is not completed counts as well: an upload never holds more than an object may.
  const others = partsOf(ctx, bucket, upload.id).filter((part) => part.number !== number);
  checkSize(others.reduce((sum, part) => sum + part.size, body.length));
  const part: PartRecord = {
    number,
    sha256: ctx.cloud.blobs.put(body),
    size: body.length,
    etag: etagOf(body, upload.encryption),
    modified: wholeSeconds(ctx.now),
    ...(wanted ? { checksum: proved?.algorithm === wanted ? proved.value : checksumOf(wanted, body) } : {}),
  };
  ctx.state.put(parts, objectScope(bucket), partRecordId(upload.id, number), part);
  return part;
}

export const ListParts = operation<ListPartsCommandInput, ListPartsCommandOutput>({
  access: (ctx, input) => objectAccess(ctx, getBucket(ctx, input), input.Key!, 'ListMultipartUploadParts'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const upload = getUpload(ctx, bucket, input.Key!, input.UploadId!);
    const marker = Number(input.PartNumberMarker ?? 0) || 0;
    const limit = Math.max(0, Math.min(input.MaxParts ?? 1000, 1000));
    const left = partsOf(ctx, bucket, upload.id).filter(({ number }) => number > marker);
    const page = left.slice(0, limit);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      PartNumberMarker: String(marker),
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      MaxParts: limit,
      IsTruncated: left.length > page.length,
      Parts: page.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modified),
        ETag: `"${part.etag}"`,
        Size: part.size,
        ...(part.checksum && upload.checksum ? { [`Checksum${upload.checksum.algorithm}`]: part.checksum } : {}),
      })),
      ...people(bucket, upload),
    };
  },
});

export const ListMultipartUploads = operation<ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput>({
  access: (ctx, input) =>
    bucketAccess(
      ctx,
      input,
      'ListBucketMultipartUploads',
      presentKeys({ 's3:prefix': input.Prefix, 's3:delimiter': input.Delimiter }),
    ),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const { KeyMarker, UploadIdMarker, Prefix = '', Delimiter } = input;
    const encode = encoded(input.EncodingType);
    const inTime = ctx.state
      .list(uploads, objectScope(bucket))
      .map(({ value }) => value)
      .sort((a, b) => a.initiated - b.initiated);
    const ordered = keysIn(
      inTime.map((value) => ({ id: value.key, value })).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    );
    const at =
      KeyMarker && UploadIdMarker
        ? ordered.findIndex(({ id, value }) => id === KeyMarker && value.id === UploadIdMarker)
        : -1;
    const { items, prefixes, next, limit } = pageOf(at < 0 ? ordered : ordered.slice(at + 1), {
      prefix: Prefix,
      delimiter: Delimiter,
      after: KeyMarker || undefined,
      ...(at < 0 ? {} : { including: KeyMarker }),
      limit: input.MaxUploads,
      limitName: 'max-uploads',
      encodingType: input.EncodingType,
    });
    const last = items.at(-1);
    return {
      Bucket: bucket.name,
      KeyMarker: encode(KeyMarker ?? ''),
      UploadIdMarker: UploadIdMarker ?? '',
      Prefix: encode(Prefix),
      ...(Delimiter === undefined ? {} : { Delimiter: encode(Delimiter) }),
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      MaxUploads: limit,
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { NextKeyMarker: encode(next) }),
      ...(next !== undefined && last?.id === next ? { NextUploadIdMarker: last.value.id } : {}),
      Uploads: items.map(({ value }) => ({
        Key: encode(value.key),
        UploadId: value.id,
        Initiated: new Date(value.initiated),
        ...people(bucket, value),
      })),
      CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
    };
  },
});

function people(bucket: BucketRecord, upload: UploadRecord) {
  return {
    Initiator: { ID: upload.initiator, DisplayName: upload.initiator.slice(upload.initiator.lastIndexOf('/') + 1) },
    Owner: { ID: canonicalId(bucket.account) },
    StorageClass: (upload.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(upload.checksum ? { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: upload.checksum.type } : {}),
  };
}
