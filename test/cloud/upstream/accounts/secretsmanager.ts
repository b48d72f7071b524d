import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Source } from '../../../../server/cloud/upstream/types.ts';

/** Secrets in every state, with every optional member set somewhere and left out elsewhere. */
export async function makeSecretsManager(client: Source['client'], account: string): Promise<void> {
  const kms = client(KMSClient);
  const secrets = client(SecretsManagerClient);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'Secrets' }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/secrets', TargetKeyId: KeyMetadata!.KeyId }));
  await secrets.send(
    new CreateSecretCommand({
      Name: 'shop/database',
      Description: 'The database of the shop',
      KmsKeyId: 'alias/secrets',
      SecretString: '{"username":"shop","password":"first"}',
      ClientRequestToken: 'a'.repeat(32),
      Tags: [
        { Key: 'team', Value: 'orders' },
        { Key: 'stage', Value: '' },
      ],
    }),
  );
  const put = (token: string, SecretString: string, VersionStages?: string[]) =>
    secrets.send(
      new PutSecretValueCommand({
        SecretId: 'shop/database',
        ClientRequestToken: token.repeat(32),
        SecretString,
        VersionStages,
      }),
    );
  await put('b', '{"username":"shop","password":"second"}');
  await put('c', '{"username":"shop","password":"third"}', ['AWSPENDING', 'blue']);
  // One more AWSCURRENT: the first version has no stage left.
  await put('d', '{"username":"shop","password":"fourth"}');
  await secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId: 'shop/database',
      VersionStage: 'green',
      MoveToVersionId: 'd'.repeat(32),
    }),
  );
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:PrincipalAccount': account } },
      },
    ],
  };
  await secrets.send(
    new PutResourcePolicyCommand({ SecretId: 'shop/database', ResourcePolicy: JSON.stringify(policy, null, 2) }),
  );
  await secrets.send(
    new CreateSecretCommand({
      Name: 'binary',
      SecretBinary: Uint8Array.from([0, 255, 10, 128]),
      ClientRequestToken: 'e'.repeat(32),
    }),
  );
  await secrets.send(new CreateSecretCommand({ Name: 'no-value', KmsKeyId: KeyMetadata!.Arn }));
  await secrets.send(
    new CreateSecretCommand({ Name: 'going', SecretString: 'gone soon', ClientRequestToken: 'f'.repeat(32) }),
  );
  await secrets.send(new DeleteSecretCommand({ SecretId: 'going', RecoveryWindowInDays: 7 }));
}
