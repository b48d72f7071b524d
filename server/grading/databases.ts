import type { SimulatedHost } from '../cloud/hosts.ts';
import { isPrivate, parseCidr } from '../cloud/network/cidr.ts';
import { named } from '../cloud/network/named.ts';
import { ruleAdmits } from '../cloud/network/security-groups.ts';
import { findSecurityGroup } from '../cloud/services/ec2/find.ts';
import { addresses, networkInterfaces, type SecurityGroupRuleRecord, vpcs } from '../cloud/services/ec2/tables.ts';
import { type ClusterPlace, clusterPlace } from '../cloud/services/rds/place.ts';
import { clusters, findCluster, instances, subnetGroups } from '../cloud/services/rds/tables.ts';
import type { StateReader } from '../cloud/state/account-state.ts';
import type { Scope } from '../cloud/state/table.ts';
import type { CheckContext } from './check-context.ts';
import { functionsOf } from './follow.ts';
import { networkOf, publicRouteOf, publicSubnetsOf, reachAs, reachFrom, scopeOf } from './network.ts';

/** Where every database cluster of an account stands now. A lab's `hosts` gives them a protocol. */
export function clusterPlaces(state: StateReader, scope: Scope): (ClusterPlace & { id: string })[] {
  return state.list(clusters, scope).flatMap(({ id }) => {
    const place = clusterPlace(state, scope, id);
    return place ? [{ ...place, id }] : [];
  });
}

/**
 * Who may connect to a database that has no business to: the internet, or whatever stands in a public subnet of its VPC.
 * One sentence with the resource and the fact; undefined when nobody may.
 * @param stranger a security group that nothing of the application has, made in the fork
 */
export function databaseExposure(
  ctx: CheckContext,
  place: ClusterPlace & { id: string },
  stranger: string,
): string | undefined {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const open = state
    .list(instances, scope)
    .find(({ value }) => value.clusterId === place.id && value.publiclyAccessible);
  if (open) return `instance ${open.id} of database ${place.id} is publicly accessible`;
  const route = publicRouteOf(ctx, place.subnetId);
  if (route) return `database ${place.id} stands in a public subnet: ${route}`;
  const subnetGroup = state.get(subnetGroups, scope, findCluster(state, scope, place.id)?.subnetGroup ?? '');
  for (const id of subnetGroup?.subnetIds ?? []) {
    const other = publicRouteOf(ctx, id);
    if (other)
      return `database ${place.id} may come to stand in a public subnet of its subnet group ${subnetGroup!.name}: ${other}`;
  }
  for (const id of place.securityGroupIds) {
    const group = findSecurityGroup(state, scope, id);
    const rule = group?.Rules.find((each) => admitsInternet(ctx, place, each));
    if (group && rule)
      return `security group ${named(id, group.Tags, group.GroupName)} of database ${place.id} lets ${rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId}, which is on the internet, connect to port ${place.port}`;
  }
  const host: SimulatedHost = { name: place.endpoint, port: place.port, place };
  for (const subnetId of publicSubnetsOf(ctx, place.vpcId))
    if (reachAs(ctx, subnetId, [stranger], host).reachable)
      return `anything in public subnet ${subnetId} can connect to database ${place.id} on port ${place.port}`;
  // What really stands there, with the groups that it has; a Lambda function's interfaces are the function's affair.
  for (const { id, value } of state.list(networkInterfaces, scope))
    if (
      value.InterfaceType === 'interface' &&
      publicRouteOf(ctx, value.SubnetId) &&
      reachAs(ctx, value.SubnetId, value.Groups, host).reachable
    )
      return `network interface ${id} in public subnet ${value.SubnetId} can connect to database ${place.id} on port ${place.port}`;
  return undefined;
}

/**
 * A function that stands in a public subnet and can connect to a database, as a sentence; undefined when none can.
 * @param except the function that this is not asked about
 */
export async function publicFunctionReaching(
  ctx: CheckContext,
  place: ClusterPlace & { id: string },
  except: string,
): Promise<string | undefined> {
  const host: SimulatedHost = { name: place.endpoint, port: place.port, place };
  for (const { name } of await functionsOf(ctx)) {
    if (name === except || name.includes(':')) continue;
    const network = await networkOf(ctx, name);
    for (const subnet of network.subnets)
      if (publicRouteOf(ctx, subnet.id) && reachFrom(ctx, network, subnet, host).reachable)
        return `function ${name} in public subnet ${subnet.name} can connect to database ${place.id} on port ${place.port}`;
  }
  return undefined;
}

/** A rule for incoming connections that admits an address which is neither private nor the VPC's own. */
function admitsInternet(ctx: CheckContext, place: ClusterPlace, rule: SecurityGroupRuleRecord): boolean {
  if (rule.IsEgress || rule.ReferencedGroupId !== undefined) return false;
  // Of any address: asked with the rule's own block, only protocol and port can keep it out.
  const block = parseCidr(rule.CidrIpv4 ?? rule.CidrIpv6 ?? '');
  if (!block) return rule.PrefixListId !== undefined;
  if (!ruleAdmits(rule, { range: block, groupIds: [] }, place.port, ctx.region)) return false;
  const vpc = ctx.cloud.state.get(vpcs, scopeOf(ctx), place.vpcId);
  const own = [...(vpc?.CidrBlocks ?? []), ...(vpc?.Ipv6CidrBlocks ?? [])].map(
    ({ CidrBlock }) => parseCidr(CidrBlock)!,
  );
  if (own.some((each) => each.version === block.version && each.first <= block.first && block.last <= each.last))
    return false;
  const end = (value: bigint) => isPrivate({ version: block.version, value });
  // Both ends of 0.0.0.0/0 are private; only a block that is no wider than the private ones is one of them.
  return !(end(block.first) && end(block.last)) || block.prefix < (block.version === 4 ? 8 : 7);
}

/** Elastic IP addresses on anything but NAT gateways, each as a sentence. */
export function publicInterfaces(ctx: CheckContext): string[] {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  return state.list(addresses, scope).flatMap(({ value }) => {
    const eni = value.NetworkInterfaceId && state.get(networkInterfaces, scope, value.NetworkInterfaceId);
    if (!eni || eni.InterfaceType === 'nat_gateway') return [];
    return [
      `elastic IP address ${value.PublicIp} is on network interface ${eni.NetworkInterfaceId}, which is no NAT gateway's`,
    ];
  });
}
