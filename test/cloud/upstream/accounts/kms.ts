import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { Source } from '../../../../server/cloud/upstream/types.ts';

/** KMS keys in every state, with every optional member set somewhere and left out elsewhere. */
export async function makeKms(client: Source['client'], account: string): Promise<void> {
  const kms = client(KMSClient);
  const key = async (input: CreateKeyCommandInput = {}): Promise<string> =>
    (await kms.send(new CreateKeyCommand(input))).KeyMetadata!.KeyId!;
  const root = { AWS: `arn:aws:iam::${account}:root` };
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'owner', Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:CallerAccount': account } },
      },
    ],
  };
  const orders = await key({
    Description: 'Orders',
    Policy: JSON.stringify(policy, null, 4),
    Tags: [
      { TagKey: 'team', TagValue: 'orders' },
      { TagKey: 'empty', TagValue: '' },
    ],
  });
  await kms.send(new EnableKeyRotationCommand({ KeyId: orders, RotationPeriodInDays: 180 }));
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: orders }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: orders }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/app/orders', TargetKeyId: orders }));
  await kms.send(
    new CreateGrantCommand({
      KeyId: orders,
      Name: 'reader',
      GranteePrincipal: `arn:aws:iam::${account}:root`,
      RetiringPrincipal: `arn:aws:iam::${account}:root`,
      Operations: ['GenerateDataKey', 'Decrypt', 'DescribeKey'],
      Constraints: { EncryptionContextEquals: { order: '7' } },
    }),
  );
  const plain = await key();
  await kms.send(
    new CreateGrantCommand({
      KeyId: plain,
      GranteePrincipal: `arn:aws:iam::${account}:root`,
      Operations: ['Encrypt'],
      Constraints: { EncryptionContextSubset: { order: '8' } },
    }),
  );
  await key({ KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC', Description: 'Signs' });
  await kms.send(new DisableKeyCommand({ KeyId: await key({ Description: 'Disabled' }) }));
  await kms.send(
    new ScheduleKeyDeletionCommand({ KeyId: await key({ Description: 'On its way out' }), PendingWindowInDays: 7 }),
  );
  await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/secretsmanager' }));
}
