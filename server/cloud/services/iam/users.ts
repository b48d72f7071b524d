import type {
  CreateUserCommandInput,
  CreateUserCommandOutput,
  DeleteUserCommandInput,
  DeleteUserCommandOutput,
  DeleteUserPermissionsBoundaryCommandInput,
  DeleteUserPermissionsBoundaryCommandOutput,
  GetUserCommandInput,
  GetUserCommandOutput,
  ListUsersCommandInput,
  ListUsersCommandOutput,
  ListUserTagsCommandInput,
  ListUserTagsCommandOutput,
  PutUserPermissionsBoundaryCommandInput,
  PutUserPermissionsBoundaryCommandOutput,
  TagUserCommandInput,
  TagUserCommandOutput,
  UntagUserCommandInput,
  UntagUserCommandOutput,
  UpdateUserCommandInput,
  UpdateUserCommandOutput,
  User,
} from '@aws-sdk/client-iam';
import { type CallContext, operation } from '../../context.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import {
  checkName,
  checkNoReservedPath,
  checkPath,
  checkTags,
  checkUnique,
  deleteConflict,
  pageOf,
  pathPrefix,
  quotas,
  validationError,
} from './checks.ts';
import {
  checkAttachable,
  forEveryRole,
  getIdentity,
  identityAccess,
  listIdentities,
  putIdentity,
} from './identities.ts';
import { boundaryOperations, tagOperations } from './identity-operations.ts';
import { newId } from './ids.ts';
import { accessKeys, type UserRecord, users } from './tables.ts';
import { iamArn, withoutPrincipal } from './texts.ts';

/** A user as GetUser answers it. */
export function describeUser(user: UserRecord, detailed = true): User {
  return {
    Path: user.path,
    UserName: user.userName,
    UserId: user.userId,
    Arn: user.arn,
    CreateDate: new Date(user.createDate),
    ...(detailed && user.boundary ? { PermissionsBoundary: describeBoundary(user.boundary) } : {}),
    ...(detailed && Object.keys(user.tags).length ? { Tags: tagList(user.tags) } : {}),
  };
}

/** AWS answers `Policy`, whatever its model calls the type. */
export function describeBoundary(arn: string): NonNullable<User['PermissionsBoundary']> {
  return { PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: arn };
}

/** The calling user's name, for operations whose UserName may be left out; undefined for root. */
export function ownName(ctx: CallContext): string | undefined {
  const { type } = ctx.caller.principal;
  const name = ctx.caller.context['aws:username'];
  if (type === 'user' && typeof name === 'string') return name;
  if (type === 'root') return undefined;
  throw validationError('Must specify userName when calling with non-User credentials');
}

export const CreateUser = operation<CreateUserCommandInput, CreateUserCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:CreateUser',
    resource: iamArn(ctx.account, 'user', input.Path ?? '/', input.UserName!),
    context: {
      ...requestTagContext(tagsFrom(input.Tags)),
      ...(input.PermissionsBoundary ? { 'iam:PermissionsBoundary': input.PermissionsBoundary } : {}),
    },
  }),
  run(ctx, input) {
    checkName('userName', input.UserName!, 64);
    const path = checkPath(input.Path);
    checkNoReservedPath(path);
    const tags = checkTags(input.Tags);
    const taken = listIdentities(ctx, 'user').map((user) => user.userName);
    checkUnique(taken, input.UserName!, `User with name ${input.UserName} already exists.`, quotas.users);
    if (input.PermissionsBoundary) checkAttachable(ctx, input.PermissionsBoundary);
    const user: UserRecord = {
      userName: input.UserName!,
      userId: newId(ctx.cloud.random, 'AIDA'),
      arn: iamArn(ctx.account, 'user', path, input.UserName!),
      path,
      createDate: ctx.now,
      inline: [],
      attached: [],
      groups: [],
      tags,
      ...(input.PermissionsBoundary ? { boundary: input.PermissionsBoundary } : {}),
    };
    putIdentity(ctx, 'user', user);
    return { User: describeUser(user) };
  },
});

