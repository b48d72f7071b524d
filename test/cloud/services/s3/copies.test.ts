import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { failure, roleClient, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';
const MiB = 1024 * 1024;

async function withBucket() {
  const made = s3Cloud();
  await made.s3.send(new CreateBucketCommand({ Bucket }));
  return made;
}

describe('a copy', () => {
  it('takes the metadata and tags along, or new ones', async () => {
    const { s3 } = await withBucket();
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a b+ü.txt',
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
        Tagging: 'team=blue',
      }),
    );
    const CopySource = `${Bucket}/${encodeURIComponent('a b+ü.txt')}`;
    const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    expect(copy.CopyObjectResult!.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { a: '1' },
    });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'copy' }))).TagSet).toEqual([
      { Key: 'team', Value: 'blue' },
    ]);
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `/${CopySource}`,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
        TaggingDirective: 'REPLACE',
      }),
    );
    const replaced = await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
    expect(replaced.Metadata).toEqual({ b: '2' });
    expect(replaced.ContentType).not.toBe('text/plain');
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'copy' }))).TagSet).toEqual([]);
  });

  it('is refused onto itself, from nowhere, and when its conditions fail', async () => {
    const { s3 } = await withBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello' }));
    const copy = (CopySource: string, more: object = {}) =>
      failure(s3.send(new CopyObjectCommand({ Bucket, Key: 'k', CopySource, ...more })));
    expect(await copy('photos/k')).toMatchObject({ name: 'InvalidRequest', status: 400 });
    expect(await copy('photos')).toMatchObject({ name: 'InvalidArgument', status: 400 });
    expect(await copy('photos/none')).toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await copy('nowhere/none')).toMatchObject({ name: 'NoSuchBucket', status: 404 });
    expect(await copy('photos/k', { MetadataDirective: 'REPLACE', CopySourceIfMatch: 'x' })).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(
      await copy('photos/k', {
        MetadataDirective: 'REPLACE',
        CopySourceIfNoneMatch: '5d41402abc4b2a76b9719d911017c592',
      }),
    ).toMatchObject({ status: 412 });
  });

  it('needs the right to read there and to write here', async () => {
    const { cloud, s3 } = await withBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'in/k', Body: 'hello', Tagging: 'team=blue' }));
    const copy = { Bucket, Key: 'out/k', CopySource: 'photos/in/k' };
    const statement = (Action: string | string[], path: string) => ({
      Effect: 'Allow',
      Action,
      Resource: `arn:aws:s3:::photos/${path}`,
    });
    const reader = await roleClient(cloud, 'reader', [statement('s3:GetObject', 'in/*')]);
    expect((await failure(reader.send(new CopyObjectCommand(copy)))).message).toContain('s3:PutObject');
    const writer = await roleClient(cloud, 'writer', [statement('s3:PutObject', 'out/*')]);
    expect((await failure(writer.send(new CopyObjectCommand(copy)))).message).toContain('s3:GetObject');
    const both = await roleClient(cloud, 'both', [
      statement('s3:GetObject', 'in/*'),
      statement('s3:PutObject', 'out/*'),
    ]);
    expect((await failure(both.send(new CopyObjectCommand(copy)))).message).toContain('s3:GetObjectTagging');
    await both.send(new CopyObjectCommand({ ...copy, TaggingDirective: 'REPLACE' }));
  });
});

describe('a multipart upload', () => {
  it('becomes one object of its parts', async () => {
    const { s3 } = await withBucket();
    const key = { Bucket, Key: 'big' };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...key, ContentType: 'video/mp4', ChecksumAlgorithm: 'CRC32' }),
    );
    const first = Buffer.alloc(5 * MiB, 'a');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'xxhelloxx' }));
    const one = await s3.send(
      new UploadPartCommand({ ...key, UploadId, PartNumber: 1, Body: first, ChecksumAlgorithm: 'CRC32' }),
    );
    const two = await s3.send(
      new UploadPartCopyCommand({
        ...key,
        UploadId,
        PartNumber: 2,
        CopySource: 'photos/source',
        CopySourceRange: 'bytes=2-6',
      }),
    );
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toMatchObject([
      { Key: 'big', UploadId },
    ]);
    const listed = await s3.send(new ListPartsCommand({ ...key, UploadId, MaxParts: 1 }));
    expect(listed).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: '1',
      Parts: [{ PartNumber: 1, Size: 5 * MiB }],
    });
    const Parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult!.ETag },
    ];
    const complete = (parts: object[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...key, UploadId, MultipartUpload: { Parts: parts } }));
    expect((await failure(complete([...Parts].reverse()))).name).toBe('InvalidPartOrder');
    expect((await failure(complete([{ PartNumber: 1, ETag: '"x"' }]))).name).toBe('InvalidPart');
    const done = await complete(Parts);
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(done.ChecksumCRC32).toMatch(/^.{8}-2$/);
    const part = await s3.send(new GetObjectCommand({ ...key, PartNumber: 2 }));
    expect(await part.Body!.transformToString()).toBe('hello');
    expect(part).toMatchObject({
      PartsCount: 2,
      ContentType: 'video/mp4',
      ContentRange: `bytes ${5 * MiB}-${5 * MiB + 4}/${5 * MiB + 5}`,
    });
    const attributes = await s3.send(
      new GetObjectAttributesCommand({ ...key, ObjectAttributes: ['ObjectParts', 'ObjectSize'] }),
    );
    expect(attributes).toMatchObject({ ObjectSize: 5 * MiB + 5, ObjectParts: { TotalPartsCount: 2 } });
    expect((await failure(complete(Parts))).name).toBe('NoSuchUpload');
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  });

  it('has no small parts but the last, and can be aborted', async () => {
    const { s3 } = await withBucket();
    const key = { Bucket, Key: 'small' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(key));
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await s3.send(new UploadPartCommand({ ...key, UploadId, PartNumber, Body: 'x' }));
      Parts.push({ PartNumber, ETag });
    }
    expect(
      (await failure(s3.send(new CompleteMultipartUploadCommand({ ...key, UploadId, MultipartUpload: { Parts } }))))
        .name,
    ).toBe('EntityTooSmall');
    expect((await failure(s3.send(new UploadPartCommand({ ...key, UploadId, PartNumber: 0, Body: 'x' })))).name).toBe(
      'InvalidArgument',
    );
    await s3.send(new AbortMultipartUploadCommand({ ...key, UploadId }));
    expect(await failure(s3.send(new ListPartsCommand({ ...key, UploadId })))).toMatchObject({
      name: 'NoSuchUpload',
      status: 404,
    });
    expect((await failure(s3.send(new HeadObjectCommand(key)))).status).toBe(404);
  });

  it('cannot grow beyond what an object may have', async () => {
    const { cloud, s3 } = await withBucket();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const { root } = await import('../../test-cloud.ts');
    const Body = Buffer.alloc(60 * MiB);
    const put = (PartNumber: number) =>
      cloud.call(root(), 's3', 'UploadPart', { Bucket, Key: 'k', UploadId, PartNumber, Body });
    await put(1);
    await expect(put(2)).rejects.toMatchObject({ code: 'EntityTooLarge', status: 400 });
    await put(1);
  });
});
