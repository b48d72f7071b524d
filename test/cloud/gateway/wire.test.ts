import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { inProcessHandler } from '../../../server/cloud/gateway/in-process.ts';
import { client, createTestCloud, REGION, rootKeys } from '../test-cloud.ts';

test('a wrong secret is refused as AWS refuses it', async () => {
  const { cloud } = createTestCloud();
  const sts = client(STSClient, cloud, { accessKeyId: 'AKIAXXXXXXXXXXXXXXXX', secretAccessKey: 'x' });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
});

test('what is not emulated answers 501 and names the operation', async () => {
  const { cloud } = createTestCloud();
  await expect(
    client(EC2Client, cloud).send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 })),
  ).rejects.toMatchObject({
    name: 'NotEmulatedByLambdaRange',
    message: expect.stringContaining('ec2:RunInstances'),
  });
});

test.each([true, false])(
  'buckets have names below that of an interface endpoint; in the path: %s',
  async (forcePathStyle) => {
    const { cloud } = createTestCloud();
    const s3 = new S3Client({
      region: REGION,
      endpoint: 'https://bucket.vpce-0123456789abcdef0-abcdefgh.s3.us-east-1.vpce.amazonaws.com',
      forcePathStyle,
      credentials: rootKeys(cloud),
      requestHandler: inProcessHandler(cloud, { ip: '203.0.113.10' }),
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'my.photos' }));
    await s3.send(new PutObjectCommand({ Bucket: 'my.photos', Key: 'cat.jpg', Body: 'cat' }));
    expect((await s3.send(new ListObjectsV2Command({ Bucket: 'my.photos' }))).Contents).toMatchObject([
      { Key: 'cat.jpg' },
    ]);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: 'my.photos' }]);
  },
);
