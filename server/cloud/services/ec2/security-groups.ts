import type {
  CreateSecurityGroupCommandInput,
  CreateSecurityGroupCommandOutput,
  DeleteSecurityGroupCommandInput,
  DeleteSecurityGroupCommandOutput,
  DescribeSecurityGroupRulesCommandInput,
  DescribeSecurityGroupRulesCommandOutput,
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters, filterRecords, pageOf } from './describe.ts';
import {
  dependencyViolation,
  type Ec2Context,
  ec2Arn,
  getResource,
  invalidParameter,
  kinds,
  missingParameter,
} from './kinds.ts';
import { makeSecurityGroup } from './make-vpc.ts';
import { permissionsOf, ruleView } from './permissions.ts';
import {
  networkInterfaces,
  type SecurityGroupRecord,
  type SecurityGroupRuleRecord,
  securityGroups,
  vpcEndpoints,
  vpcs,
} from './tables.ts';

export function getGroup(ctx: Ec2Context, id: string): SecurityGroupRecord {
  return getResource(ctx, kinds.securityGroup, id);
}

/** The group that a request names, by id, or by name in the default VPC. */
export function groupOf(
  ctx: Ec2Context,
  input: { GroupId?: string | undefined; GroupName?: string | undefined },
): SecurityGroupRecord {
  if (input.GroupId) return getGroup(ctx, input.GroupId);
  if (!input.GroupName)
    throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
  const found = findByName(ctx, input.GroupName);
  if (!found)
    throw new AwsError(
      'InvalidGroup.NotFound',
      `The security group '${input.GroupName}' does not exist in default VPC`,
    );
  return found;
}

export function findByName(ctx: Ec2Context, name: string): SecurityGroupRecord | undefined {
  const home = ctx.state.list(vpcs, ctx).find(({ value }) => value.IsDefault);
  return ctx.state.list(securityGroups, ctx).find(({ value }) => value.VpcId === home?.id && value.GroupName === name)
    ?.value;
}

function view(ctx: Ec2Context, group: SecurityGroupRecord): SecurityGroup {
  const { Rules, Tags, ...plain } = group;
  return {
    ...plain,
    OwnerId: ctx.account,
    SecurityGroupArn: ec2Arn(ctx, 'security-group', group.GroupId),
    IpPermissions: permissionsOf(Rules.filter(({ IsEgress }) => !IsEgress)),
    IpPermissionsEgress: permissionsOf(Rules.filter(({ IsEgress }) => IsEgress)),
    Tags: tagList(Tags),
  };
}

export const CreateSecurityGroup = ec2Operation<CreateSecurityGroupCommandInput, CreateSecurityGroupCommandOutput>({
  access: (ctx, input) => [
    ...onNew(
      ctx,
      'CreateSecurityGroup',
      'security-group',
      input.TagSpecifications,
      input.VpcId ? { 'ec2:Vpc': ec2Arn(ctx, 'vpc', input.VpcId) } : {},
    ),
    ...(input.VpcId ? [onResource(ctx, 'CreateSecurityGroup', kinds.vpc, input.VpcId)] : []),
  ],
  run(ctx, input) {
    const { GroupName, Description } = input;
    if (!GroupName) throw missingParameter('GroupName');
    if (!Description) throw missingParameter('GroupDescription');
    const allowed = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;
    if (!allowed.test(GroupName) || GroupName.toLowerCase().startsWith('sg-'))
      throw invalidParameter(
        `Value (${GroupName}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
      );
    if (!allowed.test(Description))
      throw invalidParameter(
        `Value (${Description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
      );
    const vpc = input.VpcId
      ? getResource(ctx, kinds.vpc, input.VpcId)
      : ctx.state.list(vpcs, ctx).find(({ value }) => value.IsDefault)?.value;
    if (!vpc) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
    if (GroupName === 'default')
      throw new AwsError('InvalidGroup.Reserved', `The security group 'default' is reserved`);
    if (
      ctx.state
        .list(securityGroups, ctx)
        .some(({ value }) => value.VpcId === vpc.VpcId && value.GroupName === GroupName)
    )
      throw new AwsError(
        'InvalidGroup.Duplicate',
        `The security group '${GroupName}' already exists for VPC '${vpc.VpcId}'`,
      );
    const Tags = newTags(input.TagSpecifications, 'security-group');
    const { GroupId } = makeSecurityGroup(ctx, vpc.VpcId, { GroupName, Description, Tags });
    return { GroupId, SecurityGroupArn: ec2Arn(ctx, 'security-group', GroupId), Tags: tagList(Tags) };
  },
});

const inbound = (group: SecurityGroupRecord) => group.Rules.filter(({ IsEgress }) => !IsEgress);
const outbound = (group: SecurityGroupRecord) => group.Rules.filter(({ IsEgress }) => IsEgress);

function ruleFilters(
  prefix: string,
  rules: (group: SecurityGroupRecord) => SecurityGroupRuleRecord[],
): Filters<SecurityGroupRecord> {
  return {
    [`${prefix}.cidr`]: (group) => rules(group).map(({ CidrIpv4 }) => CidrIpv4),
    [`${prefix}.ipv6-cidr`]: (group) => rules(group).map(({ CidrIpv6 }) => CidrIpv6),
    [`${prefix}.prefix-list-id`]: (group) => rules(group).map(({ PrefixListId }) => PrefixListId),
    [`${prefix}.group-id`]: (group) => rules(group).map(({ ReferencedGroupId }) => ReferencedGroupId),
    [`${prefix}.group-name`]: (group, ctx) =>
      rules(group).map(
        ({ ReferencedGroupId }) =>
          ReferencedGroupId && ctx.state.get(securityGroups, ctx, ReferencedGroupId)?.GroupName,
      ),
    [`${prefix}.user-id`]: (group) => rules(group).map(({ ReferencedUserId }) => ReferencedUserId),
    [`${prefix}.from-port`]: (group) => rules(group).map(({ FromPort }) => String(FromPort)),
    [`${prefix}.to-port`]: (group) => rules(group).map(({ ToPort }) => String(ToPort)),
    [`${prefix}.protocol`]: (group) => rules(group).map(({ IpProtocol }) => IpProtocol),
  };
}

const filters: Filters<SecurityGroupRecord> = {
  'group-id': (group) => group.GroupId,
  'group-name': (group) => group.GroupName,
  description: (group) => group.Description,
  'vpc-id': (group) => group.VpcId,
  ...ruleFilters('ip-permission', inbound),
  ...ruleFilters('egress.ip-permission', outbound),
};

export const DescribeSecurityGroups = ec2Operation<
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeSecurityGroups'),
  run(ctx, input) {
    const ids = [
      ...(input.GroupIds ?? []),
      ...(input.GroupNames ?? []).map((GroupName) => groupOf(ctx, { GroupName }).GroupId),
    ];
    const { page, NextToken } = describeResources(ctx, kinds.securityGroup, filters, {
      ...input,
      ids,
      filters: input.Filters,
    });
    return { SecurityGroups: page.map((group) => view(ctx, group)), NextToken };
  },
});

