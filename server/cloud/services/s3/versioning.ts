import type {
  GetBucketVersioningCommandInput,
  GetBucketVersioningCommandOutput,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  PutBucketVersioningCommandInput,
  PutBucketVersioningCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../context.ts';
import { bucketAccess, getBucket, presentKeys } from './access.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { encoded, keysIn, pageOf } from './listing.ts';
import { versionsOf } from './object-store.ts';
import { canonicalId, type ObjectRecord, objectScope, objects, saveBucket } from './tables.ts';

export const PutBucketVersioning = operation<PutBucketVersioningCommandInput, PutBucketVersioningCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketVersioning'),
  run(ctx, input) {
    const versioning = input.VersioningConfiguration?.Status;
    if (versioning !== 'Enabled' && versioning !== 'Suspended') throw malformedXml();
    saveBucket(ctx.state, { ...getBucket(ctx, input), versioning });
    return {};
  },
});

export const GetBucketVersioning = operation<GetBucketVersioningCommandInput, GetBucketVersioningCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketVersioning'),
  run(ctx, input) {
    const { versioning } = getBucket(ctx, input);
    return versioning === undefined ? {} : { Status: versioning };
  },
});

export const ListObjectVersions = operation<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput>({
  access: (ctx, input) =>
    bucketAccess(
      ctx,
      input,
      'ListBucketVersions',
      presentKeys({ 's3:prefix': input.Prefix, 's3:delimiter': input.Delimiter, 's3:max-keys': input.MaxKeys }),
    ),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const { KeyMarker, VersionIdMarker, Prefix = '', Delimiter } = input;
    if (VersionIdMarker && !KeyMarker)
      throw invalidArgument(
        'A version-id marker cannot be specified without a key marker.',
        'version-id-marker',
        VersionIdMarker,
      );
    const encode = encoded(input.EncodingType);
    const owner = { ID: canonicalId(bucket.account) };
    const keys = keysIn(ctx.state.list(objects, objectScope(bucket)));
    // One entry a version, in the order of S3: by key, the newest first. Later pages of one key start within it.
    const entries: { id: string; value: ObjectRecord; latest: boolean }[] = [];
    for (const { id, value } of keys) {
      if (!id.startsWith(Prefix)) continue;
      const all = value.previous === undefined ? [value] : versionsOf(ctx.state, bucket, id);
      for (const [i, version] of all.entries()) entries.push({ id, value: version, latest: i === 0 });
    }
    const at = VersionIdMarker
      ? entries.findIndex(({ id, value }) => id === KeyMarker && value.versionId === VersionIdMarker)
      : -1;
    const { items, prefixes, next, limit } = pageOf(at < 0 ? entries : entries.slice(at + 1), {
      prefix: Prefix,
      delimiter: Delimiter,
      after: KeyMarker || undefined,
      ...(at < 0 ? {} : { including: KeyMarker }),
      limit: input.MaxKeys,
      limitName: 'max-keys',
      encodingType: input.EncodingType,
    });
    const last = items.at(-1);
    const Versions = items
      .filter(({ value }) => !value.deleteMarker)
      .map(({ value, latest }) => ({
        Key: encode(value.key),
        VersionId: value.versionId,
        IsLatest: latest,
        LastModified: new Date(value.modified),
        ETag: `"${value.etag}"`,
        Size: value.size,
        StorageClass: (value.storageClass ?? 'STANDARD') as 'STANDARD',
        Owner: owner,
      }));
    const DeleteMarkers = items
      .filter(({ value }) => value.deleteMarker)
      .map(({ value, latest }) => ({
        Key: encode(value.key),
        VersionId: value.versionId,
        IsLatest: latest,
        LastModified: new Date(value.modified),
        Owner: owner,
      }));
    return {
      Name: bucket.name,
      Prefix: encode(Prefix),
      KeyMarker: encode(KeyMarker ?? ''),
      VersionIdMarker: VersionIdMarker ?? '',
      MaxKeys: limit,
      IsTruncated: next !== undefined,
      ...(Delimiter === undefined ? {} : { Delimiter: encode(Delimiter) }),
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      ...(next === undefined ? {} : { NextKeyMarker: encode(next) }),
      ...(next !== undefined && last?.id === next ? { NextVersionIdMarker: last.value.versionId } : {}),
      Versions,
      DeleteMarkers,
      CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
    };
  },
});
