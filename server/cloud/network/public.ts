import type { EndpointPolicy } from '../policy/types.ts';
import { findSubnet } from '../services/ec2/find.ts';
import {
  type NatGatewayRecord,
  natGateways,
  routeTables,
  type VpcEndpointRecord,
  vpcEndpoints,
} from '../services/ec2/tables.ts';
import { type Address, type AddressRange, formatAddress, rangeOf } from './cidr.ts';
import {
  aclInAndBack,
  aclOutAndBack,
  addressFor,
  egressStops,
  type FunctionInterface,
  ownAddress,
} from './interface.ts';
import { named } from './named.ts';
import { type ChosenRoute, chooseRoute, routeFrom } from './routes.ts';
import type { Reach, Reachable, Unreachable } from './types.ts';

/** From a function's interface to a public address: NAT gateways, egress-only gateways, gateway endpoints. */
export function reachPublic(own: FunctionInterface, to: Address, port: number): Reach {
  const target = rangeOf(to);
  if (!addressFor(own, to)) {
    const id = own.subnet.SubnetId;
    return stopped(`the function's network interface in subnet ${id} has no IPv6 address`, 'subnet', id);
  }
  const blocked = egressStops(own, { range: target, groupIds: [] }, port);
  if (blocked) return blocked;
  const route = routeFrom(own.state, own.scope, own.subnet, to);
  if ('reachable' in route) return route;
  const out = leave(own, route, to, port);
  if (!out.reachable) return out;
  return aclOutAndBack(own, own.subnet, target, port) ?? out;
}

/** What stands at the end of the subnet's route. */
function leave(own: FunctionInterface, chosen: ChosenRoute, to: Address, port: number): Reach {
  const { route, sentence, target } = chosen;
  const start = [
    `network interface of the function in subnet ${named(own.subnet.SubnetId, own.subnet.Tags)}`,
    sentence,
  ];
  if (route.NatGatewayId !== undefined) return throughNat(own, chosen, start, to, port);
  if (route.EgressOnlyInternetGatewayId !== undefined)
    return { reachable: true, via: 'egress-only', path: [...start, `egress-only internet gateway ${target}`] };
  const endpoint = own.state.get(vpcEndpoints, own.scope, target);
  if (endpoint) {
    const path = [...start, `gateway endpoint ${named(target, endpoint.Tags)}`];
    return { ...throughEndpoint(endpoint, 'gateway-endpoint', path), ...ownAddress(own) };
  }
  if (target === 'local')
    return stopped(
      `${formatAddress(to)} is an address of VPC ${own.vpc.VpcId} itself, and nothing has it`,
      'route',
      chosen.table.RouteTableId,
    );
  if (target.startsWith('igw-')) {
    // IPv6 addresses are public by default: https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
    if (to.version === 6) return { reachable: true, via: 'internet', path: [...start, `internet gateway ${target}`] };
    return stopped(
      `${sentence.replace(' to igw-', ' to internet gateway igw-')}, but a Lambda network interface has no public IP address`,
      'route',
      chosen.table.RouteTableId,
    );
  }
  return stopped(`${sentence}, which leads to no internet`, 'route', chosen.table.RouteTableId);
}

/** Goes out through a NAT gateway, which must itself reach the internet. */
function throughNat(own: FunctionInterface, chosen: ChosenRoute, start: string[], to: Address, port: number): Reach {
  const nat = own.state.get(natGateways, own.scope, chosen.target);
  if (!nat) return stopped(`${chosen.sentence}, which does not exist`, 'nat', chosen.target);
  const name = `NAT gateway ${named(nat.NatGatewayId, nat.Tags)}`;
  if (to.version === 6)
    return stopped(`${chosen.sentence}, but a NAT gateway does not carry IPv6`, 'nat', nat.NatGatewayId);
  if (nat.ConnectivityType === 'private')
    return stopped(
      `${chosen.sentence}, but its connectivity type is private: it gives no internet`,
      'nat',
      nat.NatGatewayId,
    );
  const sourceIp = nat.NatGatewayAddresses.find(({ PublicIp }) => PublicIp)?.PublicIp;
  if (!sourceIp) return stopped(`${chosen.sentence}, but ${name} has no elastic IP address`, 'nat', nat.NatGatewayId);
  const onward = natRoute(own, nat, name, to, port);
  if ('reachable' in onward) return onward;
  const endpoint = own.state.get(vpcEndpoints, own.scope, onward.target);
  return {
    ...(endpoint ? throughEndpoint(endpoint, 'gateway-endpoint', []) : { reachable: true }),
    via: nat.AvailabilityMode === 'regional' ? 'regional-nat' : 'nat',
    sourceIp,
    path: [...start, `${name} with elastic IP address ${sourceIp}`, onward.sentence],
  };
}

