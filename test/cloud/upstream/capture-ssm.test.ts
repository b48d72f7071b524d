import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { keys } from '../../../server/cloud/services/kms/keys-store.ts';
import type { VersionRecord } from '../../../server/cloud/services/ssm/store.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { capturedSsm } from '../../../server/cloud/upstream/capture/ssm.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { makeSsm } from './accounts/ssm.ts';
import { loaded, sourceOf } from './kit.ts';
import { captureAgain, copyOf, ownRecords, removed, roundtrip } from './roundtrip.ts';

const services = new Set(['ssm', 'kms']);
const tables = new Set(capturedSsm.tables.map(({ name }) => name));
const scope = { account: OWN, region: 'us-east-1' };

async function account(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  await makeSsm(sourceOf(cloud).source.client, OWN);
  return cloud;
}

/** Without ciphertexts. */
function told({ value, ...change }: Change): Change {
  const version = value as VersionRecord;
  if (version.type !== 'SecureString') return { ...change, value };
  const { value: _, envelope, ...rest } = version;
  return { ...change, value: { ...rest, ...(envelope ? { envelope: true } : {}) } };
}

async function read(cloud: Cloud, Name: string): Promise<string> {
  const ssm = sourceOf(cloud).source.client(SSMClient);
  return (await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter!.Value!;
}

describe('Parameter Store captured', () => {
  let cloud: Cloud;
  let found: Change[];
  let copy: Cloud;
  beforeAll(async () => {
    cloud = await account();
    ({ found, copy } = await roundtrip(cloud, services));
  });

  it('holds the records of the account, but for ciphertexts', () => {
    expect(found.filter(({ table }) => tables.has(table)).map(told)).toEqual(ownRecords(cloud, tables).map(told));
  });

  it('gives each version its value, under the key that it was put with', async () => {
    expect(await read(copy, '/shop/password')).toBe('second');
    expect(await read(copy, '/shop/password:1')).toBe('first é');
    expect(await read(copy, '/shop/certificate')).toBe('x'.repeat(5000));
    expect(await read(copy, '/shop/mode:safe')).toBe('test');
    const key = copy.state.list(keys, scope).find(({ value }) => value.description === 'Parameters')!;
    const kms = sourceOf(copy).source.client(KMSClient);
    await kms.send(new DisableKeyCommand({ KeyId: key.id }));
    await expect(read(copy, '/shop/password')).rejects.toThrow();
    await expect(read(copy, '/shop/certificate')).rejects.toThrow();
    expect(await read(copy, '/shop/password:1')).toBe('first é');
  });

  it('keeps the ciphertexts that the mirror knows where a key cannot be used', async () => {
    const endpoint = copyOf(cloud);
    const key = endpoint.state.list(keys, scope).find(({ value }) => value.description === 'Parameters')!;
    const kms = sourceOf(endpoint).source.client(KMSClient);
    await kms.send(new DisableKeyCommand({ KeyId: key.id }));
    const again = await captureAgain(endpoint, cloud, services);
    expect(again.unread).toEqual([]);
    const mirror = loaded(cloud, again.found, services);
    await sourceOf(mirror)
      .source.client(KMSClient)
      .send(new EnableKeyCommand({ KeyId: key.id }));
    expect(await read(mirror, '/shop/password')).toBe('second');
    expect(await read(mirror, '/shop/certificate')).toBe('x'.repeat(5000));
  });

  it('is empty after removal', async () => {
    const left = await removed(await account(), services);
    expect(left.filter(({ table }) => tables.has(table))).toEqual([]);
  });
});
