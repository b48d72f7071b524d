import type {
  CreateAccountAliasCommandInput,
  CreateAccountAliasCommandOutput,
  DeleteAccountAliasCommandInput,
  DeleteAccountAliasCommandOutput,
  GetAccountAuthorizationDetailsCommandInput,
  GetAccountAuthorizationDetailsCommandOutput,
  GetAccountSummaryCommandInput,
  GetAccountSummaryCommandOutput,
  ListAccountAliasesCommandInput,
  ListAccountAliasesCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import { tagList } from '../../tags.ts';
import { type AwsManagedPolicy, awsManagedPolicies } from './aws-managed.ts';
import { alreadyExists, noSuchEntity, pageOf, validationError } from './checks.ts';
import { attachedOf, entitiesOf, listIdentities } from './identities.ts';
import { describeProfile } from './instance-profiles.ts';
import { describePolicy } from './policies.ts';
import { describeVersion } from './policy-versions.ts';
import { describeRole } from './roles.ts';
import {
  accessKeys,
  accountAliases,
  type GroupRecord,
  type InlinePolicy,
  instanceProfiles,
  type PolicyRecord,
  policies,
  type RoleRecord,
  type UserRecord,
} from './tables.ts';
import { encodeDocument } from './texts.ts';
import { describeBoundary } from './users.ts';

const everything = (action: string) => () => ({ action: `iam:${action}`, resource: '*' });

export const GetAccountSummary = operation<GetAccountSummaryCommandInput, GetAccountSummaryCommandOutput>({
  access: everything('GetAccountSummary'),
  run(ctx) {
    const rootKeys = ctx.state.list(accessKeys, ctx).filter(({ value }) => value.userName === undefined);
    return {
      SummaryMap: {
        Users: listIdentities(ctx, 'user').length,
        UsersQuota: 5000,
        Groups: listIdentities(ctx, 'group').length,
        GroupsQuota: 300,
        Roles: listIdentities(ctx, 'role').length,
        RolesQuota: 1000,
        Policies: ctx.state.list(policies, ctx).length,
        PoliciesQuota: 1500,
        InstanceProfiles: ctx.state.list(instanceProfiles, ctx).length,
        InstanceProfilesQuota: 1000,
        AccountMFAEnabled: 0,
        AccountAccessKeysPresent: rootKeys.length ? 1 : 0,
        AccountPasswordPresent: 1,
        AccessKeysPerUserQuota: 2,
        AssumeRolePolicySizeQuota: 2048,
        AttachedPoliciesPerGroupQuota: 10,
        AttachedPoliciesPerRoleQuota: 10,
        AttachedPoliciesPerUserQuota: 10,
        GroupPolicySizeQuota: 5120,
        GroupsPerUserQuota: 10,
        PolicySizeQuota: 6144,
        RolePolicySizeQuota: 10_240,
        UserPolicySizeQuota: 2048,
        VersionsPerPolicyQuota: 5,
        MFADevices: 0,
        MFADevicesInUse: 0,
        Providers: 0,
        ServerCertificates: 0,
        GlobalEndpointTokenVersion: 1,
      } as Record<string, number>,
    };
  },
});

const ALIAS = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/;

export const CreateAccountAlias = operation<CreateAccountAliasCommandInput, CreateAccountAliasCommandOutput>({
  access: everything('CreateAccountAlias'),
  run(ctx, input) {
    if (!ALIAS.test(input.AccountAlias!)) {
      throw validationError(
        "1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
      );
    }
    if (
      ctx.state.all(accountAliases).some(({ id, scope }) => id === input.AccountAlias && scope.account !== ctx.account)
    )
      throw alreadyExists(`The account alias ${input.AccountAlias} already exists.`);
    // "You can have only one alias": a new one takes the old one's place.
    for (const { id } of ctx.state.list(accountAliases, ctx)) ctx.state.delete(accountAliases, ctx, id);
    ctx.state.put(accountAliases, ctx, input.AccountAlias!, { createDate: ctx.now });
    return {};
  },
});

export const DeleteAccountAlias = operation<DeleteAccountAliasCommandInput, DeleteAccountAliasCommandOutput>({
  access: everything('DeleteAccountAlias'),
  run(ctx, input) {
    if (!ctx.state.get(accountAliases, ctx, input.AccountAlias!))
      throw noSuchEntity(`The account alias with name ${input.AccountAlias} cannot be found.`);
    ctx.state.delete(accountAliases, ctx, input.AccountAlias!);
    return {};
  },
});

export const ListAccountAliases = operation<ListAccountAliasesCommandInput, ListAccountAliasesCommandOutput>({
  access: everything('ListAccountAliases'),
  run(ctx, input) {
    const aliases = ctx.state.list(accountAliases, ctx).map(({ id }) => id);
    const { page, rest } = pageOf(aliases, (alias) => alias, input);
    return { AccountAliases: page, ...rest };
  },
});

const inlineOf = (inline: readonly InlinePolicy[]) =>
  inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodeDocument(document) }));

