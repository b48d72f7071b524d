import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { client, createTestCloud, OWN, PARTNER, root } from '../../test-cloud.ts';
import { person, roleSession } from './people.ts';

const text = (value: string): Uint8Array => Buffer.from(value);

async function start() {
  const { cloud } = createTestCloud();
  const kms = client(KMSClient, cloud);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return { cloud, kms, KeyId: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
}

describe('encryption', () => {
  it('is undone with the same encryption context, and with no other', async () => {
    const { kms, KeyId, arn } = await start();
    const EncryptionContext = { tenant: 'a', purpose: 'invoice' };
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: text('hello'), EncryptionContext }),
    );
    const back = await kms.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { purpose: 'invoice', tenant: 'a' } }),
    );
    expect(Buffer.from(back.Plaintext!).toString()).toBe('hello');
    expect(back).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    for (const other of [undefined, { tenant: 'b', purpose: 'invoice' }])
      await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: other }))).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    const changed = Buffer.from(CiphertextBlob!);
    changed[changed.length - 1]! ^= 1;
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: changed, EncryptionContext }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: text('no blob') }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  it('refuses a key that did not make the blob', async () => {
    const { kms, KeyId } = await start();
    const other = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('hello') }));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other }))).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
    const moved = await kms.send(
      new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: other, DestinationEncryptionContext: { a: 'b' } }),
    );
    expect(
      (
        await kms.send(
          new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, KeyId: other, EncryptionContext: { a: 'b' } }),
        )
      ).Plaintext,
    ).toEqual(new Uint8Array(text('hello')));
  });

  it('takes no more than 4096 bytes', async () => {
    const { kms, KeyId } = await start();
    await kms.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(4096) }));
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(4097) }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('gives data keys, with and without their plain form, and random bytes', async () => {
    const { kms, KeyId } = await start();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/data', TargetKeyId: KeyId }));
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: 'alias/data', KeySpec: 'AES_256' }));
    expect(made.Plaintext).toHaveLength(32);
    expect((await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))).Plaintext).toEqual(
      made.Plaintext,
    );
    const hidden = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 64 }));
    expect(hidden).not.toHaveProperty('Plaintext');
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId }))).rejects.toMatchObject({
      message: 'Please specify either number of bytes or key spec.',
    });
    expect((await kms.send(new GenerateRandomCommand({ NumberOfBytes: 12 }))).Plaintext).toHaveLength(12);
  });

  it('makes and verifies MACs', async () => {
    const { kms, KeyId } = await start();
    const hmac = (await kms.send(new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })))
      .KeyMetadata!.KeyId!;
    const { Mac } = await kms.send(
      new GenerateMacCommand({ KeyId: hmac, MacAlgorithm: 'HMAC_SHA_256', Message: text('m') }),
    );
    expect(
      (await kms.send(new VerifyMacCommand({ KeyId: hmac, MacAlgorithm: 'HMAC_SHA_256', Message: text('m'), Mac })))
        .MacValid,
    ).toBe(true);
    await expect(
      kms.send(new VerifyMacCommand({ KeyId: hmac, MacAlgorithm: 'HMAC_SHA_256', Message: text('n'), Mac })),
    ).rejects.toMatchObject({ name: 'KMSInvalidMacException' });
    await expect(
      kms.send(new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: text('m') })),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  it("across accounts needs the key policy and the caller's own policy", async () => {
    const { cloud, kms, KeyId, arn } = await start();
    const { caller } = person(cloud, 'pat', [{ Action: 'kms:Encrypt', Resource: '*' }], PARTNER);
    const encrypt = () => cloud.call(caller, 'kms', 'Encrypt', { KeyId: arn, Plaintext: text('x') });
    await expect(encrypt()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [OWN, PARTNER].map((account) => ({
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      })),
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await encrypt();
    await expect(cloud.call(root(PARTNER), 'kms', 'DisableKey', { KeyId: arn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('is decided by the encryption context too', async () => {
    const { cloud, KeyId } = await start();
    const { caller } = person(cloud, 'ann', [
      { Action: 'kms:Encrypt', Resource: '*', Condition: { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } } },
    ]);
    await cloud.call(caller, 'kms', 'Encrypt', { KeyId, Plaintext: text('x'), EncryptionContext: { tenant: 'a' } });
    await expect(
      cloud.call(caller, 'kms', 'Encrypt', { KeyId, Plaintext: text('x'), EncryptionContext: { tenant: 'b' } }),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('grants', () => {
  it('allow their operations to their grantee, within their constraints, until revoked', async () => {
    const { cloud, kms, KeyId, arn } = await start();
    const worker = roleSession(cloud, 'worker', []);
    const EncryptionContext = { job: '7' };
    const decrypt = (blob: Uint8Array, context?: object) =>
      cloud.call(worker, 'kms', 'Decrypt', { CiphertextBlob: blob, EncryptionContext: context });
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x'), EncryptionContext }));
    const other = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x'), EncryptionContext: { job: '8' } }));
    await expect(decrypt(CiphertextBlob!, EncryptionContext)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const { GrantId, GrantToken } = await kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: worker.principal.roleArn,
        Operations: ['Decrypt', 'DescribeKey'],
        Name: 'jobs',
        Constraints: { EncryptionContextSubset: EncryptionContext },
      }),
    );
    expect(GrantToken).toMatch(/^[\w-]{100,}$/);
    await decrypt(CiphertextBlob!, EncryptionContext);
    await cloud.call(worker, 'kms', 'DescribeKey', { KeyId });
    await expect(decrypt(other.CiphertextBlob!, { job: '8' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      cloud.call(worker, 'kms', 'Encrypt', { KeyId, Plaintext: text('x'), EncryptionContext }),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await kms.send(new ListGrantsCommand({ KeyId }))).Grants).toMatchObject([
      {
        GrantId,
        KeyId: arn,
        Operations: ['Decrypt', 'DescribeKey'],
        Constraints: { EncryptionContextSubset: EncryptionContext },
      },
    ]);
    await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
    await expect(decrypt(CiphertextBlob!, EncryptionContext)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('with equal constraints take exactly their context', async () => {
    const { cloud, kms, KeyId } = await start();
    const worker = roleSession(cloud, 'worker', []);
    await kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: worker.principal.roleArn,
        Operations: ['Encrypt'],
        Constraints: { EncryptionContextEquals: { a: '1' } },
      }),
    );
    const encrypt = (EncryptionContext: object) =>
      cloud.call(worker, 'kms', 'Encrypt', { KeyId, Plaintext: text('x'), EncryptionContext });
    await encrypt({ a: '1' });
    await expect(encrypt({ a: '1', b: '2' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are retired by whom they name, and by nobody else', async () => {
    const { cloud, kms, KeyId } = await start();
    const worker = roleSession(cloud, 'worker', []);
    const janitor = person(cloud, 'janitor', []);
    const { GrantToken } = await kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: worker.principal.roleArn,
        RetiringPrincipal: janitor.arn,
        Operations: ['Decrypt'],
      }),
    );
    const listed = await kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: janitor.arn }));
    expect(listed.Grants).toHaveLength(1);
    await expect(cloud.call(worker, 'kms', 'RetireGrant', { GrantToken })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await client(KMSClient, cloud, janitor.credentials).send(new RetireGrantCommand({ GrantToken }));
    expect((await kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
  });
});
