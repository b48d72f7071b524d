import type {
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupEgressCommandOutput,
  AuthorizeSecurityGroupIngressCommandInput,
  AuthorizeSecurityGroupIngressCommandOutput,
  IpPermission,
  ModifySecurityGroupRulesCommandInput,
  ModifySecurityGroupRulesCommandOutput,
  RevokeSecurityGroupEgressCommandInput,
  RevokeSecurityGroupEgressCommandOutput,
  RevokeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommandOutput,
  SecurityGroupRule,
  TagSpecification,
  UpdateSecurityGroupRuleDescriptionsEgressCommandInput,
  UpdateSecurityGroupRuleDescriptionsEgressCommandOutput,
  UpdateSecurityGroupRuleDescriptionsIngressCommandInput,
  UpdateSecurityGroupRuleDescriptionsIngressCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Access, CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { ec2Operation, newTags, onNew, onResource } from './access.ts';
import { type Ec2Context, invalidParameter, kinds, missingParameter, newId } from './kinds.ts';
import {
  checkDescription,
  draftOfRule,
  draftsOf,
  peerOf,
  permissionsOf,
  type RuleDraft,
  ruleView,
  sameRule,
} from './permissions.ts';
import { findByName, getGroup, groupOf, noRule } from './security-groups.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroups } from './tables.ts';

/** What the four operations that add and remove rules have in common. */
interface RulesInput {
  GroupId?: string | undefined;
  GroupName?: string | undefined;
  IpPermissions?: IpPermission[] | undefined;
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
  CidrIp?: string | undefined;
  SourceSecurityGroupName?: string | undefined;
  SourceSecurityGroupOwnerId?: string | undefined;
  SecurityGroupRuleIds?: string[] | undefined;
  TagSpecifications?: TagSpecification[] | undefined;
}

const MOST_RULES = 60;

function accessToGroup(ctx: CallContext, action: string, input: RulesInput): Access[] {
  const id = input.GroupId ?? findByName(ctx, input.GroupName ?? '')?.GroupId;
  const tagged = (input.TagSpecifications ?? []).length > 0;
  return [
    onResource(ctx, action, kinds.securityGroup, id),
    ...(tagged ? onNew(ctx, action, 'security-group-rule', input.TagSpecifications) : []),
  ];
}

/** The permissions of a request: as a list, or as the old single members. */
function permissionsIn(input: RulesInput): IpPermission[] {
  const single =
    input.IpProtocol !== undefined || input.CidrIp !== undefined || input.SourceSecurityGroupName !== undefined;
  if (input.IpPermissions?.length) {
    if (single)
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter ipPermissions may not be used with ipProtocol, cidrIp or sourceSecurityGroupName',
      );
    return input.IpPermissions;
  }
  if (!single) return [];
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName, SourceSecurityGroupOwnerId } = input;
  return [
    {
      IpProtocol: IpProtocol ?? '-1',
      FromPort,
      ToPort,
      ...(CidrIp === undefined ? {} : { IpRanges: [{ CidrIp }] }),
      ...(SourceSecurityGroupName === undefined
        ? {}
        : { UserIdGroupPairs: [{ GroupName: SourceSecurityGroupName, UserId: SourceSecurityGroupOwnerId }] }),
    },
  ];
}

function put(ctx: Ec2Context, group: SecurityGroupRecord, Rules: SecurityGroupRuleRecord[]): void {
  ctx.state.put(securityGroups, ctx, group.GroupId, { ...group, Rules });
}

