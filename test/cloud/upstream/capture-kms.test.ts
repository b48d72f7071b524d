import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListAliasesCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { aliases, type KeyRecord, keys } from '../../../server/cloud/services/kms/keys-store.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { capturedKms } from '../../../server/cloud/upstream/capture/kms.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { makeKms } from './accounts/kms.ts';
import { loaded, sourceOf } from './kit.ts';
import { captureAgain, copyOf, ownRecords, removed, roundtrip } from './roundtrip.ts';

const kmsOnly = new Set(['kms']);
const tables = new Set(capturedKms.tables.map(({ name }) => name));
const scope = { account: OWN, region: 'us-east-1' };

async function account(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  await makeKms(sourceOf(cloud).source.client, OWN);
  return cloud;
}

/** Without what no call tells: key material, the names of materials of HMAC keys, grant tokens. */
function told({ value, ...change }: Change): Change {
  const { materials, token: _, ...rest } = value as Partial<KeyRecord> & { token?: string };
  const shown = materials?.map(({ bytes: _bytes, id, ...material }) => ({
    ...material,
    ...(rest.usage === 'ENCRYPT_DECRYPT' ? { id } : {}),
  }));
  return { ...change, value: shown ? { ...rest, materials: shown } : rest };
}

describe('KMS captured', () => {
  let cloud: Cloud;
  let found: Change[];
  beforeAll(async () => {
    cloud = await account();
    ({ found } = await roundtrip(cloud, kmsOnly));
  });

  it('holds the records of the account, but for what no call tells', () => {
    expect(found.map(told)).toEqual(ownRecords(cloud, tables).map(told));
  });

  it('makes up key material of the right length, another for each key', () => {
    const materials = found
      .filter(({ table }) => table === 'kms.keys')
      .map(({ value }) => (value as KeyRecord).materials.map(({ bytes }) => bytes));
    expect(new Set(materials.flat()).size).toBe(materials.flat().length);
    const lengths = materials.flat().map((bytes) => Buffer.from(bytes, 'base64').length);
    expect([...new Set(lengths)].sort()).toEqual([32, 48]);
  });

  it('keeps the material that the mirror has: what was encrypted stays readable, also after a rotation', async () => {
    const known = copyOf(cloud);
    const kms = sourceOf(known).source.client(KMSClient);
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: 'alias/orders', Plaintext: Buffer.from('four') }),
    );
    const before = known.state.list(keys, scope);
    const endpoint = copyOf(known);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/orders' }));
    await sourceOf(endpoint)
      .source.client(KMSClient)
      .send(new RotateKeyOnDemandCommand({ KeyId: KeyMetadata!.KeyId }));
    const copy = loaded(known, (await captureAgain(endpoint, known, kmsOnly)).found, kmsOnly);
    for (const { id, value } of before)
      expect(copy.state.get(keys, scope, id)!.materials.slice(0, value.materials.length)).toEqual(value.materials);
    expect(copy.state.get(keys, scope, KeyMetadata!.KeyId!)!.materials).toHaveLength(3);
    const { Plaintext } = await sourceOf(copy).source.client(KMSClient).send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext!).toString()).toBe('four');
  });

  it('keeps AWS managed keys that only the mirror has', async () => {
    const { cloud: endpoint } = createTestCloud({ seed: 'other' });
    const { found: others } = await captureAgain(endpoint, cloud, kmsOnly);
    const managed = cloud.state.get(aliases, scope, 'alias/aws/secretsmanager')!;
    expect(others.map(({ id }) => id).sort()).toEqual(['alias/aws/secretsmanager', managed.keyId].sort());
    expect(others.find(({ id }) => id === managed.keyId)!.value).toEqual(cloud.state.get(keys, scope, managed.keyId));
  });

  it('sees a key with a policy that AWS would have refused as unread', async () => {
    const broken = copyOf(cloud);
    const { id, value } = broken.state.list(keys, scope).find((key) => key.value.description === 'Orders')!;
    const policy = { ...value.policy, text: '{}' };
    broken.transact((state) => state.put(keys, scope, id, { ...value, policy }));
    expect((await captureAgain(broken, broken, kmsOnly)).unread).toMatchObject([{ what: `the policy of key ${id}` }]);
  });

  it('is empty but for AWS managed keys after removal, and so is a second one', async () => {
    const emptied = await account();
    for (let time = 0; time < 2; time++) {
      const left = await removed(emptied, kmsOnly);
      expect(left.map(({ value }) => (value as Partial<KeyRecord>).manager ?? 'alias')).toEqual(['AWS', 'alias']);
    }
    const { Aliases } = await sourceOf(emptied).source.client(KMSClient).send(new ListAliasesCommand({}));
    expect(Aliases!.filter(({ AliasName }) => !AliasName!.startsWith('alias/aws/'))).toEqual([]);
  });
});
