import { findRouteTableOf, type RouteWithState, routesOf } from '../services/ec2/find.ts';
import type { RouteTableRecord, SubnetRecord } from '../services/ec2/tables.ts';
import type { StateReader } from '../state/account-state.ts';
import type { Scope } from '../state/table.ts';
import { findPrefixList } from './aws-addresses.ts';
import { type Address, contains, formatAddress, parseCidr, rangeOf } from './cidr.ts';
import { named } from './named.ts';
import type { Unreachable } from './types.ts';

/** The route that a packet takes. */
export interface ChosenRoute {
  table: RouteTableRecord;
  route: RouteWithState;
  /** `0.0.0.0/0`, or the prefix list's id. */
  destination: string;
  target: string;
  /** `route table rtb-… of subnet subnet-… sends 0.0.0.0/0 to nat-…` */
  sentence: string;
}

/** The route of a subnet's table with the longest prefix; a black hole is chosen like any other and drops the packet. */
export function routeFrom(
  state: StateReader,
  scope: Scope,
  subnet: SubnetRecord,
  to: Address,
): ChosenRoute | Unreachable {
  const table = findRouteTableOf(state, scope, subnet);
  const owner = `of subnet ${named(subnet.SubnetId, subnet.Tags)}`;
  if (!table)
    return noRoute(`no route table is there for subnet ${named(subnet.SubnetId, subnet.Tags)}`, subnet.SubnetId);
  return chooseRoute(state, scope, table, owner, to);
}

/** As `routeFrom`, in a given table. */
export function chooseRoute(
  state: StateReader,
  scope: Scope,
  table: RouteTableRecord,
  owner: string,
  to: Address,
): ChosenRoute | Unreachable {
  const found = longestMatch(routesOf(state, scope, table), to, scope.region);
  const tableName = `route table ${named(table.RouteTableId, table.Tags)} ${owner}`;
  if (!found) return noRoute(`${tableName} has no route to ${formatAddress(to)}`, table.RouteTableId);
  const target = targetOf(found.route);
  const sentence = `${tableName} sends ${found.destination} to ${target}`;
  if (found.route.State === 'blackhole')
    return noRoute(`${sentence}, which is a black hole: ${found.route.because}`, table.RouteTableId);
  return { table, route: found.route, destination: found.destination, target, sentence };
}

function longestMatch(
  routes: RouteWithState[],
  to: Address,
  region: string,
): { route: RouteWithState; destination: string } | undefined {
  let best: { route: RouteWithState; destination: string; prefix: number } | undefined;
  for (const route of routes) {
    const destination =
      route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? '';
    const blocks = route.DestinationPrefixListId ? (findPrefixList(region, destination)?.Cidrs ?? []) : [destination];
    for (const block of blocks) {
      const cidr = parseCidr(block);
      if (!cidr || !contains(cidr, rangeOf(to))) continue;
      // At equal length a route with a block goes before one with a prefix list.
      const wins =
        !best || cidr.prefix > best.prefix || (cidr.prefix === best.prefix && !route.DestinationPrefixListId);
      if (wins) best = { route, destination, prefix: cidr.prefix };
    }
  }
  return best;
}

function targetOf(route: RouteWithState): string {
  return (
    route.NatGatewayId ??
    route.GatewayId ??
    route.EgressOnlyInternetGatewayId ??
    route.NetworkInterfaceId ??
    'an unknown target'
  );
}

function noRoute(because: string, id: string): Unreachable {
  return { reachable: false, because, rule: { kind: 'route', id }, symptom: 'timeout' };
}
