import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { failure, roleClient, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';

async function versioned() {
  const made = s3Cloud();
  const { s3 } = made;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const versioning = (Status: 'Enabled' | 'Suspended') =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  const put = async (Key: string, Body: string) =>
    (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
  const read = async (Key: string, VersionId?: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();
  const all = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    return {
      versions: Versions.map((v) => [v.Key, v.VersionId, v.IsLatest]),
      markers: DeleteMarkers.map((v) => [v.Key, v.VersionId, v.IsLatest]),
    };
  };
  return { ...made, versioning, put, read, all };
}

describe('versioning', () => {
  it('is off, then on, then suspended', async () => {
    const { s3, versioning } = await versioned();
    const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    await versioning('Enabled');
    expect(await status()).toBe('Enabled');
    await versioning('Suspended');
    expect(await status()).toBe('Suspended');
  });

  it('keeps what was written over or deleted', async () => {
    const { s3, versioning, put, read, all } = await versioned();
    expect(await put('k', 'before')).toBeUndefined();
    await versioning('Enabled');
    const one = await put('k', 'one');
    const two = await put('k', 'two');
    expect(await read('k')).toBe('two');
    expect(await read('k', one)).toBe('one');
    expect(await read('k', 'null')).toBe('before');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(deleted.DeleteMarker).toBe(true);
    expect((await failure(read('k'))).name).toBe('NoSuchKey');
    expect(await failure(read('k', deleted.VersionId))).toMatchObject({ name: 'MethodNotAllowed', status: 405 });
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    expect(await all()).toEqual({
      versions: [
        ['k', two, false],
        ['k', one, false],
        ['k', 'null', false],
      ],
      markers: [['k', deleted.VersionId, true]],
    });
    expect((await failure(s3.send(new DeleteBucketCommand({ Bucket })))).message).toBe(
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: deleted.VersionId }));
    expect(await read('k')).toBe('two');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: one }));
    expect(await failure(read('k', one))).toMatchObject({ name: 'NoSuchVersion', status: 404 });
    expect((await failure(read('k', 'bad id'))).name).toBe('InvalidArgument');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: two }));
    expect(await read('k')).toBe('before');
    const last = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k', VersionId: 'null' }] } }),
    );
    expect(last.Deleted).toEqual([{ Key: 'k', VersionId: 'null' }]);
    expect(await all()).toEqual({ versions: [], markers: [] });
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  it('while suspended has one null version, wherever it stands', async () => {
    const { s3, versioning, put, read, all } = await versioned();
    await put('k', 'null 1');
    await versioning('Enabled');
    const one = await put('k', 'one');
    await versioning('Suspended');
    await put('k', 'null 2');
    expect((await all()).versions).toEqual([
      ['k', 'null', true],
      ['k', one, false],
    ]);
    expect(await read('k', 'null')).toBe('null 2');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    expect(await all()).toEqual({ versions: [['k', one, false]], markers: [['k', 'null', true]] });
  });

  it('lists page by page, also within a key', async () => {
    const { s3, versioning, put } = await versioned();
    await versioning('Enabled');
    const expected: unknown[] = [];
    for (const key of ['a', 'b']) {
      const ids: unknown[] = [];
      for (const body of ['1', '2', '3']) ids.unshift(await put(key, body));
      expected.push(...ids.map((id) => [key, id]));
    }
    const seen: unknown[] = [];
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let i = 0; i < 10; i++) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...marker }));
      seen.push(...page.Versions!.map(({ Key, VersionId }) => [Key, VersionId]));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    expect(seen).toEqual(expected);
  });

  it('has rights of its own', async () => {
    const { cloud, versioning, put, s3 } = await versioned();
    await versioning('Enabled');
    const old = await put('k', 'old');
    await put('k', 'new');
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket,
        Key: 'k',
        VersionId: old,
        Tagging: { TagSet: [{ Key: 'team', Value: 'blue' }] },
      }),
    );
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet).toEqual([]);
    const role = await roleClient(cloud, 'reader', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' },
    ]);
    await role.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect((await failure(role.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: old })))).message).toContain(
      's3:GetObjectVersion',
    );
  });
});
