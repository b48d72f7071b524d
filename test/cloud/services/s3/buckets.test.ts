import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { anonymousCaller } from '../../../../server/cloud/cloud.ts';
import { isPublicPolicy } from '../../../../server/cloud/services/s3/public-policy.ts';
import { findBucket } from '../../../../server/cloud/services/s3/tables.ts';
import { OWN, PARTNER } from '../../test-cloud.ts';
import { failure, roleClient, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';
const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const everyone = {
  Sid: 'All',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::photos/*',
};

async function withBucket() {
  const made = s3Cloud();
  await made.s3.send(new CreateBucketCommand({ Bucket }));
  return made;
}

describe('a bucket', () => {
  it('is made, found, listed and deleted', async () => {
    const { cloud, s3 } = await withBucket();
    await s3.send(
      new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    expect(findBucket(cloud.state, Bucket)).toMatchObject({ account: OWN, region: 'us-east-1' });
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'other' }))).LocationConstraint).toBe('eu-west-1');
    const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    expect(first.Buckets!.map(({ Name }) => Name)).toEqual(['other']);
    const second = await s3.send(new ListBucketsCommand({ MaxBuckets: 1, ContinuationToken: first.ContinuationToken }));
    expect(second.Buckets!.map(({ Name }) => Name)).toEqual([Bucket]);
    expect(second.ContinuationToken).toBeUndefined();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect(await failure(s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
      name: 'BucketNotEmpty',
      status: 409,
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    expect(await failure(s3.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ name: 'NotFound', status: 404 });
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({
      name: 'NoSuchBucket',
      status: 404,
      error: { BucketName: Bucket },
    });
  });

  it('has a name of its own among all accounts, until it is deleted', async () => {
    const { s3, as } = await withBucket();
    expect(await failure(as(PARTNER).send(new CreateBucketCommand({ Bucket })))).toMatchObject({
      name: 'BucketAlreadyExists',
      status: 409,
    });
    await s3.send(new CreateBucketCommand({ Bucket }));
    const eu = { Bucket: 'europe', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } };
    await s3.send(new CreateBucketCommand(eu));
    expect(await failure(s3.send(new CreateBucketCommand(eu)))).toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await as(PARTNER).send(new CreateBucketCommand({ Bucket }));
    expect(await failure(s3.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 403 });
    expect(await failure(as(PARTNER).send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: OWN })))).toMatchObject({
      status: 403,
    });
  });

  it.each(['ab', 'Upper', 'a..b', '-ab', 'ab-', '192.168.5.4', 'xn--abc', 'a_b', 'x'.repeat(64)])(
    'cannot be called %s',
    async (name) => {
      const { cloud } = s3Cloud();
      const { root } = await import('../../test-cloud.ts');
      await expect(cloud.call(root(), 's3', 'CreateBucket', { Bucket: name })).rejects.toMatchObject({
        code: 'InvalidBucketName',
        status: 400,
      });
    },
  );
});

describe('a bucket policy', () => {
  it('is put, read and deleted', async () => {
    const { s3 } = await withBucket();
    expect(await failure(s3.send(new GetBucketPolicyCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
      status: 404,
    });
    const text = policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${PARTNER}:root` },
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::photos/*',
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: text }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(text);
    expect((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).toEqual({ IsPublic: false });
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect((await failure(s3.send(new GetBucketPolicyCommand({ Bucket })))).name).toBe('NoSuchBucketPolicy');
  });

  it.each([
    ['{', "Policies must be valid JSON and the first byte must be '{'"],
    [policy({ ...everyone, Resource: 'arn:aws:s3:::other/*' }), 'Policy has invalid resource'],
    [policy({ ...everyone, Resource: '*' }), 'Policy has invalid resource'],
    [policy({ ...everyone, Action: 'ec2:RunInstances' }), 'Policy has invalid action'],
    [policy({ ...everyone, Resource: 'arn:aws:s3:::photos' }), 'Action does not apply to any resource(s) in statement'],
    [policy({ ...everyone, Action: 's3:ListBucket' }), 'Action does not apply to any resource(s) in statement'],
    [policy({ ...everyone, Principal: { AWS: `arn:aws:iam::${OWN}:role/nobody` } }), 'Invalid principal in policy'],
    [
      policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' }),
      'Missing required field Principal',
    ],
  ])('that S3 would not store is refused: %s', async (text, message) => {
    const { s3 } = await withBucket();
    expect(await failure(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: text })))).toMatchObject({
      name: 'MalformedPolicy',
      status: 400,
      message,
    });
  });

  it('that is public is refused while public access is blocked, and ignored when it comes to be blocked', async () => {
    const { cloud, s3, as } = await withBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'secret' }));
    const refused = await failure(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(everyone) })));
    expect(refused).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(refused.message).toContain(
      'because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
    );
    expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect((await failure(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).name).toBe(
      'NoSuchPublicAccessBlockConfiguration',
    );
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(everyone) }));
    expect((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).toEqual({ IsPublic: true });
    const nobody = anonymousCaller({ ip: '198.51.100.7' });
    expect(
      Buffer.from(
        (await cloud.call<{ Body: Uint8Array }>(nobody, 's3', 'GetObject', { Bucket, Key: 'k' })).Body,
      ).toString(),
    ).toBe('secret');
    await as(PARTNER).send(new GetObjectCommand({ Bucket, Key: 'k' }));
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } }),
    );
    await expect(cloud.call(nobody, 's3', 'GetObject', { Bucket, Key: 'k' })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    expect((await failure(as(PARTNER).send(new GetObjectCommand({ Bucket, Key: 'k' })))).status).toBe(403);
    const reader = await roleClient(cloud, 'reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }]);
    await reader.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  });

  it('lets another account in, and its owner mend it whatever it says', async () => {
    const { cloud, s3, as } = await withBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'shared/k', Body: 'x' }));
    expect((await failure(as(PARTNER).send(new GetObjectCommand({ Bucket, Key: 'shared/k' })))).status).toBe(403);
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy(
          {
            Effect: 'Allow',
            Principal: { AWS: PARTNER },
            Action: ['s3:GetObject', 's3:PutBucketPolicy'],
            Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/shared/*'],
          },
          { Effect: 'Deny', Principal: { AWS: OWN }, Action: 's3:*', Resource: 'arn:aws:s3:::photos' },
        ),
      }),
    );
    await as(PARTNER).send(new GetObjectCommand({ Bucket, Key: 'shared/k' }));
    expect(await failure(as(PARTNER).send(new PutBucketPolicyCommand({ Bucket, Policy: policy() })))).toMatchObject({
      name: 'MethodNotAllowed',
      status: 405,
    });
    const admin = await roleClient(cloud, 'admin', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    const denied = await failure(admin.send(new DeleteBucketPolicyCommand({ Bucket })));
    expect(denied.message).toContain('with an explicit deny in a resource-based policy');
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await admin.send(new ListObjectsV2Command({ Bucket }));
  });
});

describe('public, as S3 means it,', () => {
  const allows = (more: object) => isPublicPolicy({ Statement: [{ ...everyone, ...more } as never] });
  const when = (operator: string, key: string, value: string | string[]) =>
    allows({ Condition: { [operator]: { [key]: value } } });
  it('is who is not fixed', () => {
    expect(allows({})).toBe(true);
    expect(allows({ Principal: { AWS: '*' } })).toBe(true);
    expect(allows({ Effect: 'Deny' })).toBe(false);
    expect(allows({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } })).toBe(false);
    expect(allows({ Principal: { Service: 'sns.amazonaws.com' } })).toBe(false);
    expect(when('StringEquals', 'aws:PrincipalOrgID', 'o-abc123')).toBe(false);
    expect(when('StringEquals', 'aws:sourcevpce', 'vpce-1')).toBe(false);
    expect(when('StringLike', 'aws:SourceVpc', 'vpc-*')).toBe(true);
    expect(when('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1')).toBe(true);
    expect(when('StringNotEquals', 'aws:SourceVpc', 'vpc-1')).toBe(true);
    expect(when('StringEquals', 'aws:Referer', 'https://example.com/')).toBe(true);
    expect(when('IpAddress', 'aws:SourceIp', '203.0.113.0/24')).toBe(false);
    expect(when('IpAddress', 'aws:SourceIp', ['203.0.113.0/24', '0.0.0.0/0'])).toBe(true);
    expect(when('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:111122223333:*')).toBe(false);
    expect(when('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:*:*')).toBe(true);
  });
});

describe('ACLs', () => {
  it('are off unless the bucket says otherwise', async () => {
    const { s3 } = await withBucket();
    const acl = await s3.send(new GetBucketAclCommand({ Bucket }));
    expect(acl.Grants).toMatchObject([
      { Permission: 'FULL_CONTROL', Grantee: { ID: acl.Owner!.ID, Type: 'CanonicalUser' } },
    ]);
    expect(await failure(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' })))).toMatchObject({
      name: 'AccessControlListNotSupported',
      status: 400,
      message: 'The bucket does not allow ACLs',
    });
    expect(
      (await failure(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' })))).name,
    ).toBe('AccessControlListNotSupported');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'bucket-owner-full-control' }));
    expect((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants).toHaveLength(1);
  });

  it('open objects to the public where they are on and public ones are not blocked', async () => {
    const { cloud, s3 } = s3Cloud();
    await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect((await failure(s3.send(new PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' })))).name).toBe(
      'AccessDenied',
    );
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const nobody = anonymousCaller({ ip: '198.51.100.7' });
    const read = () => cloud.call(nobody, 's3', 'GetObject', { Bucket, Key: 'k' });
    await expect(read()).rejects.toMatchObject({ code: 'AccessDenied' });
    await s3.send(new PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }));
    expect((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants).toHaveLength(2);
    await read();
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    await cloud.call(nobody, 's3', 'ListObjectsV2', { Bucket });
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { IgnorePublicAcls: true } }),
    );
    await expect(read()).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
