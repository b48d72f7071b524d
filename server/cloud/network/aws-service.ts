import { endpointsOf } from '../services/ec2/find.ts';
import { type NetworkInterfaceRecord, networkInterfaces, type VpcEndpointRecord } from '../services/ec2/tables.ts';
import { serviceAddress } from './aws-addresses.ts';
import { parseAddress } from './cidr.ts';
import { type FunctionInterface, ownAddress } from './interface.ts';
import { reachLocal } from './local.ts';
import { named } from './named.ts';
import { reachPublic, throughEndpoint } from './public.ts';
import type { Reach, Target, Unreachable } from './types.ts';

/** From a function's interface to an AWS service: by private DNS into an interface endpoint, else to its public address. */
export function reachService(own: FunctionInterface, to: Extract<Target, { kind: 'aws-service' }>): Reach {
  const { region } = own.scope;
  const all = endpointsOf(own.state, own.scope, own.vpc.VpcId);
  if (to.endpointId !== undefined) {
    const named = all.find(({ VpcEndpointId }) => VpcEndpointId === to.endpointId);
    if (named?.VpcEndpointType === 'Interface' && named.State === 'Available')
      return reachInterface(own, named, to.port);
    return noEndpoint(
      `VPC endpoint ${to.endpointId} is not an available interface endpoint of VPC ${own.vpc.VpcId}`,
      to.endpointId,
    );
  }
  const serving =
    (to.region ?? region) === region ? all.filter(({ ServiceName }) => serves(ServiceName, to.service)) : [];
  const byName = serving.find((endpoint) => takesName(own, endpoint));
  if (byName) return reachInterface(own, byName, to.port);
  const reached = reachPublic(own, serviceAddress(to.service, to.region ?? region, region), to.port);
  if (reached.reachable) return reached;
  return explain(own, reached, to.service, serving);
}

/** `com.amazonaws.us-east-1.sqs` serves `sqs`. */
function serves(serviceName: string, service: string): boolean {
  return serviceName.slice(serviceName.lastIndexOf('.') + 1) === service;
}

/**
 * Does the service's usual name resolve to this endpoint in the VPC? Private DNS needs both DNS attributes of the VPC.
 * Source: https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
 */
function takesName(own: FunctionInterface, endpoint: VpcEndpointRecord): boolean {
  return (
    endpoint.VpcEndpointType === 'Interface' &&
    endpoint.State === 'Available' &&
    endpoint.PrivateDnsEnabled &&
    !endpoint.PrivateDnsOnlyForInboundResolverEndpoint &&
    own.vpc.EnableDnsSupport &&
    own.vpc.EnableDnsHostnames
  );
}

/** The name leads to every interface of the endpoint and clients try one after the other: the nearest first. */
function reachInterface(own: FunctionInterface, endpoint: VpcEndpointRecord, port: number): Reach {
  const name = `interface endpoint ${named(endpoint.VpcEndpointId, endpoint.Tags)}`;
  const interfaces = endpoint.NetworkInterfaceIds.flatMap(
    (id) => own.state.get(networkInterfaces, own.scope, id) ?? [],
  ).sort((a, b) => distance(own, a) - distance(own, b));
  let first: Reach | undefined;
  for (const each of interfaces) {
    const address = parseAddress(each.PrivateIpAddress)!;
    const reached = reachLocal(own, { subnetId: each.SubnetId, address, port, securityGroupIds: each.Groups, name });
    if (reached.reachable)
      return { ...throughEndpoint(endpoint, 'interface-endpoint', reached.path), ...ownAddress(own) };
    first ??= reached;
  }
  return first ?? noEndpoint(`${name} has no network interface in any subnet`, endpoint.VpcEndpointId);
}

function distance(own: FunctionInterface, other: NetworkInterfaceRecord): number {
  if (other.SubnetId === own.subnet.SubnetId) return 0;
  return other.AvailabilityZone === own.subnet.AvailabilityZone ? 1 : 2;
}

/** Says which endpoint would have served, if there is one: that is what a learner wants to know. */
function explain(
  own: FunctionInterface,
  failed: Unreachable,
  service: string,
  serving: VpcEndpointRecord[],
): Unreachable {
  const endpoint = serving[0];
  if (!endpoint)
    return { ...failed, because: `VPC ${own.vpc.VpcId} has no endpoint for ${service}, and ${failed.because}` };
  const name = `VPC endpoint ${named(endpoint.VpcEndpointId, endpoint.Tags)} for ${service}`;
  const rule = { kind: 'endpoint', id: endpoint.VpcEndpointId } as const;
  if (endpoint.State !== 'Available')
    return { ...failed, rule, because: `${name} is ${endpoint.State.toLowerCase()}, and ${failed.because}` };
  if (endpoint.VpcEndpointType === 'Gateway') {
    // A security group or ACL that stops the way into a right endpoint explains itself.
    if (failed.rule.kind !== 'route' && failed.rule.kind !== 'nat') return failed;
    return {
      ...failed,
      rule,
      because: `${name} is not associated with the route table of subnet ${own.subnet.SubnetId}, and ${failed.because}`,
    };
  }
  if (!endpoint.PrivateDnsEnabled || endpoint.PrivateDnsOnlyForInboundResolverEndpoint)
    return {
      ...failed,
      rule,
      because: `${name} does not take the service's name, as private DNS is off, and ${failed.because}`,
    };
  const off = own.vpc.EnableDnsSupport ? 'enableDnsHostnames' : 'enableDnsSupport';
  return {
    ...failed,
    rule: { kind: 'dns', id: own.vpc.VpcId },
    because: `${name} does not take the service's name, as VPC ${own.vpc.VpcId} has ${off} off, and ${failed.because}`,
  };
}

function noEndpoint(because: string, id: string): Unreachable {
  return { reachable: false, because, rule: { kind: 'endpoint', id }, symptom: 'timeout' };
}
