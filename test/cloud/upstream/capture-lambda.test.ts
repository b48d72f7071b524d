import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { captureAccount } from '../../../server/cloud/upstream/capture.ts';
import { download } from '../../../server/cloud/upstream/download.ts';
import { removeAccount } from '../../../server/cloud/upstream/remove.ts';
import { createTestCloud, REGION } from '../test-cloud.ts';
import { handler, writeFunctions } from './accounts/lambda.ts';
import { recordsOf, writerOf } from './accounts/step.ts';
import { capture, inOrder, loaded, sourceOf } from './kit.ts';

const only = new Set(['lambda']);

/**
 * What no read tells: the proof that lies beside variables under a key is a ciphertext of the mirror's own, and what a
 * mapping's last poll brought is not in the embedded answers.
 */
function comparable(changes: readonly Change[]): Change[] {
  const text = JSON.stringify(inOrder(changes)).replaceAll(/"proof":"[^"]+"/g, '"proof":"…"');
  return JSON.parse(text) as Change[];
}

describe('functions captured by read calls', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    ({ cloud } = createTestCloud());
    await writeFunctions(writerOf(cloud), cloud.account().id, REGION);
  });

  test('are the records that the cloud has', async () => {
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 'lambda')));
    expect(new Set(found.map(({ table }) => table)).size).toBe(12);
  });

  test('are the same, letter for letter, where the mirror knew them, and no code is fetched again', async () => {
    const { source, unread } = sourceOf(cloud);
    const unreadable = { ...cloud.blobs, put: () => expect.unreachable(), size: cloud.blobs.size.bind(cloud.blobs) };
    const again = await captureAccount(source, { was: cloud.state, blobs: unreadable, services: only, data: true });
    expect(unread).toEqual([]);
    expect(JSON.stringify(inOrder(again))).toBe(JSON.stringify(inOrder(recordsOf(cloud, 'lambda'))));
  });

  test('keep what an endpoint takes and does not give back', async () => {
    const dropped = JSON.parse(
      JSON.stringify(recordsOf(cloud, 'lambda'))
        .replaceAll(/"kmsKeyArn":"[^"]+",/g, '')
        .replaceAll(/,"codeSigningConfigArn":"[^"]+"/g, '')
        .replaceAll(/,"proof":"[^"]+"/g, '')
        .replaceAll(',"Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}', ''),
    ) as Change[];
    expect(dropped).not.toEqual(recordsOf(cloud, 'lambda'));
    const { source } = sourceOf(loaded(cloud, dropped, only));
    const options = { was: cloud.state, blobs: cloud.blobs, services: only, data: true };
    expect(inOrder(await captureAccount(source, options))).toEqual(inOrder(recordsOf(cloud, 'lambda')));
  });

  test('run the bytes that were uploaded', async () => {
    const { found } = await capture(cloud, only);
    const mirror = loaded(cloud, found, only);
    const { Code } = await writerOf(mirror)
      .client(LambdaClient)
      .send(new GetFunctionCommand({ FunctionName: 'full', Qualifier: '1' }));
    const bytes = await download(writerOf(mirror).client(LambdaClient), Code!.Location!);
    expect(unzipSync(bytes)['index.mjs']!.toString()).toBe(strToU8(handler('first')).toString());
  });

  test('and nothing is left after removal', async () => {
    const { cloud: other } = createTestCloud({ seed: 'removal' });
    await writeFunctions(writerOf(other), other.account().id, REGION);
    expect(await removeAccount(sourceOf(other).source, only)).toBe(0);
    expect((await capture(other, only)).found).toEqual([]);
  });
});
