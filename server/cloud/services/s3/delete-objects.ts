import type {
  DeletedObject,
  _Error as DeleteFailure,
  DeleteObjectCommandInput,
  DeleteObjectCommandOutput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
} from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { getBucket, objectAccess } from './access.ts';
import { malformedXml } from './errors.ts';
import { notify } from './events.ts';
import { checkVersionId, findVersion, putDeleteMarker, removeVersion } from './object-store.ts';
import { checkWrite } from './preconditions.ts';
import type { BucketRecord } from './tables.ts';

function deleteAccess(ctx: CallContext, bucket: BucketRecord, key: string, versionId: string | undefined): Access {
  return objectAccess(ctx, bucket, key, versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion', {
    ...(versionId === undefined ? {} : { context: { 's3:VersionId': versionId } }),
  });
}

interface Outcome {
  deleteMarker?: true;
  /** Of the version that is gone, or of the delete marker that was made. */
  versionId?: string;
}

/** What is not there is deleted, too. */
function deleteOne(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
  ifMatch: string | undefined,
): Outcome {
  checkVersionId(versionId);
  const existing = findVersion(ctx.state, bucket, key, versionId);
  if (ifMatch !== undefined) checkWrite(existing, key, { IfMatch: ifMatch });
  if (versionId !== undefined) {
    const removed = removeVersion(ctx, bucket, key, versionId);
    if (removed) notify(ctx, bucket, 'ObjectRemoved:Delete', removed);
    return { versionId, ...(removed?.deleteMarker ? { deleteMarker: true } : {}) };
  }
  if (bucket.versioning === undefined) {
    const removed = removeVersion(ctx, bucket, key, 'null');
    if (removed) notify(ctx, bucket, 'ObjectRemoved:Delete', removed);
    return {};
  }
  const marker = putDeleteMarker(ctx, bucket, key);
  notify(ctx, bucket, 'ObjectRemoved:DeleteMarkerCreated', marker);
  return { deleteMarker: true, versionId: marker.versionId };
}

export const DeleteObject = operation<DeleteObjectCommandInput, DeleteObjectCommandOutput>({
  access: (ctx, input) => deleteAccess(ctx, getBucket(ctx, input), input.Key!, input.VersionId),
  run(ctx, input) {
    const { deleteMarker, versionId } = deleteOne(
      ctx,
      getBucket(ctx, input),
      input.Key!,
      input.VersionId,
      input.IfMatch,
    );
    return {
      ...(deleteMarker ? { DeleteMarker: true } : {}),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    };
  },
});

export const DeleteObjects = operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput>({
  // Each key is asked for by itself; what is refused is told among the answers.
  access(ctx, input) {
    getBucket(ctx, input);
    return [];
  },
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const wanted = input.Delete?.Objects ?? [];
    if (wanted.length === 0 || wanted.length > 1000) throw malformedXml();
    const Deleted: DeletedObject[] = [];
    const Errors: DeleteFailure[] = [];
    for (const { Key = '', VersionId, ETag } of wanted) {
      const named = { Key, ...(VersionId === undefined ? {} : { VersionId }) };
      try {
        ctx.authorize(deleteAccess(ctx, bucket, Key, VersionId));
        const { deleteMarker, versionId } = deleteOne(ctx, bucket, Key, VersionId, ETag);
        const marker = deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
        if (!input.Delete!.Quiet) Deleted.push({ ...named, ...marker });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ ...named, Code: error.code, Message: error.message });
      }
    }
    return { ...(Deleted.length ? { Deleted } : {}), ...(Errors.length ? { Errors } : {}) };
  },
});
