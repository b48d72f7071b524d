import type {
  CreatePolicyCommandInput,
  CreatePolicyCommandOutput,
  DeletePolicyCommandInput,
  DeletePolicyCommandOutput,
  GetPolicyCommandInput,
  GetPolicyCommandOutput,
  ListEntitiesForPolicyCommandInput,
  ListEntitiesForPolicyCommandOutput,
  ListPoliciesCommandInput,
  ListPoliciesCommandOutput,
  ListPolicyTagsCommandInput,
  ListPolicyTagsCommandOutput,
  Policy,
  TagPolicyCommandInput,
  TagPolicyCommandOutput,
  UntagPolicyCommandInput,
  UntagPolicyCommandOutput,
} from '@aws-sdk/client-iam';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { requestTagContext, resourceTagContext, tagList, tagsFrom } from '../../tags.ts';
import { type AwsManagedPolicy, awsManagedPolicies, findAwsManagedPolicy } from './aws-managed.ts';
import {
  alreadyExists,
  checkDescription,
  checkName,
  checkNoReservedPath,
  checkPath,
  checkTags,
  deleteConflict,
  limitExceeded,
  mergeTags,
  noSuchEntity,
  pageOf,
  pathPrefix,
  withoutTags,
} from './checks.ts';
import { checkPolicyArn, entitiesOf, nameOf } from './identities.ts';
import { newId } from './ids.ts';
import { type GroupRecord, type PolicyRecord, policies, type RoleRecord, type UserRecord } from './tables.ts';
import { checkManagedText, iamArn } from './texts.ts';

/** Managed policies: the account's own, and AWS's, which can only be read and attached. */

/** @throws AwsError NoSuchEntity; AccessDenied for policies of other accounts */
export function getPolicy(ctx: CallContext, arn: string): PolicyRecord | AwsManagedPolicy {
  checkPolicyArn(arn);
  const found = findAwsManagedPolicy(arn) ?? ctx.state.get(policies, ctx, arn);
  if (!found) throw noSuchEntity(`Policy ${arn} was not found.`);
  return found;
}

/** A policy that may be changed: not AWS's. */
export function getOwnPolicy(ctx: CallContext, arn: string): PolicyRecord {
  const found = getPolicy(ctx, arn);
  if (!('versions' in found)) throw new AwsError('AccessDenied', `Policy ${arn} is managed by AWS.`, 403);
  return found;
}

export function policyAccess(ctx: CallContext, arn: string, action: string, context: ConditionContext = {}): Access {
  const tags = ctx.state.get(policies, ctx, arn)?.tags;
  return { action: `iam:${action}`, resource: arn, context: { ...resourceTagContext(tags), ...context } };
}

export function describePolicy(ctx: CallContext, policy: PolicyRecord | AwsManagedPolicy, detailed = true): Policy {
  const entities = entitiesOf(ctx, policy.arn);
  const own = 'versions' in policy ? policy : undefined;
  return {
    PolicyName: policy.policyName,
    PolicyId: policy.policyId,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: own ? own.defaultVersionId : (policy as AwsManagedPolicy).versionId,
    AttachmentCount: entities.filter(({ as }) => as === 'policy').length,
    PermissionsBoundaryUsageCount: entities.filter(({ as }) => as === 'boundary').length,
    IsAttachable: true,
    ...(detailed && policy.description !== undefined ? { Description: policy.description } : {}),
    CreateDate: new Date(own ? own.createDate : (policy as AwsManagedPolicy).date),
    UpdateDate: new Date(own ? own.updateDate : (policy as AwsManagedPolicy).date),
    ...(detailed ? { Tags: tagList(own?.tags) } : {}),
  };
}

export const CreatePolicy = operation<CreatePolicyCommandInput, CreatePolicyCommandOutput>({
  access: (ctx, input) => ({
    action: 'iam:CreatePolicy',
    resource: iamArn(ctx.account, 'policy', input.Path ?? '/', input.PolicyName!),
    context: requestTagContext(tagsFrom(input.Tags)),
  }),
  run(ctx, input) {
    checkName('policyName', input.PolicyName!, 128);
    const path = checkPath(input.Path);
    checkNoReservedPath(path);
    checkDescription(input.Description);
    const tags = checkTags(input.Tags);
    checkManagedText(input.PolicyDocument!);
    const lower = input.PolicyName!.toLowerCase();
    const taken = ctx.state.list(policies, ctx);
    if (taken.some(({ value }) => value.policyName.toLowerCase() === lower))
      throw alreadyExists(`A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`);
    if (taken.length >= 1500) throw limitExceeded('Cannot exceed quota for PoliciesPerAccount: 1500');
    const policy: PolicyRecord = {
      policyName: input.PolicyName!,
      policyId: newId(ctx.cloud.random, 'ANPA'),
      arn: iamArn(ctx.account, 'policy', path, input.PolicyName!),
      path,
      createDate: ctx.now,
      updateDate: ctx.now,
      defaultVersionId: 'v1',
      nextVersion: 2,
      versions: [{ versionId: 'v1', document: input.PolicyDocument!, createDate: ctx.now }],
      tags,
      ...(input.Description === undefined ? {} : { description: input.Description }),
    };
    ctx.state.put(policies, ctx, policy.arn, policy);
    const { Description: _none, ...described } = describePolicy(ctx, policy);
    return { Policy: described };
  },
});

