import type {
  AddRoleToInstanceProfileCommandInput,
  AddRoleToInstanceProfileCommandOutput,
  CreateInstanceProfileCommandInput,
  CreateInstanceProfileCommandOutput,
  DeleteInstanceProfileCommandInput,
  DeleteInstanceProfileCommandOutput,
  GetInstanceProfileCommandInput,
  GetInstanceProfileCommandOutput,
  InstanceProfile,
  ListInstanceProfilesCommandInput,
  ListInstanceProfilesCommandOutput,
  ListInstanceProfilesForRoleCommandInput,
  ListInstanceProfilesForRoleCommandOutput,
  ListInstanceProfileTagsCommandInput,
  ListInstanceProfileTagsCommandOutput,
  RemoveRoleFromInstanceProfileCommandInput,
  RemoveRoleFromInstanceProfileCommandOutput,
  TagInstanceProfileCommandInput,
  TagInstanceProfileCommandOutput,
  UntagInstanceProfileCommandInput,
  UntagInstanceProfileCommandOutput,
} from '@aws-sdk/client-iam';
import { type Access, type CallContext, operation } from '../../context.ts';
import { requestTagContext, resourceTagContext, tagList, tagsFrom } from '../../tags.ts';
import {
  checkName,
  checkNoReservedPath,
  checkPath,
  checkTags,
  checkUnique,
  deleteConflict,
  limitExceeded,
  mergeTags,
  noSuchEntity,
  pageOf,
  pathPrefix,
  quotas,
  withoutTags,
} from './checks.ts';
import { findIdentity, getChangeable, getIdentity, identityAccess } from './identities.ts';
import { newId } from './ids.ts';
import { describeRole } from './roles.ts';
import { passRole } from './service-roles.ts';
import { type InstanceProfileRecord, instanceProfiles } from './tables.ts';
import { iamArn } from './texts.ts';

function getProfile(ctx: CallContext, name: string): InstanceProfileRecord {
  checkName('instanceProfileName', name, 128);
  const found = ctx.state.get(instanceProfiles, ctx, name);
  if (!found) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return found;
}

function profileAccess(ctx: CallContext, name: string, action: string): Access {
  const found = ctx.state.get(instanceProfiles, ctx, name);
  return {
    action: `iam:${action}`,
    resource: found?.arn ?? iamArn(ctx.account, 'instance-profile', '/', name),
    context: resourceTagContext(found?.tags),
  };
}

export function describeProfile(ctx: CallContext, profile: InstanceProfileRecord): InstanceProfile {
  const roles = profile.roles.map((name) => findIdentity(ctx, 'role', name)).filter((role) => role !== undefined);
  return {
    Path: profile.path,
    InstanceProfileName: profile.instanceProfileName,
    InstanceProfileId: profile.instanceProfileId,
    Arn: profile.arn,
    CreateDate: new Date(profile.createDate),
    Roles: roles.map((role) => describeRole(role, false)),
    Tags: tagList(profile.tags),
  };
}

export const CreateInstanceProfile = operation<CreateInstanceProfileCommandInput, CreateInstanceProfileCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:CreateInstanceProfile',
    resource: iamArn(ctx.account, 'instance-profile', input.Path ?? '/', input.InstanceProfileName!),
    context: requestTagContext(tagsFrom(input.Tags)),
  }),
  run(ctx, input) {
    const name = input.InstanceProfileName!;
    checkName('instanceProfileName', name, 128);
    const path = checkPath(input.Path);
    checkNoReservedPath(path);
    const taken = ctx.state.list(instanceProfiles, ctx).map(({ id }) => id);
    checkUnique(taken, name, `Instance Profile ${name} already exists.`, quotas.instanceProfiles);
    const profile: InstanceProfileRecord = {
      instanceProfileName: name,
      instanceProfileId: newId(ctx.cloud.random, 'AIPA'),
      arn: iamArn(ctx.account, 'instance-profile', path, name),
      path,
      createDate: ctx.now,
      roles: [],
      tags: checkTags(input.Tags),
    };
    ctx.state.put(instanceProfiles, ctx, name, profile);
    return { InstanceProfile: describeProfile(ctx, profile) };
  },
});

export const GetInstanceProfile = operation<GetInstanceProfileCommandInput, GetInstanceProfileCommandOutput>({
  access: (ctx, input) => profileAccess(ctx, input.InstanceProfileName!, 'GetInstanceProfile'),
  run: (ctx, input) => ({ InstanceProfile: describeProfile(ctx, getProfile(ctx, input.InstanceProfileName!)) }),
});

