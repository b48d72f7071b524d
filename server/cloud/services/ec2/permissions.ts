import type { IpPermission, SecurityGroupRule, SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { findPrefixList } from '../../network/aws-addresses.ts';
import { tagList } from '../../tags.ts';
import { findSecurityGroup } from './find.ts';
import { type Ec2Context, ec2Arn, getResource, invalidParameter, kinds, missingParameter } from './kinds.ts';
import { readCidr } from './make-vpc.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from './tables.ts';

/** Security group rules, between the two forms in which EC2 writes them: permissions with many sources, and single rules. */

/** A rule before it has an id and a direction. */
export type RuleDraft = Omit<SecurityGroupRuleRecord, 'SecurityGroupRuleId' | 'IsEgress' | 'Tags'>;

const protocols: Record<string, string> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6', all: '-1' };

/** Protocol and ports, checked as EC2 checks them. */
export function readPorts(
  protocol: string | undefined,
  from: number | undefined,
  to: number | undefined,
): Pick<RuleDraft, 'IpProtocol' | 'FromPort' | 'ToPort'> {
  if (protocol === undefined) throw missingParameter('ipProtocol');
  const name = protocol.toLowerCase();
  const IpProtocol = Object.hasOwn(protocols, name) ? protocols[name]! : name;
  const known = ['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(IpProtocol);
  if (!known && !(Number.isInteger(Number(IpProtocol)) && Number(IpProtocol) >= 0 && Number(IpProtocol) <= 255))
    throw invalidParameter(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
  // EC2 takes no ports for other protocols: all of them are meant.
  if (!known || IpProtocol === '-1') return { IpProtocol, FromPort: -1, ToPort: -1 };
  const icmp = IpProtocol.startsWith('icmp');
  if (from === undefined || to === undefined) {
    if (icmp) return { IpProtocol, FromPort: from ?? -1, ToPort: to ?? -1 };
    throw invalidParameter(`Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`);
  }
  if (icmp) return { IpProtocol, FromPort: from, ToPort: to };
  if (from < 0 || to > 65_535 || from > 65_535 || to < 0)
    throw invalidParameter(`Invalid value '${from}-${to}' for portRange. Port must be between 0 and 65535.`);
  if (from > to) throw invalidParameter(`Invalid TCP/UDP port range (${from}:${to})`);
  return { IpProtocol, FromPort: from, ToPort: to };
}

/** One draft for every source of every permission. */
export function draftsOf(
  ctx: Ec2Context,
  group: SecurityGroupRecord,
  permissions: readonly IpPermission[],
): RuleDraft[] {
  const drafts = permissions.flatMap((permission) => {
    const ports = readPorts(permission.IpProtocol, permission.FromPort, permission.ToPort);
    const described = (Description: string | undefined) =>
      Description === undefined ? {} : { Description: checkDescription(Description) };
    return [
      ...(permission.IpRanges ?? []).map((each) => ({
        ...ports,
        CidrIpv4: readCidr(each.CidrIp ?? '', 'CidrIp'),
        ...described(each.Description),
      })),
      ...(permission.Ipv6Ranges ?? []).map((each) => ({
        ...ports,
        CidrIpv6: readCidr(each.CidrIpv6 ?? '', 'CidrIpv6', 6),
        ...described(each.Description),
      })),
      ...(permission.PrefixListIds ?? []).map((each) => ({
        ...ports,
        PrefixListId: readPrefixList(ctx, each.PrefixListId),
        ...described(each.Description),
      })),
      ...(permission.UserIdGroupPairs ?? []).map((each) => ({
        ...ports,
        ...readGroup(ctx, group, each.GroupId, each.GroupName, each.UserId),
        ...described(each.Description),
      })),
    ];
  });
  return drafts;
}

/** The draft of ModifySecurityGroupRules: a single rule. */
export function draftOfRule(ctx: Ec2Context, group: SecurityGroupRecord, rule: SecurityGroupRuleRequest): RuleDraft {
  const ports = readPorts(rule.IpProtocol, rule.FromPort, rule.ToPort);
  const described = rule.Description === undefined ? {} : { Description: checkDescription(rule.Description) };
  const given = [rule.CidrIpv4, rule.CidrIpv6, rule.PrefixListId, rule.ReferencedGroupId].filter(
    (each) => each !== undefined,
  );
  if (given.length !== 1)
    throw new AwsError(
      'InvalidParameterCombination',
      'Exactly one of CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId must be specified.',
    );
  if (rule.CidrIpv4 !== undefined) return { ...ports, CidrIpv4: readCidr(rule.CidrIpv4, 'CidrIpv4'), ...described };
  if (rule.CidrIpv6 !== undefined) return { ...ports, CidrIpv6: readCidr(rule.CidrIpv6, 'CidrIpv6', 6), ...described };
  if (rule.PrefixListId !== undefined)
    return { ...ports, PrefixListId: readPrefixList(ctx, rule.PrefixListId), ...described };
  return { ...ports, ...readGroup(ctx, group, rule.ReferencedGroupId, undefined, undefined), ...described };
}

export function checkDescription(text: string): string {
  if (text.length > 255 || !/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(text))
    throw invalidParameter(
      `Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
    );
  return text;
}

function readPrefixList(ctx: Ec2Context, id: string | undefined): string {
  if (!findPrefixList(ctx.region, id ?? ''))
    throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  return id!;
}

function readGroup(
  ctx: Ec2Context,
  group: SecurityGroupRecord,
  id: string | undefined,
  name: string | undefined,
  account: string | undefined,
): { ReferencedGroupId: string; ReferencedUserId: string } {
  const ReferencedUserId = account ?? ctx.account;
  // differs from AWS: groups of other accounts need VPC peering, which is not there
  if (ReferencedUserId !== ctx.account)
    throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  if (id !== undefined) {
    const other = getResource(ctx, kinds.securityGroup, id);
    if (other.VpcId !== group.VpcId)
      throw new AwsError(
        'InvalidGroup.NotFound',
        `You have specified two resources that belong to different networks.`,
      );
    return { ReferencedGroupId: id, ReferencedUserId };
  }
  const named = ctx.state
    .list(kinds.securityGroup.table, ctx)
    .find(({ value }) => value.VpcId === group.VpcId && value.GroupName === name);
  if (!named) throw new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
  return { ReferencedGroupId: named.id, ReferencedUserId };
}

/** Do two rules let the same pass? Descriptions and ids do not count. */
export function sameRule(a: RuleDraft, b: RuleDraft): boolean {
  return (
    a.IpProtocol === b.IpProtocol &&
    a.FromPort === b.FromPort &&
    a.ToPort === b.ToPort &&
    a.CidrIpv4 === b.CidrIpv4 &&
    a.CidrIpv6 === b.CidrIpv6 &&
    a.PrefixListId === b.PrefixListId &&
    a.ReferencedGroupId === b.ReferencedGroupId
  );
}

/** The source or destination of a rule, for error messages. */
export function peerOf(rule: RuleDraft): string {
  return rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupId ?? '';
}

/** A single rule as the API shows it. */
export function ruleView(
  ctx: Ec2Context,
  group: SecurityGroupRecord,
  rule: SecurityGroupRuleRecord,
): SecurityGroupRule {
  const { Tags, ReferencedGroupId, ReferencedUserId, ...plain } = rule;
  return {
    ...plain,
    GroupId: group.GroupId,
    GroupOwnerId: ctx.account,
    ...(ReferencedGroupId
      ? {
          ReferencedGroupInfo: {
            GroupId: ReferencedGroupId,
            UserId: ReferencedUserId,
            VpcId: findSecurityGroup(ctx.state, ctx, ReferencedGroupId)?.VpcId,
          },
        }
      : {}),
    SecurityGroupRuleArn: ec2Arn(ctx, 'security-group-rule', rule.SecurityGroupRuleId),
    Tags: tagList(Tags),
  };
}

/** Rules with the same protocol and ports, folded into one permission. */
export function permissionsOf(rules: readonly SecurityGroupRuleRecord[]): IpPermission[] {
  const folded = new Map<string, Required<IpPermission>>();
  for (const rule of rules) {
    const key = `${rule.IpProtocol} ${rule.FromPort} ${rule.ToPort}`;
    let permission = folded.get(key);
    if (!permission) {
      const ports = rule.IpProtocol === '-1' ? {} : { FromPort: rule.FromPort, ToPort: rule.ToPort };
      permission = {
        IpProtocol: rule.IpProtocol,
        ...ports,
        UserIdGroupPairs: [],
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [],
      } as unknown as Required<IpPermission>;
      folded.set(key, permission);
    }
    const described = rule.Description === undefined ? {} : { Description: rule.Description };
    if (rule.CidrIpv4 !== undefined) permission.IpRanges!.push({ CidrIp: rule.CidrIpv4, ...described });
    if (rule.CidrIpv6 !== undefined) permission.Ipv6Ranges!.push({ CidrIpv6: rule.CidrIpv6, ...described });
    if (rule.PrefixListId !== undefined)
      permission.PrefixListIds!.push({ PrefixListId: rule.PrefixListId, ...described });
    if (rule.ReferencedGroupId !== undefined)
      permission.UserIdGroupPairs!.push({
        GroupId: rule.ReferencedGroupId,
        UserId: rule.ReferencedUserId,
        ...described,
      });
  }
  return [...folded.values()];
}
