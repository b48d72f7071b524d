import type { CallSource } from '../cloud/context.ts';
import { endpointsOf } from '../cloud/services/ec2/find.ts';
import { type Outlet, sourceTo } from '../cloud/services/lambda/network.ts';
import { type Actor, type Credentials, callerOf, createActor } from './actor.ts';
import type { CheckContext } from './check-context.ts';
import { type FunctionNetwork, type PlacedSubnet, scopeOf } from './network.ts';

/** A way on which code in a function's subnet reaches an AWS service. */
export interface ServiceDoor {
  /** `S3 through vpce-0ab…`, for sentences. */
  name: string;
  /** What the service and the policies see of a call that comes this way. */
  source: CallSource;
}

/**
 * All ways from one subnet of a function to a service of its region: by the service's usual name, and by the own names
 * of interface endpoints, which code may use whatever private DNS says.
 */
export function doorsTo(
  ctx: CheckContext,
  network: FunctionNetwork,
  subnet: PlacedSubnet | undefined,
  service: string,
): ServiceDoor[] {
  const { cloud, region } = ctx;
  const outlet: Outlet = {
    cloud,
    functionArn: network.functionArn,
    hops: {},
    region,
    origin: subnet && {
      ...scopeOf(ctx),
      subnetId: subnet.id,
      securityGroupIds: network.securityGroupIds,
      ipv6AllowedForDualStack: network.ipv6,
    },
  };
  const own = endpointsOf(cloud.state, scopeOf(ctx), network.vpcId ?? '').filter(
    ({ VpcEndpointType, ServiceName }) => VpcEndpointType === 'Interface' && ServiceName.endsWith(`.${service}`),
  );
  const hosts = [
    `${service}.${region}.amazonaws.com`,
    ...own.map(({ VpcEndpointId }) => `${VpcEndpointId}-inside.${service}.${region}.vpce.amazonaws.com`),
  ];
  const doors = new Map<string, ServiceDoor>();
  for (const host of hosts) {
    const source = sourceTo(outlet, host);
    if ('kind' in source) continue;
    const through = source.vpceId ? `through ${source.vpceId}` : 'over the internet';
    const name = `${network.functionName} in ${subnet?.name ?? 'no VPC'}, ${through}`;
    doors.set(through, { name, source });
  }
  return [...doors.values()];
}

/**
 * Somebody whose code runs in the function and who calls with these credentials, or with none: what a compromised
 * function does with keys that it was not given. Only the function's own role is known by the function (`ctx.code`).
 */
export function insider(ctx: CheckContext, who: string, door: ServiceDoor, credentials?: Credentials): Actor {
  const { functionArn: _, hops: __, ...source } = door.source;
  const options = {
    name: `${who}, in ${door.name}`,
    cloud: ctx.cloud,
    region: ctx.region,
    source,
    evidence: ctx.evidence,
  };
  if (!credentials) return createActor(options);
  const session = credentials as Parameters<typeof callerOf>[1];
  return createActor({ ...options, credentials, caller: callerOf(ctx.cloud, session, source) });
}
