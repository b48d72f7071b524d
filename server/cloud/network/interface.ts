import { findSubnet, findVpc } from '../services/ec2/find.ts';
import { networkInterfaces, type SubnetRecord, type VpcRecord } from '../services/ec2/tables.ts';
import type { StateReader } from '../state/account-state.ts';
import type { Scope } from '../state/table.ts';
import { type Address, type AddressRange, formatAddress, parseAddress, parseCidr, rangeOf } from './cidr.ts';
import { EPHEMERAL, networkAclStops, type Ports } from './network-acls.ts';
import { type Peer, securityGroupsStop } from './security-groups.ts';
import type { Origin, Unreachable } from './types.ts';

/** A function's network interface in its surroundings: what every question of reachability starts with. */
export interface FunctionInterface {
  state: StateReader;
  scope: Scope;
  vpc: VpcRecord;
  subnet: SubnetRecord;
  securityGroupIds: readonly string[];
  /** Its address; the whole subnet where Lambda has not made the interface yet: a rule must then admit all of it. */
  ipv4: AddressRange;
  ipv6: AddressRange | undefined;
}

/** Finds the interface's subnet and VPC. */
export function functionInterface(state: StateReader, from: Origin): FunctionInterface | Unreachable {
  const scope: Scope = { account: from.account, region: from.region };
  const subnet = findSubnet(state, scope, from.subnetId);
  const vpc = subnet && findVpc(state, scope, subnet.VpcId);
  if (!subnet || !vpc) {
    return {
      reachable: false,
      because: `subnet ${from.subnetId} of the function does not exist`,
      rule: { kind: 'subnet', id: from.subnetId },
      symptom: 'timeout',
    };
  }
  const own = sharedAddress(state, scope, subnet.SubnetId, from.securityGroupIds);
  const ipv6 = from.ipv6AllowedForDualStack ? parseCidr(subnet.Ipv6CidrBlocks[0]?.CidrBlock ?? '') : undefined;
  const { securityGroupIds } = from;
  return { state, scope, vpc, subnet, securityGroupIds, ipv4: own ?? parseCidr(subnet.CidrBlock)!, ipv6 };
}

/** Functions with the same subnet and the same groups share one interface. */
function sharedAddress(
  state: StateReader,
  scope: Scope,
  subnetId: string,
  groupIds: readonly string[],
): AddressRange | undefined {
  const wanted = [...groupIds].sort().join();
  const found = state
    .list(networkInterfaces, scope)
    .find(
      ({ value }) =>
        value.InterfaceType === 'lambda' && value.SubnetId === subnetId && [...value.Groups].sort().join() === wanted,
    );
  const address = found && parseAddress(found.value.PrivateIpAddress);
  return address && rangeOf(address);
}

/** The interface's own address of the target's kind; undefined when it has none. */
export function addressFor(own: FunctionInterface, to: Address): AddressRange | undefined {
  return to.version === 4 ? own.ipv4 : own.ipv6;
}

/** The interface's own address as text, where it is known: what a host in the VPC sees. */
export function ownAddress(own: FunctionInterface, version: 4 | 6 = 4): { sourceIp?: string } {
  const range = version === 4 ? own.ipv4 : own.ipv6;
  if (!range || range.first !== range.last) return {};
  return { sourceIp: formatAddress({ version, value: range.first }) };
}

/** The function's groups, on the way out. */
export function egressStops(own: FunctionInterface, peer: Peer, port: number): Unreachable | undefined {
  return securityGroupsStop(own.state, own.scope, own.securityGroupIds, 'egress', peer, port, 'of the function');
}

/** The network ACL of one subnet, for packets out of it to `other` and the answers back. */
export function aclOutAndBack(
  own: FunctionInterface,
  subnet: SubnetRecord,
  other: AddressRange,
  port: number,
): Unreachable | undefined {
  return acl(own, subnet, 'egress', other, one(port)) ?? acl(own, subnet, 'ingress', other, EPHEMERAL);
}

/** The network ACL of one subnet, for packets into it from `other` and the answers out. */
export function aclInAndBack(
  own: FunctionInterface,
  subnet: SubnetRecord,
  other: AddressRange,
  port: number,
): Unreachable | undefined {
  return acl(own, subnet, 'ingress', other, one(port)) ?? acl(own, subnet, 'egress', other, EPHEMERAL);
}

function acl(
  own: FunctionInterface,
  subnet: SubnetRecord,
  direction: 'egress' | 'ingress',
  other: AddressRange,
  ports: Ports,
): Unreachable | undefined {
  return networkAclStops(own.state, own.scope, subnet, direction, other, ports);
}

const one = (port: number): Ports => ({ from: port, to: port });
