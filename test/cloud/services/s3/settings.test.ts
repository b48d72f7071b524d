import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketTaggingCommand,
  DeleteBucketWebsiteCommand,
  DeleteObjectTaggingCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketWebsiteCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketRequestPaymentCommand,
  PutBucketTaggingCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { OWN, root } from '../../test-cloud.ts';
import { failure, roleClient, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';

async function withBucket() {
  const made = s3Cloud();
  await made.s3.send(new CreateBucketCommand({ Bucket }));
  return made;
}

describe('a new bucket', () => {
  it('answers the reads of infrastructure tools', async () => {
    const { s3 } = await withBucket();
    const missing = async (command: object) => (await failure(s3.send(command as never))).name;
    expect(await missing(new GetBucketCorsCommand({ Bucket }))).toBe('NoSuchCORSConfiguration');
    expect(await missing(new GetBucketWebsiteCommand({ Bucket }))).toBe('NoSuchWebsiteConfiguration');
    expect(await missing(new GetBucketLifecycleConfigurationCommand({ Bucket }))).toBe('NoSuchLifecycleConfiguration');
    expect(await missing(new GetBucketReplicationCommand({ Bucket }))).toBe('ReplicationConfigurationNotFoundError');
    expect(await missing(new GetObjectLockConfigurationCommand({ Bucket }))).toBe(
      'ObjectLockConfigurationNotFoundError',
    );
    expect(await missing(new GetBucketTaggingCommand({ Bucket }))).toBe('NoSuchTagSet');
    expect((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status).toBeUndefined();
    expect((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toBeUndefined();
    expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe('BucketOwner');
    expect((await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls).toEqual({
      Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
    });
    expect((await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration).toMatchObject(
      {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      },
    );
  });
});

describe('configurations of a bucket', () => {
  it('are kept, given back and deleted', async () => {
    const { s3 } = await withBucket();
    const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], MaxAgeSeconds: 60 }];
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    expect((await failure(s3.send(new GetBucketCorsCommand({ Bucket })))).name).toBe('NoSuchCORSConfiguration');
    expect(
      (
        await failure(
          s3.send(
            new PutBucketCorsCommand({
              Bucket,
              CORSConfiguration: { CORSRules: [{ AllowedMethods: ['SHOUT'], AllowedOrigins: ['*'] }] },
            }),
          ),
        )
      ).name,
    ).toBe('InvalidRequest');

    await s3.send(
      new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } }),
    );
    expect((await s3.send(new GetBucketWebsiteCommand({ Bucket }))).IndexDocument).toEqual({ Suffix: 'index.html' });
    await s3.send(new DeleteBucketWebsiteCommand({ Bucket }));

    const Rules = [
      {
        ID: 'old',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'tmp/' },
        Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
      },
    ];
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect((await failure(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).status).toBe(404);

    const LoggingEnabled = { TargetBucket: 'logs', TargetPrefix: 'p/' };
    await s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
    expect((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toEqual(LoggingEnabled);
    await s3.send(
      new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: 'Enabled' } }),
    );
    expect((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status).toBe('Enabled');
    await s3.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: 'Requester' } }));
    expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe('Requester');

    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
      }),
    );
    await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect((await failure(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))).name).toBe(
      'OwnershipControlsNotFoundError',
    );

    const TagSet = [{ Key: 'team', Value: 'blue' }];
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(
      (await failure(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [...TagSet, ...TagSet] } }))))
        .name,
    ).toBe('InvalidTag');
  });
});

