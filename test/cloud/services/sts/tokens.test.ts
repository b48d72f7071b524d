import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  type Credentials,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN, PARTNER, rootKeys } from '../../test-cloud.ts';

const allow = (action: string | string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const keysOf = (credentials: Credentials | undefined) => ({
  accessKeyId: credentials!.AccessKeyId!,
  secretAccessKey: credentials!.SecretAccessKey!,
  sessionToken: credentials!.SessionToken!,
});

describe('temporary credentials of users', () => {
  let cloud: Cloud;
  let sts: STSClient;
  let keys: { accessKeyId: string; secretAccessKey: string };
  let userId: string;

  beforeEach(async () => {
    ({ cloud } = createTestCloud());
    const iam = client(IAMClient, cloud);
    userId = (await iam.send(new CreateUserCommand({ UserName: 'alice' }))).User!.UserId!;
    const policy = allow(['iam:GetUser', 'iam:ListUsers', 'sts:GetFederationToken']);
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: policy }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    sts = client(STSClient, cloud, keys);
  });

  it('by GetSessionToken are the user itself', async () => {
    const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const session = keysOf(Credentials);
    const who = await client(STSClient, cloud, session).send(new GetCallerIdentityCommand({}));
    expect(who).toMatchObject({ Arn: `arn:aws:iam::${OWN}:user/alice`, UserId: userId });
    await client(IAMClient, cloud, session).send(new GetUserCommand({}));
    await expect(client(STSClient, cloud, session).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    });
    await expect(sts.send(new GetSessionTokenCommand({ DurationSeconds: 1 }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('by GetSessionToken of root last an hour', async () => {
    const root = client(STSClient, cloud, rootKeys(cloud));
    const { Credentials } = await root.send(new GetSessionTokenCommand({ DurationSeconds: 129_600 }));
    expect(Credentials!.Expiration!.getTime()).toBeLessThanOrEqual(cloud.clock.now() + 3_600_000);
    const who = await client(STSClient, cloud, keysOf(Credentials)).send(new GetCallerIdentityCommand({}));
    expect(who).toMatchObject({ Arn: `arn:aws:iam::${OWN}:root`, UserId: OWN, Account: OWN });
  });

  it('by GetFederationToken may do what both the user and the session policy allow', async () => {
    const federate = async (Policy?: string) =>
      keysOf((await sts.send(new GetFederationTokenCommand({ Name: 'bob', Policy }))).Credentials);
    const narrowed = await federate(allow(['iam:ListUsers', 'iam:ListRoles']));
    const who = await client(STSClient, cloud, narrowed).send(new GetCallerIdentityCommand({}));
    expect(who).toMatchObject({ Arn: `arn:aws:sts::${OWN}:federated-user/bob`, UserId: `${OWN}:bob` });
    const bob = client(IAMClient, cloud, narrowed);
    await bob.send(new ListUsersCommand({}));
    await expect(bob.send(new ListRolesCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    // Without a session policy a federated user has no rights at all.
    await expect(client(IAMClient, cloud, await federate()).send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(sts.send(new GetFederationTokenCommand({ Name: 'not a name' }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('are told apart by account', async () => {
    const root = client(STSClient, cloud, rootKeys(cloud, PARTNER));
    expect((await root.send(new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId }))).Account).toBe(OWN);
    await expect(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(root.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'AKIA!!!!!!!!!!!!!!!!' }))).rejects.toMatchObject(
      { name: 'ValidationError' },
    );
  });
});

it('GetCallerIdentity answers everybody, even where a policy denies it', async () => {
  const { cloud } = createTestCloud();
  const iam = client(IAMClient, cloud);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const deny = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });
  await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: deny }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  const alice = client(STSClient, cloud, {
    accessKeyId: AccessKey!.AccessKeyId!,
    secretAccessKey: AccessKey!.SecretAccessKey!,
  });
  expect((await alice.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${OWN}:user/alice`);
});
