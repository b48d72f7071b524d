import type { ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { presentKeys } from './access.ts';
import { entityTooLarge, invalidArgument } from './errors.ts';
import type { ObjectRecord } from './tables.ts';

/** differs from AWS: an object has at most 100 MiB, whether it comes whole or in parts (5 GiB and 50 TB there). */
export const MOST_BYTES = 100 * 1024 * 1024;

export function checkSize(size: number): void {
  if (size > MOST_BYTES) throw entityTooLarge(size, MOST_BYTES);
}

/** @throws AwsError KeyTooLongError: keys have at most 1,024 bytes */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > 1024)
    throw new AwsError('KeyTooLongError', 'Your key is too long', 400, { Size: String(size), MaxSizeAllowed: '1024' });
}

/** Headers of an object that S3 keeps and gives back. */
export interface HeaderInput {
  ContentType?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentLanguage?: string | undefined;
  CacheControl?: string | undefined;
  Expires?: Date | undefined;
  WebsiteRedirectLocation?: string | undefined;
  Metadata?: Record<string, string> | undefined;
  StorageClass?: string | undefined;
}

const kept = [
  'ContentType',
  'ContentDisposition',
  'ContentLanguage',
  'CacheControl',
  'WebsiteRedirectLocation',
] as const;

/** What a request says about an object besides its body. @throws AwsError MetadataTooLarge, InvalidStorageClass */
export function describedBy(input: HeaderInput): Pick<ObjectRecord, 'headers' | 'metadata' | 'storageClass'> {
  const headers: ObjectRecord['headers'] = { ContentType: 'binary/octet-stream' };
  for (const name of kept) if (input[name] !== undefined && input[name] !== '') headers[name] = input[name];
  // `aws-chunked` describes the transfer, not the object.
  const encoding = (input.ContentEncoding ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked');
  if (encoding.length) headers.ContentEncoding = encoding.join(',');
  if (input.Expires) headers.Expires = new Date(input.Expires).toUTCString();
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(input.Metadata ?? {})) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
    Object.defineProperty(metadata, name.toLowerCase(), { value, enumerable: true });
  }
  if (size > 2048)
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
      Size: String(size),
      MaxSizeAllowed: '2048',
    });
  const redirect = input.WebsiteRedirectLocation;
  if (redirect && !/^(\/|https?:\/\/)/.test(redirect))
    throw new AwsError(
      'InvalidRedirectLocation',
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
      400,
    );
  const storageClass = storageClassOf(input.StorageClass);
  return { headers, metadata, ...(storageClass ? { storageClass } : {}) };
}

const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

/** `STANDARD` is not written down. */
function storageClassOf(name: string | undefined): string | undefined {
  if (name === undefined || name === 'STANDARD') return undefined;
  if (!storageClasses.includes(name))
    throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
      StorageClassRequested: name,
    });
  return name;
}

/** Condition keys that every kind of write shares. */
export function writeContext(
  input: HeaderInput & { IfMatch?: string | undefined; IfNoneMatch?: string | undefined },
): ConditionContext {
  return presentKeys({
    's3:x-amz-storage-class': input.StorageClass,
    's3:x-amz-website-redirect-location': input.WebsiteRedirectLocation,
    's3:if-match': input.IfMatch,
    's3:if-none-match': input.IfNoneMatch,
  });
}

/**
 * Some calls take `s3:PutObject` and make no object yet. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export const makesObject: ConditionContext = { 's3:ObjectCreationOperation': 'true' };
export const ofPart: ConditionContext = { 's3:ObjectCreationOperation': 'false' };

/** What S3 refuses in buckets without Object Lock, which is not emulated. */
export function refuseObjectLock(input: {
  ObjectLockMode?: string | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
}): void {
  if (input.ObjectLockMode === undefined && input.ObjectLockLegalHoldStatus === undefined) return;
  throw new AwsError('InvalidRequest', 'Bucket is missing Object Lock Configuration', 400);
}

/** @throws AwsError InvalidArgument for part numbers out of 1–10,000 */
export function checkPartNumber(part: number): void {
  if (part < 1 || part > 10_000)
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', String(part));
}