export const GetPolicy = operation<GetPolicyCommandInput, GetPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'GetPolicy'),
  run: (ctx, input) => ({ Policy: describePolicy(ctx, getPolicy(ctx, input.PolicyArn!)) }),
});

export const ListPolicies = operation<ListPoliciesCommandInput, ListPoliciesCommandOutput>({
  access: (_ctx, input) => ({ action: 'iam:ListPolicies', resource: `policy path ${input.PathPrefix ?? '/'}` }),
  run(ctx, input) {
    const prefix = pathPrefix(input.PathPrefix);
    const own = input.Scope === 'AWS' ? [] : ctx.state.list(policies, ctx).map(({ value }) => value);
    const theirs = input.Scope === 'Local' ? [] : awsManagedPolicies();
    let found = [...own, ...theirs].filter((policy) => policy.path.startsWith(prefix));
    if (input.OnlyAttached || input.PolicyUsageFilter) {
      const wanted = input.PolicyUsageFilter === 'PermissionsBoundary' ? ['boundary'] : ['policy'];
      if (!input.PolicyUsageFilter) wanted.push('boundary');
      found = found.filter((policy) => entitiesOf(ctx, policy.arn).some(({ as }) => wanted.includes(as)));
    }
    const { page, rest } = pageOf(found, (policy) => policy.arn, input);
    return { Policies: page.map((policy) => describePolicy(ctx, policy, false)), ...rest };
  },
});

export const DeletePolicy = operation<DeletePolicyCommandInput, DeletePolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'DeletePolicy'),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    if (entitiesOf(ctx, policy.arn).length) throw deleteConflict('Cannot delete a policy attached to entities.');
    if (policy.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    ctx.state.delete(policies, ctx, policy.arn);
    return {};
  },
});

export const ListEntitiesForPolicy = operation<ListEntitiesForPolicyCommandInput, ListEntitiesForPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'ListEntitiesForPolicy'),
  run(ctx, input) {
    const policy = getPolicy(ctx, input.PolicyArn!);
    const prefix = pathPrefix(input.PathPrefix);
    const wanted = (kind: string, as: string): boolean =>
      (input.EntityFilter === undefined || input.EntityFilter.toLowerCase() === kind) &&
      (input.PolicyUsageFilter === undefined ||
        (input.PolicyUsageFilter === 'PermissionsBoundary') === (as === 'boundary'));
    const seen = new Set<string>();
    const found = entitiesOf(ctx, policy.arn).filter(({ kind, record, as }) => {
      if (!wanted(kind, as) || !record.path.startsWith(prefix) || seen.has(record.arn)) return false;
      seen.add(record.arn);
      return true;
    });
    const { page, rest } = pageOf(found, ({ kind, record }) => `${kind}/${nameOf(record)}`, input);
    const of = <T>(kind: string): T[] => page.filter((one) => one.kind === kind).map(({ record }) => record as T);
    return {
      PolicyGroups: of<GroupRecord>('group').map((group) => ({ GroupName: group.groupName, GroupId: group.groupId })),
      PolicyUsers: of<UserRecord>('user').map((user) => ({ UserName: user.userName, UserId: user.userId })),
      PolicyRoles: of<RoleRecord>('role').map((role) => ({ RoleName: role.roleName, RoleId: role.roleId })),
      ...rest,
    };
  },
});

export const TagPolicy = operation<TagPolicyCommandInput, TagPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'TagPolicy', requestTagContext(tagsFrom(input.Tags))),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    ctx.state.put(policies, ctx, policy.arn, { ...policy, tags: mergeTags(policy.tags, checkTags(input.Tags)) });
    return {};
  },
});

export const UntagPolicy = operation<UntagPolicyCommandInput, UntagPolicyCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'UntagPolicy', { 'aws:TagKeys': input.TagKeys ?? [] }),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    ctx.state.put(policies, ctx, policy.arn, { ...policy, tags: withoutTags(policy.tags, input.TagKeys ?? []) });
    return {};
  },
});

export const ListPolicyTags = operation<ListPolicyTagsCommandInput, ListPolicyTagsCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'ListPolicyTags'),
  run(ctx, input) {
    const policy = getPolicy(ctx, input.PolicyArn!);
    const { page, rest } = pageOf(tagList('tags' in policy ? policy.tags : {}), (tag) => tag.Key, input);
    return { Tags: page, ...rest };
  },
});
