import { createHash } from 'node:crypto';
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { getBucket, objectAccess, requestObjectTags } from './access.ts';
import { type AclInput, aclContext, requestedAcl, setsAcl } from './acl.ts';
import { checksumMembers, provedChecksum } from './checksums.ts';
import { type EncryptionInput, encryptionContext, encryptionFor, encryptionMembers } from './encryption.ts';
import { notify } from './events.ts';
import {
  checkKey,
  checkSize,
  describedBy,
  type HeaderInput,
  makesObject,
  ofPart,
  refuseObjectLock,
  writeContext,
} from './object-input.ts';
import { currentVersion, putVersion, wholeSeconds } from './object-store.ts';
import { checkWrite } from './preconditions.ts';
import type { BucketRecord, ObjectEncryption } from './tables.ts';
import { tagsFromHeader } from './tag-rules.ts';

/** Members of a request that makes an object. */
export type WriteInput = HeaderInput &
  EncryptionInput &
  AclInput & {
    Tagging?: string | undefined;
    IfMatch?: string | undefined;
    IfNoneMatch?: string | undefined;
  };

/** `PutObject`, and the rights that its further headers need. */
export function writeAccess(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  input: WriteInput,
  { context = {}, whole = true }: { context?: NonNullable<Access['context']>; whole?: boolean } = {},
): Access[] {
  const existing = currentVersion(ctx.state, bucket, key);
  const tags = tagsFromHeader(input.Tagging);
  const all = {
    ...encryptionContext(input),
    ...writeContext(input),
    ...aclContext(input),
    ...requestObjectTags(tags),
    ...context,
  };
  const ask = (action: string, more = {}): Access =>
    objectAccess(ctx, bucket, key, action, { context: { ...all, ...more } });
  return [
    ask('PutObject', whole ? makesObject : ofPart),
    ...(Object.keys(tags).length ? [ask('PutObjectTagging')] : []),
    ...(setsAcl(input) ? [ask('PutObjectAcl')] : []),
    // Who may compare must be allowed to read.
    ...(input.IfMatch === undefined ? [] : [objectAccess(ctx, bucket, key, 'GetObject', { existing })]),
  ];
}

/** An ETag is the MD5 of the body, except where KMS encrypts it. */
export function etagOf(body: Uint8Array, encryption: ObjectEncryption): string {
  const hash = createHash('md5');
  if (encryption.algorithm !== 'AES256') hash.update(encryption.dataKey ?? encryption.keyArn ?? '');
  return hash.update(body).digest('hex');
}

const nothing = new Uint8Array(0);

export const PutObject = operation<PutObjectCommandInput, PutObjectCommandOutput>({
  access: (ctx, input) => writeAccess(ctx, getBucket(ctx, input), input.Key!, input),
  async run(ctx, input) {
    const key = input.Key!;
    const body = (input.Body ?? nothing) as Uint8Array;
    checkKey(key);
    checkSize(body.length);
    refuseObjectLock(input);
    const described = describedBy(input);
    const tags = tagsFromHeader(input.Tagging);
    const checksum = provedChecksum(ctx, input, body);
    const acl = requestedAcl(getBucket(ctx, input), input);
    const encryption = await encryptionFor(ctx, getBucket(ctx, input), key, input);
    const bucket = getBucket(ctx, input);
    checkWrite(currentVersion(ctx.state, bucket, key), key, input);
    const version = putVersion(ctx, bucket, {
      key,
      ...described,
      modified: wholeSeconds(ctx.now),
      sha256: ctx.cloud.blobs.put(body),
      size: body.length,
      etag: etagOf(body, encryption),
      encryption,
      ...(Object.keys(tags).length ? { tags } : {}),
      ...(checksum ? { checksum } : {}),
      ...(acl ? { acl } : {}),
    });
    notify(ctx, bucket, 'ObjectCreated:Put', version);
    return {
      ETag: `"${version.etag}"`,
      ...checksumMembers(checksum),
      ...encryptionMembers(encryption),
      ...(version.versionId === 'null' ? {} : { VersionId: version.versionId }),
    };
  },
});
