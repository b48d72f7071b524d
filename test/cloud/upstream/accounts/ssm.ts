import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AddTagsToResourceCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Source } from '../../../../server/cloud/upstream/types.ts';

/** Parameters of every type and tier, with every optional member set somewhere and left out elsewhere. */
export async function makeSsm(client: Source['client'], _account: string): Promise<void> {
  const kms = client(KMSClient);
  const ssm = client(SSMClient);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'Parameters' }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/parameters', TargetKeyId: KeyMetadata!.KeyId }));
  const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
  await put('/shop/mode', 'test', {
    Description: 'How the shop runs',
    AllowedPattern: '^[a-z]+$',
    Tags: [
      { Key: 'team', Value: 'orders' },
      { Key: 'stage', Value: '' },
    ],
  });
  await put('/shop/mode', 'live', { Overwrite: true });
  await put('/shop/mode', 'closed', { Overwrite: true, Description: 'Not now' });
  await ssm.send(
    new LabelParameterVersionCommand({ Name: '/shop/mode', ParameterVersion: 1, Labels: ['first', 'safe'] }),
  );
  await ssm.send(new LabelParameterVersionCommand({ Name: '/shop/mode', Labels: ['latest'] }));
  await put('plain', 'a,b', { Type: 'StringList' });
  await ssm.send(
    new AddTagsToResourceCommand({
      ResourceType: 'Parameter',
      ResourceId: 'plain',
      Tags: [{ Key: 'later', Value: 'yes' }],
    }),
  );
  await put('/shop/password', 'first é', { Type: 'SecureString' });
  await put('/shop/password', 'second', { Type: 'SecureString', Overwrite: true, KeyId: 'alias/parameters' });
  await put('/shop/certificate', 'x'.repeat(5000), {
    Type: 'SecureString',
    Tier: 'Advanced',
    KeyId: KeyMetadata!.Arn,
  });
  await put('/shop/large', 'y'.repeat(4097), { Tier: 'Intelligent-Tiering' });
  await put('/shop/image', 'ami-12345678', { DataType: 'text' });
}