function authorizeRules(
  ctx: Ec2Context,
  input: RulesInput,
  IsEgress: boolean,
): { Return: boolean; SecurityGroupRules: SecurityGroupRule[] } {
  const group = groupOf(ctx, input);
  const drafts = draftsOf(ctx, group, permissionsIn(input));
  if (drafts.length === 0) throw missingParameter('ipPermissions');
  const Tags = newTags(input.TagSpecifications, 'security-group-rule');
  const added: SecurityGroupRuleRecord[] = [];
  for (const draft of drafts) {
    if ([...group.Rules, ...added].some((rule) => rule.IsEgress === IsEgress && sameRule(rule, draft)))
      throw duplicate(draft, IsEgress);
    added.push({ SecurityGroupRuleId: newId(ctx, 'sgr'), IsEgress, ...draft, Tags });
  }
  const Rules = [...group.Rules, ...added];
  if (Rules.filter((rule) => rule.IsEgress === IsEgress).length > MOST_RULES)
    throw new AwsError(
      'RulesPerSecurityGroupLimitExceeded',
      'The maximum number of rules per security group has been reached.',
    );
  put(ctx, group, Rules);
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleView(ctx, group, rule)) };
}

function duplicate(rule: RuleDraft, egress: boolean): AwsError {
  const ports =
    rule.IpProtocol === '-1'
      ? 'ALL'
      : `${rule.IpProtocol.toUpperCase()}, from port: ${rule.FromPort}, to port: ${rule.ToPort}`;
  return new AwsError(
    'InvalidPermission.Duplicate',
    `the specified rule "peer: ${peerOf(rule)}, ${ports}, ${egress ? 'EGRESS, ' : ''}ALLOW" already exists`,
  );
}

interface Revoked {
  Return: boolean;
  UnknownIpPermissions?: IpPermission[];
  RevokedSecurityGroupRules: { SecurityGroupRuleId: string; GroupId: string; IsEgress: boolean }[];
}

function revokeRules(ctx: Ec2Context, input: RulesInput, IsEgress: boolean): Revoked {
  const group = groupOf(ctx, input);
  const ofDirection = group.Rules.filter((rule) => rule.IsEgress === IsEgress);
  const gone = new Set<SecurityGroupRuleRecord>();
  const unknown: SecurityGroupRuleRecord[] = [];
  if (input.SecurityGroupRuleIds?.length) {
    for (const id of input.SecurityGroupRuleIds) {
      const rule = ofDirection.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id);
      if (!rule) throw noRule(id);
      gone.add(rule);
    }
  } else {
    const drafts = draftsOf(ctx, group, permissionsIn(input));
    if (drafts.length === 0) throw missingParameter('ipPermissions');
    for (const draft of drafts) {
      const rule = ofDirection.find((each) => sameRule(each, draft));
      if (rule) gone.add(rule);
      else unknown.push({ ...draft, SecurityGroupRuleId: '', IsEgress, Tags: {} });
    }
    if (gone.size === 0)
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  put(
    ctx,
    group,
    group.Rules.filter((rule) => !gone.has(rule)),
  );
  return {
    Return: true,
    ...(unknown.length > 0 ? { UnknownIpPermissions: permissionsOf(unknown) } : {}),
    RevokedSecurityGroupRules: [...gone].map(({ Tags, ReferencedUserId, ...rule }) => ({
      ...rule,
      GroupId: group.GroupId,
    })),
  };
}

export const AuthorizeSecurityGroupIngress = ec2Operation<
  AuthorizeSecurityGroupIngressCommandInput,
  AuthorizeSecurityGroupIngressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'AuthorizeSecurityGroupIngress', input),
  run: (ctx, input) => authorizeRules(ctx, input, false),
});

export const AuthorizeSecurityGroupEgress = ec2Operation<
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupEgressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'AuthorizeSecurityGroupEgress', input),
  run: (ctx, input) => authorizeRules(ctx, input, true),
});

export const RevokeSecurityGroupIngress = ec2Operation<
  RevokeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'RevokeSecurityGroupIngress', input),
  run: (ctx, input) => revokeRules(ctx, input, false),
});

export const RevokeSecurityGroupEgress = ec2Operation<
  RevokeSecurityGroupEgressCommandInput,
  RevokeSecurityGroupEgressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'RevokeSecurityGroupEgress', input),
  run: (ctx, input) => revokeRules(ctx, input, true),
});

