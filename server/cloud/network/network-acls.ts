import { findNetworkAclOf } from '../services/ec2/find.ts';
import type { NetworkAclEntryRecord, NetworkAclRecord, SubnetRecord } from '../services/ec2/tables.ts';
import type { StateReader } from '../state/account-state.ts';
import type { Scope } from '../state/table.ts';
import { type AddressRange, contains, formatRange, overlaps, parseCidr } from './cidr.ts';
import { named } from './named.ts';
import type { Unreachable } from './types.ts';

export interface Ports {
  from: number;
  to: number;
}

/**
 * The ports that answers come back to: Lambda functions and NAT gateways use all of them.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
 */
export const EPHEMERAL: Ports = { from: 1024, to: 65535 };

/**
 * Does the subnet's network ACL stop TCP packets that cross its border? ACLs know no connections: ask for each direction,
 * and for the answers. Rules are tried by number; what no rule names is denied.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
export function networkAclStops(
  state: StateReader,
  scope: Scope,
  subnet: SubnetRecord,
  direction: 'egress' | 'ingress',
  other: AddressRange,
  ports: Ports,
): Unreachable | undefined {
  const acl = findNetworkAclOf(state, scope, subnet);
  if (!acl) return undefined;
  const blocked = firstBlocked(acl, direction === 'egress', other, ports);
  if (!blocked) return undefined;
  const what = ports === EPHEMERAL ? `answers on ports ${ports.from}-${ports.to}` : `TCP port ${ports.from}`;
  const way = direction === 'egress' ? `out to ${formatRange(other)}` : `in from ${formatRange(other)}`;
  const rule = blocked === 'default' ? 'no rule of its allows them' : `rule ${blocked.RuleNumber} denies them`;
  return {
    reachable: false,
    because: `network ACL ${named(acl.NetworkAclId, acl.Tags)} of subnet ${named(subnet.SubnetId, subnet.Tags)} does not let ${what} ${way}: ${rule}`,
    rule: { kind: 'network-acl', id: acl.NetworkAclId },
    symptom: 'timeout',
  };
}

/** The entry that denies any of these packets; `default` for the final rule; undefined when all of them pass. */
function firstBlocked(
  acl: NetworkAclRecord,
  egress: boolean,
  other: AddressRange,
  ports: Ports,
): NetworkAclEntryRecord | 'default' | undefined {
  const entries = acl.Entries.filter((entry) => entry.Egress === egress).sort((a, b) => a.RuleNumber - b.RuleNumber);
  let left: Ports[] = [ports];
  for (const entry of entries) {
    if (entry.Protocol !== '-1' && entry.Protocol !== '6') continue;
    const block = parseCidr(entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '');
    if (!block) continue;
    const range =
      entry.Protocol === '-1' || !entry.PortRange
        ? { from: 0, to: 65535 }
        : { from: entry.PortRange.From, to: entry.PortRange.To };
    if (entry.RuleAction === 'deny') {
      if (overlaps(block, other) && left.some((part) => part.from <= range.to && range.from <= part.to)) return entry;
    } else if (contains(block, other)) {
      left = left.flatMap((part) => without(part, range));
      if (left.length === 0) return undefined;
    }
  }
  return 'default';
}

function without(part: Ports, cut: Ports): Ports[] {
  if (cut.to < part.from || part.to < cut.from) return [part];
  const rest: Ports[] = [];
  if (part.from < cut.from) rest.push({ from: part.from, to: cut.from - 1 });
  if (cut.to < part.to) rest.push({ from: cut.to + 1, to: part.to });
  return rest;
}
