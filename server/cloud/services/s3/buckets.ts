import type {
  CreateBucketCommandInput,
  CreateBucketCommandOutput,
  DeleteBucketCommandInput,
  DeleteBucketCommandOutput,
  GetBucketLocationCommandInput,
  GetBucketLocationCommandOutput,
  HeadBucketCommandInput,
  HeadBucketCommandOutput,
  ListBucketsCommandInput,
  ListBucketsCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { bucketAccess, getBucket, presentKeys, requestContext } from './access.ts';
import { cannedAcl } from './acl.ts';
import { accessDenied, invalidArgument } from './errors.ts';
import {
  type BucketRecord,
  bucketArn,
  buckets,
  canonicalId,
  findBucket,
  type Ownership,
  objectScope,
  objects,
  parts,
  saveBucket,
  uploads,
  versions,
} from './tables.ts';
import { checkTags } from './tag-rules.ts';

/** differs from AWS: an account may have 1,000 buckets (10,000 there). */
const MOST_BUCKETS = 1000;

export const CreateBucket = operation<CreateBucketCommandInput, CreateBucketCommandOutput>({
  access(ctx, input) {
    const tags = tagsFrom(input.CreateBucketConfiguration?.Tags);
    const resource = bucketArn(input.Bucket!);
    const given = presentKeys({
      's3:LocationConstraint': input.CreateBucketConfiguration?.LocationConstraint,
      's3:x-amz-acl': input.ACL,
      's3:x-amz-object-ownership': input.ObjectOwnership,
    });
    const actions = ['CreateBucket'];
    if (input.ACL !== undefined) actions.push('PutBucketAcl');
    if (input.ObjectOwnership !== undefined) actions.push('PutBucketOwnershipControls');
    if (Object.keys(tags).length > 0) actions.push('TagResource');
    return actions.map((action) => ({
      action: `s3:${action}`,
      resource,
      context: { ...requestContext(ctx), 's3:ResourceAccount': ctx.account, ...given, ...requestTagContext(tags) },
    }));
  },
  run(ctx, input) {
    const name = input.Bucket!;
    if (ctx.caller.principal.type === 'anonymous') throw accessDenied();
    if (!isBucketName(name))
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
    const region = regionOf(ctx.region, input.CreateBucketConfiguration?.LocationConstraint);
    const existing = findBucket(ctx.state, name);
    if (existing) {
      if (existing.account !== ctx.account)
        throw new AwsError(
          'BucketAlreadyExists',
          'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
          409,
          { BucketName: name },
        );
      // In us-east-1 alone, creating one's own bucket again succeeds, as it always has.
      if (existing.region === 'us-east-1' && region === 'us-east-1')
        return { Location: `/${name}`, BucketArn: bucketArn(name) };
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        { BucketName: name },
      );
    }
    if (ctx.state.list(buckets, ctx).length >= MOST_BUCKETS)
      throw new AwsError('TooManyBuckets', 'You have attempted to create more buckets than allowed', 400);
    const ownership = (input.ObjectOwnership ?? 'BucketOwnerEnforced') as Ownership;
    if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ownership))
      throw invalidArgument(`Invalid x-amz-object-ownership header: ${ownership}`, 'x-amz-object-ownership', ownership);
    if (ownership === 'BucketOwnerEnforced' && input.ACL !== undefined && input.ACL !== 'private')
      throw new AwsError(
        'InvalidBucketAclWithObjectOwnership',
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        400,
      );
    const acl = cannedAcl(input.ACL);
    if (acl?.some(({ to }) => to === 'AllUsers' || to === 'AuthenticatedUsers'))
      throw new AwsError(
        'InvalidBucketAclWithBlockPublicAccessError',
        'Bucket cannot have public ACLs set with BlockPublicAccess enabled',
        400,
      );
    const tags = checkTags(input.CreateBucketConfiguration?.Tags, 50);
    const bucket: BucketRecord = {
      name,
      account: ctx.account,
      region,
      created: ctx.now,
      ownership,
      ...(acl ? { acl } : {}),
      // As for every bucket made since 2023-04; SSE-C is blocked since 2026-04.
      publicAccessBlock: {
        blockPublicAcls: true,
        ignorePublicAcls: true,
        blockPublicPolicy: true,
        restrictPublicBuckets: true,
      },
      encryption: { algorithm: 'AES256', blocksCustomerKeys: true },
      ...(Object.keys(tags).length ? { tags } : {}),
    };
    saveBucket(ctx.state, bucket);
    return {
      Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
      BucketArn: bucketArn(name),
    };
  },
});