/** The NAT gateway's own way to an internet gateway, and its subnet's network ACL. */
function natRoute(
  own: FunctionInterface,
  nat: NatGatewayRecord,
  name: string,
  to: Address,
  port: number,
): ChosenRoute | Unreachable {
  const { state, scope } = own;
  if (nat.AvailabilityMode === 'regional') {
    const table = state.get(routeTables, scope, nat.RouteTableId ?? '');
    if (!table) return stopped(`${name} has no route table`, 'nat', nat.NatGatewayId);
    return toInternetGateway(chooseRoute(state, scope, table, `of ${name}`, to), nat, name);
  }
  const subnet = findSubnet(state, scope, nat.SubnetId ?? '');
  if (!subnet) return stopped(`${name} stands in no subnet`, 'nat', nat.NatGatewayId);
  const route = toInternetGateway(
    routeFrom(state, scope, subnet, to),
    nat,
    `${name} in subnet ${named(subnet.SubnetId, subnet.Tags)}`,
  );
  if ('reachable' in route) return route;
  const inward = subnet.SubnetId === own.subnet.SubnetId ? undefined : aclForwards(own, subnet, to, port);
  return inward ?? aclOutAndBack(own, subnet, rangeOf(to), port) ?? route;
}

/** What comes to the NAT gateway has the function's address; its port is the target's. */
function aclForwards(
  own: FunctionInterface,
  subnet: NonNullable<ReturnType<typeof findSubnet>>,
  to: Address,
  port: number,
): Unreachable | undefined {
  const source: AddressRange = addressFor(own, to)!;
  return aclInAndBack(own, subnet, source, port);
}

function toInternetGateway(
  route: ChosenRoute | Unreachable,
  nat: NatGatewayRecord,
  name: string,
): ChosenRoute | Unreachable {
  if ('reachable' in route)
    return {
      ...route,
      because: `${name} has no way out: ${route.because}`,
      rule: { kind: 'nat', id: nat.NatGatewayId },
    };
  // A gateway endpoint in the NAT gateway's own table serves what comes out of it too.
  if (route.target.startsWith('igw-') || route.target.startsWith('vpce-')) return route;
  return stopped(`${name} has no way out: ${route.sentence}, not to an internet gateway`, 'nat', nat.NatGatewayId);
}

/** The answer for a connection that passes a VPC endpoint. */
export function throughEndpoint(
  endpoint: VpcEndpointRecord,
  via: 'gateway-endpoint' | 'interface-endpoint',
  path: string[],
): Reachable {
  return {
    reachable: true,
    via,
    endpointId: endpoint.VpcEndpointId,
    vpcId: endpoint.VpcId,
    endpointPolicy: endpointPolicy(endpoint),
    path,
  };
}

const policies = new WeakMap<VpcEndpointRecord, EndpointPolicy>();

/** The endpoint's policy; records never change, so each is read once. */
export function endpointPolicy(endpoint: VpcEndpointRecord): EndpointPolicy {
  let policy = policies.get(endpoint);
  if (!policy) {
    policy = {
      name: `policy of VPC endpoint ${named(endpoint.VpcEndpointId, endpoint.Tags)}`,
      document: JSON.parse(endpoint.PolicyDocument),
      ...(endpoint.VpcEndpointType === 'Gateway' ? { gateway: true } : {}),
    };
    policies.set(endpoint, policy);
  }
  return policy;
}

function stopped(because: string, kind: Unreachable['rule']['kind'], id: string): Unreachable {
  return { reachable: false, because, rule: { kind, id }, symptom: 'timeout' };
}
