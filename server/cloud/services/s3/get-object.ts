import type {
  GetObjectAttributesCommandInput,
  GetObjectAttributesCommandOutput,
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { getBucket } from './access.ts';
import { checksumMembers } from './checksums.ts';
import { encryptionMembers, openEncryption, refuseCustomerKeys } from './encryption.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { checkPartNumber } from './object-input.ts';
import { getVersion, readAccess, versionIdOf } from './object-store.ts';
import { checkRead, readRange } from './preconditions.ts';
import type { ObjectRecord } from './tables.ts';

const reading = { current: 'GetObject', version: 'GetObjectVersion' };

export const GetObject = operation<GetObjectCommandInput, GetObjectCommandOutput>({
  access: (ctx, input) => readAccess(ctx, getBucket(ctx, input), input.Key!, input.VersionId, reading),
  async run(ctx, input) {
    const { output, object, start, end } = await readObject(ctx, input);
    const body = ctx.cloud.blobs.get(object.sha256);
    return { ...output, Body: body.subarray(start, end + 1) as unknown as NonNullable<GetObjectCommandOutput['Body']> };
  },
});

export const HeadObject = operation<HeadObjectCommandInput, HeadObjectCommandOutput>({
  access: (ctx, input) => readAccess(ctx, getBucket(ctx, input), input.Key!, input.VersionId, reading),
  run: async (ctx, input) => (await readObject(ctx, input)).output,
});

/** Everything that GetObject and HeadObject answer besides the body, and which bytes (`end` included) that is. */
async function readObject(
  ctx: CallContext,
  input: GetObjectCommandInput & HeadObjectCommandInput,
): Promise<{ output: object; object: ObjectRecord; start: number; end: number }> {
  const bucket = getBucket(ctx, input);
  const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
  checkRead(object, input);
  refuseCustomerKeys(bucket, input.SSECustomerAlgorithm);
  const overrides = responseHeaders(ctx, input);
  await openEncryption(ctx, object.encryption);
  const part = input.PartNumber === undefined ? undefined : partRange(object, input.PartNumber, input.Range);
  const range = part ?? readRange(input.Range, object.size);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  const whole = start === 0 && end === object.size - 1;
  const output = {
    AcceptRanges: 'bytes',
    LastModified: new Date(object.modified),
    ContentLength: end - start + 1,
    ETag: `"${object.etag}"`,
    ...versionIdOf(bucket, object),
    ...object.headers,
    ...(object.headers.Expires
      ? { Expires: new Date(object.headers.Expires), ExpiresString: object.headers.Expires }
      : {}),
    ...overrides,
    ...(range && object.size > 0 ? { ContentRange: `bytes ${start}-${end}/${object.size}` } : {}),
    Metadata: { ...object.metadata },
    ...encryptionMembers(object.encryption),
    // A checksum of the whole says nothing about a part of it.
    ...(input.ChecksumMode === 'ENABLED' && whole ? checksumMembers(object.checksum) : {}),
    ...(object.storageClass ? { StorageClass: object.storageClass } : {}),
    ...(Object.keys(object.tags ?? {}).length ? { TagCount: Object.keys(object.tags!).length } : {}),
    ...(input.PartNumber !== undefined && object.parts ? { PartsCount: object.parts.length } : {}),
  };
  return { output, object, start, end };
}

function partRange(object: ObjectRecord, part: number, range: string | undefined): { start: number; end: number } {
  if (range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  checkPartNumber(part);
  const sizes = (object.parts ?? [{ size: object.size }]).map(({ size }) => size);
  if (part > sizes.length)
    throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      PartNumberRequested: String(part),
      ActualPartCount: String(sizes.length),
    });
  const start = sizes.slice(0, part - 1).reduce((sum, size) => sum + size, 0);
  return { start, end: start + sizes[part - 1]! - 1 };
}

/** `response-content-type` and the like, of signed requests only. */
function responseHeaders(ctx: CallContext, input: GetObjectCommandInput): object {
  const wanted = {
    ...(input.ResponseCacheControl === undefined ? {} : { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition === undefined ? {} : { ContentDisposition: input.ResponseContentDisposition }),
    ...(input.ResponseContentEncoding === undefined ? {} : { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage === undefined ? {} : { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseContentType === undefined ? {} : { ContentType: input.ResponseContentType }),
    ...(input.ResponseExpires === undefined
      ? {}
      : { Expires: input.ResponseExpires, ExpiresString: input.ResponseExpires.toUTCString() }),
  };
  if (Object.keys(wanted).length > 0 && ctx.caller.principal.type === 'anonymous')
    throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
  return wanted;
}

export const GetObjectAttributes = operation<GetObjectAttributesCommandInput, GetObjectAttributesCommandOutput>({
  access(ctx, input) {
    const bucket = getBucket(ctx, input);
    const attributes = { current: 'GetObjectAttributes', version: 'GetObjectVersionAttributes' };
    return [reading, attributes].map((action) => readAccess(ctx, bucket, input.Key!, input.VersionId, action));
  },
  async run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
    await openEncryption(ctx, object.encryption);
    const wanted = new Set((input.ObjectAttributes ?? []).map(String));
    const known = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
    const strange = [...wanted].find((name) => !known.includes(name));
    if (strange !== undefined)
      throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', strange);
    return {
      LastModified: new Date(object.modified),
      ...versionIdOf(bucket, object),
      ...(wanted.has('ETag') ? { ETag: object.etag } : {}),
      ...(wanted.has('Checksum') && object.checksum ? { Checksum: checksumMembers(object.checksum) } : {}),
      ...(wanted.has('ObjectParts') && object.parts ? { ObjectParts: objectParts(object, input) } : {}),
      ...(wanted.has('StorageClass') ? { StorageClass: (object.storageClass ?? 'STANDARD') as 'STANDARD' } : {}),
      ...(wanted.has('ObjectSize') ? { ObjectSize: object.size } : {}),
    };
  },
});

function objectParts(object: ObjectRecord, input: GetObjectAttributesCommandInput): object {
  const all = object.parts!;
  const marker = Number(input.PartNumberMarker ?? 0) || 0;
  const limit = Math.max(0, Math.min(input.MaxParts ?? 1000, 1000));
  const page = all
    .map((part, i) => ({ ...part, number: i + 1 }))
    .filter(({ number }) => number > marker)
    .slice(0, limit);
  const last = page.at(-1)?.number ?? marker;
  return {
    TotalPartsCount: all.length,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(last),
    MaxParts: limit,
    IsTruncated: last < all.length,
    // Parts are told one by one only where they have checksums.
    ...(object.checksum
      ? {
          Parts: page.map(({ number, size, checksum }) => ({
            PartNumber: number,
            Size: size,
            ...(checksum ? { [`Checksum${object.checksum!.algorithm}`]: checksum } : {}),
          })),
        }
      : {}),
  };
}