type Detail =
  | { type: 'User'; record: UserRecord }
  | { type: 'Group'; record: GroupRecord }
  | { type: 'Role'; record: RoleRecord }
  | { type: 'LocalManagedPolicy'; record: PolicyRecord }
  | { type: 'AWSManagedPolicy'; record: AwsManagedPolicy };

export const GetAccountAuthorizationDetails = operation<
  GetAccountAuthorizationDetailsCommandInput,
  GetAccountAuthorizationDetailsCommandOutput
>({
  access: everything('GetAccountAuthorizationDetails'),
  run(ctx, input) {
    const all: Detail[] = [
      ...listIdentities(ctx, 'user').map((record) => ({ type: 'User' as const, record })),
      ...listIdentities(ctx, 'group').map((record) => ({ type: 'Group' as const, record })),
      ...listIdentities(ctx, 'role').map((record) => ({ type: 'Role' as const, record })),
      ...ctx.state.list(policies, ctx).map(({ value }) => ({ type: 'LocalManagedPolicy' as const, record: value })),
      ...awsManagedPolicies()
        .filter(({ arn }) => entitiesOf(ctx, arn).length > 0)
        .map((record) => ({ type: 'AWSManagedPolicy' as const, record })),
    ];
    const wanted = all.filter(({ type }) => !input.Filter?.length || input.Filter.includes(type));
    const { page, rest } = pageOf(wanted, ({ type, record }) => `${type} ${record.arn}`, input);
    const of = <T extends Detail['type']>(type: T) =>
      page.filter((one) => one.type === type).map((one) => one.record as (Detail & { type: T })['record']);
    return {
      UserDetailList: of('User').map((user) => ({
        Path: user.path,
        UserName: user.userName,
        UserId: user.userId,
        Arn: user.arn,
        CreateDate: new Date(user.createDate),
        UserPolicyList: inlineOf(user.inline),
        GroupList: [...user.groups],
        AttachedManagedPolicies: attachedOf(user.attached),
        ...(user.boundary ? { PermissionsBoundary: describeBoundary(user.boundary) } : {}),
        Tags: tagList(user.tags),
      })),
      GroupDetailList: of('Group').map((group) => ({
        Path: group.path,
        GroupName: group.groupName,
        GroupId: group.groupId,
        Arn: group.arn,
        CreateDate: new Date(group.createDate),
        GroupPolicyList: inlineOf(group.inline),
        AttachedManagedPolicies: attachedOf(group.attached),
      })),
      RoleDetailList: of('Role').map((role) => ({
        Path: role.path,
        RoleName: role.roleName,
        RoleId: role.roleId,
        Arn: role.arn,
        CreateDate: new Date(role.createDate),
        AssumeRolePolicyDocument: describeRole(role).AssumeRolePolicyDocument,
        InstanceProfileList: ctx.state
          .list(instanceProfiles, ctx)
          .filter(({ value }) => value.roles.includes(role.roleName))
          .map(({ value }) => describeProfile(ctx, value)),
        RolePolicyList: inlineOf(role.inline),
        AttachedManagedPolicies: attachedOf(role.attached),
        ...(role.boundary ? { PermissionsBoundary: describeBoundary(role.boundary) } : {}),
        Tags: tagList(role.tags),
        RoleLastUsed: {},
      })),
      Policies: [...of('LocalManagedPolicy'), ...of('AWSManagedPolicy')].map((policy) => {
        const { Tags: _none, ...described } = describePolicy(ctx, policy);
        const versions = 'versions' in policy ? policy.versions.toReversed() : [{ ...policy, createDate: policy.date }];
        return {
          ...described,
          PolicyVersionList: versions.map((version) => describeVersion(version, described.DefaultVersionId!, true)),
        };
      }),
      ...rest,
    };
  },
});