describe('tags of an object', () => {
  it('are put, read, deleted, and decide', async () => {
    const { cloud, s3 } = await withBucket();
    const at = { Bucket, Key: 'k' };
    await s3.send(new PutObjectCommand({ ...at, Body: 'x', Tagging: 'class=public&team=a%20b' }));
    expect((await s3.send(new GetObjectTaggingCommand(at))).TagSet).toEqual([
      { Key: 'class', Value: 'public' },
      { Key: 'team', Value: 'a b' },
    ]);
    expect((await s3.send(new HeadObjectCommand(at))).ETag).toBeDefined();
    const role = await roleClient(cloud, 'reader', [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: { StringEquals: { 's3:ExistingObjectTag/class': 'public' } },
      },
      {
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:PutObjectTagging'],
        Resource: '*',
        Condition: { StringEquals: { 's3:RequestObjectTag/class': 'draft' } },
      },
    ]);
    await role.send(new GetObjectCommand(at));
    await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: 'class', Value: 'secret' }] } }));
    expect((await failure(role.send(new GetObjectCommand(at)))).name).toBe('AccessDenied');
    await role.send(new PutObjectCommand({ ...at, Key: 'new', Body: 'x', Tagging: 'class=draft' }));
    expect((await failure(role.send(new PutObjectCommand({ ...at, Key: 'new', Body: 'x' })))).name).toBe(
      'AccessDenied',
    );
    await s3.send(new DeleteObjectTaggingCommand(at));
    expect((await s3.send(new GetObjectTaggingCommand(at))).TagSet).toEqual([]);
    const TagSet = Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    expect((await failure(s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } })))).name).toBe(
      'BadRequest',
    );
  });
});

describe('encryption', () => {
  it('with a key of KMS asks KMS as the caller, on writing and on reading', async () => {
    const { cloud, s3 } = await withBucket();
    const { KeyMetadata } = await cloud.call<{ KeyMetadata: { Arn: string } }>(root(), 'kms', 'CreateKey', {});
    const key = KeyMetadata.Arn;
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
              BucketKeyEnabled: true,
            },
          ],
        },
      }),
    );
    const at = { Bucket, Key: 'k' };
    const put = await s3.send(new PutObjectCommand({ ...at, Body: 'hello' }));
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key, BucketKeyEnabled: true });
    expect(put.ETag).not.toBe('"5d41402abc4b2a76b9719d911017c592"');
    const objects = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::photos/*' };
    const without = await roleClient(cloud, 'without', [objects]);
    const refusedRead = await failure(without.send(new GetObjectCommand(at)));
    expect(refusedRead).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(refusedRead.message).toContain('kms:Decrypt');
    expect((await failure(without.send(new PutObjectCommand({ ...at, Body: 'x' })))).message).toContain(
      'kms:GenerateDataKey',
    );
    const reader = await roleClient(cloud, 'reader', [
      objects,
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: key,
        Condition: {
          StringEquals: {
            'kms:ViaService': 's3.us-east-1.amazonaws.com',
            'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::photos',
          },
        },
      },
    ]);
    expect(await (await reader.send(new GetObjectCommand(at))).Body!.transformToString()).toBe('hello');
    expect((await failure(reader.send(new PutObjectCommand({ ...at, Body: 'x' })))).message).toContain(
      'kms:GenerateDataKey',
    );
    await without.send(new PutObjectCommand({ ...at, Body: 'plain', ServerSideEncryption: 'AES256' }));
    await without.send(new GetObjectCommand(at));
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    expect((await s3.send(new PutObjectCommand({ ...at, Body: 'x' }))).ServerSideEncryption).toBe('AES256');
  });

  it("with S3's own key needs no right to KMS", async () => {
    const { cloud, s3 } = await withBucket();
    const put = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello', ServerSideEncryption: 'aws:kms' }),
    );
    expect(put.SSEKMSKeyId).toMatch(new RegExp(`^arn:aws:kms:us-east-1:${OWN}:key/`));
    const role = await roleClient(cloud, 'reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }]);
    await role.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    const SSECustomerKey = Buffer.alloc(32).toString('base64');
    expect(
      (
        await failure(
          s3.send(
            new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', SSECustomerAlgorithm: 'AES256', SSECustomerKey }),
          ),
        )
      ).name,
    ).toBe('AccessDenied');
  });
});
