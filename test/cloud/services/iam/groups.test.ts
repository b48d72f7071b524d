import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DetachGroupPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';

const allow = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:GetUser', Resource: '*' }],
});
const readOnly = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';

it('a group gives its members its policies, under any name, until they leave', async () => {
  const { cloud } = createTestCloud();
  const iam = client(IAMClient, cloud);
  const { Group } = await iam.send(new CreateGroupCommand({ GroupName: 'devs', Path: '/teams/' }));
  expect(Group).toMatchObject({ Arn: `arn:aws:iam::${OWN}:group/teams/devs` });
  expect(Group!.GroupId).toMatch(/^AGPA/);
  await expect(iam.send(new CreateGroupCommand({ GroupName: 'Devs' }))).rejects.toMatchObject({
    message: 'Group with name Devs already exists.',
  });
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  const alice = client(IAMClient, cloud, {
    accessKeyId: AccessKey!.AccessKeyId!,
    secretAccessKey: AccessKey!.SecretAccessKey!,
  });
  await iam.send(new AddUserToGroupCommand({ GroupName: 'devs', UserName: 'alice' }));
  await expect(alice.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  await iam.send(new PutGroupPolicyCommand({ GroupName: 'devs', PolicyName: 'p', PolicyDocument: allow }));
  await alice.send(new GetUserCommand({}));
  await iam.send(new UpdateGroupCommand({ GroupName: 'devs', NewGroupName: 'developers' }));
  await alice.send(new GetUserCommand({}));
  expect((await iam.send(new GetGroupCommand({ GroupName: 'developers' }))).Users!.map((u) => u.UserName)).toEqual([
    'alice',
  ]);
  expect((await iam.send(new ListGroupsCommand({ PathPrefix: '/teams/' }))).Groups).toHaveLength(1);
  expect((await iam.send(new ListGroupPoliciesCommand({ GroupName: 'developers' }))).PolicyNames).toEqual(['p']);
  const read = await iam.send(new GetGroupPolicyCommand({ GroupName: 'developers', PolicyName: 'p' }));
  expect(decodeURIComponent(read.PolicyDocument!)).toBe(allow);

  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'developers' }))).rejects.toThrow('must remove users');
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'developers', UserName: 'alice' }));
  await expect(alice.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'developers', PolicyArn: readOnly }));
  expect(
    (await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'developers' }))).AttachedPolicies,
  ).toHaveLength(1);
  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'developers' }))).rejects.toThrow(
    'must detach all policies',
  );
  await iam.send(new DetachGroupPolicyCommand({ GroupName: 'developers', PolicyArn: readOnly }));
  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'developers' }))).rejects.toThrow('must delete policies');
  await iam.send(new DeleteGroupPolicyCommand({ GroupName: 'developers', PolicyName: 'p' }));
  await expect(iam.send(new DeleteGroupPolicyCommand({ GroupName: 'developers', PolicyName: 'p' }))).rejects.toThrow(
    'The group policy with name p cannot be found.',
  );
  await iam.send(new DeleteGroupCommand({ GroupName: 'developers' }));
  await expect(iam.send(new GetGroupCommand({ GroupName: 'developers' }))).rejects.toThrow(
    'The group with name developers cannot be found.',
  );
});
