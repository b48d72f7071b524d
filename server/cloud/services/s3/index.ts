import type { Service } from '../../context.ts';
import * as aclOperations from './acl.ts';
import * as bucketPolicyOperations from './bucket-policy.ts';
import * as bucketOperations from './buckets.ts';
import * as deleteOperations from './delete-objects.ts';
import * as getOperations from './get-object.ts';
import * as listOperations from './list-objects.ts';
import * as notificationOperations from './notifications.ts';
import * as putOperations from './put-object.ts';

const { CreateBucket, HeadBucket, ListBuckets, DeleteBucket, GetBucketLocation } = bucketOperations;
const { PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus } = bucketPolicyOperations;
const { PutPublicAccessBlock, GetPublicAccessBlock, DeletePublicAccessBlock } = bucketPolicyOperations;
const { GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl } = aclOperations;
const { PutBucketNotificationConfiguration, GetBucketNotificationConfiguration } = notificationOperations;
const { PutObject } = putOperations;
const { GetObject, HeadObject, GetObjectAttributes } = getOperations;
const { DeleteObject, DeleteObjects } = deleteOperations;
const { ListObjects, ListObjectsV2 } = listOperations;

/** Amazon S3. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export const s3: Service = {
  id: 's3',
  operations: {
    CreateBucket,
    HeadBucket,
    ListBuckets,
    DeleteBucket,
    GetBucketLocation,
    PutBucketPolicy,
    GetBucketPolicy,
    DeleteBucketPolicy,
    GetBucketPolicyStatus,
    PutPublicAccessBlock,
    GetPublicAccessBlock,
    DeletePublicAccessBlock,
    GetBucketAcl,
    PutBucketAcl,
    GetObjectAcl,
    PutObjectAcl,
    PutBucketNotificationConfiguration,
    GetBucketNotificationConfiguration,
    PutObject,
    GetObject,
    HeadObject,
    GetObjectAttributes,
    DeleteObject,
    DeleteObjects,
    ListObjects,
    ListObjectsV2,
  },
};
