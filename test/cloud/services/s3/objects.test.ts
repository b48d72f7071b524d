import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { failure, roleClient, s3Cloud } from './s3-test-cloud.ts';

async function withBucket() {
  const made = s3Cloud();
  await made.s3.send(new CreateBucketCommand({ Bucket: 'photos' }));
  return made;
}

describe('an object', () => {
  it('comes back as it was put, with its headers, metadata and checksum', async () => {
    const { s3 } = await withBucket();
    const put = await s3.send(
      new PutObjectCommand({
        Bucket: 'photos',
        Key: 'a b/ü+1.txt',
        Body: 'hello',
        ContentType: 'text/plain',
        CacheControl: 'no-store',
        Metadata: { Colour: 'blue' },
      }),
    );
    expect(put.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(put.ServerSideEncryption).toBe('AES256');
    expect(put.ChecksumCRC32).toBe('NhCmhg==');
    const got = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'a b/ü+1.txt', ChecksumMode: 'ENABLED' }));
    expect(await got.Body!.transformToString()).toBe('hello');
    expect(got).toMatchObject({
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { colour: 'blue' },
      ContentLength: 5,
      ChecksumCRC32: 'NhCmhg==',
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'photos', Key: 'a b/ü+1.txt' }));
    expect(head).toMatchObject({ ContentLength: 5, ETag: put.ETag, Metadata: { colour: 'blue' } });
  });

  it('is read in ranges', async () => {
    const { s3 } = await withBucket();
    await s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'k', Body: '0123456789' }));
    const range = async (Range: string) => {
      const got = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'k', Range }));
      return [await got.Body!.transformToString(), got.ContentRange];
    };
    expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await range('bytes=-3')).toEqual(['789', 'bytes 7-9/10']);
    expect(await range('bytes=8-100')).toEqual(['89', 'bytes 8-9/10']);
    expect(await range('lines=1-2')).toEqual(['0123456789', undefined]);
    expect(await failure(range('bytes=10-'))).toMatchObject({ name: 'InvalidRange', status: 416 });
  });

  it('is read and written under conditions', async () => {
    const { s3 } = await withBucket();
    const at = { Bucket: 'photos', Key: 'k' };
    const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: 'one', IfNoneMatch: '*' }));
    expect(await failure(s3.send(new PutObjectCommand({ ...at, Body: 'two', IfNoneMatch: '*' })))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await failure(s3.send(new PutObjectCommand({ ...at, Body: 'two', IfMatch: '"x"' })))).toMatchObject({
      status: 412,
    });
    expect((await failure(s3.send(new GetObjectCommand({ ...at, IfNoneMatch: ETag })))).status).toBe(304);
    expect((await failure(s3.send(new GetObjectCommand({ ...at, IfMatch: '"x"' })))).status).toBe(412);
    await s3.send(new PutObjectCommand({ ...at, Body: 'two', IfMatch: ETag }));
    expect(await (await s3.send(new GetObjectCommand({ ...at, IfNoneMatch: ETag }))).Body!.transformToString()).toBe(
      'two',
    );
  });

  it('is refused with a wrong digest, an overlong key, too much metadata, a strange storage class', async () => {
    const { s3 } = await withBucket();
    const put = (more: object) =>
      failure(s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'k', Body: 'x', ...more })));
    expect(await put({ ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' })).toMatchObject({ name: 'BadDigest', status: 400 });
    expect(await put({ ContentMD5: 'abc' })).toMatchObject({ name: 'InvalidDigest' });
    expect(await put({ ChecksumSHA256: 'AAAA' })).toMatchObject({
      name: 'BadDigest',
      message: 'The SHA256 you specified did not match the calculated checksum.',
    });
    expect(await put({ Key: 'k'.repeat(1025) })).toMatchObject({ name: 'KeyTooLongError' });
    expect(await put({ Metadata: { a: 'v'.repeat(2048) } })).toMatchObject({ name: 'MetadataTooLarge' });
    expect(await put({ StorageClass: 'TAPE' })).toMatchObject({ name: 'InvalidStorageClass' });
    expect(await put({ Tagging: 'a=1&a=2' })).toMatchObject({ name: 'InvalidArgument' });
    expect((await s3.send(new ListObjectsV2Command({ Bucket: 'photos' }))).KeyCount).toBe(0);
  });

  it('has every checksum that S3 knows', async () => {
    const { s3 } = await withBucket();
    const known = {
      CRC32: 'y/Q5Jg==',
      CRC32C: '4waSgw==',
      CRC64NVME: 'rosUhgp5mIg=',
      SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
      SHA256: 'FeKw09l6yBknxGDm8N7ZVbOe8bmX5gFg8LlXrb0wJvg=',
    } as const;
    for (const [name, value] of Object.entries(known)) {
      const { [`Checksum${name}` as 'ChecksumCRC32']: got } = await s3.send(
        new PutObjectCommand({
          Bucket: 'photos',
          Key: name,
          Body: '123456789',
          [`Checksum${name}`]: name === 'SHA256' ? undefined : value,
          ChecksumAlgorithm: name as 'CRC32',
        }),
      );
      if (name !== 'SHA256') expect([name, got]).toEqual([name, value]);
    }
    const attributes = await s3.send(
      new GetObjectAttributesCommand({
        Bucket: 'photos',
        Key: 'CRC64NVME',
        ObjectAttributes: ['Checksum', 'ETag', 'ObjectSize'],
      }),
    );
    expect(attributes).toMatchObject({
      Checksum: { ChecksumCRC64NVME: 'rosUhgp5mIg=' },
      ETag: '25f9e794323b453885f5181f1b624d0b',
      ObjectSize: 9,
    });
  });

  it('that is missing is a 404 only for who may list the bucket', async () => {
    const { cloud, s3 } = await withBucket();
    const missing = { Bucket: 'photos', Key: 'nope' };
    expect(await failure(s3.send(new GetObjectCommand(missing)))).toMatchObject({
      name: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    });
    expect(await failure(s3.send(new HeadObjectCommand(missing)))).toMatchObject({ name: 'NotFound', status: 404 });
    const reader = await roleClient(cloud, 'reader', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' },
    ]);
    const refused = await failure(reader.send(new GetObjectCommand(missing)));
    expect(refused).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(refused.message).toContain('because no identity-based policy allows the s3:ListBucket action');
    const lister = await roleClient(cloud, 'lister', [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/*'],
      },
    ]);
    expect(await failure(lister.send(new GetObjectCommand(missing)))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  });
});

describe('deleting', () => {
  it('removes one or many, and what was never there', async () => {
    const { s3 } = await withBucket();
    for (const Key of ['a', 'b', 'c']) await s3.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: Key }));
    await s3.send(new DeleteObjectCommand({ Bucket: 'photos', Key: 'a' }));
    await s3.send(new DeleteObjectCommand({ Bucket: 'photos', Key: 'never' }));
    const many = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'photos', Delete: { Objects: [{ Key: 'b' }, { Key: 'never' }] } }),
    );
    expect(many.Deleted).toEqual([{ Key: 'b' }, { Key: 'never' }]);
    const left = await s3.send(new ListObjectsV2Command({ Bucket: 'photos' }));
    expect(left.Contents!.map(({ Key }) => Key)).toEqual(['c']);
  });

  it('of many tells which keys were refused', async () => {
    const { cloud, s3 } = await withBucket();
    for (const Key of ['mine/1', 'theirs/1']) await s3.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: 'x' }));
    const role = await roleClient(cloud, 'deleter', [
      { Effect: 'Allow', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::photos/mine/*' },
    ]);
    const answer = await role.send(
      new DeleteObjectsCommand({ Bucket: 'photos', Delete: { Objects: [{ Key: 'mine/1' }, { Key: 'theirs/1' }] } }),
    );
    expect(answer.Deleted).toEqual([{ Key: 'mine/1' }]);
    expect(answer.Errors).toMatchObject([{ Key: 'theirs/1', Code: 'AccessDenied' }]);
  });
});

describe('listing', () => {
  const keys = [
    'a.txt',
    'photos/2024/1.jpg',
    'photos/2024/2.jpg',
    'photos/2025/1.jpg',
    'photos/index.html',
    'z space+plus.txt',
  ];
  async function filled() {
    const made = await withBucket();
    for (const Key of keys) await made.s3.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: Key }));
    return made;
  }

  it('rolls up prefixes and goes on page by page, in both versions', async () => {
    const { s3 } = await filled();
    const top = await s3.send(new ListObjectsV2Command({ Bucket: 'photos', Delimiter: '/' }));
    expect(top.Contents!.map(({ Key }) => Key)).toEqual(['a.txt', 'z space+plus.txt']);
    expect(top.CommonPrefixes).toEqual([{ Prefix: 'photos/' }]);
    expect(top.KeyCount).toBe(3);
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: 'photos',
          Prefix: 'photos/',
          Delimiter: '/',
          MaxKeys: 1,
          ContinuationToken,
        }),
      );
      expect(page.KeyCount).toBe(1);
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key!),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual(['photos/2024/', 'photos/2025/', 'photos/index.html']);
    const first = await s3.send(new ListObjectsCommand({ Bucket: 'photos', Delimiter: '/', MaxKeys: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'photos/' });
    const second = await s3.send(
      new ListObjectsCommand({ Bucket: 'photos', Delimiter: '/', Marker: first.NextMarker }),
    );
    expect(second.Contents!.map(({ Key }) => Key)).toEqual(['z space+plus.txt']);
    expect(second.CommonPrefixes).toBeUndefined();
  });

  it('starts after a key, encodes keys as asked and counts no delete marker', async () => {
    const { s3 } = await filled();
    const after = await s3.send(
      new ListObjectsV2Command({
        Bucket: 'photos',
        StartAfter: 'photos/2025/1.jpg',
        EncodingType: 'url',
        FetchOwner: true,
      }),
    );
    expect(after.Contents!.map(({ Key }) => Key)).toEqual(['photos/index.html', 'z+space%2Bplus.txt']);
    expect(after.Contents![0]!.Owner!.ID).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await failure(s3.send(new ListObjectsV2Command({ Bucket: 'photos', ContinuationToken: 'x' }))),
    ).toMatchObject({ name: 'InvalidArgument' });
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket: 'photos', MaxKeys: -1 })))).toMatchObject({
      name: 'InvalidArgument',
    });
    expect((await s3.send(new ListObjectsV2Command({ Bucket: 'photos', MaxKeys: 0 }))).IsTruncated).toBe(false);
  });

  it('orders keys by their UTF-8 bytes', async () => {
    const { s3 } = await withBucket();
    for (const Key of ['\u{1f600}', '\ufb01', 'z'])
      await s3.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: 'x' }));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'photos' }));
    expect(Contents!.map(({ Key }) => Key)).toEqual(['z', '\ufb01', '\u{1f600}']);
  });

  it('can be limited to a prefix by policy', async () => {
    const { cloud } = await filled();
    const role = await roleClient(cloud, 'prefixed', [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::photos',
        Condition: { StringLike: { 's3:prefix': 'photos/*' } },
      },
    ]);
    expect((await role.send(new ListObjectsV2Command({ Bucket: 'photos', Prefix: 'photos/2024' }))).KeyCount).toBe(2);
    expect(await failure(role.send(new ListObjectsV2Command({ Bucket: 'photos' })))).toMatchObject({
      name: 'AccessDenied',
      status: 403,
    });
  });
});
