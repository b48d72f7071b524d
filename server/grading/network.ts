import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { SimulatedHost } from '../cloud/hosts.ts';
import { parseAddress } from '../cloud/network/cidr.ts';
import { type Reach, reach, type Target } from '../cloud/network/index.ts';
import { named } from '../cloud/network/named.ts';
import { FairLimit, waitsOf } from '../cloud/runtime/fair-limit.ts';
import { findRouteTableOf, findSubnet, routesOf } from '../cloud/services/ec2/find.ts';
import { subnets as subnetRecords } from '../cloud/services/ec2/tables.ts';
import { startNextIn } from '../cloud/services/lambda/environment.ts';
import type { Scope } from '../cloud/state/table.ts';
import { type CheckContext, isAwsAnswer } from './check-context.ts';

/** A subnet as a sentence names it, and its zone. */
export interface PlacedSubnet {
  id: string;
  /** `subnet-0ab… (app-a)` */
  name: string;
  zone: string;
}

/** Where a function's connections start, as it is configured now. No subnets: it is in no VPC. */
export interface FunctionNetwork {
  functionName: string;
  functionArn: string;
  vpcId: string | undefined;
  subnets: PlacedSubnet[];
  securityGroupIds: string[];
  ipv6: boolean;
}

/** The network of a function of the learner's account. @throws ResourceNotFoundException when there is no such function */
export async function networkOf(ctx: CheckContext, functionName: string): Promise<FunctionNetwork> {
  const admin = ctx.admin();
  const { FunctionArn, VpcConfig } = await admin
    .client(LambdaClient)
    .send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const ids = VpcConfig?.SubnetIds ?? [];
  return {
    functionName,
    functionArn: FunctionArn!,
    vpcId: VpcConfig?.VpcId || undefined,
    subnets: await Promise.all(ids.map((id) => placed(ctx, id))),
    securityGroupIds: VpcConfig?.SecurityGroupIds ?? [],
    ipv6: VpcConfig?.Ipv6AllowedForDualStack ?? false,
  };
}

/** A subnet may have been deleted behind the function's back: then it has no zone, and nothing is reached from it. */
async function placed(ctx: CheckContext, id: string): Promise<PlacedSubnet> {
  try {
    const { Subnets } = await ctx
      .admin()
      .client(EC2Client)
      .send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
    const { AvailabilityZone, Tags } = Subnets![0]!;
    const name = Tags?.find(({ Key }) => Key === 'Name')?.Value;
    return { id, name: named(id, {}, name), zone: AvailabilityZone! };
  } catch (error) {
    if (!isAwsAnswer(error)) throw error;
    return { id, name: id, zone: '' };
  }
}

/** What a function's interface in one subnet can do with a simulated host. Becomes evidence. */
export function reachFrom(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet | undefined,
  host: SimulatedHost,
): Reach {
  const origin = subnet && {
    ...scopeOf(ctx),
    subnetId: subnet.id,
    securityGroupIds: network.securityGroupIds,
    ipv6AllowedForDualStack: network.ipv6,
  };
  const answer = reach(ctx.cloud.state, origin, targetOf(host));
  ctx.note(
    `${network.functionName} in ${subnet?.name ?? 'no VPC'} to ${host.name}:${host.port}`,
    answer.reachable ? 'succeeded' : 'failed',
    answer.reachable ? answer.path.join(' → ') : answer.because,
  );
  return answer;
}

/** As `reachFrom`, from every subnet of the function; from nowhere in particular when it is in no VPC. */
export function reachFromEverySubnet(
  ctx: CheckContext,
  network: FunctionNetwork,
  host: SimulatedHost,
): { subnet: PlacedSubnet | undefined; reach: Reach }[] {
  const places = network.subnets.length > 0 ? network.subnets : [undefined];
  return places.map((subnet) => ({ subnet, reach: reachFrom(ctx, network, subnet, host) }));
}

/**
 * Does something once for every subnet of a function, each time with a new environment that stands in that subnet: what
 * works from one may fail from another. Once, in no subnet, when the function is in no VPC. Stops at the first answer.
 */
export async function inEverySubnet<T>(
  ctx: CheckContext,
  network: FunctionNetwork,
  work: (subnet: PlacedSubnet | undefined) => Promise<T | undefined>,
): Promise<T | undefined> {
  if (network.subnets.length === 0) return work(undefined);
  for (const subnet of network.subnets) {
    await startNextIn(ctx.cloud, network.functionArn, subnet.id);
    const answer = await work(subnet);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Could something with these groups in this subnet connect to the host? For strangers: whatever else may stand in a VPC. */
export function reachAs(ctx: CheckContext, subnetId: string, securityGroupIds: string[], host: SimulatedHost): Reach {
  return reach(ctx.cloud.state, { ...scopeOf(ctx), subnetId, securityGroupIds }, targetOf(host));
}

/** The route that makes a subnet public, as a sentence; undefined for a private one. */
export function publicRouteOf(ctx: CheckContext, subnetId: string): string | undefined {
  const { state } = ctx.cloud;
  const scope = scopeOf(ctx);
  const subnet = findSubnet(state, scope, subnetId);
  const table = subnet && findRouteTableOf(state, scope, subnet);
  const route =
    table &&
    routesOf(state, scope, table).find(({ State, GatewayId }) => State === 'active' && GatewayId?.startsWith('igw-'));
  if (!route) return undefined;
  const destination = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;
  return `subnet ${named(subnet!.SubnetId, subnet!.Tags)} sends ${destination} to internet gateway ${route.GatewayId}`;
}

/** The subnets of a VPC from which a route leads to an internet gateway. */
export function publicSubnetsOf(ctx: CheckContext, vpcId: string): string[] {
  return ctx.cloud.state
    .list(subnetRecords, scopeOf(ctx))
    .flatMap(({ id, value }) => (value.VpcId === vpcId && publicRouteOf(ctx, id) ? [id] : []));
}

/**
 * A caller that does not wait for ever. Undefined when there was no answer in time; a late one is dropped. What this process
 * or a function waited for a processor is given back: a busy machine is no application's fault.
 */
export async function answerWithin<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let limit: FairLimit | undefined;
  work.catch(() => {});
  const late = new Promise<undefined>((resolve) => {
    limit = new FairLimit(
      () => waitsOf(process.pid),
      milliseconds,
      () => resolve(undefined),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    limit?.clear();
  }
}

/** The learner's account in the lab's region. */
export function scopeOf(ctx: CheckContext): Scope {
  return { account: ctx.account().id, region: ctx.region };
}

function targetOf({ place, port }: SimulatedHost): Target {
  if (place.kind === 'vpc') return { ...place, port };
  const literal = place.ip === undefined ? undefined : parseAddress(place.ip);
  return { kind: 'internet', port, ...(literal ? { ip: place.ip! } : {}) };
}
