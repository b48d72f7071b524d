import type {
  DeleteBucketEncryptionCommandInput,
  DeleteBucketEncryptionCommandOutput,
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketOwnershipControlsCommandOutput,
  DeleteBucketTaggingCommandInput,
  DeleteBucketTaggingCommandOutput,
  GetBucketEncryptionCommandInput,
  GetBucketEncryptionCommandOutput,
  GetBucketOwnershipControlsCommandInput,
  GetBucketOwnershipControlsCommandOutput,
  GetBucketTaggingCommandInput,
  GetBucketTaggingCommandOutput,
  PutBucketEncryptionCommandInput,
  PutBucketEncryptionCommandOutput,
  PutBucketOwnershipControlsCommandInput,
  PutBucketOwnershipControlsCommandOutput,
  PutBucketTaggingCommandInput,
  PutBucketTaggingCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { bucketAccess, getBucket } from './access.ts';
import { isPublicGrant } from './acl-rights.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { saveBucket } from './tables.ts';
import { checkTags } from './tag-rules.ts';

export const PutBucketEncryption = operation<PutBucketEncryptionCommandInput, PutBucketEncryptionCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutEncryptionConfiguration'),
  run(ctx, input) {
    const rules = input.ServerSideEncryptionConfiguration?.Rules;
    if (rules?.length !== 1) throw malformedXml();
    const { ApplyServerSideEncryptionByDefault: wanted, BucketKeyEnabled, BlockedEncryptionTypes } = rules[0]!;
    const bucket = getBucket(ctx, input);
    const algorithm = wanted?.SSEAlgorithm ?? bucket.encryption.algorithm;
    if (algorithm !== 'AES256' && algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') throw malformedXml();
    const keyId = wanted?.KMSMasterKeyID || undefined;
    if (keyId !== undefined && algorithm === 'AES256')
      throw invalidArgument(
        'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      );
    const blocked = BlockedEncryptionTypes?.EncryptionType?.map(String);
    saveBucket(ctx.state, {
      ...bucket,
      encryption: {
        algorithm,
        ...(keyId === undefined ? {} : { keyId }),
        ...(BucketKeyEnabled && algorithm === 'aws:kms' ? { bucketKey: true } : {}),
        blocksCustomerKeys: blocked ? blocked.includes('SSE-C') : (bucket.encryption.blocksCustomerKeys ?? false),
      },
    });
    return {};
  },
});

export const GetBucketEncryption = operation<GetBucketEncryptionCommandInput, GetBucketEncryptionCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetEncryptionConfiguration'),
  run(ctx, input) {
    const { algorithm, keyId, bucketKey, blocksCustomerKeys } = getBucket(ctx, input).encryption;
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, ...(keyId ? { KMSMasterKeyID: keyId } : {}) },
      BucketKeyEnabled: bucketKey ?? false,
      ...(blocksCustomerKeys ? { BlockedEncryptionTypes: { EncryptionType: ['SSE-C' as const] } } : {}),
    };
    return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
  },
});

/** Encryption cannot be turned off: without a configuration it is S3's own. */
export const DeleteBucketEncryption = operation<
  DeleteBucketEncryptionCommandInput,
  DeleteBucketEncryptionCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutEncryptionConfiguration'),
  run(ctx, input) {
    saveBucket(ctx.state, { ...getBucket(ctx, input), encryption: { algorithm: 'AES256', blocksCustomerKeys: true } });
    return {};
  },
});

export const PutBucketOwnershipControls = operation<
  PutBucketOwnershipControlsCommandInput,
  PutBucketOwnershipControlsCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketOwnershipControls'),
  run(ctx, input) {
    const rules = input.OwnershipControls?.Rules;
    const ownership = rules?.length === 1 ? rules[0]!.ObjectOwnership : undefined;
    if (ownership !== 'BucketOwnerEnforced' && ownership !== 'BucketOwnerPreferred' && ownership !== 'ObjectWriter')
      throw malformedXml();
    const bucket = getBucket(ctx, input);
    if (
      ownership === 'BucketOwnerEnforced' &&
      bucket.acl?.some((grant) => isPublicGrant(grant) || grant.to !== 'owner')
    )
      throw new AwsError(
        'InvalidBucketAclWithObjectOwnership',
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        400,
      );
    saveBucket(ctx.state, { ...bucket, ownership });
    return {};
  },
});

export const GetBucketOwnershipControls = operation<
  GetBucketOwnershipControlsCommandInput,
  GetBucketOwnershipControlsCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketOwnershipControls'),
  run(ctx, input) {
    const { ownership, name } = getBucket(ctx, input);
    if (ownership === undefined)
      throw new AwsError('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', 404, {
        BucketName: name,
      });
    return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
  },
});

/** A bucket without controls is as buckets were before there were any: whoever writes an object owns it. */
export const DeleteBucketOwnershipControls = operation<
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketOwnershipControlsCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketOwnershipControls'),
  run(ctx, input) {
    const { ownership: _gone, ...bucket } = getBucket(ctx, input);
    saveBucket(ctx.state, bucket);
    return {};
  },
});

export const PutBucketTagging = operation<PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketTagging'),
  run(ctx, input) {
    saveBucket(ctx.state, { ...getBucket(ctx, input), tags: checkTags(input.Tagging?.TagSet, 50) });
    return {};
  },
});

export const GetBucketTagging = operation<GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketTagging'),
  run(ctx, input) {
    const { tags, name } = getBucket(ctx, input);
    if (!tags || Object.keys(tags).length === 0)
      throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: name });
    return { TagSet: tagList(tags) };
  },
});

export const DeleteBucketTagging = operation<DeleteBucketTaggingCommandInput, DeleteBucketTaggingCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketTagging'),
  run(ctx, input) {
    const { tags: _gone, ...bucket } = getBucket(ctx, input);
    saveBucket(ctx.state, bucket);
    return {};
  },
});
