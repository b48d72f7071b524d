import { CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  type CheckContext,
  clusterPlaces,
  databaseExposure,
  fail,
  hex,
  networkOf,
  type Outcome,
  pass,
  publicFunctionReaching,
  publicInterfaces,
  publicRouteOf,
  reachFrom,
  reachFromEverySubnet,
  type SimulatedHost,
} from '../../../server/kit.ts';
import { ledgerStop } from '../ledger.ts';
import { isProvider, provider } from '../provider.ts';
import { functionName, placeName } from '../web-shop.ts';

export async function reachedFromEveryZone(ctx: CheckContext): Promise<Outcome> {
  const network = await networkOf(ctx, functionName);
  if (network.subnets.length === 0)
    return fail(`${functionName} is connected to no VPC, so that it does not reach the ledger itself`);
  const hosts = ctx.cloud.hosts();
  const ledgers = hosts.filter(({ place }) => place.kind === 'vpc');
  if (ledgers.length === 0) return fail('there is no database cluster in this account');
  for (const { subnet, reach } of reachFromEverySubnet(ctx, network, hosts.find(isProvider)!))
    if (!reach.reachable) return fail(`${placeName(subnet)} does not reach ${provider}:443: ${reach.because}`);
  for (const subnet of network.subnets)
    for (const low of [true, false]) {
      const [first, second] = laterAddresses(ctx, low);
      const overIpv4 = reachFrom(ctx, network, subnet, at(first));
      if (!overIpv4.reachable && !reachFrom(ctx, network, subnet, at(second)).reachable)
        return fail(
          `${placeName(subnet)} does not reach ${first}:443, an address that ${provider} may have tomorrow: ${overIpv4.because}`,
        );
    }
  for (const subnet of network.subnets) {
    const stop = ledgerStop(ctx, network, subnet);
    if (stop) return fail(`${placeName(subnet)} does not reach the ledger${stop}`);
  }
  const zones = [...new Set(network.subnets.map(({ zone }) => zone))].sort();
  if (zones.length < 2)
    return fail(`all subnets of ${functionName} are in one availability zone, ${zones[0]}, and stop with it`);
  return pass(
    `${functionName} reaches ${provider} and the ledger from ${network.subnets.length} subnets in ${zones.join(' and ')}`,
  );
}

/** Addresses that the provider may have one day, of IPv4 and IPv6: any of the internet, so that a pinned one is no fix. */
function laterAddresses(ctx: CheckContext, low: boolean): [string, string] {
  const [a = 0, b = 0, c = 0, d = 0] = ctx.random.bytes(4);
  const first = low ? 20 + (a % 80) : 173 + (a % 18);
  return [`${first}.${b}.${c}.${1 + (d % 254)}`, `2a${low ? '00' : '0d'}:${hex(ctx.random, 4)}::${hex(ctx.random, 4)}`];
}

const at = (ip: string): SimulatedHost => ({ name: ip, port: 443, place: { kind: 'internet', ip } });

export async function theWayOutIsNoWayIn(ctx: CheckContext): Promise<Outcome> {
  const { subnets } = await networkOf(ctx, functionName);
  for (const { id } of subnets) {
    const route = publicRouteOf(ctx, id);
    if (route) return fail(`${functionName} stands in a public subnet: ${route}`);
  }
  const account = ctx.account().id;
  for (const place of clusterPlaces(ctx.cloud.state, { account, region: ctx.region })) {
    const { GroupId } = await ctx
      .admin()
      .client(EC2Client)
      .send(
        new CreateSecurityGroupCommand({
          VpcId: place.vpcId,
          GroupName: `stranger-${hex(ctx.random, 8)}`,
          Description: 'of something that is no part of the application',
        }),
      );
    const exposed = databaseExposure(ctx, place, GroupId!) ?? (await publicFunctionReaching(ctx, place, functionName));
    if (exposed) return fail(exposed);
  }
  const [first] = publicInterfaces(ctx);
  if (first) return fail(first);
  const who = subnets.length > 0 ? `${functionName} and the ledger stand` : 'the ledger stands';
  return pass(`${who} in private subnets, and nobody from outside can connect to the ledger`);
}
