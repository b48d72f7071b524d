import { awsPrefixLists } from '../../network/aws-addresses.ts';
import type { StateReader } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import {
  egressOnlyInternetGateways,
  internetGateways,
  type NetworkAclRecord,
  natGateways,
  networkAcls,
  networkInterfaces,
  type RouteRecord,
  type RouteTableRecord,
  routeTables,
  type SecurityGroupRecord,
  type SubnetRecord,
  securityGroups,
  subnets,
  type VpcEndpointRecord,
  type VpcRecord,
  vpcEndpoints,
  vpcs,
} from './tables.ts';

/** Questions about ec2's records that need no call: for the reachability engine, other services and the operations. */

export function findVpc(state: StateReader, scope: Scope, id: string): VpcRecord | undefined {
  return state.get(vpcs, scope, id);
}

export function findSubnet(state: StateReader, scope: Scope, id: string): SubnetRecord | undefined {
  return state.get(subnets, scope, id);
}

export function findSecurityGroup(state: StateReader, scope: Scope, id: string): SecurityGroupRecord | undefined {
  return state.get(securityGroups, scope, id);
}

/** The route table that counts for a subnet: the explicitly associated one, else the VPC's main table. */
export function findRouteTableOf(state: StateReader, scope: Scope, subnet: SubnetRecord): RouteTableRecord | undefined {
  const tables = tablesOf(state, scope, subnet.VpcId);
  return (
    tables.find((table) => table.Associations.some(({ SubnetId }) => SubnetId === subnet.SubnetId)) ??
    tables.find((table) => table.Associations.some(({ Main }) => Main))
  );
}

function tablesOf(state: StateReader, scope: Scope, vpcId: string): RouteTableRecord[] {
  return state.list(routeTables, scope).flatMap(({ value }) => (value.VpcId === vpcId ? [value] : []));
}

/** The network ACL of a subnet; every subnet has exactly one. */
export function findNetworkAclOf(state: StateReader, scope: Scope, subnet: SubnetRecord): NetworkAclRecord | undefined {
  const acls = state.list(networkAcls, scope).map(({ value }) => value);
  return (
    acls.find((acl) => acl.Associations.some(({ SubnetId }) => SubnetId === subnet.SubnetId)) ??
    acls.find((acl) => acl.VpcId === subnet.VpcId && acl.IsDefault)
  );
}

/** The endpoints of a VPC that are not gone. */
export function endpointsOf(state: StateReader, scope: Scope, vpcId: string): VpcEndpointRecord[] {
  return state.list(vpcEndpoints, scope).flatMap(({ value }) => (value.VpcId === vpcId ? [value] : []));
}

export type RouteWithState = RouteRecord & { State: 'active' | 'blackhole'; because?: string };

/** The routes of a table with their state now, and with those that gateway endpoints put in. */
export function routesOf(state: StateReader, scope: Scope, table: RouteTableRecord): RouteWithState[] {
  const routes: RouteWithState[] = table.Routes.map((route) => {
    const because = blackHole(state, scope, table, route);
    return because === undefined ? { ...route, State: 'active' } : { ...route, State: 'blackhole', because };
  });
  for (const endpoint of endpointsOf(state, scope, table.VpcId)) {
    if (endpoint.VpcEndpointType !== 'Gateway' || endpoint.State !== 'Available') continue;
    if (!endpoint.RouteTableIds.includes(table.RouteTableId)) continue;
    const list = awsPrefixLists(scope.region).find(({ PrefixListName }) => PrefixListName === endpoint.ServiceName);
    if (!list) continue;
    routes.push({
      DestinationPrefixListId: list.PrefixListId,
      GatewayId: endpoint.VpcEndpointId,
      Origin: 'CreateRoute',
      State: 'active',
    });
  }
  return routes;
}

/** Why a route leads nowhere; undefined when it does not. */
function blackHole(state: StateReader, scope: Scope, table: RouteTableRecord, route: RouteRecord): string | undefined {
  const { NatGatewayId, EgressOnlyInternetGatewayId, NetworkInterfaceId, GatewayId } = route;
  if (NatGatewayId !== undefined) {
    const nat = state.get(natGateways, scope, NatGatewayId);
    if (nat?.State === 'available') return undefined;
    return `NAT gateway ${NatGatewayId} is ${nat?.State ?? 'deleted'}`;
  }
  if (EgressOnlyInternetGatewayId !== undefined) {
    const there = state.get(egressOnlyInternetGateways, scope, EgressOnlyInternetGatewayId);
    return there ? undefined : `egress-only internet gateway ${EgressOnlyInternetGatewayId} is deleted`;
  }
  if (NetworkInterfaceId !== undefined) {
    const there = state.get(networkInterfaces, scope, NetworkInterfaceId);
    return there?.AttachmentId ? undefined : `network interface ${NetworkInterfaceId} is not attached to anything`;
  }
  if (GatewayId === undefined || GatewayId === 'local') return undefined;
  const gateway = state.get(internetGateways, scope, GatewayId);
  if (gateway?.VpcId === table.VpcId) return undefined;
  return `internet gateway ${GatewayId} is ${gateway ? 'not attached to the VPC' : 'deleted'}`;
}
