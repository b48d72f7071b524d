import type {
  CreateRoleCommandInput,
  CreateRoleCommandOutput,
  DeleteRoleCommandInput,
  DeleteRoleCommandOutput,
  DeleteRolePermissionsBoundaryCommandInput,
  DeleteRolePermissionsBoundaryCommandOutput,
  GetRoleCommandInput,
  GetRoleCommandOutput,
  ListRolesCommandInput,
  ListRolesCommandOutput,
  ListRoleTagsCommandInput,
  ListRoleTagsCommandOutput,
  PutRolePermissionsBoundaryCommandInput,
  PutRolePermissionsBoundaryCommandOutput,
  Role,
  TagRoleCommandInput,
  TagRoleCommandOutput,
  UntagRoleCommandInput,
  UntagRoleCommandOutput,
  UpdateAssumeRolePolicyCommandInput,
  UpdateAssumeRolePolicyCommandOutput,
  UpdateRoleCommandInput,
  UpdateRoleCommandOutput,
  UpdateRoleDescriptionCommandInput,
  UpdateRoleDescriptionCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import {
  checkDescription,
  checkName,
  checkNoReservedPath,
  checkPath,
  checkRange,
  checkTags,
  checkUnique,
  deleteConflict,
  pageOf,
  pathPrefix,
  quotas,
} from './checks.ts';
import {
  checkAttachable,
  forEveryRole,
  getChangeable,
  getIdentity,
  identityAccess,
  listIdentities,
  putIdentity,
} from './identities.ts';
import { boundaryOperations, tagOperations } from './identity-operations.ts';
import { newId } from './ids.ts';
import { instanceProfiles, type RoleRecord, roles } from './tables.ts';
import { checkTrustText, encodeDocument, iamArn, withoutPrincipal } from './texts.ts';
import { describeBoundary } from './users.ts';

/** A role; lists leave out what is `detailed`. */
export function describeRole(role: RoleRecord, detailed = true): Role {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createDate),
    AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
    ...(detailed && role.boundary ? { PermissionsBoundary: describeBoundary(role.boundary) } : {}),
    ...(detailed && Object.keys(role.tags).length ? { Tags: tagList(role.tags) } : {}),
  };
}

export const CreateRole = operation<CreateRoleCommandInput, CreateRoleCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:CreateRole',
    resource: iamArn(ctx.account, 'role', input.Path ?? '/', input.RoleName!),
    context: {
      ...requestTagContext(tagsFrom(input.Tags)),
      ...(input.PermissionsBoundary ? { 'iam:PermissionsBoundary': input.PermissionsBoundary } : {}),
    },
  }),
  run(ctx, input) {
    checkName('roleName', input.RoleName!, 64);
    const path = checkPath(input.Path);
    checkNoReservedPath(path);
    checkDescription(input.Description);
    checkRange('maxSessionDuration', input.MaxSessionDuration, 3600, 43_200);
    const tags = checkTags(input.Tags);
    checkTrustText(ctx.state, input.AssumeRolePolicyDocument!);
    const taken = listIdentities(ctx, 'role').map((role) => role.roleName);
    checkUnique(taken, input.RoleName!, `Role with name ${input.RoleName} already exists.`, quotas.roles);
    if (input.PermissionsBoundary) checkAttachable(ctx, input.PermissionsBoundary);
    const role: RoleRecord = {
      roleName: input.RoleName!,
      roleId: newId(ctx.cloud.random, 'AROA'),
      arn: iamArn(ctx.account, 'role', path, input.RoleName!),
      path,
      createDate: ctx.now,
      assumeRolePolicyDocument: input.AssumeRolePolicyDocument!,
      maxSessionDuration: input.MaxSessionDuration ?? 3600,
      inline: [],
      attached: [],
      tags,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.PermissionsBoundary ? { boundary: input.PermissionsBoundary } : {}),
    };
    putIdentity(ctx, 'role', role);
    return { Role: describeRole(role) };
  },
});