export const ModifySecurityGroupRules = ec2Operation<
  ModifySecurityGroupRulesCommandInput,
  ModifySecurityGroupRulesCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'ModifySecurityGroupRules', kinds.securityGroup, input.GroupId),
  run(ctx, input) {
    const group = getGroup(ctx, input.GroupId!);
    const changed = new Map<string, SecurityGroupRuleRecord>();
    for (const { SecurityGroupRuleId, SecurityGroupRule } of input.SecurityGroupRules ?? []) {
      const rule = group.Rules.find((each) => each.SecurityGroupRuleId === SecurityGroupRuleId);
      if (!rule) throw noRule(SecurityGroupRuleId!);
      if (!SecurityGroupRule) throw missingParameter('SecurityGroupRule');
      const { IsEgress, Tags } = rule;
      changed.set(rule.SecurityGroupRuleId, {
        SecurityGroupRuleId: rule.SecurityGroupRuleId,
        IsEgress,
        ...draftOfRule(ctx, group, SecurityGroupRule),
        Tags,
      });
    }
    if (changed.size === 0) throw missingParameter('SecurityGroupRule');
    const Rules = group.Rules.map((rule) => changed.get(rule.SecurityGroupRuleId) ?? rule);
    const twice = Rules.find((rule, i) =>
      Rules.some((other, j) => j < i && other.IsEgress === rule.IsEgress && sameRule(other, rule)),
    );
    if (twice) throw duplicate(twice, twice.IsEgress);
    put(ctx, group, Rules);
    return { Return: true };
  },
});

function describeRules(
  ctx: Ec2Context,
  input: UpdateSecurityGroupRuleDescriptionsIngressCommandInput,
  IsEgress: boolean,
): { Return: boolean } {
  const group = groupOf(ctx, input);
  const wanted = new Map<SecurityGroupRuleRecord, string | undefined>();
  for (const { SecurityGroupRuleId, Description } of input.SecurityGroupRuleDescriptions ?? []) {
    const rule = group.Rules.find(
      (each) => each.IsEgress === IsEgress && each.SecurityGroupRuleId === SecurityGroupRuleId,
    );
    if (!rule) throw noRule(SecurityGroupRuleId ?? '');
    wanted.set(rule, Description === undefined ? undefined : checkDescription(Description));
  }
  for (const draft of draftsOf(ctx, group, input.IpPermissions ?? [])) {
    const rule = group.Rules.find((each) => each.IsEgress === IsEgress && sameRule(each, draft));
    if (!rule)
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    wanted.set(rule, draft.Description);
  }
  if (wanted.size === 0)
    throw invalidParameter('Either IpPermissions or SecurityGroupRuleDescriptions must be specified');
  put(
    ctx,
    group,
    group.Rules.map((rule) => {
      if (!wanted.has(rule)) return rule;
      const { Description, ...plain } = rule;
      const text = wanted.get(rule);
      return text === undefined ? plain : { ...plain, Description: text };
    }),
  );
  return { Return: true };
}

export const UpdateSecurityGroupRuleDescriptionsIngress = ec2Operation<
  UpdateSecurityGroupRuleDescriptionsIngressCommandInput,
  UpdateSecurityGroupRuleDescriptionsIngressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'UpdateSecurityGroupRuleDescriptionsIngress', input),
  run: (ctx, input) => describeRules(ctx, input, false),
});

export const UpdateSecurityGroupRuleDescriptionsEgress = ec2Operation<
  UpdateSecurityGroupRuleDescriptionsEgressCommandInput,
  UpdateSecurityGroupRuleDescriptionsEgressCommandOutput
>({
  access: (ctx, input) => accessToGroup(ctx, 'UpdateSecurityGroupRuleDescriptionsEgress', input),
  run: (ctx, input) => describeRules(ctx, input, true),
});

export const securityGroupRuleOperations = {
  AuthorizeSecurityGroupIngress,
  AuthorizeSecurityGroupEgress,
  RevokeSecurityGroupIngress,
  RevokeSecurityGroupEgress,
  ModifySecurityGroupRules,
  UpdateSecurityGroupRuleDescriptionsIngress,
  UpdateSecurityGroupRuleDescriptionsEgress,
};