export const DescribeSecurityGroupRules = ec2Operation<
  DescribeSecurityGroupRulesCommandInput,
  DescribeSecurityGroupRulesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeSecurityGroupRules'),
  run(ctx, input) {
    const all = ctx.state
      .list(securityGroups, ctx)
      .flatMap(({ value: group }) => group.Rules.map((rule) => ({ ...rule, group })))
      .sort((a, b) => (a.SecurityGroupRuleId < b.SecurityGroupRuleId ? -1 : 1));
    const ids = input.SecurityGroupRuleIds ?? [];
    for (const id of ids) if (!all.some(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id)) throw noRule(id);
    const wanted = ids.length > 0 ? all.filter(({ SecurityGroupRuleId }) => ids.includes(SecurityGroupRuleId)) : all;
    const matching = filterRecords(
      ctx,
      wanted,
      (rule) => rule,
      { 'group-id': ({ group }) => group.GroupId, 'security-group-rule-id': (rule) => rule.SecurityGroupRuleId },
      input.Filters,
    );
    const { page, next } = pageOf(matching, (rule) => rule.SecurityGroupRuleId, { ...input, ids });
    return { SecurityGroupRules: page.map(({ group, ...rule }) => ruleView(ctx, group, rule)), NextToken: next };
  },
});

export function noRule(id: string): AwsError {
  return new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
}

export const DeleteSecurityGroup = ec2Operation<DeleteSecurityGroupCommandInput, DeleteSecurityGroupCommandOutput>({
  access: (ctx, input) =>
    onResource(
      ctx,
      'DeleteSecurityGroup',
      kinds.securityGroup,
      input.GroupId ?? findByName(ctx, input.GroupName ?? '')?.GroupId,
    ),
  run(ctx, input) {
    const { GroupId, GroupName } = groupOf(ctx, input);
    if (GroupName === 'default')
      throw new AwsError(
        'CannotDelete',
        `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
      );
    const used =
      ctx.state.list(networkInterfaces, ctx).some(({ value }) => value.Groups.includes(GroupId)) ||
      ctx.state.list(vpcEndpoints, ctx).some(({ value }) => value.SecurityGroupIds.includes(GroupId)) ||
      ctx.state
        .list(securityGroups, ctx)
        .some(({ id, value }) => id !== GroupId && value.Rules.some((rule) => rule.ReferencedGroupId === GroupId));
    if (used) throw dependencyViolation(`resource ${GroupId} has a dependent object`);
    ctx.state.delete(securityGroups, ctx, GroupId);
    return { Return: true, GroupId };
  },
});

export const securityGroupOperations = {
  CreateSecurityGroup,
  DescribeSecurityGroups,
  DescribeSecurityGroupRules,
  DeleteSecurityGroup,
};
