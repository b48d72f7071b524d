import { findSecurityGroup } from '../services/ec2/find.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from '../services/ec2/tables.ts';
import type { StateReader } from '../state/account-state.ts';
import type { Scope } from '../state/table.ts';
import { findPrefixList } from './aws-addresses.ts';
import { type AddressRange, contains, formatRange, parseCidr } from './cidr.ts';
import { named } from './named.ts';
import type { Unreachable } from './types.ts';

/** The other side of a connection, as a security group can name it. */
export interface Peer {
  range: AddressRange;
  /** The groups of the other interface; empty for hosts outside the VPC. */
  groupIds: readonly string[];
}

/**
 * Do these groups let a TCP connection pass? Security groups are stateful and only allow, so one rule of one group is
 * enough and the answer needs none. Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 * @param owner whose groups they are, for the sentence: `of the function`
 */
export function securityGroupsStop(
  state: StateReader,
  scope: Scope,
  groupIds: readonly string[],
  direction: 'egress' | 'ingress',
  peer: Peer,
  port: number,
  owner: string,
): Unreachable | undefined {
  const groups = groupIds.flatMap((id) => findSecurityGroup(state, scope, id) ?? []);
  const admits = groups.some((group) =>
    group.Rules.some(
      (rule) => rule.IsEgress === (direction === 'egress') && ruleAdmits(rule, peer, port, scope.region),
    ),
  );
  if (admits) return undefined;
  const who = groups.length === 0 ? `no security group is there ${owner}, so nothing` : `${listed(groups)} ${owner}`;
  const [kind, word] = direction === 'egress' ? ['outbound', 'to'] : ['inbound', 'from'];
  const because =
    groups.length === 0
      ? `${who} allows TCP port ${port} ${word} ${peerName(peer)}`
      : `${who} ${groups.length > 1 ? 'have' : 'has'} no ${kind} rule that allows TCP port ${port} ${word} ${peerName(peer)}`;
  return {
    reachable: false,
    because,
    rule: { kind: 'security-group', id: groups[0]?.GroupId ?? groupIds[0] ?? '' },
    symptom: 'timeout',
  };
}

/** Does a single rule admit TCP on this port with this peer? */
export function ruleAdmits(rule: SecurityGroupRuleRecord, peer: Peer, port: number, region: string): boolean {
  if (rule.IpProtocol !== '-1') {
    if (rule.IpProtocol !== 'tcp') return false;
    if (port < rule.FromPort || port > rule.ToPort) return false;
  }
  if (rule.ReferencedGroupId !== undefined) return peer.groupIds.includes(rule.ReferencedGroupId);
  const blocks =
    rule.PrefixListId !== undefined
      ? (findPrefixList(region, rule.PrefixListId)?.Cidrs ?? [])
      : [rule.CidrIpv4 ?? rule.CidrIpv6 ?? ''];
  return blocks.some((block) => {
    const cidr = parseCidr(block);
    return cidr !== undefined && contains(cidr, peer.range);
  });
}

function peerName(peer: Peer): string {
  const address = formatRange(peer.range);
  return peer.groupIds.length === 0 ? address : `${peer.groupIds.join(', ')} (${address})`;
}

function listed(groups: SecurityGroupRecord[]): string {
  const names = groups.map((group) => named(group.GroupId, group.Tags, group.GroupName)).join(', ');
  return `security group${groups.length > 1 ? 's' : ''} ${names}`;
}