export const GetRole = operation<GetRoleCommandInput, GetRoleCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'GetRole', {}, true),
  run(ctx, input) {
    const role = getIdentity(ctx, 'role', input.RoleName!);
    // differs from AWS: the use of roles is not tracked.
    return { Role: { ...describeRole(role), RoleLastUsed: {} } };
  },
});

export const ListRoles = operation<ListRolesCommandInput, ListRolesCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:ListRoles',
    resource: iamArn(ctx.account, 'role', input.PathPrefix ?? '/', ''),
  }),
  run(ctx, input) {
    const prefix = pathPrefix(input.PathPrefix);
    const found = listIdentities(ctx, 'role').filter((role) => role.path.startsWith(prefix));
    const { page, rest } = pageOf(found, (role) => role.roleName, input);
    return { Roles: page.map((role) => describeRole(role, false)), ...rest };
  },
});

export const UpdateRole = operation<UpdateRoleCommandInput, UpdateRoleCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'UpdateRole', {}, true),
  run(ctx, input) {
    checkDescription(input.Description);
    checkRange('maxSessionDuration', input.MaxSessionDuration, 3600, 43_200);
    const role = getChangeable(ctx, 'role', input.RoleName!);
    putIdentity(ctx, 'role', {
      ...role,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      // "If you do not specify a value for this setting, the default value of one hour is applied."
      maxSessionDuration: input.MaxSessionDuration ?? 3600,
    });
    return {};
  },
});

export const UpdateRoleDescription = operation<UpdateRoleDescriptionCommandInput, UpdateRoleDescriptionCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'UpdateRoleDescription', {}, true),
  run(ctx, input) {
    checkDescription(input.Description);
    const role = { ...getChangeable(ctx, 'role', input.RoleName!), description: input.Description! };
    putIdentity(ctx, 'role', role);
    return { Role: describeRole(role) };
  },
});

export const UpdateAssumeRolePolicy = operation<
  UpdateAssumeRolePolicyCommandInput,
  UpdateAssumeRolePolicyCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'UpdateAssumeRolePolicy', {}, true),
  run(ctx, input) {
    const role = getChangeable(ctx, 'role', input.RoleName!);
    checkTrustText(ctx.state, input.PolicyDocument!);
    putIdentity(ctx, 'role', { ...role, assumeRolePolicyDocument: input.PolicyDocument! });
    return {};
  },
});

export const DeleteRole = operation<DeleteRoleCommandInput, DeleteRoleCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'DeleteRole', {}, true),
  run(ctx, input) {
    const role = getChangeable(ctx, 'role', input.RoleName!);
    if (ctx.state.list(instanceProfiles, ctx).some(({ value }) => value.roles.includes(role.roleName)))
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    if (role.attached.length) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (role.inline.length) throw deleteConflict('Cannot delete entity, must delete policies first.');
    ctx.state.delete(roles, ctx, role.roleName);
    forEveryRole(ctx.state, (other) => withoutPrincipal(other, role.arn, role.roleId));
    return {};
  },
});

const boundary = boundaryOperations('role');
export const PutRolePermissionsBoundary = operation<
  PutRolePermissionsBoundaryCommandInput,
  PutRolePermissionsBoundaryCommandOutput
>(boundary.put);
export const DeleteRolePermissionsBoundary = operation<
  DeleteRolePermissionsBoundaryCommandInput,
  DeleteRolePermissionsBoundaryCommandOutput
>(boundary.delete);

const tagging = tagOperations('role');
export const TagRole = operation<TagRoleCommandInput, TagRoleCommandOutput>(tagging.tag);
export const UntagRole = operation<UntagRoleCommandInput, UntagRoleCommandOutput>(tagging.untag);
export const ListRoleTags = operation<ListRoleTagsCommandInput, ListRoleTagsCommandOutput>(tagging.list);
