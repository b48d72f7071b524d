import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { person } from './people.ts';

const DAY = 86_400_000;
const text = (value: string): Uint8Array => Buffer.from(value);

function start() {
  const { cloud, clock } = createTestCloud();
  return { cloud, clock, kms: client(KMSClient, cloud) };
}

describe('keys', () => {
  it('are created, described, listed, disabled, enabled and described anew', async () => {
    const { kms } = start();
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Description: 'orders', Tags: [{ TagKey: 'team', TagValue: 'a' }] }),
    );
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: OWN,
      Enabled: true,
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      Description: 'orders',
    });
    expect(KeyMetadata!.Arn).toBe(`arn:aws:kms:${REGION}:${OWN}:key/${KeyMetadata!.KeyId}`);
    const KeyId = KeyMetadata!.KeyId!;
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'invoices' }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect((await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.Arn }))).KeyMetadata).toMatchObject({
      Description: 'invoices',
      KeyState: 'Disabled',
    });
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }))).rejects.toMatchObject({
      name: 'DisabledException',
      message: `${KeyMetadata!.Arn} is disabled.`,
    });
    await kms.send(new EnableKeyCommand({ KeyId }));
    await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    expect((await kms.send(new ListKeysCommand({}))).Keys).toEqual([{ KeyId, KeyArn: KeyMetadata!.Arn }]);
  });

  it('are given in pages', async () => {
    const { kms } = start();
    for (let i = 0; i < 3; i++) await kms.send(new CreateKeyCommand({}));
    const first = await kms.send(new ListKeysCommand({ Limit: 2 }));
    expect(first).toMatchObject({ Truncated: true });
    const second = await kms.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
    expect(new Set([...first.Keys!, ...second.Keys!].map(({ KeyId }) => KeyId)).size).toBe(3);
    expect(second.Truncated).toBe(false);
  });

  it('wait for their deletion, and are gone after it', async () => {
    const { kms, cloud, clock } = start();
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    await expect(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 3 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }))).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
    });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!.KeyState).toBe('Disabled');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    clock.advance(7 * DAY + 1);
    // Not over the wire: a client's signature is of the machine's time.
    await expect(cloud.call(root(), 'kms', 'DescribeKey', { KeyId })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it("are not found by AWS's words", async () => {
    const { kms } = start();
    const KeyId = '11111111-2222-4333-8444-555555555555';
    await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
      name: 'NotFoundException',
      message: `Key 'arn:aws:kms:${REGION}:${OWN}:key/${KeyId}' does not exist`,
    });
    await expect(kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' }))).rejects.toMatchObject({
      name: 'NotFoundException',
      message: `Alias arn:aws:kms:${REGION}:${OWN}:alias/none is not found.`,
    });
    await expect(kms.send(new DescribeKeyCommand({ KeyId: 'nonsense' }))).rejects.toMatchObject({
      message: "Invalid keyId 'nonsense'",
    });
  });

  it('carry tags', async () => {
    const { kms } = start();
    const KeyId = (await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: 'a', TagValue: '1' }] }))).KeyMetadata!
      .KeyId!;
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'b', TagValue: '2' }] }));
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['a'] }));
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([{ TagKey: 'b', TagValue: '2' }]);
    await expect(
      kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'aws:x', TagValue: '2' }] })),
    ).rejects.toMatchObject({ name: 'TagException' });
  });
});

describe('aliases', () => {
  it('name a key, and can be moved to another', async () => {
    const { kms } = start();
    const [first, second] = [await kms.send(new CreateKeyCommand({})), await kms.send(new CreateKeyCommand({}))].map(
      ({ KeyMetadata }) => KeyMetadata!.KeyId!,
    );
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: first }));
    expect((await kms.send(new DescribeKeyCommand({ KeyId: 'alias/orders' }))).KeyMetadata!.KeyId).toBe(first);
    await kms.send(new UpdateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: second }));
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: second }));
    expect(Aliases).toMatchObject([{ AliasName: 'alias/orders', TargetKeyId: second }]);
    await expect(
      kms.send(new CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: first })),
    ).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await expect(
      kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/mine', TargetKeyId: first })),
    ).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/orders' }));
    await expect(kms.send(new DescribeKeyCommand({ KeyId: 'alias/orders' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it('of managed keys are listed before the key exists, and DescribeKey makes it', async () => {
    const { kms } = start();
    const before = (await kms.send(new ListAliasesCommand({}))).Aliases!.find(
      ({ AliasName }) => AliasName === 'alias/aws/ssm',
    );
    expect(before).toEqual({ AliasName: 'alias/aws/ssm', AliasArn: `arn:aws:kms:${REGION}:${OWN}:alias/aws/ssm` });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }));
    expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', Enabled: true });
    await expect(kms.send(new DisableKeyCommand({ KeyId: KeyMetadata!.KeyId }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

describe('key policies', () => {
  const only = (arn: string, actions: string | string[]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: arn }, Action: actions, Resource: '*' }],
    });

  it('must allow what IAM policies allow', async () => {
    const { cloud, kms } = start();
    const ann = person(cloud, 'ann', [{ Action: 'kms:*', Resource: '*' }]);
    const annsKms = client(KMSClient, cloud, ann.credentials);
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    await annsKms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    await kms.send(
      new PutKeyPolicyCommand({
        KeyId,
        Policy: only(`arn:aws:iam::${OWN}:user/bob`, 'kms:*'),
        BypassPolicyLockoutSafetyCheck: true,
      }),
    );
    await expect(annsKms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are enough for whom they name', async () => {
    const { cloud, kms } = start();
    const eve = person(cloud, 'eve', []);
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    const evesKms = client(KMSClient, cloud, eve.credentials);
    await expect(evesKms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OWN}:root` }, Action: 'kms:*', Resource: '*' },
        { Effect: 'Allow', Principal: { AWS: eve.arn }, Action: 'kms:Encrypt', Resource: '*' },
      ],
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    expect((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy).toBe(Policy);
    await evesKms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    expect((await kms.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames).toEqual(['default']);
  });

  it('that lock their author out, or are none, are refused', async () => {
    const { kms } = start();
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    await expect(
      kms.send(new PutKeyPolicyCommand({ KeyId, Policy: only(`arn:aws:iam::${OWN}:user/bob`, 'kms:*') })),
    ).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
    await expect(kms.send(new PutKeyPolicyCommand({ KeyId, Policy: '{"Statement": 1}' }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    await expect(
      kms.send(new CreateKeyCommand({ Policy: only(`arn:aws:iam::${OWN}:user/bob`, 'kms:*') })),
    ).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  });
});

describe('rotation', () => {
  it('is switched on and off, and happens on demand and in time', async () => {
    const { kms, cloud, clock } = start();
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
    });
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    clock.advance(91 * DAY);
    await cloud.call(root(), 'kms', 'Encrypt', { KeyId, Plaintext: text('x') });
    const { Rotations } = await cloud.call<{ Rotations: unknown[] }>(root(), 'kms', 'ListKeyRotations', { KeyId });
    expect(Rotations).toMatchObject([
      { RotationType: 'ON_DEMAND' },
      { RotationType: 'AUTOMATIC', KeyMaterialState: 'CURRENT' },
    ]);
  });

  it('is off at first', async () => {
    const { kms } = start();
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: false });
    await kms.send(new EnableKeyRotationCommand({ KeyId }));
    await kms.send(new DisableKeyRotationCommand({ KeyId }));
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: false });
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toEqual([]);
  });
});
