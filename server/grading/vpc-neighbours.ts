import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Place, SimulatedHost } from '../cloud/hosts.ts';
import { type AddressRange, contains, parseCidr } from '../cloud/network/cidr.ts';
import { formatAddress, reach } from '../cloud/network/index.ts';
import { named } from '../cloud/network/named.ts';
import { ruleAdmits } from '../cloud/network/security-groups.ts';
import { findSecurityGroup } from '../cloud/services/ec2/find.ts';
import { networkInterfaces, securityGroups, subnets } from '../cloud/services/ec2/tables.ts';
import type { CheckContext } from './check-context.ts';
import { functionsOf } from './follow.ts';
import { type FunctionNetwork, networkOf, type PlacedSubnet, reachAs, reachFrom, scopeOf } from './network.ts';
import { rulesAround, starts } from './ways-out.ts';

type VpcPlace = Extract<Place, { kind: 'vpc' }>;

/** More questions than any network of a lab needs; beyond, the answer is that nobody can tell. */
const most = 30_000;

/** A security group that lets everything in and out, made in this fork: what may come to stand in a VPC one day. */
export async function strangersGroup(ctx: CheckContext, VpcId: string): Promise<string> {
  const ec2 = ctx.admin().client(EC2Client);
  const GroupName = `stranger-${ctx.gradeId}`;
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: 'a stranger' }));
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: GroupId!, IpPermissions }));
  return GroupId!;
}

/**
 * Something in a host's VPC, other than functions of these names, that can connect to the host, as a sentence: another
 * function, whatever stands in any subnet with any group that is there, or with none of them. Undefined: nothing can.
 * @param stranger of `strangersGroup`
 */
export async function strangerReaching(
  ctx: CheckContext,
  host: SimulatedHost & { place: VpcPlace },
  expected: readonly string[],
  stranger: string,
): Promise<string | undefined> {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const { place, port } = host;
  const what = `can connect to ${host.name} on port ${port}`;
  const groups = new Set<string>();
  for (const { name, arn } of await functionsOf(ctx, { allVersions: true })) {
    const network = { ...(await networkOf(ctx, arn)), functionName: name };
    if (expected.includes(name.split(':')[0]!)) for (const id of network.securityGroupIds) groups.add(id);
    else
      for (const subnet of network.subnets)
        if (reachFrom(ctx, network, subnet, host).reachable) return `function ${name} in ${subnet.name} ${what}`;
  }
  const others = state
    .list(securityGroups, scope)
    .filter(({ id, value }) => value.VpcId === place.vpcId && id !== stranger)
    .filter(({ id }) => !groups.has(id) && !place.securityGroupIds.includes(id))
    .map(({ id, value }) => ({ id, name: `security group ${named(id, value.Tags, value.GroupName)}` }));
  for (const { id: subnetId, value } of state.list(subnets, scope)) {
    if (value.VpcId !== place.vpcId) continue;
    const where = `subnet ${named(subnetId, value.Tags)}`;
    if (reachAs(ctx, subnetId, [stranger], host).reachable) return `anything in ${where} ${what}`;
    for (const { id, name } of others)
      if (reachAs(ctx, subnetId, [stranger, id], host).reachable) return `anything in ${where} with ${name} ${what}`;
  }
  return partOfASubnet(ctx, host, groups);
}

