import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { type NamedPolicy, type PolicyDocument, parsePolicy } from '../../policy/index.ts';
import type { Tags } from '../../tags.ts';
import { aclPolicies } from './acl-rights.ts';
import { noSuchBucket } from './errors.ts';
import { isPublicPolicy } from './public-policy.ts';
import { type BucketRecord, bucketArn, findBucket, type ObjectRecord, objectArn } from './tables.ts';

/** What every request names its bucket by. */
export interface BucketInput {
  Bucket?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

/**
 * The bucket that a request means. S3 says that a bucket does not exist before it asks any policy.
 * @throws AwsError NoSuchBucket, AccessDenied for another owner than the expected one
 */
export function getBucket(ctx: CallContext, input: BucketInput): BucketRecord {
  const bucket = findBucket(ctx.state, input.Bucket!);
  if (!bucket) throw noSuchBucket(input.Bucket!);
  if (input.ExpectedBucketOwner && input.ExpectedBucketOwner !== bucket.account)
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  return bucket;
}

const documents = new WeakMap<BucketRecord, { policy: NamedPolicy; isPublic: boolean }>();

/** The stored policy, parsed once for each record. */
export function bucketPolicy(bucket: BucketRecord): { policy: NamedPolicy; isPublic: boolean } | undefined {
  if (bucket.policy === undefined) return undefined;
  let known = documents.get(bucket);
  if (!known) {
    const parsed = parsePolicy(bucket.policy, 'resource').document;
    const document = parsed ?? (JSON.parse(bucket.policy) as PolicyDocument);
    known = { policy: { name: `bucket policy of ${bucket.name}`, document }, isPublic: isPublicPolicy(document) };
    documents.set(bucket, known);
  }
  return known;
}

/** What a bucket itself grants to this caller: its policy and ACLs, as Block Public Access leaves them. */
function resourcePolicies(ctx: CallContext, bucket: BucketRecord, object: ObjectRecord | undefined): NamedPolicy[] {
  const { principal } = ctx.caller;
  const stored = bucketPolicy(bucket);
  const acls = aclPolicies(
    bucket,
    object,
    ctx.cloud.accounts().map(({ id }) => id),
  );
  if (!stored) return acls;
  // "access is restricted to AWS service principals and authorized users within the bucket owner's account"
  const restricted = stored.isPublic && bucket.publicAccessBlock?.restrictPublicBuckets === true;
  if (restricted && principal.type !== 'service' && principal.account !== bucket.account) return [];
  return [stored.policy, ...acls];
}

/** Keys that every request to S3 has. */
export function requestContext(ctx: CallContext): ConditionContext {
  const context: ConditionContext = {};
  if (ctx.caller.source.secure !== false) context['s3:TlsVersion'] = '1.3';
  const digest = ctx.http?.headers['x-amz-content-sha256'];
  if (digest) context['s3:x-amz-content-sha256'] = digest;
  const url = ctx.http?.url ?? '';
  if (ctx.caller.principal.type === 'anonymous') return context;
  // What is called inside of this process, where the caller is known without a signature, counts as signed.
  if (!url.includes('X-Amz-Signature=')) context['s3:authType'] = 'REST-HEADER';
  else {
    context['s3:authType'] = 'REST-QUERY-STRING';
    const date = /[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(url);
    if (date) {
      const [, year, month, day, hour, minute, second] = date.map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const age = ctx.now - Date.UTC(year, month - 1, day, hour, minute, second);
      context['s3:signatureAge'] = String(Math.max(0, age));
    }
  }
  context['s3:signatureversion'] = 'AWS4-HMAC-SHA256';
  return context;
}

/** Asks for an action on a bucket. */
export function bucketAccess(
  ctx: CallContext,
  input: BucketInput,
  action: string,
  context: ConditionContext = {},
): Access {
  const bucket = getBucket(ctx, input);
  return {
    action: `s3:${action}`,
    resource: bucketArn(bucket.name),
    resourceAccount: bucket.account,
    context: { ...requestContext(ctx), 's3:ResourceAccount': bucket.account, ...context },
    resourcePolicy: resourcePolicies(ctx, bucket, undefined),
  };
}

/** Asks for an action on an object; `existing` is the object that is there, for its tags and ACL. */
export function objectAccess(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  action: string,
  options: { existing?: ObjectRecord | undefined; context?: ConditionContext } = {},
): Access {
  const { existing, context = {} } = options;
  return {
    action: `s3:${action}`,
    resource: objectArn(bucket.name, key),
    resourceAccount: bucket.account,
    context: {
      ...requestContext(ctx),
      's3:ResourceAccount': bucket.account,
      ...prefixed('s3:ExistingObjectTag/', existing?.tags),
      ...context,
    },
    resourcePolicy: resourcePolicies(ctx, bucket, existing),
  };
}

/** `s3:RequestObjectTag/…`: the tags that a request brings. */
export function requestObjectTags(tags: Tags | undefined): ConditionContext {
  if (!tags || Object.keys(tags).length === 0) return {};
  return { ...prefixed('s3:RequestObjectTag/', tags), 's3:RequestObjectTagKeys': Object.keys(tags) };
}

/** Leaves out what a request does not have: an absent key is not an empty one. */
export function presentKeys(values: Record<string, string | number | undefined>): ConditionContext {
  const present = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, String(value)]));
}

function prefixed(prefix: string, tags: Tags | undefined): ConditionContext {
  return Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`${prefix}${key}`, value]));
}
