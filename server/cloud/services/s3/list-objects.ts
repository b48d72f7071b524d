import type {
  ListObjectsCommandInput,
  ListObjectsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { type BucketInput, bucketAccess, getBucket, presentKeys } from './access.ts';
import { invalidArgument } from './errors.ts';
import { encoded, keysIn, pageOf } from './listing.ts';
import { canonicalId, type ObjectRecord, objectScope, objects } from './tables.ts';

type ListInput = BucketInput & {
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
  EncodingType?: string | undefined;
};

function listAccess(ctx: CallContext, input: ListInput): Access {
  return bucketAccess(
    ctx,
    input,
    'ListBucket',
    presentKeys({
      's3:prefix': input.Prefix,
      's3:delimiter': input.Delimiter,
      's3:max-keys': input.MaxKeys,
    }),
  );
}

export const ListObjectsV2 = operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>({
  access: listAccess,
  run(ctx, input) {
    const token = input.ContinuationToken;
    const after = token === undefined ? input.StartAfter : decodeToken(token);
    const { contents, prefixes, next, limit } = listPage(ctx, input, after);
    const encode = encoded(input.EncodingType);
    const owner = { ID: canonicalId(getBucket(ctx, input).account) };
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      MaxKeys: limit,
      KeyCount: contents.length + prefixes.length,
      IsTruncated: next !== undefined,
      ...(input.Delimiter === undefined ? {} : { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(input.StartAfter === undefined ? {} : { StartAfter: encode(input.StartAfter) }),
      ...(next === undefined ? {} : { NextContinuationToken: encodeToken(next) }),
      Contents: contents.map((object) => ({
        ...summary(object, encode),
        ...(input.FetchOwner ? { Owner: owner } : {}),
      })),
      CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: encode(Prefix) })),
    };
  },
});

export const ListObjects = operation<ListObjectsCommandInput, ListObjectsCommandOutput>({
  access: listAccess,
  run(ctx, input) {
    const { contents, prefixes, next, limit } = listPage(ctx, input, input.Marker);
    const encode = encoded(input.EncodingType);
    const owner = { ID: canonicalId(getBucket(ctx, input).account) };
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      MaxKeys: limit,
      IsTruncated: next !== undefined,
      ...(input.Delimiter === undefined ? {} : { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      // Without a delimiter the last key says as much.
      ...(next !== undefined && input.Delimiter ? { NextMarker: encode(next) } : {}),
      Contents: contents.map((object) => ({ ...summary(object, encode), Owner: owner })),
      CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: encode(Prefix) })),
    };
  },
});

function listPage(ctx: CallContext, input: ListInput, after: string | undefined) {
  const bucket = getBucket(ctx, input);
  const all = keysIn(ctx.state.list(objects, objectScope(bucket)));
  const present = all.filter(({ value }) => !value.deleteMarker);
  const { items, prefixes, next, limit } = pageOf(present, {
    prefix: input.Prefix ?? '',
    delimiter: input.Delimiter,
    after,
    limit: input.MaxKeys,
    limitName: 'max-keys',
    encodingType: input.EncodingType,
  });
  return { contents: items.map(({ value }) => value), prefixes, next, limit };
}

function summary(object: ObjectRecord, encode: (text: string) => string) {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modified),
    ETag: `"${object.etag}"`,
    Size: object.size,
    StorageClass: (object.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(object.checksum ? { ChecksumAlgorithm: [object.checksum.algorithm], ChecksumType: object.checksum.type } : {}),
  };
}

const encodeToken = (key: string): string => Buffer.from(`1:${key}`).toString('base64');

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('1:'))
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return text.slice(2);
}
