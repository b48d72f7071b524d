import type { CallContext } from '../../context.ts';
import { alphanumeric } from '../../random.ts';
import type { StateReader } from '../../state/account-state.ts';
import { bucketAccess, objectAccess } from './access.ts';
import { invalidArgument, methodNotAllowed, noSuchKey, noSuchVersion } from './errors.ts';
import { type BucketRecord, type ObjectRecord, objectScope, objects, versionRecordId, versions } from './tables.ts';

/** What a delete marker has for a body. */
const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** S3 keeps whole seconds. */
export const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

/** The current version of a key, a delete marker included. */
export function currentVersion(state: StateReader, bucket: BucketRecord, key: string): ObjectRecord | undefined {
  return state.get(objects, objectScope(bucket), key);
}

/** A version of a key; without `versionId` the current one. */
export function findVersion(
  state: StateReader,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
): ObjectRecord | undefined {
  const current = currentVersion(state, bucket, key);
  if (versionId === undefined || current?.versionId === versionId) return current;
  return state.get(versions, objectScope(bucket), versionRecordId(key, versionId));
}

/** All versions of a key, the newest first. */
export function versionsOf(state: StateReader, bucket: BucketRecord, key: string): ObjectRecord[] {
  const scope = objectScope(bucket);
  const out: ObjectRecord[] = [];
  let version = state.get(objects, scope, key);
  while (version) {
    out.push(version);
    version =
      version.previous === undefined ? undefined : state.get(versions, scope, versionRecordId(key, version.previous));
  }
  return out;
}

/**
 * The version that a request reads. Who may not list the bucket is not told that a key does not exist.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("If the object you request doesn't exist …")
 * @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker by its id), AccessDenied
 */
export function getVersion(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
): ObjectRecord {
  checkVersionId(versionId);
  const found = findVersion(ctx.state, bucket, key, versionId);
  if (found && !found.deleteMarker) return found;
  ctx.authorize(bucketAccess(ctx, { Bucket: bucket.name }, 'ListBucket'));
  if (versionId === undefined) throw noSuchKey(key);
  throw found ? methodNotAllowed('GET', 'DeleteMarker') : noSuchVersion(key, versionId);
}

/** @throws AwsError InvalidArgument for what cannot be a version id */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null') return;
  if (!/^[A-Za-z0-9._]{32}$/.test(versionId))
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
}

/** Makes a version the current one, as the bucket's versioning says, and returns it with its id. */
export function putVersion(
  ctx: CallContext,
  bucket: BucketRecord,
  version: Omit<ObjectRecord, 'versionId' | 'previous'>,
): ObjectRecord {
  const scope = objectScope(bucket);
  const enabled = bucket.versioning === 'Enabled';
  // Without versioning, or while it is suspended, the one `null` version is replaced wherever it stands.
  if (!enabled) removeVersion(ctx, bucket, version.key, 'null');
  const before = currentVersion(ctx.state, bucket, version.key);
  if (before) ctx.state.put(versions, scope, versionRecordId(before.key, before.versionId), before);
  const record: ObjectRecord = {
    ...version,
    versionId: enabled ? alphanumeric(ctx.cloud.random, 32) : 'null',
    ...(before ? { previous: before.versionId } : {}),
  };
  ctx.state.put(objects, scope, version.key, record);
  return record;
}

/** Puts a delete marker on top. */
export function putDeleteMarker(ctx: CallContext, bucket: BucketRecord, key: string): ObjectRecord {
  return putVersion(ctx, bucket, {
    key,
    deleteMarker: true,
    modified: wholeSeconds(ctx.now),
    sha256: '',
    size: 0,
    etag: emptyMd5,
    headers: {},
    metadata: {},
    encryption: { algorithm: 'AES256' },
  });
}

/** Removes a version for good and returns what it was; a newer version or the next older one closes the gap. */
export function removeVersion(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  versionId: string,
): ObjectRecord | undefined {
  const scope = objectScope(bucket);
  const found = findVersion(ctx.state, bucket, key, versionId);
  if (!found) return undefined;
  const current = currentVersion(ctx.state, bucket, key)!;
  if (current.versionId === versionId) {
    const id = found.previous === undefined ? undefined : versionRecordId(key, found.previous);
    const older = id === undefined ? undefined : ctx.state.get(versions, scope, id);
    if (older) {
      ctx.state.put(objects, scope, key, older);
      ctx.state.delete(versions, scope, id!);
    } else ctx.state.delete(objects, scope, key);
    return found;
  }
  const newer = versionsOf(ctx.state, bucket, key).find(({ previous }) => previous === versionId)!;
  const { previous: _gone, ...rest } = newer;
  replaceVersion(ctx, bucket, { ...rest, ...(found.previous === undefined ? {} : { previous: found.previous }) });
  ctx.state.delete(versions, scope, versionRecordId(key, versionId));
  return found;
}

/** Stores a version anew where it stands: tags and ACLs change without a new version. */
export function replaceVersion(ctx: CallContext, bucket: BucketRecord, version: ObjectRecord): void {
  const scope = objectScope(bucket);
  const current = currentVersion(ctx.state, bucket, version.key);
  if (current?.versionId === version.versionId) ctx.state.put(objects, scope, version.key, version);
  else ctx.state.put(versions, scope, versionRecordId(version.key, version.versionId), version);
}

/** `GetObject` or, with a version id, `GetObjectVersion`; the object's tags come along as context. */
export function readAccess(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
  action: { current: string; version: string },
): ReturnType<typeof objectAccess> {
  const existing = findVersion(ctx.state, bucket, key, versionId);
  return objectAccess(ctx, bucket, key, versionId === undefined ? action.current : action.version, {
    existing,
    ...(versionId === undefined ? {} : { context: { 's3:VersionId': versionId } }),
  });
}

export const versionIdOf = (bucket: BucketRecord, version: ObjectRecord): { VersionId?: string } =>
  bucket.versioning === undefined ? {} : { VersionId: version.versionId };
