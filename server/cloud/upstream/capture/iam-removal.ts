import * as Iam from '@aws-sdk/client-iam';
import type { Source } from '../types.ts';
import { isReserved } from './iam-roles.ts';

/**
 * Takes users, groups, roles and policies out of one another, and deletes them. What is attached keeps its holder from
 * being deleted, so holders go first in themselves and policies last.
 */
export async function removeIam(source: Source): Promise<number> {
  const iam = source.client(Iam.IAMClient);
  const found = await source.pages(
    'the account authorization details',
    (Marker) =>
      iam.send(
        new Iam.GetAccountAuthorizationDetailsCommand({
          Filter: ['User', 'Group', 'Role', 'LocalManagedPolicy'],
          Marker,
        }),
      ),
    (page) => ({ items: [page], next: page.IsTruncated ? page.Marker : undefined }),
  );
  const profiles = await source.pages(
    'the instance profiles',
    (Marker) => iam.send(new Iam.ListInstanceProfilesCommand({ Marker })),
    (page) => ({ items: page.InstanceProfiles, next: page.IsTruncated ? page.Marker : undefined }),
  );
  const aliases = await source.read('the account alias', () => iam.send(new Iam.ListAccountAliasesCommand({})));
  const users = found.flatMap((page) => page.UserDetailList ?? []);
  const groups = found.flatMap((page) => page.GroupDetailList ?? []);
  const roles = found
    .flatMap((page) => page.RoleDetailList ?? [])
    .filter(({ Path }) => !isReserved({ path: Path ?? '/' }));
  const policies = found.flatMap((page) => page.Policies ?? []);
  const names = aliases?.AccountAliases ?? [];

  await source.each(profiles, (profile) => removeProfile(source, profile));
  await source.each(users, (user) => removeUser(source, user));
  await source.each(groups, (group) => removeGroup(source, group));
  await source.each(roles, (role) => removeRole(source, role));
  await source.each(policies, (policy) => removePolicy(source, policy));
  for (const AccountAlias of names)
    await source.attempt('the account alias', () => iam.send(new Iam.DeleteAccountAliasCommand({ AccountAlias })));
  return profiles.length + users.length + groups.length + roles.length + policies.length + names.length;
}

async function removeProfile(source: Source, { InstanceProfileName, Roles }: Iam.InstanceProfile): Promise<void> {
  const iam = source.client(Iam.IAMClient);
  for (const { RoleName } of Roles ?? [])
    await source.attempt(`role ${RoleName} of a profile`, () =>
      iam.send(new Iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })),
    );
  await source.attempt(`instance profile ${InstanceProfileName}`, () =>
    iam.send(new Iam.DeleteInstanceProfileCommand({ InstanceProfileName })),
  );
}

async function removeUser(source: Source, user: Iam.UserDetail): Promise<void> {
  const iam = source.client(Iam.IAMClient);
  const { UserName } = user;
  const attempt = (ask: () => Promise<unknown>) => source.attempt(`user ${UserName}`, ask);
  for (const GroupName of user.GroupList ?? [])
    await attempt(() => iam.send(new Iam.RemoveUserFromGroupCommand({ UserName, GroupName })));
  for (const { PolicyArn } of user.AttachedManagedPolicies ?? [])
    await attempt(() => iam.send(new Iam.DetachUserPolicyCommand({ UserName, PolicyArn })));
  for (const { PolicyName } of user.UserPolicyList ?? [])
    await attempt(() => iam.send(new Iam.DeleteUserPolicyCommand({ UserName, PolicyName })));
  const keys = await source.read(`user ${UserName}`, () => iam.send(new Iam.ListAccessKeysCommand({ UserName })));
  for (const { AccessKeyId } of keys?.AccessKeyMetadata ?? [])
    await attempt(() => iam.send(new Iam.DeleteAccessKeyCommand({ UserName, AccessKeyId })));
  await attempt(() => iam.send(new Iam.DeleteUserPermissionsBoundaryCommand({ UserName })));
  await attempt(() => iam.send(new Iam.DeleteUserCommand({ UserName })));
}

async function removeGroup(source: Source, group: Iam.GroupDetail): Promise<void> {
  const iam = source.client(Iam.IAMClient);
  const { GroupName } = group;
  const attempt = (ask: () => Promise<unknown>) => source.attempt(`group ${GroupName}`, ask);
  for (const { PolicyArn } of group.AttachedManagedPolicies ?? [])
    await attempt(() => iam.send(new Iam.DetachGroupPolicyCommand({ GroupName, PolicyArn })));
  for (const { PolicyName } of group.GroupPolicyList ?? [])
    await attempt(() => iam.send(new Iam.DeleteGroupPolicyCommand({ GroupName, PolicyName })));
  await attempt(() => iam.send(new Iam.DeleteGroupCommand({ GroupName })));
}

async function removeRole(source: Source, role: Iam.RoleDetail): Promise<void> {
  const iam = source.client(Iam.IAMClient);
  const { RoleName } = role;
  const attempt = (ask: () => Promise<unknown>) => source.attempt(`role ${RoleName}`, ask);
  if (role.Path?.startsWith('/aws-service-role/')) {
    await attempt(() => iam.send(new Iam.DeleteServiceLinkedRoleCommand({ RoleName })));
    return;
  }
  for (const { PolicyArn } of role.AttachedManagedPolicies ?? [])
    await attempt(() => iam.send(new Iam.DetachRolePolicyCommand({ RoleName, PolicyArn })));
  for (const { PolicyName } of role.RolePolicyList ?? [])
    await attempt(() => iam.send(new Iam.DeleteRolePolicyCommand({ RoleName, PolicyName })));
  await attempt(() => iam.send(new Iam.DeleteRolePermissionsBoundaryCommand({ RoleName })));
  await attempt(() => iam.send(new Iam.DeleteRoleCommand({ RoleName })));
}

async function removePolicy(source: Source, policy: Iam.ManagedPolicyDetail): Promise<void> {
  const iam = source.client(Iam.IAMClient);
  const PolicyArn = policy.Arn;
  const attempt = (ask: () => Promise<unknown>) => source.attempt(`policy ${PolicyArn}`, ask);
  for (const { VersionId, IsDefaultVersion } of policy.PolicyVersionList ?? [])
    if (!IsDefaultVersion) await attempt(() => iam.send(new Iam.DeletePolicyVersionCommand({ PolicyArn, VersionId })));
  await attempt(() => iam.send(new Iam.DeletePolicyCommand({ PolicyArn })));
}