export const ListInstanceProfiles = operation<ListInstanceProfilesCommandInput, ListInstanceProfilesCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:ListInstanceProfiles',
    resource: iamArn(ctx.account, 'instance-profile', input.PathPrefix ?? '/', ''),
  }),
  run(ctx, input) {
    const prefix = pathPrefix(input.PathPrefix);
    const found = ctx.state.list(instanceProfiles, ctx).filter(({ value }) => value.path.startsWith(prefix));
    const { page, rest } = pageOf(found, ({ id }) => id, input);
    return { InstanceProfiles: page.map(({ value }) => describeProfile(ctx, value)), ...rest };
  },
});

export const ListInstanceProfilesForRole = operation<
  ListInstanceProfilesForRoleCommandInput,
  ListInstanceProfilesForRoleCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'ListInstanceProfilesForRole'),
  run(ctx, input) {
    const { roleName } = getIdentity(ctx, 'role', input.RoleName!);
    const found = ctx.state.list(instanceProfiles, ctx).filter(({ value }) => value.roles.includes(roleName));
    const { page, rest } = pageOf(found, ({ id }) => id, input);
    return { InstanceProfiles: page.map(({ value }) => describeProfile(ctx, value)), ...rest };
  },
});

export const AddRoleToInstanceProfile = operation<
  AddRoleToInstanceProfileCommandInput,
  AddRoleToInstanceProfileCommandOutput
>({
  access: (ctx, input) => profileAccess(ctx, input.InstanceProfileName!, 'AddRoleToInstanceProfile'),
  run(ctx, input) {
    const profile = getProfile(ctx, input.InstanceProfileName!);
    const role = getChangeable(ctx, 'role', input.RoleName!);
    passRole(ctx, role.arn, 'ec2.amazonaws.com');
    if (profile.roles.length) throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    ctx.state.put(instanceProfiles, ctx, profile.instanceProfileName, { ...profile, roles: [role.roleName] });
    return {};
  },
});

export const RemoveRoleFromInstanceProfile = operation<
  RemoveRoleFromInstanceProfileCommandInput,
  RemoveRoleFromInstanceProfileCommandOutput
>({
  access: (ctx, input) => profileAccess(ctx, input.InstanceProfileName!, 'RemoveRoleFromInstanceProfile'),
  run(ctx, input) {
    const profile = getProfile(ctx, input.InstanceProfileName!);
    if (!profile.roles.includes(input.RoleName!))
      throw noSuchEntity(`Role ${input.RoleName} is not in instance profile ${profile.instanceProfileName}.`);
    ctx.state.put(instanceProfiles, ctx, profile.instanceProfileName, { ...profile, roles: [] });
    return {};
  },
});

export const DeleteInstanceProfile = operation<DeleteInstanceProfileCommandInput, DeleteInstanceProfileCommandOutput>({
  access: (ctx, input) => profileAccess(ctx, input.InstanceProfileName!, 'DeleteInstanceProfile'),
  run(ctx, input) {
    const profile = getProfile(ctx, input.InstanceProfileName!);
    if (profile.roles.length)
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    ctx.state.delete(instanceProfiles, ctx, profile.instanceProfileName);
    return {};
  },
});

export const TagInstanceProfile = operation<TagInstanceProfileCommandInput, TagInstanceProfileCommandOutput>({
  access(ctx, input) {
    const access = profileAccess(ctx, input.InstanceProfileName!, 'TagInstanceProfile');
    return { ...access, context: { ...access.context, ...requestTagContext(tagsFrom(input.Tags)) } };
  },
  run(ctx, input) {
    const profile = getProfile(ctx, input.InstanceProfileName!);
    const tags = mergeTags(profile.tags, checkTags(input.Tags));
    ctx.state.put(instanceProfiles, ctx, profile.instanceProfileName, { ...profile, tags });
    return {};
  },
});

export const UntagInstanceProfile = operation<UntagInstanceProfileCommandInput, UntagInstanceProfileCommandOutput>({
  access(ctx, input) {
    const access = profileAccess(ctx, input.InstanceProfileName!, 'UntagInstanceProfile');
    return { ...access, context: { ...access.context, 'aws:TagKeys': input.TagKeys ?? [] } };
  },
  run(ctx, input) {
    const profile = getProfile(ctx, input.InstanceProfileName!);
    const tags = withoutTags(profile.tags, input.TagKeys ?? []);
    ctx.state.put(instanceProfiles, ctx, profile.instanceProfileName, { ...profile, tags });
    return {};
  },
});

export const ListInstanceProfileTags = operation<
  ListInstanceProfileTagsCommandInput,
  ListInstanceProfileTagsCommandOutput
>({
  access: (ctx, input) => profileAccess(ctx, input.InstanceProfileName!, 'ListInstanceProfileTags'),
  run(ctx, input) {
    const { tags } = getProfile(ctx, input.InstanceProfileName!);
    const { page, rest } = pageOf(tagList(tags), (tag) => tag.Key, input);
    return { Tags: page, ...rest };
  },
});
