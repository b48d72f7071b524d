import { type Address, type AddressRange, parseCidr } from '../cloud/network/cidr.ts';
import { awsPrefixLists, formatAddress, isPrivate, type Reach, type Reachable, reach } from '../cloud/network/index.ts';
import { endpointsOf, findNetworkAclOf, findSecurityGroup, findSubnet } from '../cloud/services/ec2/find.ts';
import { natGateways, networkInterfaces, routeTables } from '../cloud/services/ec2/tables.ts';
import type { CheckContext } from './check-context.ts';
import { type FunctionNetwork, type PlacedSubnet, scopeOf } from './network.ts';

/** More combinations than any network of a lab has; beyond, the answer is that nobody can tell. */
const most = 30_000;

/**
 * A way from one subnet of a function to any address of the internet on any TCP port, as a sentence; undefined when
 * there is none. Exact: what routes, network ACLs and security groups say changes only at the borders of the blocks and
 * ports that they name, so that one address and one port between each two borders stand for all. A way through a VPC
 * endpoint leads to AWS and is none.
 */
export function internetPath(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet | undefined,
): string | undefined {
  const { functionName, securityGroupIds, ipv6 } = network;
  if (!subnet) return `${functionName} is in no VPC and has the internet`;
  const rules = rulesAround(ctx, network, subnet);
  const addresses = samples(rules.blocks, 4).concat(ipv6 ? samples(rules.blocks, 6) : []);
  const ports = [443, 80, ...starts(rules.ports, 1, 65_535).filter((port) => port !== 443 && port !== 80)];
  if (addresses.length * ports.length > most)
    return `the rules around ${subnet.name} name so many blocks and ports that nobody can tell where they lead`;
  const from = { ...scopeOf(ctx), subnetId: subnet.id, securityGroupIds, ipv6AllowedForDualStack: ipv6 };
  for (const port of ports)
    for (const ip of addresses) {
      const answer = reach(ctx.cloud.state, from, { kind: 'internet', ip, port, byAddress: true });
      if (!answer.reachable || answer.endpointId) continue;
      const where = `${functionName} in ${subnet.name}`;
      ctx.note(`${where} to ${ip}:${port}`, 'succeeded', answer.path.join(' → '));
      return `${where} reaches ${ip}:${port} on the internet: ${lastStep(answer)}`;
    }
  ctx.note(
    `${functionName} in ${subnet.name} to any address of the internet`,
    'failed',
    `none of ${addresses.length} addresses, one for each block that a rule names or leaves, on ${ports.length} ports`,
  );
  return undefined;
}

/**
 * How a function reaches an AWS service of its region through a VPC endpoint, by the service's own name or by an
 * endpoint's; else why it does not. Becomes evidence.
 */
export function endpointPath(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet | undefined,
  service: string,
): { through: string } | { because: string } {
  const { functionName, securityGroupIds, ipv6 } = network;
  if (!subnet) return { because: `${functionName} is in no VPC and calls ${service} over the internet` };
  const from = { ...scopeOf(ctx), subnetId: subnet.id, securityGroupIds, ipv6AllowedForDualStack: ipv6 };
  const ask = (endpointId?: string): Reach =>
    reach(ctx.cloud.state, from, { kind: 'aws-service', service, port: 443, ...(endpointId ? { endpointId } : {}) });
  const byName = ask();
  const named = endpointsOf(ctx.cloud.state, scopeOf(ctx), network.vpcId ?? '').filter(
    ({ VpcEndpointType, ServiceName }) => VpcEndpointType === 'Interface' && ServiceName.endsWith(`.${service}`),
  );
  const answers = [byName, ...named.map(({ VpcEndpointId }) => ask(VpcEndpointId))];
  const where = `${functionName} in ${subnet.name}`;
  for (const answer of answers)
    if (answer.reachable && answer.endpointId) {
      ctx.note(`${where} to ${service}`, 'succeeded', answer.path.join(' → '));
      return { through: answer.endpointId };
    }
  const because = byName.reachable
    ? `${where} reaches ${service} outside any VPC endpoint: ${lastStep(byName)}`
    : `${where} does not reach ${service}: ${byName.because}`;
  ctx.note(`${where} to ${service}`, 'failed', because);
  return { because };
}

/** Why a service's usual name leads nowhere from a subnet; undefined when it leads to the service. */
export function serviceStop(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet | undefined,
  service: string,
): string | undefined {
  const { securityGroupIds, ipv6 } = network;
  const from = subnet && {
    ...scopeOf(ctx),
    subnetId: subnet.id,
    securityGroupIds,
    ipv6AllowedForDualStack: ipv6,
  };
  const answer = reach(ctx.cloud.state, from, { kind: 'aws-service', service, port: 443 });
  return answer.reachable ? undefined : answer.because;
}

