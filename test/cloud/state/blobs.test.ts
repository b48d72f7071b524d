import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobNames, FileBlobs, MemoryBlobs } from '../../../server/cloud/state/blobs.ts';
import { LimitedBlobs } from '../../../server/cloud/state/limited-blobs.ts';
import { openStore } from '../../../server/store/index.ts';
import { client, createTestCloud } from '../test-cloud.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const minute = 60_000;
const path = (name: string) => join(folder, name.slice(0, 2), name);
/** Large enough to stay out of the memory of recent blobs. */
const large = () => randomBytes(9 * 1024 * 1024);

describe('a sweep', () => {
  it('removes what nobody has mentioned for long enough', () => {
    const blobs = new FileBlobs(folder);
    const [kept, dropped, fresh] = [Buffer.from('kept'), Buffer.from('dropped'), Buffer.from('fresh')].map((bytes) =>
      blobs.put(bytes),
    );
    const now = Date.now() + minute;
    for (const name of [kept!, dropped!]) utimesSync(path(name), 1000, 1000);
    expect(blobs.sweep(new Set([kept!]), now, 15 * minute)).toBe(1);
    expect(() => blobs.get(dropped!)).toThrow();
    expect(blobs.size(dropped!)).toBeUndefined();
    expect(blobs.get(kept!).toString()).toBe('kept');
    expect(blobs.get(fresh!).toString()).toBe('fresh');
  });

  it('waits from when a blob was first found unused, and again when it was put meanwhile', () => {
    const blobs = new FileBlobs(folder);
    blobs.sweep(new Set(), 0, 0);
    const name = blobs.put(Buffer.from('x'));
    utimesSync(path(name), 1000, 1000);
    const later = (minutes: number, used: string[] = []) => blobs.sweep(new Set(used), minutes * minute, 15 * minute);
    expect(later(100)).toBe(0);
    expect(later(114)).toBe(0);
    expect(later(115, [name])).toBe(0);
    expect(later(120)).toBe(0);
    blobs.put(Buffer.from('x'));
    expect(later(140)).toBe(0);
    expect(later(155)).toBe(1);
    expect(blobs.put(Buffer.from('x'))).toBe(name);
    expect(new FileBlobs(folder).get(name).toString()).toBe('x');
  });
});

describe('small blobs', () => {
  const store = openStore(':memory:');
  const small = store.smallBlobs;
  afterAll(() => store.close());

  it('take no file, and are there for another process', () => {
    const [name, file] = [Buffer.from('row'), randomBytes(9000)].map((bytes) =>
      new FileBlobs(folder, { small }).put(bytes),
    );
    expect([existsSync(path(name!)), existsSync(path(file!))]).toEqual([false, true]);
    const another = new FileBlobs(folder, { small });
    expect([another.size(name!), another.get(name!).toString()]).toEqual([3, 'row']);
    expect([another.size(file!), another.get(file!).length]).toEqual([9000, 9000]);
    expect(another.put(Buffer.from('row'))).toBe(name);
    expect(another.size('0'.repeat(64))).toBeUndefined();
    expect(() => another.get('0'.repeat(64))).toThrow();
  });

  it('from before they had a place of their own are found in their files', () => {
    const name = new FileBlobs(folder).put(Buffer.from('old'));
    const blobs = new FileBlobs(folder, { small });
    expect([blobs.size(name), blobs.get(name).toString()]).toEqual([3, 'old']);
  });

  it('are swept as files are', () => {
    const blobs = new FileBlobs(folder, { small });
    const [kept, dropped] = ['kept', 'dropped'].map((text) => blobs.put(Buffer.from(text)));
    const used = new Set([kept!]);
    expect(blobs.sweep(used, Date.now() + 14 * minute, 15 * minute)).toBe(0);
    expect(blobs.sweep(used, Date.now() + 31 * minute, 15 * minute)).toBeGreaterThan(0);
    expect([blobs.size(kept!), blobs.size(dropped!)]).toEqual([4, undefined]);
  });
});

it('names of blobs are found in records', () => {
  const name = 'ab'.repeat(32);
  expect(blobNames(JSON.stringify({ sha256: name, note: `${name}0`, deep: [{ [name]: 1 }] }))).toEqual([name, name]);
});

it('nothing is stored on a full disk', () => {
  let free = 10 * 1024 ** 3;
  const blobs = new FileBlobs(folder, { free: () => free });
  blobs.put(Buffer.from('a'));
  free = 100 * 1024 * 1024;
  expect(() => blobs.put(Buffer.from('b'))).toThrow('disk of this machine is nearly full');
  blobs.put(Buffer.from('a'));
});

describe('a limit', () => {
  it('counts each blob once, and those from before', () => {
    const inner = new MemoryBlobs();
    const old = inner.put(Buffer.alloc(60));
    const blobs = new LimitedBlobs(inner, 100, () => [old, 'not there']);
    for (let i = 0; i < 3; i++) blobs.put(Buffer.alloc(40, 1));
    expect(() => blobs.put(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'QuotaExceeded', status: 400 }));
    expect(blobs.get(old).length).toBe(60);
  });

  it('gives the space of swept blobs back', () => {
    const files = new FileBlobs(folder);
    const blobs = new LimitedBlobs(files, 20 * 1024 * 1024);
    blobs.put(large());
    const kept = blobs.put(large());
    expect(() => blobs.put(large())).toThrow('at most 20 MB');
    files.sweep(new Set([kept]), Date.now() + minute, 0);
    blobs.put(large());
    expect(() => blobs.put(large())).toThrow('at most 20 MB');
  });

  it('is told to clients of S3, and leaves nothing half-written', async () => {
    const { cloud } = createTestCloud({ blobs: new LimitedBlobs(new MemoryBlobs(), 1024 * 1024) });
    const s3 = client(S3Client, cloud);
    await s3.send(new CreateBucketCommand({ Bucket: 'small-disk' }));
    const put = (Key: string, size: number) =>
      s3.send(new PutObjectCommand({ Bucket: 'small-disk', Key, Body: randomBytes(size) }));
    await put('a', 600_000);
    await expect(put('b', 600_000)).rejects.toMatchObject({
      name: 'QuotaExceeded',
      message: expect.stringContaining('at most 1 MB'),
      $metadata: { httpStatusCode: 400 },
    });
    await put('c', 100_000);
  });
});
