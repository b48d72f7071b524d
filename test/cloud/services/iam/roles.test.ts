import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteServiceLinkedRoleCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  TagRoleCommand,
  UntagInstanceProfileCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { putReservedRole } from '../../../../server/cloud/services/iam/fixtures.ts';
import { client, createTestCloud, OWN, PARTNER, rootKeys } from '../../test-cloud.ts';

const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const trust = (principal: object | string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more }],
  });
const lambda = trust({ Service: 'lambda.amazonaws.com' });
const allow = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

describe('IAM roles', () => {
  let cloud: Cloud;
  let iam: IAMClient;
  const create = (RoleName: string, AssumeRolePolicyDocument = lambda, more: object = {}) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, ...more }));
  beforeEach(() => {
    ({ cloud } = createTestCloud());
    iam = client(IAMClient, cloud);
  });

  it('are created, read, listed, changed, tagged and deleted', async () => {
    const { Role } = await create('worker', lambda, {
      Path: '/app/',
      Description: 'works',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(Role).toMatchObject({ Arn: `arn:aws:iam::${OWN}:role/app/worker`, Path: '/app/', MaxSessionDuration: 3600 });
    expect(Role!.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(lambda);
    await create('other');
    expect((await iam.send(new ListRolesCommand({ PathPrefix: '/app/' }))).Roles!.map((r) => r.RoleName)).toEqual([
      'worker',
    ]);
    await iam.send(new UpdateRoleCommand({ RoleName: 'worker', MaxSessionDuration: 7200 }));
    await iam.send(new UpdateRoleDescriptionCommand({ RoleName: 'worker', Description: 'rests' }));
    await iam.send(new TagRoleCommand({ RoleName: 'worker', Tags: [{ Key: 'team', Value: 'blue' }] }));
    await iam.send(new UntagRoleCommand({ RoleName: 'worker', TagKeys: ['a'] }));
    const read = (await iam.send(new GetRoleCommand({ RoleName: 'worker' }))).Role!;
    expect(read).toMatchObject({
      MaxSessionDuration: 7200,
      Description: 'rests',
      Tags: [{ Key: 'team', Value: 'blue' }],
    });
    expect((await iam.send(new ListRoleTagsCommand({ RoleName: 'worker' }))).Tags).toHaveLength(1);
    await iam.send(new DeleteRoleCommand({ RoleName: 'worker' }));
    await expect(iam.send(new GetRoleCommand({ RoleName: 'worker' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name worker cannot be found.',
    });
    await expect(create('other')).rejects.toThrow('Role with name other already exists.');
    await expect(create('long', lambda, { MaxSessionDuration: 60 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(create('mine', lambda, { Path: '/aws-reserved/x/' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('take policies, and cannot be deleted before those are gone', async () => {
    await create('worker');
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: allow('s3:GetObject') }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: basic }));
    const attached = await iam.send(
      new ListAttachedRolePoliciesCommand({ RoleName: 'worker', PathPrefix: '/service-role/' }),
    );
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: basic }]);
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'box' }));
    const box = { InstanceProfileName: 'box' };
    await iam.send(
      new TagInstanceProfileCommand({
        ...box,
        Tags: [
          { Key: 'a', Value: 'b' },
          { Key: 'c', Value: 'd' },
        ],
      }),
    );
    await iam.send(new UntagInstanceProfileCommand({ ...box, TagKeys: ['a'] }));
    expect((await iam.send(new ListInstanceProfileTagsCommand(box))).Tags).toEqual([{ Key: 'c', Value: 'd' }]);
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'box', RoleName: 'worker' }));
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'box' }));
    expect(InstanceProfile!.Roles!.map((role) => role.RoleName)).toEqual(['worker']);
    expect((await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles).toHaveLength(1);
    expect(
      (await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'worker' }))).InstanceProfiles,
    ).toHaveLength(1);
    const refused = (message: string) =>
      expect(iam.send(new DeleteRoleCommand({ RoleName: 'worker' }))).rejects.toMatchObject({
        name: 'DeleteConflictException',
        message,
      });
    await refused('Cannot delete entity, must remove roles from instance profile first.');
    await expect(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'box' }))).rejects.toThrow(
      'must remove roles',
    );
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'box', RoleName: 'worker' }));
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'box' }));
    await refused('Cannot delete entity, must detach all policies first.');
    await iam.send(new DetachRolePolicyCommand({ RoleName: 'worker', PolicyArn: basic }));
    await expect(iam.send(new DetachRolePolicyCommand({ RoleName: 'worker', PolicyArn: basic }))).rejects.toThrow(
      `Policy ${basic} was not found.`,
    );
    await refused('Cannot delete entity, must delete policies first.');
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'worker' }))).PolicyNames).toEqual(['p']);
    await expect(iam.send(new GetRolePolicyCommand({ RoleName: 'worker', PolicyName: 'q' }))).rejects.toThrow(
      'The role policy with name q cannot be found.',
    );
    await iam.send(new GetRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p' }));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'worker' }));
  });

  it('have a permissions boundary', async () => {
    await create('worker', lambda, { PermissionsBoundary: basic });
    const boundary = async () => (await iam.send(new GetRoleCommand({ RoleName: 'worker' }))).Role!.PermissionsBoundary;
    expect((await boundary())!.PermissionsBoundaryArn).toBe(basic);
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'worker' }));
    expect(await boundary()).toBeUndefined();
    await expect(iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'worker' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'worker', PermissionsBoundary: basic }));
    expect((await boundary())!.PermissionsBoundaryArn).toBe(basic);
  });

  it('trust only principals that exist, and no new one of an old name', async () => {
    const alice = `arn:aws:iam::${OWN}:user/alice`;
    await expect(create('worker', trust({ AWS: alice }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"${alice}"`,
    });
    const partner = client(IAMClient, cloud, rootKeys(cloud, PARTNER));
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await partner.send(
      new CreateRoleCommand({ RoleName: 'guest', AssumeRolePolicyDocument: trust({ AWS: [alice, OWN] }) }),
    );
    await create('worker', trust({ AWS: 'arn:aws:iam::123456789012:role/of-an-unknown-account' }));
    await iam.send(new DeleteUserCommand({ UserName: 'alice' }));
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const { Role } = await partner.send(new GetRoleCommand({ RoleName: 'guest' }));
    const { AWS } = JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).Statement[0].Principal;
    expect(AWS).toEqual([expect.stringMatching(/^AIDA[A-Z2-7]{17}$/), OWN]);
  });

  it('refuse trust policies that are none', async () => {
    await create('worker');
    const update = (PolicyDocument: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument }));
    await update(trust('*'));
    await expect(update('{')).rejects.toThrow('This policy contains invalid Json');
    await expect(update(trust('*', { Resource: '*' }))).rejects.toThrow('Has prohibited field Resource');
    await expect(update(trust('*', { Action: 's3:GetObject' }))).rejects.toThrow(
      'AssumeRole policy may only specify STS AssumeRole actions.',
    );
    await expect(
      update(trust({ Service: Array.from({ length: 60 }, (_, i) => `service-${i}.with.a.long.name.amazonaws.com`) })),
    ).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for ACLSizePerRole: 2048',
    });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'worker' }));
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(trust('*'));
  });

  it('that AWS keeps cannot be changed', async () => {
    const path = '/aws-reserved/sso.amazonaws.com/';
    cloud.transact((state) => putReservedRole(cloud, state, OWN, { roleName: 'admin', path, trust: lambda }));
    const protectedRole = {
      name: 'UnmodifiableEntityException',
      message: "Cannot perform the operation on the protected role 'admin' - this role is only modifiable by AWS",
      $metadata: { httpStatusCode: 400 },
    };
    const role = { RoleName: 'admin' };
    for (const command of [
      new DeleteRoleCommand(role),
      new UpdateRoleCommand(role),
      new UpdateAssumeRolePolicyCommand({ ...role, PolicyDocument: lambda }),
      new AttachRolePolicyCommand({ ...role, PolicyArn: basic }),
      new PutRolePolicyCommand({ ...role, PolicyName: 'p', PolicyDocument: allow('s3:*') }),
      new PutRolePermissionsBoundaryCommand({ ...role, PermissionsBoundary: basic }),
      new TagRoleCommand({ ...role, Tags: [{ Key: 'a', Value: 'b' }] }),
    ])
      await expect(iam.send(command as never)).rejects.toMatchObject(protectedRole);
    expect((await iam.send(new GetRoleCommand(role))).Role!.Path).toBe(path);
  });

  it('linked to services are made by name of the service', async () => {
    const { Role } = await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com' }));
    expect(Role!.Arn).toBe(`arn:aws:iam::${OWN}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS`);
    await expect(
      iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com' })),
    ).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: 'Service role name AWSServiceRoleForRDS has been taken in this account, please try a different suffix.',
    });
    await expect(iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'toString' }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'AWSServiceRoleForRDS' }))).rejects.toMatchObject({
      name: 'UnmodifiableEntityException',
    });
    const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName: 'AWSServiceRoleForRDS' }));
    const status = await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }));
    expect(status.Status).toBe('SUCCEEDED');
    await expect(iam.send(new GetRoleCommand({ RoleName: 'AWSServiceRoleForRDS' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });
});