export const HeadBucket = operation<HeadBucketCommandInput, HeadBucketCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'ListBucket'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    return { BucketRegion: bucket.region, BucketArn: bucketArn(bucket.name), AccessPointAlias: false };
  },
});

export const ListBuckets = operation<ListBucketsCommandInput, ListBucketsCommandOutput>({
  access: (ctx) => ({ action: 's3:ListAllMyBuckets', resource: '*', context: requestContext(ctx) }),
  run(ctx, input) {
    const limit = input.MaxBuckets;
    if (limit !== undefined && (limit < 1 || limit > 10_000))
      throw invalidArgument(
        'Argument max-buckets must be an integer between 1 and 10000',
        'max-buckets',
        String(limit),
      );
    const own = ctx.state
      .list(buckets, ctx)
      .map(({ value }) => value)
      .filter(
        ({ name, region }) =>
          name.startsWith(input.Prefix ?? '') && (!input.BucketRegion || region === input.BucketRegion),
      );
    const { page, next } = paginate(own, ({ name }) => name, {
      token: input.ContinuationToken,
      limit,
      max: 10_000,
      invalid: { code: 'InvalidArgument', message: 'The continuation token provided is incorrect' },
    });
    return {
      Buckets: page.map(({ name, created, region }) => ({
        Name: name,
        CreationDate: new Date(created),
        BucketArn: bucketArn(name),
        // Only paginated requests are answered with regions.
        ...(limit !== undefined || input.BucketRegion ? { BucketRegion: region } : {}),
      })),
      Owner: { ID: canonicalId(ctx.account) },
      ...(input.Prefix === undefined ? {} : { Prefix: input.Prefix }),
      ...(next === undefined ? {} : { ContinuationToken: next }),
    };
  },
});

export const DeleteBucket = operation<DeleteBucketCommandInput, DeleteBucketCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'DeleteBucket'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const scope = objectScope(bucket);
    const empty = ctx.state.list(objects, scope).length === 0 && ctx.state.list(versions, scope).length === 0;
    if (!empty) {
      const versioned = bucket.versioning === undefined ? '' : ' You must delete all versions in the bucket.';
      throw new AwsError('BucketNotEmpty', `The bucket you tried to delete is not empty.${versioned}`, 409, {
        BucketName: bucket.name,
      });
    }
    for (const table of [uploads, parts] as const)
      for (const { id } of ctx.state.list<object>(table, scope)) ctx.state.delete<object>(table, scope, id);
    ctx.state.delete(buckets, { account: bucket.account, region: '' }, bucket.name);
    return {};
  },
});

export const GetBucketLocation = operation<GetBucketLocationCommandInput, GetBucketLocationCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketLocation'),
  run(ctx, input) {
    const { region } = getBucket(ctx, input);
    return region === 'us-east-1' ? {} : { LocationConstraint: region as 'eu-west-1' };
  },
});

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  if (name.length < 3 || name.length > 63) return false;
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name) || name.includes('..')) return false;
  if (/^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/.test(name)) return false;
  if (['xn--', 'sthree-', 'amzn-s3-demo-'].some((prefix) => name.startsWith(prefix))) return false;
  return !['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'].some((suffix) => name.endsWith(suffix));
}

/** The region that a bucket is made in. */
function regionOf(asked: string, constraint: string | undefined): string {
  if (constraint === undefined || constraint === '') {
    if (asked === 'us-east-1') return asked;
    throw new AwsError(
      'IllegalLocationConstraintException',
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
      400,
    );
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (!/^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region) || region === 'us-east-1')
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
      LocationConstraint: constraint,
    });
  // The endpoint of us-east-1 is the global one, which makes buckets anywhere.
  if (asked !== 'us-east-1' && asked !== region)
    throw new AwsError(
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      400,
    );
  return region;
}
