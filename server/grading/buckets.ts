import { findBucket, findObject, saveBucket } from '../cloud/services/s3/tables.ts';
import type { CheckContext } from './check-context.ts';

/** The text of an object as it is now, whatever a bucket's policy says to those who look; undefined when there is none. */
export function objectText(ctx: CheckContext, bucket: string, key: string): string | undefined {
  const object = findObject(ctx.cloud.state, bucket, key);
  return object && ctx.cloud.blobs.get(object.sha256).toString();
}

/**
 * Opens a bucket to everybody in this fork, whoever owns it and whatever its own policy said: what is refused to somebody
 * then, something else refuses. For labs in which a fix must hold whatever bucket policies say.
 */
export function openToAll(ctx: CheckContext, name: string): void {
  const bucket = findBucket(ctx.cloud.state, name);
  if (!bucket) return;
  const { publicAccessBlock: _, ...kept } = bucket;
  const Resource = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource }],
  });
  ctx.cloud.transact((state) => saveBucket(state, { ...kept, policy }));
}