/** Where the interface endpoints of a VPC stand: their addresses, and their security groups. */
export function endpointAddresses(ctx: CheckContext, vpcId: string): { addresses: string[]; groups: string[] } {
  const { state } = ctx.cloud;
  const endpoints = endpointsOf(state, scopeOf(ctx), vpcId);
  const interfaces = endpoints.flatMap(({ NetworkInterfaceIds }) =>
    NetworkInterfaceIds.flatMap((id) => state.get(networkInterfaces, scopeOf(ctx), id) ?? []),
  );
  return {
    addresses: interfaces.map(({ PrivateIpAddress }) => PrivateIpAddress),
    groups: endpoints.flatMap(({ SecurityGroupIds }) => SecurityGroupIds),
  };
}

const lastStep = ({ path }: Reachable): string => path.slice(1, 3).join(', ');

interface Rules {
  blocks: AddressRange[];
  ports: { first: number; last: number }[];
}

/** Every block and port that a rule on the way can name. */
export function rulesAround(ctx: CheckContext, network: FunctionNetwork, subnet: PlacedSubnet): Rules {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const rules: Rules = { blocks: [], ports: [] };
  const block = (...texts: (string | undefined)[]): void => {
    for (const text of texts) {
      const parsed = parseCidr(text ?? '');
      if (parsed) rules.blocks.push(parsed);
    }
  };
  const list = (id: string | undefined): void =>
    block(...(awsPrefixLists(ctx.region).find(({ PrefixListId }) => PrefixListId === id)?.Cidrs ?? []));
  const vpcId = findSubnet(state, scope, subnet.id)?.VpcId;
  for (const { value } of state.list(routeTables, scope))
    if (value.VpcId === vpcId)
      for (const route of value.Routes) {
        block(route.DestinationCidrBlock, route.DestinationIpv6CidrBlock);
        list(route.DestinationPrefixListId);
      }
  // What gateway endpoints route by.
  for (const { Cidrs } of awsPrefixLists(ctx.region)) block(...Cidrs);
  for (const id of network.securityGroupIds)
    for (const rule of findSecurityGroup(state, scope, id)?.Rules ?? []) {
      if (!rule.IsEgress) continue;
      block(rule.CidrIpv4, rule.CidrIpv6);
      list(rule.PrefixListId);
      if (rule.IpProtocol === 'tcp') rules.ports.push({ first: rule.FromPort, last: rule.ToPort });
    }
  const gateways = state.list(natGateways, scope).flatMap(({ value }) => value.SubnetId ?? []);
  for (const id of new Set([subnet.id, ...gateways])) {
    const there = findSubnet(state, scope, id);
    if (there?.VpcId !== vpcId || !there) continue;
    for (const entry of findNetworkAclOf(state, scope, there)?.Entries ?? []) {
      block(entry.CidrBlock, entry.Ipv6CidrBlock);
      if (entry.PortRange) rules.ports.push({ first: entry.PortRange.From, last: entry.PortRange.To });
    }
  }
  return rules;
}

/** One address of the internet for each stretch between the borders of blocks. */
function samples(blocks: AddressRange[], version: 4 | 6): string[] {
  const last = version === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
  const borders = new Set<bigint>(version === 4 ? reserved : []);
  if (version === 6) borders.add(0x2000n << 112n);
  for (const each of blocks) {
    if (each.version !== version) continue;
    borders.add(each.first);
    if (each.last < last) borders.add(each.last + 1n);
  }
  return [...borders]
    .map((value): Address => ({ version, value }))
    .filter((address) => !isPrivate(address))
    .map(formatAddress);
}

/** Where public addresses begin again behind blocks that are none. */
const reserved = ['1.0.0.0', '11.0.0.0', '100.128.0.0', '128.0.0.0', '169.255.0.0', '172.32.0.0', '192.169.0.0'].map(
  (text) => parseCidr(`${text}/32`)!.first,
);

/** Ports at which what rules say may change. */
export function starts(ranges: { first: number; last: number }[], least: number, last: number): number[] {
  const found = new Set([least]);
  for (const range of ranges) {
    if (range.first >= least && range.first <= last) found.add(range.first);
    if (range.last < last) found.add(Math.max(least, range.last + 1));
  }
  return [...found].sort((a, b) => a - b);
}
