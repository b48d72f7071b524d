import { findSubnet } from '../services/ec2/find.ts';
import { type Address, rangeOf } from './cidr.ts';
import {
  aclInAndBack,
  aclOutAndBack,
  addressFor,
  egressStops,
  type FunctionInterface,
  ownAddress,
} from './interface.ts';
import { named } from './named.ts';
import { routeFrom } from './routes.ts';
import { securityGroupsStop } from './security-groups.ts';
import type { Reach } from './types.ts';

/** An interface in the same VPC: a database, an endpoint. */
export interface LocalTarget {
  subnetId: string;
  address: Address;
  port: number;
  securityGroupIds: readonly string[];
  /** For sentences: `VPC endpoint vpce-…`, `10.0.2.10`. */
  name: string;
}

/** From a function's interface to another one of its VPC: both sides' groups, both subnets' ACLs, the local route. */
export function reachLocal(own: FunctionInterface, to: LocalTarget): Reach {
  const { state, scope } = own;
  const target = rangeOf(to.address);
  const source = addressFor(own, to.address) ?? own.ipv4;
  const out = egressStops(own, { range: target, groupIds: to.securityGroupIds }, to.port);
  if (out) return out;
  const peer = { range: source, groupIds: own.securityGroupIds };
  const into = securityGroupsStop(state, scope, to.securityGroupIds, 'ingress', peer, to.port, `of ${to.name}`);
  if (into) return into;
  const route = routeFrom(state, scope, own.subnet, to.address);
  if ('reachable' in route) return route;
  if (route.target !== 'local') {
    const because = `${route.sentence}, so packets for ${to.name} do not arrive`;
    return { reachable: false, because, rule: { kind: 'route', id: route.table.RouteTableId }, symptom: 'timeout' };
  }
  const subnet = findSubnet(state, scope, to.subnetId);
  if (!subnet) {
    const because = `subnet ${to.subnetId} of ${to.name} does not exist`;
    return { reachable: false, because, rule: { kind: 'subnet', id: to.subnetId }, symptom: 'timeout' };
  }
  if (subnet.SubnetId !== own.subnet.SubnetId) {
    const blocked = aclOutAndBack(own, own.subnet, target, to.port) ?? aclInAndBack(own, subnet, source, to.port);
    if (blocked) return blocked;
  }
  const path = [
    `network interface of the function in subnet ${named(own.subnet.SubnetId, own.subnet.Tags)}`,
    route.sentence,
    `${to.name} in subnet ${named(subnet.SubnetId, subnet.Tags)}`,
  ];
  return { reachable: true, via: 'local', vpcId: own.vpc.VpcId, ...ownAddress(own, to.address.version), path };
}
