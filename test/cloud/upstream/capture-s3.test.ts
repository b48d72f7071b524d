import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { captureAccount, changesTo } from '../../../server/cloud/upstream/capture.ts';
import { removeAccount } from '../../../server/cloud/upstream/remove.ts';
import { createTestCloud, REGION } from '../test-cloud.ts';
import { writeBuckets } from './accounts/s3.ts';
import { recordsOf, writerOf } from './accounts/step.ts';
import { capture, inOrder, loaded, sourceOf } from './kit.ts';

const only = new Set(['s3']);
const withKeys = new Set(['s3', 'kms']);

/**
 * What no read tells: the encrypted data keys of objects, which the mirror makes anew; the ACL of the owner alone, which is
 * what everything has that was given none.
 */
function comparable(changes: readonly Change[]): Change[] {
  const ofS3 = changes.filter(({ table }) => table.startsWith('s3.'));
  const text = JSON.stringify(inOrder(ofS3))
    .replaceAll(/"dataKey":"[^"]+"/g, '"dataKey":"…"')
    .replaceAll(',"acl":[{"to":"owner","permission":"FULL_CONTROL"}]', '');
  return JSON.parse(text) as Change[];
}

describe('buckets captured by read calls', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    ({ cloud } = createTestCloud());
    await writeBuckets(writerOf(cloud), cloud.account().id, REGION);
  });

  test('are the records that the cloud has, objects and older versions with them', async () => {
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 's3')));
    expect(new Set(found.map(({ table }) => table))).toEqual(new Set(['s3.buckets', 's3.objects', 's3.versions']));
  });

  test('are the same when captured of what was captured', async () => {
    const { found } = await capture(cloud, withKeys);
    const again = await capture(loaded(cloud, found, withKeys), withKeys);
    expect(again.unread).toEqual([]);
    expect(comparable(again.found)).toEqual(comparable(found));
  });

  test('let those read an encrypted object who may use its key', async () => {
    const { found } = await capture(cloud, withKeys);
    const mirror = loaded(cloud, found, withKeys);
    const answer = await writerOf(mirror)
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: `plain-${cloud.account().id}`, Key: 'sealed' }));
    expect(await answer.Body!.transformToString()).toBe('body of sealed');
  });

  test('change nothing where the mirror knew them, and no body is fetched again', async () => {
    const { source } = sourceOf(cloud);
    const before = cloud.calls.list().length;
    const found = await captureAccount(source, { was: cloud.state, blobs: cloud.blobs, services: only, data: true });
    const made = cloud.calls.list().slice(before);
    expect(made.map(({ eventName }) => eventName)).toContain('HeadObject');
    expect(made.map(({ eventName }) => eventName)).not.toContain('GetObject');
    const at = cloud.scope(cloud.account().id);
    expect(comparable(changesTo(cloud.state, at, found, { services: only, data: true }))).toEqual([]);
  });

  test('lose the objects that are gone', async () => {
    const { found } = await capture(cloud, only);
    const mirror = loaded(cloud, found, only);
    const Bucket = `plain-${cloud.account().id}`;
    await writerOf(mirror)
      .client(S3Client)
      .send(new PutObjectCommand({ Bucket, Key: 'later', Body: 'x' }));
    expect(comparable(recordsOf(loaded(mirror, found, only), 's3'))).toEqual(comparable(found));
  });

  test('and nothing is left after removal', async () => {
    const { cloud: other } = createTestCloud({ seed: 'removal' });
    await writeBuckets(writerOf(other), other.account().id, REGION);
    expect(await removeAccount(sourceOf(other).source, only)).toBe(0);
    expect((await capture(other, only)).found).toEqual([]);
  });
});
