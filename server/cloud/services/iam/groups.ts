import type {
  AddUserToGroupCommandInput,
  AddUserToGroupCommandOutput,
  CreateGroupCommandInput,
  CreateGroupCommandOutput,
  DeleteGroupCommandInput,
  DeleteGroupCommandOutput,
  GetGroupCommandInput,
  GetGroupCommandOutput,
  Group,
  ListGroupsCommandInput,
  ListGroupsCommandOutput,
  ListGroupsForUserCommandInput,
  ListGroupsForUserCommandOutput,
  RemoveUserFromGroupCommandInput,
  RemoveUserFromGroupCommandOutput,
  UpdateGroupCommandInput,
  UpdateGroupCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import {
  checkName,
  checkNoReservedPath,
  checkPath,
  checkUnique,
  deleteConflict,
  limitExceeded,
  noSuchEntity,
  pageOf,
  pathPrefix,
  quotas,
} from './checks.ts';
import { getIdentity, identityAccess, listIdentities, putIdentity } from './identities.ts';
import { newId } from './ids.ts';
import { type GroupRecord, groups } from './tables.ts';
import { iamArn } from './texts.ts';
import { describeUser } from './users.ts';

export function describeGroup(group: GroupRecord): Group {
  return {
    Path: group.path,
    GroupName: group.groupName,
    GroupId: group.groupId,
    Arn: group.arn,
    CreateDate: new Date(group.createDate),
  };
}

export const CreateGroup = operation<CreateGroupCommandInput, CreateGroupCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:CreateGroup',
    resource: iamArn(ctx.account, 'group', input.Path ?? '/', input.GroupName!),
  }),
  run(ctx, input) {
    checkName('groupName', input.GroupName!, 128);
    const path = checkPath(input.Path);
    checkNoReservedPath(path);
    const taken = listIdentities(ctx, 'group').map((group) => group.groupName);
    checkUnique(taken, input.GroupName!, `Group with name ${input.GroupName} already exists.`, quotas.groups);
    const group: GroupRecord = {
      groupName: input.GroupName!,
      groupId: newId(ctx.cloud.random, 'AGPA'),
      arn: iamArn(ctx.account, 'group', path, input.GroupName!),
      path,
      createDate: ctx.now,
      inline: [],
      attached: [],
    };
    putIdentity(ctx, 'group', group);
    return { Group: describeGroup(group) };
  },
});

export const GetGroup = operation<GetGroupCommandInput, GetGroupCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'GetGroup'),
  run(ctx, input) {
    const group = getIdentity(ctx, 'group', input.GroupName!);
    const members = listIdentities(ctx, 'user').filter((user) => user.groups.includes(group.groupName));
    const { page, rest } = pageOf(members, (user) => user.userName, input);
    return { Group: describeGroup(group), Users: page.map((user) => describeUser(user, false)), ...rest };
  },
});

export const ListGroups = operation<ListGroupsCommandInput, ListGroupsCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:ListGroups',
    resource: iamArn(ctx.account, 'group', input.PathPrefix ?? '/', ''),
  }),
  run(ctx, input) {
    const prefix = pathPrefix(input.PathPrefix);
    const found = listIdentities(ctx, 'group').filter((group) => group.path.startsWith(prefix));
    const { page, rest } = pageOf(found, (group) => group.groupName, input);
    return { Groups: page.map(describeGroup), ...rest };
  },
});

export const UpdateGroup = operation<UpdateGroupCommandInput, UpdateGroupCommandOutput>({
  access(ctx, input) {
    const old = identityAccess(ctx, 'group', input.GroupName!, 'UpdateGroup');
    if (input.NewGroupName === undefined && input.NewPath === undefined) return old;
    const path =
      input.NewPath ?? old.resource.slice(old.resource.indexOf(':group/') + 6, old.resource.lastIndexOf('/') + 1);
    return [old, { ...old, resource: iamArn(ctx.account, 'group', path, input.NewGroupName ?? input.GroupName!) }];
  },
  run(ctx, input) {
    const old = getIdentity(ctx, 'group', input.GroupName!);
    const groupName = input.NewGroupName ?? old.groupName;
    checkName('newGroupName', groupName, 128);
    const path = input.NewPath === undefined ? old.path : checkPath(input.NewPath, 'newPath');
    checkNoReservedPath(path, 'newPath');
    const others = listIdentities(ctx, 'group').filter((group) => group !== old);
    const taken = others.map((group) => group.groupName);
    checkUnique(taken, groupName, `Group with name ${groupName} already exists.`, quotas.groups);
    ctx.state.delete(groups, ctx, old.groupName);
    putIdentity(ctx, 'group', { ...old, groupName, path, arn: iamArn(ctx.account, 'group', path, groupName) });
    for (const user of listIdentities(ctx, 'user')) {
      if (!user.groups.includes(old.groupName)) continue;
      const renamed = user.groups.map((name) => (name === old.groupName ? groupName : name));
      putIdentity(ctx, 'user', { ...user, groups: renamed });
    }
    return {};
  },
});

export const DeleteGroup = operation<DeleteGroupCommandInput, DeleteGroupCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'DeleteGroup'),
  run(ctx, input) {
    const group = getIdentity(ctx, 'group', input.GroupName!);
    if (listIdentities(ctx, 'user').some((user) => user.groups.includes(group.groupName)))
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    if (group.attached.length) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (group.inline.length) throw deleteConflict('Cannot delete entity, must delete policies first.');
    ctx.state.delete(groups, ctx, group.groupName);
    return {};
  },
});

export const AddUserToGroup = operation<AddUserToGroupCommandInput, AddUserToGroupCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'AddUserToGroup'),
  run(ctx, input) {
    const group = getIdentity(ctx, 'group', input.GroupName!);
    const user = getIdentity(ctx, 'user', input.UserName!);
    if (user.groups.includes(group.groupName)) return {};
    if (user.groups.length >= 10) throw limitExceeded('Cannot exceed quota for GroupsPerUser: 10');
    putIdentity(ctx, 'user', { ...user, groups: [...user.groups, group.groupName] });
    return {};
  },
});

export const RemoveUserFromGroup = operation<RemoveUserFromGroupCommandInput, RemoveUserFromGroupCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'RemoveUserFromGroup'),
  run(ctx, input) {
    const group = getIdentity(ctx, 'group', input.GroupName!);
    const user = getIdentity(ctx, 'user', input.UserName!);
    if (!user.groups.includes(group.groupName))
      throw noSuchEntity(`User ${user.userName} is not in group ${group.groupName}.`);
    putIdentity(ctx, 'user', { ...user, groups: user.groups.filter((name) => name !== group.groupName) });
    return {};
  },
});

export const ListGroupsForUser = operation<ListGroupsForUserCommandInput, ListGroupsForUserCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'ListGroupsForUser'),
  run(ctx, input) {
    const user = getIdentity(ctx, 'user', input.UserName!);
    const found = listIdentities(ctx, 'group').filter((group) => user.groups.includes(group.groupName));
    const { page, rest } = pageOf(found, (group) => group.groupName, input);
    return { Groups: page.map(describeGroup), ...rest };
  },
});
