import type { IpPermission, NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type {
  NetworkAclEntryRecord,
  NetworkAclRecord,
  SecurityGroupRecord,
  SecurityGroupRuleRecord,
  SubnetRecord,
} from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import type { PrefixListIds } from './prefix-lists.ts';
import { present, stableId, tagsOf, withheld } from './stable.ts';

/** Network ACLs and security groups. */

/** From here on the rules are AWS's own last ones, which are no records. */
const LAST_RULE = 32_767;

/** An ACL; its entries inbound first and by number, as no read call says in which order they were made. */
export async function networkAclRecord(
  source: Source,
  acl: NetworkAcl,
  was: NetworkAclRecord | undefined,
): Promise<NetworkAclRecord> {
  const id = acl.NetworkAclId!;
  const Entries: NetworkAclEntryRecord[] = [];
  for (const entry of acl.Entries ?? []) {
    if (entry.RuleNumber! >= LAST_RULE) continue;
    const record = entryRecord(entry, was);
    if ((record.Protocol === '6' || record.Protocol === '17') && !record.PortRange)
      await withheld(source, `the ports of rule ${entry.RuleNumber} of network ACL ${id}`);
    Entries.push(record);
  }
  // MiniStack forgets which subnet an association is for.
  const Associations = (acl.Associations ?? []).flatMap(({ NetworkAclAssociationId, SubnetId }) => {
    const known = was?.Associations.find((each) => each.NetworkAclAssociationId === NetworkAclAssociationId);
    const subnetId = SubnetId || known?.SubnetId;
    return subnetId ? [{ NetworkAclAssociationId: NetworkAclAssociationId!, SubnetId: subnetId }] : [];
  });
  if (Associations.length < (acl.Associations ?? []).length) await withheld(source, `the subnets of network ACL ${id}`);
  return {
    NetworkAclId: id,
    VpcId: acl.VpcId!,
    IsDefault: acl.IsDefault ?? false,
    Entries: Entries.sort((a, b) => Number(a.Egress) - Number(b.Egress) || a.RuleNumber - b.RuleNumber),
    Associations,
    Tags: tagsOf(acl.Tags),
  };
}

/** Every subnet has an ACL: those that no association names have their VPC's default one, which MiniStack does not say. */
export function withDefaults(
  acls: readonly NetworkAclRecord[],
  subnets: readonly SubnetRecord[],
  was: (id: string) => NetworkAclRecord | undefined,
): NetworkAclRecord[] {
  const named = new Set(acls.flatMap(({ Associations }) => Associations.map(({ SubnetId }) => SubnetId)));
  return acls.map((acl) => {
    if (!acl.IsDefault) return acl;
    const added = subnets
      .filter(({ SubnetId, VpcId }) => VpcId === acl.VpcId && !named.has(SubnetId))
      .map(
        ({ SubnetId }) =>
          was(acl.NetworkAclId)?.Associations.find((each) => each.SubnetId === SubnetId) ?? {
            NetworkAclAssociationId: stableId('aclassoc', acl.NetworkAclId, SubnetId),
            SubnetId,
          },
      );
    return { ...acl, Associations: [...acl.Associations, ...added] };
  });
}

function entryRecord(entry: NetworkAclEntry, acl: NetworkAclRecord | undefined): NetworkAclEntryRecord {
  const { PortRange, IcmpTypeCode } = entry;
  const was = acl?.Entries.find(
    (each) => each.RuleNumber === entry.RuleNumber && each.Egress === entry.Egress && each.Protocol === entry.Protocol,
  );
  return {
    RuleNumber: entry.RuleNumber!,
    Protocol: entry.Protocol!,
    RuleAction: entry.RuleAction!,
    Egress: entry.Egress ?? false,
    ...present({
      CidrBlock: entry.CidrBlock,
      Ipv6CidrBlock: entry.Ipv6CidrBlock,
      PortRange: PortRange ? { From: PortRange.From!, To: PortRange.To! } : was?.PortRange,
      IcmpTypeCode: IcmpTypeCode ? { Code: IcmpTypeCode.Code ?? -1, Type: IcmpTypeCode.Type ?? -1 } : was?.IcmpTypeCode,
    }),
  };
}

type Draft = Omit<SecurityGroupRuleRecord, 'SecurityGroupRuleId' | 'Tags'>;

/**
 * A group. What its rules are is taken from its permissions, which every endpoint gives whole; ids and tags from the
 * rules, which MiniStack counts by permission.
 */
export async function securityGroupRecord(
  source: Source,
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
  lists: PrefixListIds,
  was: SecurityGroupRecord | undefined,
): Promise<SecurityGroupRecord> {
  const id = group.GroupId!;
  const drafts: Draft[] = [];
  for (const [IsEgress, permissions] of [
    [false, group.IpPermissions ?? []],
    [true, group.IpPermissionsEgress ?? []],
  ] as const)
    for (const permission of permissions) {
      const found = draftsOf(source, permission, IsEgress, lists);
      if (found.length > 0) {
        drafts.push(...found);
        continue;
      }
      // MiniStack leaves prefix lists out.
      const ports = portsOf(permission);
      const known = (was?.Rules ?? []).filter(
        (rule) =>
          rule.PrefixListId &&
          rule.IsEgress === IsEgress &&
          keyOf({ IsEgress, ...ports }) === keyOf({ IsEgress, ...portsOf(rule) }),
      );
      if (known.length === 0)
        await withheld(source, `the prefix list of a rule for ${ports.IpProtocol} port ${ports.FromPort} of ${id}`);
      drafts.push(...known.map(({ SecurityGroupRuleId, Tags, ...draft }) => draft));
    }
  const byKey = new Map(rules.map((rule) => [keyOf(draftOfRule(rule, lists)), rule]));
  const taken = new Set<string>();
  const records = new Map<string, SecurityGroupRuleRecord>();
  for (const draft of drafts) {
    const key = keyOf(draft);
    const before = was?.Rules.find((rule) => keyOf(rule) === key);
    const rule = byKey.get(key);
    const own = rule?.SecurityGroupRuleId;
    const SecurityGroupRuleId = own && !taken.has(own) ? own : stableId('sgr', id, key);
    taken.add(SecurityGroupRuleId);
    const Description = draft.Description ?? rule?.Description ?? before?.Description;
    records.set(key, {
      SecurityGroupRuleId,
      ...draft,
      ...present({ Description: rule && own !== SecurityGroupRuleId ? draft.Description : Description }),
      Tags: rule?.Tags ? tagsOf(rule.Tags) : (before?.Tags ?? {}),
    });
  }
  return {
    GroupId: id,
    GroupName: group.GroupName!,
    Description: group.Description ?? '',
    VpcId: group.VpcId!,
    Rules: [...records.values()],
    Tags: tagsOf(group.Tags),
  };
}

/** One draft for every source of a permission. */
function draftsOf(source: Source, permission: IpPermission, IsEgress: boolean, lists: PrefixListIds): Draft[] {
  const base = { IsEgress, ...portsOf(permission) };
  return [
    ...(permission.IpRanges ?? []).map((each) => ({
      ...base,
      CidrIpv4: each.CidrIp!,
      ...present({ Description: each.Description }),
    })),
    ...(permission.Ipv6Ranges ?? []).map((each) => ({
      ...base,
      CidrIpv6: each.CidrIpv6!,
      ...present({ Description: each.Description }),
    })),
    ...(permission.PrefixListIds ?? []).map((each) => ({
      ...base,
      PrefixListId: lists(each.PrefixListId!),
      ...present({ Description: each.Description }),
    })),
    ...(permission.UserIdGroupPairs ?? []).map((each) => ({
      ...base,
      ReferencedGroupId: each.GroupId!,
      ReferencedUserId: each.UserId || source.scope.account,
      ...present({ Description: each.Description }),
    })),
  ];
}

function draftOfRule(rule: SecurityGroupRule, lists: PrefixListIds): Draft {
  return {
    IsEgress: rule.IsEgress ?? false,
    ...portsOf(rule),
    ...present({
      CidrIpv4: rule.CidrIpv4,
      CidrIpv6: rule.CidrIpv6,
      PrefixListId: rule.PrefixListId && lists(rule.PrefixListId),
      ReferencedGroupId: rule.ReferencedGroupInfo?.GroupId,
    }),
  };
}

const protocols: Record<string, string> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6', all: '-1' };

interface Ports {
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
}

/** Protocol and ports as records have them: -1 where a protocol has none. */
function portsOf({ IpProtocol = '-1', FromPort, ToPort }: Ports): Pick<Draft, 'IpProtocol' | 'FromPort' | 'ToPort'> {
  const protocol = Object.hasOwn(protocols, IpProtocol) ? protocols[IpProtocol]! : IpProtocol;
  if (protocol === 'tcp' || protocol === 'udp')
    return { IpProtocol: protocol, FromPort: FromPort ?? 0, ToPort: ToPort ?? 65_535 };
  if (!protocol.startsWith('icmp')) return { IpProtocol: protocol, FromPort: -1, ToPort: -1 };
  return { IpProtocol: protocol, FromPort: FromPort ?? -1, ToPort: ToPort ?? -1 };
}

/** What makes two rules the same one. */
const keyOf = (rule: Draft): string =>
  [
    rule.IsEgress ? 'egress' : 'ingress',
    rule.IpProtocol,
    rule.FromPort,
    rule.ToPort,
    rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupId ?? '',
  ].join(' ');
