import type { CopyObjectCommandInput, CopyObjectCommandOutput } from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { getBucket, objectAccess, presentKeys, requestObjectTags } from './access.ts';
import { requestedAcl } from './acl.ts';
import { checksumMembers, checksumName, checksumOf } from './checksums.ts';
import { type CopySource, copySource, readSource, sourceAccess } from './copy-source.ts';
import { encryptionFor, encryptionMembers } from './encryption.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { notify } from './events.ts';
import { checkKey, describedBy, refuseObjectLock } from './object-input.ts';
import { currentVersion, findVersion, putVersion, versionIdOf, wholeSeconds } from './object-store.ts';
import { checkWrite } from './preconditions.ts';
import { etagOf, writeAccess } from './put-object.ts';
import type { ObjectRecord, StoredChecksum } from './tables.ts';
import { tagsFromHeader } from './tag-rules.ts';

export const CopyObject = operation<CopyObjectCommandInput, CopyObjectCommandOutput>({
  access(ctx, input) {
    const source = copySource(ctx, input);
    const bucket = getBucket(ctx, input);
    const context = presentKeys({
      's3:x-amz-copy-source': `${source.bucket.name}/${source.key}`,
      's3:x-amz-metadata-directive': input.MetadataDirective,
    });
    const { Tagging, ...rest } = input;
    const replaced = input.TaggingDirective === 'REPLACE' && Tagging !== undefined;
    return [
      sourceAccess(ctx, source),
      ...writeAccess(ctx, bucket, input.Key!, replaced ? input : rest, { context }),
      ...(input.TaggingDirective === 'REPLACE' ? [] : copiedTagAccess(ctx, source, input)),
    ];
  },
  async run(ctx, input) {
    const key = input.Key!;
    checkKey(key);
    refuseObjectLock(input);
    for (const [name, value] of [
      ['x-amz-metadata-directive', input.MetadataDirective],
      ['x-amz-tagging-directive', input.TaggingDirective],
    ] as const)
      if (value !== undefined && value !== 'COPY' && value !== 'REPLACE')
        throw invalidArgument(
          `Unknown ${name === 'x-amz-metadata-directive' ? 'metadata' : 'tagging'} directive.`,
          name,
          value,
        );
    const source = copySource(ctx, input);
    const object = await readSource(ctx, source, input);
    if (isSameAsSource(source, input, ctx))
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    const acl = requestedAcl(getBucket(ctx, input), input);
    const encryption = await encryptionFor(ctx, getBucket(ctx, input), key, input);
    const bucket = getBucket(ctx, input);
    checkWrite(currentVersion(ctx.state, bucket, key), key, input);
    const tags = input.TaggingDirective === 'REPLACE' ? tagsFromHeader(input.Tagging) : (object.tags ?? {});
    const body = ctx.cloud.blobs.get(object.sha256);
    const checksum = copiedChecksum(object, input.ChecksumAlgorithm, body);
    const version = putVersion(ctx, bucket, {
      key,
      ...describedAs(object, input),
      modified: wholeSeconds(ctx.now),
      sha256: object.sha256,
      size: object.size,
      etag: etagOf(body, encryption),
      encryption,
      ...(Object.keys(tags).length ? { tags } : {}),
      ...(checksum ? { checksum } : {}),
      ...(acl ? { acl } : {}),
    });
    notify(ctx, bucket, 'ObjectCreated:Copy', version);
    return {
      CopyObjectResult: {
        ETag: `"${version.etag}"`,
        LastModified: new Date(version.modified),
        ...checksumMembers(checksum),
      },
      ...versionIdOf(bucket, version),
      ...(source.bucket.versioning === undefined ? {} : { CopySourceVersionId: object.versionId }),
      ...encryptionMembers(encryption),
    };
  },
});

/** Tags that go along must be readable there and writable here. */
function copiedTagAccess(ctx: CallContext, source: CopySource, input: CopyObjectCommandInput): Access[] {
  const existing = findVersion(ctx.state, source.bucket, source.key, source.versionId);
  if (!existing?.tags || Object.keys(existing.tags).length === 0) return [];
  const reading = source.versionId === undefined ? 'GetObjectTagging' : 'GetObjectVersionTagging';
  return [
    objectAccess(ctx, source.bucket, source.key, reading, { existing }),
    objectAccess(ctx, getBucket(ctx, input), input.Key!, 'PutObjectTagging', {
      context: requestObjectTags(existing.tags),
    }),
  ];
}

function describedAs(
  object: ObjectRecord,
  input: CopyObjectCommandInput,
): Pick<ObjectRecord, 'headers' | 'metadata' | 'storageClass'> {
  const asked = describedBy(input);
  if (input.MetadataDirective === 'REPLACE') return asked;
  const { WebsiteRedirectLocation: _notCopied, ...headers } = object.headers;
  const redirect = asked.headers.WebsiteRedirectLocation;
  return {
    headers: { ...headers, ...(redirect ? { WebsiteRedirectLocation: redirect } : {}) },
    metadata: object.metadata,
    ...(asked.storageClass ? { storageClass: asked.storageClass } : {}),
  };
}

/** A copy has the checksum of the kind that is asked for, or that its source has. */
function copiedChecksum(object: ObjectRecord, asked: string | undefined, body: Uint8Array): StoredChecksum | undefined {
  const algorithm = asked === undefined ? object.checksum?.algorithm : checksumName(asked);
  return algorithm && { algorithm, value: checksumOf(algorithm, body), type: 'FULL_OBJECT' };
}

function isSameAsSource(source: CopySource, input: CopyObjectCommandInput, ctx: CallContext): boolean {
  if (source.bucket.name !== input.Bucket || source.key !== input.Key || source.versionId !== undefined) return false;
  const { encryption } = getBucket(ctx, input);
  return (
    input.MetadataDirective !== 'REPLACE' &&
    input.TaggingDirective !== 'REPLACE' &&
    input.StorageClass === undefined &&
    input.WebsiteRedirectLocation === undefined &&
    input.ServerSideEncryption === undefined &&
    input.ChecksumAlgorithm === undefined &&
    encryption.algorithm === 'AES256'
  );
}
