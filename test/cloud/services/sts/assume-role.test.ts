import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN, PARTNER, rootKeys } from '../../test-cloud.ts';

const trust = (principal: object | string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more }],
  });
const allow = (action: string | string[], resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });
const roleArn = (name: string, account = OWN) => `arn:aws:iam::${account}:role/${name}`;

describe('AssumeRole', () => {
  let cloud: Cloud;
  let clock: MovableClock;
  let iam: IAMClient;
  let alice: object;

  const role = async (name: string, document: string, policy?: string) => {
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document }));
    if (policy) await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument: policy }));
  };
  const mayAssume = (resource: string) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'alice',
        PolicyName: 'assume',
        PolicyDocument: allow(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'], resource),
      }),
    );
  const assume = (credentials: object, name: string, more: Partial<AssumeRoleCommandInput> = {}) =>
    client(STSClient, cloud, credentials).send(
      new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: 'session', ...more }),
    );
  const session = async (...parameters: Parameters<typeof assume>) => {
    const { Credentials } = await assume(...parameters);
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
  };
  const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

  beforeEach(async () => {
    ({ cloud, clock } = createTestCloud());
    iam = client(IAMClient, cloud);
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    alice = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  });

  it('gives the rights of a role whose trust policy names the user', async () => {
    await role('reader', trust({ AWS: `arn:aws:iam::${OWN}:user/alice` }), allow('iam:GetRole'));
    const { AssumedRoleUser, Credentials } = await assume(alice, 'reader');
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'reader' }));
    expect(AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${OWN}:assumed-role/reader/session`,
      AssumedRoleId: `${Role!.RoleId}:session`,
    });
    expect(Credentials!.AccessKeyId).toMatch(/^ASIA/);
    const keys = await session(alice, 'reader');
    expect(await client(STSClient, cloud, keys).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: OWN,
      UserId: `${Role!.RoleId}:session`,
      Arn: `arn:aws:sts::${OWN}:assumed-role/reader/session`,
    });
    const reader = client(IAMClient, cloud, keys);
    await reader.send(new GetRoleCommand({ RoleName: 'reader' }));
    await expect(reader.send(new ListRolesCommand({}))).rejects.toMatchObject({
      ...denied,
      message: `User: arn:aws:sts::${OWN}:assumed-role/reader/session is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::${OWN}:role/ because no identity-based policy allows the iam:ListRoles action`,
    });
  });

  it('needs the caller’s own policy when the trust policy names the account only', async () => {
    await role('reader', trust({ AWS: OWN }));
    await expect(assume(alice, 'reader')).rejects.toMatchObject(denied);
    await mayAssume(roleArn('reader'));
    await assume(alice, 'reader');
    await mayAssume(roleArn('other'));
    await expect(assume(alice, 'reader')).rejects.toMatchObject(denied);
  });

  it('is refused where the trust policy does not allow, or there is no role, in the same words', async () => {
    await mayAssume('*');
    await role('lambda-only', trust({ Service: 'lambda.amazonaws.com' }));
    const words = (name: string) =>
      `User: arn:aws:iam::${OWN}:user/alice is not authorized to perform: sts:AssumeRole on resource: ${roleArn(name)} because no role trust policy allows the sts:AssumeRole action`;
    await expect(assume(alice, 'lambda-only')).rejects.toMatchObject({ ...denied, message: words('lambda-only') });
    await expect(assume(alice, 'missing')).rejects.toMatchObject({ ...denied, message: words('missing') });
    await expect(assume(rootKeys(cloud), 'lambda-only')).rejects.toThrow('Roles may not be assumed by root accounts.');
  });

  it('crosses accounts when both sides allow', async () => {
    const partner = client(IAMClient, cloud, rootKeys(cloud, PARTNER));
    const guest = {
      RoleName: 'guest',
      AssumeRolePolicyDocument: trust({ AWS: OWN }, { Condition: { StringEquals: { 'sts:ExternalId': 'secret-7' } } }),
    };
    await partner.send(new CreateRoleCommand(guest));
    const input = { RoleArn: roleArn('guest', PARTNER) };
    await expect(assume(alice, '', { ...input, ExternalId: 'secret-7' })).rejects.toMatchObject(denied);
    await mayAssume(input.RoleArn);
    await expect(assume(alice, '', input)).rejects.toMatchObject(denied);
    await expect(assume(alice, '', { ...input, ExternalId: 'wrong' })).rejects.toMatchObject(denied);
    const keys = await session(alice, '', { ...input, ExternalId: 'secret-7' });
    const identity = await client(STSClient, cloud, keys).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe(PARTNER);
  });

  it('can narrow the session by policies', async () => {
    await role('reader', trust({ AWS: `arn:aws:iam::${OWN}:user/alice` }), allow('iam:*'));
    const narrow = client(IAMClient, cloud, await session(alice, 'reader', { Policy: allow('iam:ListUsers') }));
    await narrow.send(new ListUsersCommand({}));
    await expect(narrow.send(new ListRolesCommand({}))).rejects.toThrow(
      'because no session policy allows the iam:ListRoles action',
    );
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'roles', PolicyDocument: allow('iam:ListRoles') }),
    );
    const managed = client(IAMClient, cloud, await session(alice, 'reader', { PolicyArns: [{ arn: Policy!.Arn }] }));
    await managed.send(new ListRolesCommand({}));
    await expect(managed.send(new ListUsersCommand({}))).rejects.toMatchObject(denied);
    const size = (await assume(alice, 'reader', { Policy: allow('iam:ListUsers') })).PackedPolicySize;
    expect(size).toBeGreaterThan(0);
    await expect(assume(alice, 'reader', { Policy: '{}' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    await expect(
      assume(alice, 'reader', { Policy: allow('s3:GetObject', `arn:aws:s3:::${'b'.repeat(2048)}`) }),
    ).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(
      assume(alice, 'reader', { PolicyArns: [{ arn: `arn:aws:iam::${OWN}:policy/missing` }] }),
    ).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('passes session tags on, the transitive ones through chained roles', async () => {
    const open = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: OWN }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
    });
    const tagged = (key: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' },
          {
            Effect: 'Allow',
            Action: 'iam:ListUsers',
            Resource: '*',
            Condition: { StringEquals: { [`aws:PrincipalTag/${key}`]: 'x' } },
          },
        ],
      });
    await mayAssume('*');
    await role('first', open, tagged('loose'));
    await role('second', open, tagged('kept'));
    await role('third', open, tagged('loose'));
    const Tags = [
      { Key: 'kept', Value: 'x' },
      { Key: 'loose', Value: 'x' },
    ];
    const first = await session(alice, 'first', { Tags, TransitiveTagKeys: ['kept'] });
    await client(IAMClient, cloud, first).send(new ListUsersCommand({}));
    const second = await session(first, 'second');
    await client(IAMClient, cloud, second).send(new ListUsersCommand({}));
    const third = await session(first, 'third');
    await expect(client(IAMClient, cloud, third).send(new ListUsersCommand({}))).rejects.toMatchObject(denied);
    await expect(assume(first, 'second', { Tags: [{ Key: 'KEPT', Value: 'y' }] })).rejects.toThrow(
      'conflicts with a transitive tag key',
    );
    await expect(assume(alice, 'first', { TransitiveTagKeys: ['kept'] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('has only so much room for tags', async () => {
    await role('open', trust({ AWS: OWN }, { Action: ['sts:AssumeRole', 'sts:TagSession'] }));
    await mayAssume('*');
    const tags = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'é'.repeat(256) }));
    const keys = await session(alice, 'open', { Tags: tags(14) });
    await client(STSClient, cloud, keys).send(new GetCallerIdentityCommand({}));
    await expect(assume(alice, 'open', { Tags: tags(16) })).rejects.toMatchObject({
      name: 'PackedPolicyTooLargeException',
    });
  });

  it('needs sts:TagSession and sts:SetSourceIdentity of the trust policy for tags and a source identity', async () => {
    await mayAssume('*');
    await role('plain', trust({ AWS: OWN }));
    await expect(assume(alice, 'plain', { Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow('sts:TagSession');
    await expect(assume(alice, 'plain', { SourceIdentity: 'alice' })).rejects.toThrow('sts:SetSourceIdentity');
    await role('named', trust({ AWS: OWN }, { Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] }), allow('sts:*'));
    const keys = await session(alice, 'named', { SourceIdentity: 'alice' });
    expect((await assume(keys, 'named')).SourceIdentity).toBe('alice');
    await expect(assume(keys, 'named', { SourceIdentity: 'mallory' })).rejects.toMatchObject(denied);
    await expect(assume(keys, 'plain')).rejects.toThrow('sts:SetSourceIdentity');
  });

  it('lasts as long as the role and the caller allow', async () => {
    await role('reader', trust({ AWS: OWN }), allow('sts:*'));
    await mayAssume('*');
    await expect(assume(alice, 'reader', { DurationSeconds: 7200 })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    await expect(assume(alice, 'reader', { DurationSeconds: 899 })).rejects.toMatchObject({ name: 'ValidationError' });
    const long = { RoleName: 'long', AssumeRolePolicyDocument: trust({ AWS: OWN }), MaxSessionDuration: 43_200 };
    await iam.send(new CreateRoleCommand(long));
    await assume(alice, 'long', { DurationSeconds: 43_200 });
    const keys = await session(alice, 'reader', { DurationSeconds: 900 });
    await expect(assume(keys, 'long', { DurationSeconds: 3601 })).rejects.toThrow('role chaining');
    const sts = client(STSClient, cloud, keys);
    await sts.send(new GetCallerIdentityCommand({}));
    clock.advance(901_000);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });
  });

  it('takes only names of the right form', async () => {
    await expect(assume(alice, 'x', { RoleSessionName: 'a b' })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume(alice, 'x', { RoleSessionName: 'a' })).rejects.toThrow(/greater than or equal to 2/);
    await expect(assume(alice, 'x', { RoleArn: `arn:aws:iam::${OWN}:user/alice` })).rejects.toThrow(
      `arn:aws:iam::${OWN}:user/alice is invalid`,
    );
    await expect(assume(alice, 'x', { ExternalId: 'a b' })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('leaves a session nothing once its role is gone, even when one of the same name is made', async () => {
    await role('reader', trust({ AWS: OWN }), allow('iam:ListUsers'));
    await mayAssume('*');
    const old = client(IAMClient, cloud, await session(alice, 'reader'));
    await old.send(new ListUsersCommand({}));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
    await expect(old.send(new ListUsersCommand({}))).rejects.toMatchObject(denied);
    await role('reader', trust({ AWS: OWN }), allow('iam:ListUsers'));
    await expect(old.send(new ListUsersCommand({}))).rejects.toMatchObject(denied);
  });
});
