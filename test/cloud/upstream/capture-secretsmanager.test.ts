import { DisableKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, RestoreSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { aliases, keys } from '../../../server/cloud/services/kms/keys-store.ts';
import { type SecretRecord, secrets, type ValueRecord } from '../../../server/cloud/services/secretsmanager/store.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { capturedSecretsManager } from '../../../server/cloud/upstream/capture/secretsmanager.ts';
import { captureAccount } from '../../../server/cloud/upstream/capture.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { makeSecretsManager } from './accounts/secretsmanager.ts';
import { loaded, sourceOf } from './kit.ts';
import { captureAgain, ownRecords, removed, roundtrip } from './roundtrip.ts';

const services = new Set(['secretsmanager', 'kms']);
const onlySecrets = new Set(['secretsmanager']);
const tables = new Set(capturedSecretsManager.tables.map(({ name }) => name));
const scope = { account: OWN, region: 'us-east-1' };

const clientOf = (cloud: Cloud) => sourceOf(cloud).source.client(SecretsManagerClient);

async function account(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  await makeSecretsManager(sourceOf(cloud).source.client, OWN);
  const secret = cloud.state.get(secrets, scope, 'binary')!;
  const rotation = {
    enabled: true,
    lambdaArn: `arn:aws:lambda:us-east-1:${OWN}:function:rotate`,
    rules: { AutomaticallyAfterDays: 30, Duration: '2h' },
    lastRotated: secret.created,
    next: secret.created + 30 * 86_400_000,
  };
  const owned = {
    ...secret,
    name: 'rds!cluster',
    arn: secret.arn.replace('binary', 'rds!cluster'),
    owningService: 'rds',
  };
  cloud.transact((state) => {
    state.put(secrets, scope, 'binary', { ...secret, rotation });
    state.put(secrets, scope, 'rds!cluster', { ...owned, versions: {} });
  });
  return cloud;
}

/** Without the ciphertexts, and without when a value was last read. */
function told({ value, ...change }: Change): Change {
  if (change.table === 'secretsmanager.values') {
    const { kind, digest, iv } = value as ValueRecord;
    return { ...change, value: { kind, digest, iv } };
  }
  const { lastAccessed: _, versions, ...rest } = value as SecretRecord;
  const shown = Object.entries(versions).map(([id, { lastAccessed: __, ...version }]) => [id, version]);
  return { ...change, value: { ...rest, versions: Object.fromEntries(shown) } };
}

describe('Secrets Manager captured', () => {
  let cloud: Cloud;
  let found: Change[];
  let copy: Cloud;
  let own: Change[];
  beforeAll(async () => {
    cloud = await account();
    own = ownRecords(cloud, tables);
    ({ found, copy } = await roundtrip(cloud, services));
  });

  it('holds the records of the account, but for ciphertexts and times of access', () => {
    const shown = found.filter(({ table }) => tables.has(table)).map(told);
    // The value of a secret that is marked for deletion nobody can read.
    const going = ({ table, id }: Change) => table === 'secretsmanager.values' && id.includes(':secret:going-');
    const expected = own.filter((change) => !going(change)).map(told);
    for (const { id, value } of expected)
      if (id === 'going')
        for (const version of Object.values((value as SecretRecord).versions)) delete version.kmsKeyId;
    expect(shown).toEqual(expected);
  });

  it('gives each version its value, under the key of the secret', async () => {
    const read = async (SecretId: string, VersionStage?: string) => {
      const { SecretString, SecretBinary } = await clientOf(copy).send(
        new GetSecretValueCommand({ SecretId, VersionStage }),
      );
      return SecretString === undefined ? [...SecretBinary!] : JSON.parse(SecretString).password;
    };
    expect(await read('shop/database')).toBe('fourth');
    expect(await read('shop/database', 'AWSPREVIOUS')).toBe('second');
    expect(await read('shop/database', 'blue')).toBe('third');
    expect(await read('binary')).toEqual([0, 255, 10, 128]);
    const key = copy.state.list(keys, scope).find(({ value }) => value.description === 'Secrets')!;
    await sourceOf(copy)
      .source.client(KMSClient)
      .send(new DisableKeyCommand({ KeyId: key.id }));
    await expect(read('shop/database')).rejects.toThrow();
    expect(await read('binary')).toEqual([0, 255, 10, 128]);
  });

  it('keeps the values that the mirror knows of a secret that is marked for deletion', async () => {
    const again = loaded(cloud, (await captureAgain(cloud, cloud, services)).found, services);
    await clientOf(again).send(new RestoreSecretCommand({ SecretId: 'going' }));
    const { SecretString } = await clientOf(again).send(new GetSecretValueCommand({ SecretId: 'going' }));
    expect(SecretString).toBe('gone soon');
  });

  it('gives the mirror a key of its own where the endpoint has no AWS managed one', async () => {
    const { source } = sourceOf(cloud);
    const withoutAliases = {
      ...source,
      client: <C>(Client: new (config: never) => C): C =>
        (Client as unknown) === KMSClient
          ? ({
              send: (command: object) =>
                command instanceof ListAliasesCommand
                  ? { Aliases: [] }
                  : source.client(KMSClient).send(command as never),
            } as C)
          : source.client(Client as never),
    };
    const taken = (was: Cloud) =>
      captureAccount(withoutAliases, { was: was.state, blobs: cloud.blobs, services: onlySecrets, data: true });
    const { cloud: empty } = createTestCloud();
    const first = await taken(empty);
    const mirror = loaded(cloud, first, services);
    expect(mirror.state.list(aliases, scope).map(({ id }) => id)).toEqual(['alias/aws/secretsmanager']);
    const { SecretBinary } = await clientOf(mirror).send(new GetSecretValueCommand({ SecretId: 'binary' }));
    expect([...SecretBinary!]).toEqual([0, 255, 10, 128]);
    const managed = ({ table }: Change) => table.startsWith('kms.');
    expect((await taken(mirror)).filter(managed)).toEqual(first.filter(managed));
  });

  it('is empty after removal', async () => {
    const left = await removed(await account(), services);
    expect(left.filter(({ table }) => tables.has(table))).toEqual([]);
  });
});
