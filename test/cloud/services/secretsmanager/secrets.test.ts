import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  ValidateResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { client, createTestCloud, OWN, PARTNER, REGION, root } from '../../test-cloud.ts';
import { person } from '../kms/people.ts';

const TOKEN = 'a'.repeat(32);
const DAY = 86_400_000;

function start() {
  const { cloud, clock } = createTestCloud();
  return { cloud, clock, sm: client(SecretsManagerClient, cloud) };
}

describe('secrets', () => {
  it('are found by name, ARN, and ARN without its last characters', async () => {
    const { sm } = start();
    const made = await sm.send(
      new CreateSecretCommand({
        Name: 'prod/db',
        SecretString: 's3cret',
        Description: 'd',
        Tags: [{ Key: 'a', Value: '1' }],
      }),
    );
    expect(made.ARN).toMatch(new RegExp(`^arn:aws:secretsmanager:${REGION}:${OWN}:secret:prod/db-[A-Za-z0-9]{6}$`));
    for (const SecretId of ['prod/db', made.ARN, made.ARN!.slice(0, -7)])
      expect(await sm.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
        SecretString: 's3cret',
        VersionStages: ['AWSCURRENT'],
        VersionId: made.VersionId,
        Name: 'prod/db',
      });
    expect(await sm.send(new DescribeSecretCommand({ SecretId: 'prod/db' }))).toMatchObject({
      ARN: made.ARN,
      Description: 'd',
      Tags: [{ Key: 'a', Value: '1' }],
      VersionIdsToStages: { [made.VersionId!]: ['AWSCURRENT'] },
    });
    await expect(sm.send(new GetSecretValueCommand({ SecretId: 'prod' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    await expect(sm.send(new CreateSecretCommand({ Name: 'prod/db', SecretString: 'x' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await expect(sm.send(new CreateSecretCommand({ Name: 'a b', SecretString: 'x' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('keep binary values, versions and labels', async () => {
    const { sm } = start();
    const SecretId = (
      await sm.send(new CreateSecretCommand({ Name: 'bin', SecretBinary: new Uint8Array([1, 2, 255]) }))
    ).ARN;
    expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretBinary).toEqual(new Uint8Array([1, 2, 255]));
    const first = (await sm.send(new GetSecretValueCommand({ SecretId }))).VersionId!;
    const second = (
      await sm.send(new PutSecretValueCommand({ SecretId, SecretString: 'two', ClientRequestToken: TOKEN }))
    ).VersionId!;
    expect(second).toBe(TOKEN);
    expect((await sm.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }))).VersionId).toBe(first);
    expect((await sm.send(new GetSecretValueCommand({ SecretId, VersionId: second }))).SecretString).toBe('two');
    await sm.send(new PutSecretValueCommand({ SecretId, SecretString: 'two', ClientRequestToken: TOKEN }));
    await expect(
      sm.send(new PutSecretValueCommand({ SecretId, SecretString: 'three', ClientRequestToken: TOKEN })),
    ).rejects.toMatchObject({ name: 'ResourceExistsException' });
    const third = (
      await sm.send(new PutSecretValueCommand({ SecretId, SecretString: 'three', VersionStages: ['AWSPENDING'] }))
    ).VersionId!;
    expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('two');
    await expect(
      sm.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: third })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await sm.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: third,
        RemoveFromVersionId: second,
      }),
    );
    expect((await sm.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('three');
    const { Versions } = await sm.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(Object.fromEntries(Versions!.map(({ VersionId, VersionStages }) => [VersionId, VersionStages]))).toEqual({
      [first]: [],
      [second]: ['AWSPREVIOUS'],
      [third]: ['AWSPENDING', 'AWSCURRENT'],
    });
    await expect(sm.send(new GetSecretValueCommand({ SecretId, VersionStage: 'NONE' }))).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: NONE",
    });
  });

  it('are updated, tagged, listed with filters and in pages', async () => {
    const { sm } = start();
    for (const Name of ['prod/a', 'prod/b', 'dev/a'])
      await sm.send(new CreateSecretCommand({ Name, SecretString: Name }));
    await sm.send(new UpdateSecretCommand({ SecretId: 'prod/a', SecretString: 'new', Description: 'the first' }));
    expect((await sm.send(new GetSecretValueCommand({ SecretId: 'prod/a' }))).SecretString).toBe('new');
    await sm.send(
      new TagResourceCommand({
        SecretId: 'prod/b',
        Tags: [
          { Key: 'team', Value: 'x' },
          { Key: 'old', Value: 'y' },
        ],
      }),
    );
    await sm.send(new UntagResourceCommand({ SecretId: 'prod/b', TagKeys: ['old'] }));
    const names = async (Key: string, ...Values: string[]) =>
      (
        await sm.send(
          new ListSecretsCommand({ Filters: [{ Key: Key as 'name', Values }], SortBy: 'name', SortOrder: 'asc' }),
        )
      ).SecretList!.map(({ Name }) => Name);
    expect(await names('name', 'prod/')).toEqual(['prod/a', 'prod/b']);
    expect(await names('name', '!prod/')).toEqual(['dev/a']);
    expect(await names('tag-key', 'team')).toEqual(['prod/b']);
    expect(await names('tag-key', 'old')).toEqual([]);
    expect(await names('description', 'FIRST')).toEqual(['prod/a']);
    const first = await sm.send(new ListSecretsCommand({ MaxResults: 2 }));
    const second = await sm.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));
    expect([...first.SecretList!, ...second.SecretList!].map(({ Name }) => Name).sort()).toEqual([
      'dev/a',
      'prod/a',
      'prod/b',
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  it('are marked for deletion, restored, and deleted at once or in the end', async () => {
    const { sm, cloud, clock } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'x' }));
    await expect(sm.send(new DeleteSecretCommand({ SecretId: 's', RecoveryWindowInDays: 3 }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await sm.send(new DeleteSecretCommand({ SecretId: 's', RecoveryWindowInDays: 7 }));
    await expect(sm.send(new GetSecretValueCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'x' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    expect((await sm.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    expect((await sm.send(new ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList).toHaveLength(1);
    await sm.send(new RestoreSecretCommand({ SecretId: 's' }));
    expect((await sm.send(new GetSecretValueCommand({ SecretId: 's' }))).SecretString).toBe('x');
    await sm.send(new DeleteSecretCommand({ SecretId: 's', ForceDeleteWithoutRecovery: true }));
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'y' }));
    await sm.send(new DeleteSecretCommand({ SecretId: 's' }));
    clock.advance(31 * DAY);
    await expect(cloud.call(root(), 'secretsmanager', 'GetSecretValue', { SecretId: 's' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await cloud.call(root(), 'secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'z' });
  });

  it('are read many at once, each by its own right', async () => {
    const { sm, cloud } = start();
    for (const Name of ['a', 'b']) await sm.send(new CreateSecretCommand({ Name, SecretString: Name }));
    const { credentials } = person(cloud, 'ann', [
      { Action: 'secretsmanager:BatchGetSecretValue', Resource: '*' },
      { Action: 'secretsmanager:GetSecretValue', Resource: `arn:aws:secretsmanager:*:*:secret:a-*` },
    ]);
    const answer = await client(SecretsManagerClient, cloud, credentials).send(
      new BatchGetSecretValueCommand({ SecretIdList: ['a', 'b'] }),
    );
    expect(answer.SecretValues).toMatchObject([{ Name: 'a', SecretString: 'a' }]);
    expect(answer.Errors).toMatchObject([{ SecretId: 'b', ErrorCode: 'AccessDeniedException' }]);
  });

  it('come with passwords of every wanted kind of character', async () => {
    const { sm } = start();
    const { RandomPassword } = await sm.send(
      new GetRandomPasswordCommand({ PasswordLength: 20, ExcludePunctuation: true, ExcludeCharacters: 'aeiou' }),
    );
    expect(RandomPassword).toMatch(/^[b-df-hj-np-tv-zA-Z0-9]{20}$/);
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/]) expect(RandomPassword).toMatch(kind);
  });
});

describe('who may read a secret', () => {
  const readsA = {
    Action: 'secretsmanager:GetSecretValue',
    Resource: `arn:aws:secretsmanager:${REGION}:${OWN}:secret:prod/db-??????`,
  };

  it('is decided on its ARN', async () => {
    const { sm, cloud } = start();
    await sm.send(new CreateSecretCommand({ Name: 'prod/db', SecretString: 'x' }));
    await sm.send(new CreateSecretCommand({ Name: 'prod/db-admin', SecretString: 'x' }));
    const { caller } = person(cloud, 'ann', [readsA]);
    await cloud.call(caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'prod/db' });
    await expect(
      cloud.call(caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'prod/db-admin' }),
    ).rejects.toMatchObject({ name: 'AccessDeniedException', status: 400 });
    await expect(cloud.call(caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'nothing' })).rejects.toMatchObject(
      { name: 'AccessDeniedException' },
    );
  });

  it('is decided by its tags and by the version that is asked for', async () => {
    const { sm, cloud } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'x', Tags: [{ Key: 'team', Value: 'a' }] }));
    const mayRead = (name: string, Condition: Record<string, Record<string, string>>, input: object = {}) =>
      cloud.call(
        person(cloud, name, [{ Action: 'secretsmanager:*', Resource: '*', Condition }]).caller,
        'secretsmanager',
        'GetSecretValue',
        { SecretId: 's', ...input },
      );
    await mayRead('ann', { StringEquals: { 'secretsmanager:ResourceTag/team': 'a' } });
    await expect(mayRead('bob', { StringEquals: { 'aws:ResourceTag/team': 'b' } })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await mayRead('cat', { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } });
    await expect(
      mayRead(
        'dan',
        { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } },
        { VersionStage: 'AWSPREVIOUS' },
      ),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('needs the customer key too, and no key right for the default key', async () => {
    const { sm, cloud } = start();
    const { KeyMetadata } = await cloud.call<{ KeyMetadata: { Arn: string; KeyId: string } }>(
      root(),
      'kms',
      'CreateKey',
      {},
    );
    await sm.send(new CreateSecretCommand({ Name: 'default', SecretString: 'x' }));
    await sm.send(new CreateSecretCommand({ Name: 'custom', SecretString: 'x', KmsKeyId: KeyMetadata.KeyId }));
    const read = { Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    const ann = person(cloud, 'ann', [read]);
    const bob = person(cloud, 'bob', [
      read,
      {
        Action: 'kms:Decrypt',
        Resource: KeyMetadata.Arn,
        Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` } },
      },
    ]);
    await cloud.call(ann.caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'default' });
    await expect(
      cloud.call(ann.caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'custom' }),
    ).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'Access to KMS is not allowed' });
    await cloud.call(bob.caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'custom' });
    await cloud.call(root(), 'kms', 'DisableKey', { KeyId: KeyMetadata.KeyId });
    await expect(
      cloud.call(bob.caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'custom' }),
    ).rejects.toMatchObject({ name: 'DecryptionFailure' });
    await cloud.call(root(), 'kms', 'EnableKey', { KeyId: KeyMetadata.KeyId });
    await sm.send(new UpdateSecretCommand({ SecretId: 'default', KmsKeyId: KeyMetadata.Arn }));
    await expect(
      cloud.call(ann.caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'default' }),
    ).rejects.toMatchObject({ message: 'Access to KMS is not allowed' });
  });

  it("across accounts needs the resource policy, the reader's own policy and a customer key", async () => {
    const { sm, cloud } = start();
    const { ARN } = await sm.send(new CreateSecretCommand({ Name: 'shared', SecretString: 'x' }));
    const pat = person(
      cloud,
      'pat',
      [{ Action: ['secretsmanager:GetSecretValue', 'kms:Decrypt'], Resource: '*' }],
      PARTNER,
    );
    const read = () => cloud.call(pat.caller, 'secretsmanager', 'GetSecretValue', { SecretId: ARN });
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const ResourcePolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: pat.arn }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      ],
    });
    await sm.send(new PutResourcePolicyCommand({ SecretId: ARN, ResourcePolicy }));
    await expect(read()).rejects.toMatchObject({ message: 'Access to KMS is not allowed' });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [OWN, PARTNER].map((account) => ({
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      })),
    });
    const { KeyMetadata } = await cloud.call<{ KeyMetadata: { Arn: string } }>(root(), 'kms', 'CreateKey', { Policy });
    await sm.send(new UpdateSecretCommand({ SecretId: ARN, KmsKeyId: KeyMetadata.Arn }));
    expect(await read()).toMatchObject({ SecretString: 'x' });
  });

  it('cannot be everybody where public policies are blocked', async () => {
    const { sm } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'x' }));
    const policy = (Principal: unknown) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
      });
    await expect(
      sm.send(new PutResourcePolicyCommand({ SecretId: 's', ResourcePolicy: policy('*'), BlockPublicPolicy: true })),
    ).rejects.toMatchObject({ name: 'PublicPolicyException' });
    await expect(sm.send(new PutResourcePolicyCommand({ SecretId: 's', ResourcePolicy: '{}' }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    expect(await sm.send(new ValidateResourcePolicyCommand({ ResourcePolicy: policy('*') }))).toMatchObject({
      PolicyValidationPassed: false,
    });
    const fixed = policy({ AWS: `arn:aws:iam::${PARTNER}:root` });
    expect(await sm.send(new ValidateResourcePolicyCommand({ ResourcePolicy: fixed, SecretId: 's' }))).toMatchObject({
      PolicyValidationPassed: true,
    });
    await sm.send(new PutResourcePolicyCommand({ SecretId: 's', ResourcePolicy: fixed, BlockPublicPolicy: true }));
    expect((await sm.send(new GetResourcePolicyCommand({ SecretId: 's' }))).ResourcePolicy).toBe(fixed);
    await sm.send(new DeleteResourcePolicyCommand({ SecretId: 's' }));
    expect((await sm.send(new GetResourcePolicyCommand({ SecretId: 's' }))).ResourcePolicy).toBeUndefined();
  });
});
