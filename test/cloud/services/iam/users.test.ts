import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';

const readOnly = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const allow = (action: string, resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });

describe('IAM users', () => {
  let cloud: Cloud;
  let iam: IAMClient;
  beforeEach(() => {
    ({ cloud } = createTestCloud());
    iam = client(IAMClient, cloud);
  });

  it('are created, read, listed by path and pages, renamed, and deleted', async () => {
    const { User } = await iam.send(
      new CreateUserCommand({ UserName: 'alice', Path: '/staff/', Tags: [{ Key: 'team', Value: 'blue' }] }),
    );
    expect(User).toMatchObject({ UserName: 'alice', Path: '/staff/', Arn: `arn:aws:iam::${OWN}:user/staff/alice` });
    expect(User!.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(User!.Tags).toEqual([{ Key: 'team', Value: 'blue' }]);
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    await iam.send(new CreateUserCommand({ UserName: 'carol' }));
    const first = await iam.send(new ListUsersCommand({ MaxItems: 2 }));
    expect(first.Users!.map((user) => user.UserName)).toEqual(['alice', 'bob']);
    expect(first.IsTruncated).toBe(true);
    const second = await iam.send(new ListUsersCommand({ MaxItems: 2, Marker: first.Marker }));
    expect(second.Users!.map((user) => user.UserName)).toEqual(['carol']);
    expect(second.IsTruncated).toBe(false);
    const staff = await iam.send(new ListUsersCommand({ PathPrefix: '/staff/' }));
    expect(staff.Users!.map((user) => user.UserName)).toEqual(['alice']);

    await iam.send(new UpdateUserCommand({ UserName: 'alice', NewUserName: 'alicia', NewPath: '/' }));
    const read = await iam.send(new GetUserCommand({ UserName: 'alicia' }));
    expect(read.User).toMatchObject({ Arn: `arn:aws:iam::${OWN}:user/alicia`, UserId: User!.UserId });
    await iam.send(new DeleteUserCommand({ UserName: 'alicia' }));
    await expect(iam.send(new GetUserCommand({ UserName: 'alicia' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name alicia cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('have names that are unique in any case and of known characters', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await expect(iam.send(new CreateUserCommand({ UserName: 'ALICE' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'User with name ALICE already exists.',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(iam.send(new CreateUserCommand({ UserName: 'a b' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    });
    await expect(iam.send(new CreateUserCommand({ UserName: 'x'.repeat(65) }))).rejects.toThrow(
      /less than or equal to 64/,
    );
    await expect(iam.send(new CreateUserCommand({ UserName: 'x', Path: 'no-slash' }))).rejects.toThrow(
      /path is invalid/,
    );
    await expect(iam.send(new ListUsersCommand({ Marker: '!!' }))).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(iam.send(new ListUsersCommand({ MaxItems: 1001 }))).rejects.toThrow(/less than or equal to 1000/);
  });

  it('take inline and managed policies, and cannot be deleted before those are gone', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const document = allow("s3:Get*'()", 'arn:aws:s3:::b/*');
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: '__proto__', PolicyDocument: document }));
    const got = await iam.send(new GetUserPolicyCommand({ UserName: 'alice', PolicyName: '__proto__' }));
    expect(got.PolicyDocument).toContain('%2A%27%28%29');
    expect(decodeURIComponent(got.PolicyDocument!)).toBe(document);
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: readOnly }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: readOnly }));
    const attached = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'alice' }));
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn: readOnly }]);
    await iam.send(new CreateGroupCommand({ GroupName: 'devs' }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'devs', UserName: 'alice' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));

    const conflict = async (message: string) =>
      expect(iam.send(new DeleteUserCommand({ UserName: 'alice' }))).rejects.toMatchObject({
        name: 'DeleteConflictException',
        message,
        $metadata: { httpStatusCode: 409 },
      });
    await conflict('Cannot delete entity, must remove users from group first.');
    expect((await iam.send(new ListGroupsForUserCommand({ UserName: 'alice' }))).Groups).toHaveLength(1);
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'devs', UserName: 'alice' }));
    await conflict('Cannot delete entity, must detach all policies first.');
    await iam.send(new DetachUserPolicyCommand({ UserName: 'alice', PolicyArn: readOnly }));
    await conflict('Cannot delete entity, must delete policies first.');
    expect((await iam.send(new ListUserPoliciesCommand({ UserName: 'alice' }))).PolicyNames).toEqual(['__proto__']);
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'alice', PolicyName: '__proto__' }));
    await conflict('Cannot delete entity, must delete access keys first.');
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'alice', AccessKeyId: AccessKey!.AccessKeyId }));
    await iam.send(new DeleteUserCommand({ UserName: 'alice' }));
  });

  it('sign with their access keys until these are made inactive', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    await expect(iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    });
    const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const sts = client(STSClient, cloud, keys);
    const unused = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId }));
    expect(unused.AccessKeyLastUsed).toMatchObject({ ServiceName: 'N/A', Region: 'N/A' });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: `arn:aws:iam::${OWN}:user/alice` });
    const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId }));
    expect(used).toMatchObject({ UserName: 'alice', AccessKeyLastUsed: { ServiceName: 'sts' } });

    const own = client(IAMClient, cloud, keys);
    await expect(own.send(new GetUserCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${OWN}:user/alice is not authorized to perform: iam:GetUser on resource: arn:aws:iam::${OWN}:user/alice because no identity-based policy allows the iam:GetUser action`,
      $metadata: { httpStatusCode: 403 },
    });
    const self = `arn:aws:iam::${OWN}:user/\${aws:username}`;
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'self', PolicyDocument: allow('iam:*', self) }),
    );
    expect((await own.send(new GetUserCommand({}))).User!.UserName).toBe('alice');
    expect((await own.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(2);

    await iam.send(
      new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId: keys.accessKeyId, Status: 'Inactive' }),
    );
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(
      iam.send(new DeleteAccessKeyCommand({ UserName: 'alice', AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' })),
    ).rejects.toThrow('The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.');
  });

  it('keep their keys, groups and permissions when they are renamed', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: allow('iam:GetUser') }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    await iam.send(new UpdateUserCommand({ UserName: 'alice', NewUserName: 'Alice' }));
    const own = client(IAMClient, cloud, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    expect((await own.send(new GetUserCommand({}))).User!.UserName).toBe('Alice');
  });

  it('have tags whose keys are one in any case', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice', Tags: [{ Key: 'Team', Value: 'blue' }] }));
    await iam.send(
      new TagUserCommand({
        UserName: 'alice',
        Tags: [
          { Key: 'team', Value: 'red' },
          { Key: 'a', Value: '' },
        ],
      }),
    );
    const { Tags } = await iam.send(new ListUserTagsCommand({ UserName: 'alice' }));
    expect(Tags).toEqual([
      { Key: 'a', Value: '' },
      { Key: 'team', Value: 'red' },
    ]);
    await iam.send(new UntagUserCommand({ UserName: 'alice', TagKeys: ['TEAM'] }));
    expect((await iam.send(new ListUserTagsCommand({ UserName: 'alice' }))).Tags).toHaveLength(1);
    const twice = [
      { Key: 'x', Value: '1' },
      { Key: 'X', Value: '2' },
    ];
    await expect(iam.send(new TagUserCommand({ UserName: 'alice', Tags: twice }))).rejects.toMatchObject({
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    });
    const many = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    await expect(iam.send(new TagUserCommand({ UserName: 'alice', Tags: many }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });

  it('are limited by a permissions boundary', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: allow('iam:*') }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary: readOnly }));
    expect((await iam.send(new GetUserCommand({ UserName: 'alice' }))).User!.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: readOnly,
    });
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    const own = client(IAMClient, cloud, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    await expect(own.send(new GetUserCommand({}))).rejects.toThrow(
      'because no permissions boundary allows the iam:GetUser action',
    );
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'alice' }));
    expect((await own.send(new GetUserCommand({}))).User!.UserName).toBe('alice');
    await expect(
      iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary: `${readOnly}X` })),
    ).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  it('have 2,048 characters of inline policies, white space not counted', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const long = allow('s3:GetObject', `arn:aws:s3:::${'b'.repeat(1000)}`);
    const pad = `${long}${' '.repeat(3000)}`;
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'one', PolicyDocument: pad }));
    await expect(
      iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'two', PolicyDocument: long })),
    ).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Maximum policy size of 2048 bytes exceeded for user alice',
    });
    // Replacing the one that is there is no addition.
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'one', PolicyDocument: long }));
  });

  it('take only policies that AWS would take', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    const put = (PolicyDocument: string) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }));
    await expect(put('not json')).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'Syntax errors in policy.',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(put(allow('GetObject'))).rejects.toThrow('Actions/Conditions must be prefaced by a vendor');
    expect((await iam.send(new ListUserPoliciesCommand({ UserName: 'alice' }))).PolicyNames).toEqual([]);
  });
});
