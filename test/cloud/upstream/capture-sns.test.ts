import { beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { captureAccount, changesTo } from '../../../server/cloud/upstream/capture.ts';
import { removeAccount } from '../../../server/cloud/upstream/remove.ts';
import { createTestCloud, REGION } from '../test-cloud.ts';
import { subscribeByMail, writeTopics } from './accounts/sns.ts';
import { recordsOf, writerOf } from './accounts/step.ts';
import { capture, inOrder, loaded, sourceOf } from './kit.ts';

const only = new Set(['sns']);

/** No call tells when a topic or subscription was made, nor the token of a confirmation. */
function comparable(changes: readonly Change[]): Change[] {
  const text = JSON.stringify(inOrder(changes))
    .replaceAll(/"created":\d+/g, '"created":0')
    .replaceAll(/"token":"[0-9a-f]{256}"/g, '"token":"…"');
  return JSON.parse(text) as Change[];
}

describe('topics captured by read calls', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    ({ cloud } = createTestCloud());
    await writeTopics(writerOf(cloud), cloud.account().id, REGION);
  });

  test('are the records that the cloud has', async () => {
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 'sns')));
    expect(found).toHaveLength(7);
  });

  test('are the same when captured of what was captured', async () => {
    const { found } = await capture(cloud, only);
    expect(inOrder((await capture(loaded(cloud, found, only), only)).found)).toEqual(inOrder(found));
  });

  test('change nothing where the mirror knew them, a subscription that waits for its confirmation included', async () => {
    const { cloud: other } = createTestCloud({ seed: 'mail' });
    await writeTopics(writerOf(other), other.account().id, REGION);
    await subscribeByMail(writerOf(other), other.account().id, REGION);
    const { source, unread } = sourceOf(other);
    const options = { blobs: other.blobs, services: only, data: true };
    const found = await captureAccount(source, { was: other.state, ...options });
    expect(unread).toEqual([]);
    expect(changesTo(other.state, other.scope(other.account().id), found, options)).toEqual([]);
    expect((await capture(other, only)).unread.map(({ what }) => what)).toEqual([
      `a subscription of arn:aws:sns:${REGION}:${other.account().id}:plain`,
    ]);
  });

  test('and nothing is left after removal', async () => {
    const { cloud: other } = createTestCloud({ seed: 'removal' });
    await writeTopics(writerOf(other), other.account().id, REGION);
    expect(await removeAccount(sourceOf(other).source, only)).toBe(0);
    expect((await capture(other, only)).found).toEqual([]);
  });
});
