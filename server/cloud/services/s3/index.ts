import type { Service } from '../../context.ts';
import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from './acl.ts';
import * as policy from './bucket-policy.ts';
import * as protection from './bucket-protection.ts';
import { CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from './buckets.ts';
import { CopyObject } from './copy-object.ts';
import { DeleteObject, DeleteObjects } from './delete-objects.ts';
import { GetObject, GetObjectAttributes, HeadObject } from './get-object.ts';
import { ListObjects, ListObjectsV2 } from './list-objects.ts';
import { AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload } from './multipart.ts';
import { GetBucketNotificationConfiguration, PutBucketNotificationConfiguration } from './notifications.ts';
import { DeleteObjectTagging, GetObjectTagging, PutObjectTagging } from './object-tagging.ts';
import { PutObject } from './put-object.ts';
import * as settings from './settings.ts';
import { ListMultipartUploads, ListParts, UploadPart, UploadPartCopy } from './upload-parts.ts';
import { GetBucketVersioning, ListObjectVersions, PutBucketVersioning } from './versioning.ts';

/** Amazon S3. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export const s3: Service = {
  id: 's3',
  stored: {
    PutBucketLifecycleConfiguration: 'nothing expires or moves',
    PutBucketCors: 'no preflight request is answered',
    PutBucketWebsite: 'there is no website endpoint',
    PutBucketLogging: 'no access logs are written',
    PutBucketAccelerateConfiguration: 'there is no accelerated endpoint',
    PutBucketRequestPayment: 'nobody pays',
  },
  operations: {
    CreateBucket,
    HeadBucket,
    ListBuckets,
    DeleteBucket,
    GetBucketLocation,
    ...policy,
    ...protection,
    ...settings,
    GetBucketAcl,
    PutBucketAcl,
    GetObjectAcl,
    PutObjectAcl,
    GetBucketVersioning,
    PutBucketVersioning,
    ListObjectVersions,
    GetBucketNotificationConfiguration,
    PutBucketNotificationConfiguration,
    PutObject,
    GetObject,
    HeadObject,
    GetObjectAttributes,
    CopyObject,
    DeleteObject,
    DeleteObjects,
    ListObjects,
    ListObjectsV2,
    GetObjectTagging,
    PutObjectTagging,
    DeleteObjectTagging,
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    ListParts,
    ListMultipartUploads,
    CompleteMultipartUpload,
    AbortMultipartUpload,
  },
};