export const GetUser = operation<GetUserCommandInput, GetUserCommandOutput>({
  access(ctx, input) {
    const name = input.UserName ?? ownName(ctx);
    if (name === undefined) return { action: 'iam:GetUser', resource: ctx.caller.principal.arn };
    return identityAccess(ctx, 'user', name, 'GetUser');
  },
  run(ctx, input) {
    const name = input.UserName ?? ownName(ctx);
    if (name !== undefined) return { User: describeUser(getIdentity(ctx, 'user', name)) };
    const arn = ctx.caller.principal.arn;
    return {
      User: { Path: undefined, UserName: undefined, UserId: ctx.account, Arn: arn, CreateDate: new Date(0) } as never,
    };
  },
});

export const ListUsers = operation<ListUsersCommandInput, ListUsersCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:ListUsers',
    resource: iamArn(ctx.account, 'user', input.PathPrefix ?? '/', ''),
  }),
  run(ctx, input) {
    const prefix = pathPrefix(input.PathPrefix);
    const found = listIdentities(ctx, 'user').filter((user) => user.path.startsWith(prefix));
    const { page, rest } = pageOf(found, (user) => user.userName, input);
    return { Users: page.map((user) => describeUser(user, false)), ...rest };
  },
});

export const UpdateUser = operation<UpdateUserCommandInput, UpdateUserCommandOutput>({
  access(ctx, input) {
    const old = identityAccess(ctx, 'user', input.UserName!, 'UpdateUser');
    if (input.NewUserName === undefined && input.NewPath === undefined) return old;
    const path =
      input.NewPath ?? old.resource.slice(old.resource.indexOf(':user/') + 5, old.resource.lastIndexOf('/') + 1);
    // "You must have permission on both the source object and the target object."
    return [old, { ...old, resource: iamArn(ctx.account, 'user', path, input.NewUserName ?? input.UserName!) }];
  },
  run(ctx, input) {
    const old = getIdentity(ctx, 'user', input.UserName!);
    const userName = input.NewUserName ?? old.userName;
    checkName('newUserName', userName, 64);
    const path = input.NewPath === undefined ? old.path : checkPath(input.NewPath, 'newPath');
    checkNoReservedPath(path, 'newPath');
    const others = listIdentities(ctx, 'user').filter((user) => user !== old);
    const taken = others.map((user) => user.userName);
    checkUnique(taken, userName, `User with name ${userName} already exists.`, quotas.users);
    const arn = iamArn(ctx.account, 'user', path, userName);
    ctx.state.delete(users, ctx, old.userName);
    putIdentity(ctx, 'user', { ...old, userName, path, arn });
    for (const { id, value } of ctx.state.list(accessKeys, ctx))
      if (value.userName === old.userName) ctx.state.put(accessKeys, ctx, id, { ...value, userName });
    // Trust policies hold the user by its id and show its ARN: they follow the new name.
    forEveryRole(ctx.state, (role) => withoutPrincipal(role, old.arn, arn));
    return {};
  },
});

export const DeleteUser = operation<DeleteUserCommandInput, DeleteUserCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'DeleteUser'),
  run(ctx, input) {
    const user = getIdentity(ctx, 'user', input.UserName!);
    if (user.groups.length) throw deleteConflict('Cannot delete entity, must remove users from group first.');
    if (user.attached.length) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (user.inline.length) throw deleteConflict('Cannot delete entity, must delete policies first.');
    if (ctx.state.list(accessKeys, ctx).some(({ value }) => value.userName === user.userName))
      throw deleteConflict('Cannot delete entity, must delete access keys first.');
    ctx.state.delete(users, ctx, user.userName);
    forEveryRole(ctx.state, (role) => withoutPrincipal(role, user.arn, user.userId));
    return {};
  },
});

const boundary = boundaryOperations('user');
export const PutUserPermissionsBoundary = operation<
  PutUserPermissionsBoundaryCommandInput,
  PutUserPermissionsBoundaryCommandOutput
>(boundary.put);
export const DeleteUserPermissionsBoundary = operation<
  DeleteUserPermissionsBoundaryCommandInput,
  DeleteUserPermissionsBoundaryCommandOutput
>(boundary.delete);

const tagging = tagOperations('user');
export const TagUser = operation<TagUserCommandInput, TagUserCommandOutput>(tagging.tag);
export const UntagUser = operation<UntagUserCommandInput, UntagUserCommandOutput>(tagging.untag);
export const ListUserTags = operation<ListUserTagsCommandInput, ListUserTagsCommandOutput>(tagging.list);
