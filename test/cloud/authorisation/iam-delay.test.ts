import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { client, createTestCloud, OWN } from '../test-cloud.ts';

const allow = (action: string | string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

async function build(iamDelayMs?: number) {
  const { cloud, clock } = createTestCloud(iamDelayMs === undefined ? {} : { iamDelayMs });
  const iam = client(IAMClient, cloud);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const alice = client(IAMClient, cloud, keys);
  const policy = { UserName: 'alice', PolicyName: 'p' };
  const mayList = () =>
    alice.send(new ListUsersCommand({})).then(
      () => true,
      () => false,
    );
  return { cloud, clock, iam, keys, policy, mayList };
}

test('changes of IAM have effect at once', async () => {
  const { iam, policy, mayList } = await build();
  await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: allow('iam:ListUsers') }));
  expect(await mayList()).toBe(true);
  await iam.send(new DeleteUserPolicyCommand(policy));
  expect(await mayList()).toBe(false);
});

test('with a delay they are there at once, and have effect later: grants as well as their end', async () => {
  const { clock, iam, policy, mayList } = await build(8_000);
  clock.advance(20_000);
  await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: allow('iam:ListUsers') }));
  expect((await iam.send(new GetUserPolicyCommand(policy))).PolicyName).toBe('p');
  expect(await mayList()).toBe(false);
  clock.advance(4_000);
  await iam.send(new CreateUserCommand({ UserName: 'bob' }));
  expect(await mayList()).toBe(false);
  clock.advance(4_500);
  expect(await mayList()).toBe(true);
  await iam.send(new DeleteUserPolicyCommand(policy));
  expect(await mayList()).toBe(true);
  clock.advance(8_500);
  expect(await mayList()).toBe(false);
});

test('a role that was made a moment ago cannot be assumed yet', async () => {
  const { cloud, clock, iam, keys, policy } = await build(8_000);
  await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: allow('sts:AssumeRole') }));
  clock.advance(20_000);
  const trust = { Statement: [{ Effect: 'Allow', Principal: { AWS: OWN }, Action: 'sts:AssumeRole' }] };
  await iam.send(new CreateRoleCommand({ RoleName: 'fresh', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OWN}:role/fresh`, RoleSessionName: 'session' });
  const sts = client(STSClient, cloud, keys);
  await expect(sts.send(assume)).rejects.toMatchObject({ name: 'AccessDenied' });
  clock.advance(8_500);
  expect((await sts.send(assume)).Credentials).toBeDefined();
});

test('a storm of changes is kept in few states', async () => {
  const { cloud, iam, policy, mayList, clock } = await build(1_000);
  for (let i = 0; i < 80; i++)
    await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: allow(['iam:GetUser', `iam:List${i}`]) }));
  await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: allow('iam:ListUsers') }));
  expect((cloud as unknown as { agedIam: { kept: unknown[] } }).agedIam.kept.length).toBeLessThan(15);
  clock.advance(1_200);
  expect(await mayList()).toBe(true);
});
