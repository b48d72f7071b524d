import * as KMS from '@aws-sdk/client-kms';
import * as S3 from '@aws-sdk/client-s3';
import * as SNS from '@aws-sdk/client-sns';
import * as SQS from '@aws-sdk/client-sqs';
import type { Writer } from './step.ts';

/** Buckets and objects in every shape that the service has. */
export async function writeBuckets(writer: Writer, account: string, region: string): Promise<void> {
  const s3 = writer.client(S3.S3Client);
  const plain = `plain-${account}`;
  const full = `full-${account}`;
  await writer.step('CreateBucket', () => s3.send(new S3.CreateBucketCommand({ Bucket: plain })));
  await writer.step('CreateBucket', () =>
    s3.send(new S3.CreateBucketCommand({ Bucket: full, ObjectOwnership: 'ObjectWriter' })),
  );
  const key = await writer.step('a key', () => writer.client(KMS.KMSClient).send(new KMS.CreateKeyCommand({})));
  const keyArn = key!.KeyMetadata!.Arn!;
  await writeAccess(writer, full, account);
  await writeSettings(writer, full, plain, keyArn);
  await writeNotifications(writer, full, account, region);
  await writePlainObjects(writer, plain, keyArn);
  await writeVersions(writer, full);
}

async function writeAccess({ client, step }: Writer, Bucket: string, account: string): Promise<void> {
  const s3 = client(S3.S3Client);
  await step('PutPublicAccessBlock', () =>
    s3.send(
      new S3.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: false, IgnorePublicAcls: true, BlockPublicPolicy: false },
      }),
    ),
  );
  await step('PutBucketAcl', () => s3.send(new S3.PutBucketAclCommand({ Bucket, ACL: 'public-read' })));
  const statements = [
    {
      Sid: 'read',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/public/*`,
    },
    {
      Sid: 'tls',
      Effect: 'Deny',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['s3:PutObject'],
      Resource: [`arn:aws:s3:::${Bucket}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'never' } },
    },
  ];
  await step('PutBucketPolicy', () =>
    s3.send(
      new S3.PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2),
      }),
    ),
  );
}

async function writeSettings({ client, step }: Writer, Bucket: string, logs: string, keyArn: string): Promise<void> {
  const s3 = client(S3.S3Client);
  await step('PutBucketEncryption', () =>
    s3.send(
      new S3.PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
              BucketKeyEnabled: true,
            },
          ],
        },
      }),
    ),
  );
  await step('PutBucketTagging', () =>
    s3.send(
      new S3.PutBucketTaggingCommand({
        Bucket,
        Tagging: {
          TagSet: [
            { Key: 'team', Value: 'data' },
            { Key: 'empty', Value: '' },
          ],
        },
      }),
    ),
  );
  await step('PutBucketCors', () =>
    s3.send(
      new S3.PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: {
          CORSRules: [
            {
              ID: 'shop',
              AllowedMethods: ['GET', 'PUT'],
              AllowedOrigins: ['https://shop.example'],
              AllowedHeaders: ['*'],
              ExposeHeaders: ['etag'],
              MaxAgeSeconds: 60,
            },
          ],
        },
      }),
    ),
  );
  await step('PutBucketWebsite', () =>
    s3.send(
      new S3.PutBucketWebsiteCommand({
        Bucket,
        WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } },
      }),
    ),
  );
  await step('PutBucketLifecycleConfiguration', () =>
    s3.send(
      new S3.PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'old/' }, Expiration: { Days: 30 } },
            {
              ID: 'dated',
              Status: 'Disabled',
              Filter: { Prefix: '' },
              Expiration: { Date: new Date('2027-01-01T00:00:00Z') },
            },
          ],
        },
      }),
    ),
  );
  await step('PutBucketLogging', () =>
    s3.send(
      new S3.PutBucketLoggingCommand({
        Bucket,
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: logs, TargetPrefix: 'access/' } },
      }),
    ),
  );
  await step('PutBucketAccelerateConfiguration', () =>
    s3.send(new S3.PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: 'Enabled' } })),
  );
  await step('PutBucketRequestPayment', () =>
    s3.send(new S3.PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: 'Requester' } })),
  );
}

async function writeNotifications(
  { client, step }: Writer,
  Bucket: string,
  account: string,
  region: string,
): Promise<void> {
  const policy = (arn: string, action: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: action, Resource: arn }],
    });
  const queueArn = `arn:aws:sqs:${region}:${account}:uploads`;
  const topicArn = `arn:aws:sns:${region}:${account}:uploads`;
  await step('a queue', () =>
    client(SQS.SQSClient).send(
      new SQS.CreateQueueCommand({ QueueName: 'uploads', Attributes: { Policy: policy(queueArn, 'sqs:SendMessage') } }),
    ),
  );
  await step('a topic', () =>
    client(SNS.SNSClient).send(
      new SNS.CreateTopicCommand({ Name: 'uploads', Attributes: { Policy: policy(topicArn, 'sns:Publish') } }),
    ),
  );
  await step('PutBucketNotificationConfiguration', () =>
    client(S3.S3Client).send(
      new S3.PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          TopicConfigurations: [{ Id: 'gone', TopicArn: topicArn, Events: ['s3:ObjectRemoved:*'] }],
          QueueConfigurations: [
            {
              Id: 'made',
              QueueArn: queueArn,
              Events: ['s3:ObjectCreated:Put', 's3:ObjectCreated:Copy'],
              Filter: {
                Key: {
                  FilterRules: [
                    { Name: 'prefix', Value: 'in/' },
                    { Name: 'suffix', Value: '.json' },
                  ],
                },
              },
            },
          ],
          EventBridgeConfiguration: {},
        },
      }),
    ),
  );
}

async function writePlainObjects({ client, step }: Writer, Bucket: string, keyArn: string): Promise<void> {
  const s3 = client(S3.S3Client);
  const put = (Key: string, more: Partial<S3.PutObjectCommandInput> = {}) =>
    step(`PutObject ${Key}`, () => s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ...more })));
  await put('plain.txt');
  await put('empty', { Body: '' });
  await put('höhe & tiefe/a b+c?.txt');
  await put('full.json', {
    ContentType: 'application/json',
    ContentEncoding: 'identity',
    ContentDisposition: 'attachment; filename="full.json"',
    ContentLanguage: 'de',
    CacheControl: 'no-store',
    Expires: new Date('2030-01-01T00:00:00Z'),
    Metadata: { owner: 'ann', 'x-origin': 'import' },
    StorageClass: 'STANDARD_IA',
    ChecksumAlgorithm: 'SHA256',
    Tagging: 'class=secret&team=data',
  });
  await put('sealed', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn });
  const upload = { Bucket, Key: 'parts.bin' };
  const { UploadId } = (await step('CreateMultipartUpload', () =>
    s3.send(new S3.CreateMultipartUploadCommand({ ...upload, ContentType: 'application/x-parts' })),
  ))!;
  const Parts: S3.CompletedPart[] = [];
  for (const [i, size] of [5 * 1024 * 1024, 1000].entries()) {
    const Body = Buffer.alloc(size, i);
    const made = await s3.send(new S3.UploadPartCommand({ ...upload, UploadId, PartNumber: i + 1, Body }));
    Parts.push({ PartNumber: i + 1, ETag: made.ETag });
  }
  await step('CompleteMultipartUpload', () =>
    s3.send(new S3.CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } })),
  );
}

async function writeVersions({ client, step, later }: Writer, Bucket: string): Promise<void> {
  const s3 = client(S3.S3Client);
  const put = async (Key: string, Body: string, more: Partial<S3.PutObjectCommandInput> = {}) => {
    await step(`PutObject ${Key}`, () => s3.send(new S3.PutObjectCommand({ Bucket, Key, Body, ...more })));
    await later();
  };
  await put('before', 'unversioned');
  await step('PutBucketVersioning', () =>
    s3.send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
  );
  await put('before', 'second');
  await put('report', 'one', { Tagging: 'version=1' });
  await put('report', 'two', { ServerSideEncryption: 'AES256', ACL: 'bucket-owner-full-control' });
  await step('DeleteObject', () => s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'report' })));
  await later();
  await put('report', 'three', { ACL: 'private', GrantRead: undefined });
  await put('gone', 'soon');
  await step('DeleteObject', () => s3.send(new S3.DeleteObjectCommand({ Bucket, Key: 'gone' })));
}