/** A rule for a part of a subnet, where others than the expected functions may stand, too. */
function partOfASubnet(
  ctx: CheckContext,
  { name, port, place }: SimulatedHost & { place: VpcPlace },
  expected: ReadonlySet<string>,
): string | undefined {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const inside = state.list(subnets, scope).filter(({ value }) => value.VpcId === place.vpcId);
  const own = state
    .list(networkInterfaces, scope)
    .filter(({ value }) => value.InterfaceType === 'lambda' && value.Groups.some((id) => expected.has(id)))
    .map(({ value }) => `${value.PrivateIpAddress}/32`);
  for (const id of place.securityGroupIds) {
    const group = findSecurityGroup(state, scope, id);
    for (const rule of group?.Rules ?? []) {
      const block = parseCidr(rule.CidrIpv4 ?? '');
      if (rule.IsEgress || !block || own.includes(rule.CidrIpv4!)) continue;
      if (!inside.some(({ value }) => contains(parseCidr(value.CidrBlock)!, block))) continue;
      if (!ruleAdmits(rule, { range: block, groupIds: [] }, port, ctx.region)) continue;
      const who = `security group ${named(id, group!.Tags, group!.GroupName)} of ${name}`;
      return `${who} lets ${rule.CidrIpv4}, where anything may stand, connect to port ${port}`;
    }
  }
  return undefined;
}

/**
 * A way from one subnet of a function to something in its VPC that it has no business with, as a sentence: at any
 * address, on any TCP port, with a group that lets everything in, alone or beside any that is there. Exact as
 * `internetPath` is.
 * @param known addresses that the function may connect to, and the groups of what is there
 * @param stranger of `strangersGroup`
 */
export function neighbourPath(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet,
  known: { addresses: readonly string[]; groups: readonly string[] },
  stranger: string,
): string | undefined {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const rules = rulesAround(ctx, network, subnet);
  const ports = starts(rules.ports, 1, 65_535);
  const worn = state
    .list(securityGroups, scope)
    .filter(({ id, value }) => value.VpcId === network.vpcId && id !== stranger && !known.groups.includes(id))
    .map(({ id }) => [stranger, id]);
  const targets = state
    .list(subnets, scope)
    .filter(({ value }) => value.VpcId === network.vpcId)
    .flatMap(({ id, value }) =>
      freeAddresses(parseCidr(value.CidrBlock)!, rules.blocks, known.addresses).map((ip) => ({ id, ip, value })),
    );
  if (targets.length * ports.length * (worn.length + 1) > most)
    return `the rules around ${subnet.name} name so many blocks and ports that nobody can tell where they lead`;
  const { securityGroupIds, ipv6 } = network;
  const from = { ...scope, subnetId: subnet.id, securityGroupIds, ipv6AllowedForDualStack: ipv6 };
  const where = `${network.functionName} in ${subnet.name}`;
  for (const groups of [[stranger], ...worn])
    for (const { id, ip, value } of targets)
      for (const port of ports) {
        const to = { kind: 'vpc' as const, vpcId: network.vpcId!, subnetId: id, ip, port, securityGroupIds: groups };
        if (!reach(state, from, to).reachable) continue;
        const group = groups[1] && findSecurityGroup(state, scope, groups[1]);
        const worn = group ? ` with security group ${named(group.GroupId, group.Tags, group.GroupName)}` : '';
        ctx.note(`${where} to ${ip}:${port}`, 'succeeded', 'whatever may stand there');
        return `${where} can connect to anything${worn} at ${ip}:${port} in subnet ${named(id, value.Tags)}`;
      }
  ctx.note(
    `${where} to whatever else may stand in its VPC`,
    'failed',
    `${targets.length} addresses, ${ports.length} ports`,
  );
  return undefined;
}

/** One address of a subnet for each stretch between the borders of blocks, but none that is known. */
function freeAddresses(subnet: AddressRange, blocks: readonly AddressRange[], known: readonly string[]): string[] {
  // The first four and the last address of a subnet are AWS's.
  const first = subnet.first + 4n;
  const end = subnet.last;
  const borders = new Set([first]);
  for (const block of blocks)
    for (const border of [block.first, block.last + 1n])
      if (block.version === subnet.version && border > first && border < end) borders.add(border);
  const sorted = [...borders].sort((a, b) => (a < b ? -1 : 1));
  return sorted.flatMap((border, i) => {
    for (let value = border; value < (sorted[i + 1] ?? end); value++) {
      const ip = formatAddress({ version: subnet.version, value });
      if (!known.includes(ip)) return [ip];
    }
    return [];
  });
}
