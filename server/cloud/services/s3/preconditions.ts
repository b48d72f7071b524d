import { AwsError } from '../../errors.ts';
import { invalidArgument, noSuchKey, preconditionFailed } from './errors.ts';
import type { ObjectRecord } from './tables.ts';

/** The conditional headers of a read. */
export interface ReadConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

const names = (header: string, etag: string): boolean =>
  header.split(',').some((part) => {
    const wanted = part.trim().replace(/^W\//, '').replaceAll('"', '');
    return wanted === '*' || wanted === etag;
  });

/**
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (If-Match wins over If-Unmodified-Since,
 * If-None-Match over If-Modified-Since)
 * @throws AwsError NotModified (304), PreconditionFailed (412)
 */
export function checkRead(object: ObjectRecord, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!names(IfMatch, object.etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince && object.modified > IfUnmodifiedSince.getTime())
    throw preconditionFailed('If-Unmodified-Since');
  const notModified = new AwsError('NotModified', 'Not Modified', 304, { ETag: `"${object.etag}"` });
  if (IfNoneMatch !== undefined) {
    if (names(IfNoneMatch, object.etag)) throw notModified;
  } else if (IfModifiedSince && object.modified <= IfModifiedSince.getTime()) throw notModified;
}

/** The same for the source of a copy: everything that fails is a failed precondition. */
export function checkCopySource(object: ObjectRecord, conditions: ReadConditions): void {
  try {
    checkRead(object, conditions);
  } catch (error) {
    const code = error instanceof AwsError ? error.code : '';
    throw code === 'NotModified' ? preconditionFailed('x-amz-copy-source-If-None-Match') : error;
  }
}

/** Conditional writes: `If-None-Match: *` and `If-Match: "etag"`. */
export function checkWrite(
  existing: ObjectRecord | undefined,
  key: string,
  conditions: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined },
): void {
  const present = existing && !existing.deleteMarker ? existing : undefined;
  if (conditions.IfNoneMatch !== undefined) {
    if (conditions.IfNoneMatch !== '*')
      throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
        Header: 'If-None-Match',
      });
    if (present) throw preconditionFailed('If-None-Match');
  }
  if (conditions.IfMatch !== undefined) {
    if (!present) throw noSuchKey(key);
    if (!names(conditions.IfMatch, present.etag)) throw preconditionFailed('If-Match');
  }
}

/** First and last byte of a `Range` header; undefined when there is none that S3 heeds. @throws AwsError InvalidRange */
export function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, from, to] = match as unknown as [string, string, string];
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || (from === '' && Number(to) === 0))
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: header!,
      ActualObjectSize: String(size),
    });
  return { start, end };
}

/** A range of a copy's source must be there in full. */
export function readCopyRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size - 1 };
  const match = /^bytes=([0-9]+)-([0-9]+)$/.exec(header);
  if (!match)
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  const [start, end] = [Number(match[1]), Number(match[2])];
  if (start > end || end >= size)
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header,
    );
  return { start, end };
}
