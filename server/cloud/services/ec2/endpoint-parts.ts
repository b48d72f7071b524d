import { AwsError } from '../../errors.ts';
import { awsPrefixLists } from '../../network/aws-addresses.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { EndpointService } from './endpoint-services.ts';
import { type Ec2Context, getResource, invalidParameter, kinds } from './kinds.ts';
import { checkGroup, deleteInterface, makeInterface } from './make-interface.ts';
import { networkInterfaces, type VpcEndpointRecord, vpcEndpoints } from './tables.ts';

/** Rules that a VPC endpoint keeps, whether it is made or changed. */

/** What an endpoint allows when nobody says. */
export const DEFAULT_POLICY = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
});

/** Checks an endpoint's policy; it is kept as written. */
export function readEndpointPolicy(text: string): string {
  const { problems } = parsePolicy(text, 'endpoint');
  if (problems.length > 0) throw new AwsError('InvalidPolicyDocument', problems[0]!.message);
  return text;
}

/** Route tables, subnets, groups and names of an endpoint must be there, fit together, and be free. */
export function checkEndpoint(ctx: Ec2Context, endpoint: VpcEndpointRecord, service: EndpointService): void {
  const others = ctx.state
    .list(vpcEndpoints, ctx)
    .filter(({ id, value }) => id !== endpoint.VpcEndpointId && value.VpcId === endpoint.VpcId);
  for (const id of endpoint.RouteTableIds) {
    const table = getResource(ctx, kinds.routeTable, id);
    if (endpoint.VpcEndpointType !== 'Gateway')
      throw invalidParameter('Route table IDs are only supported for Gateway type VPC Endpoints.');
    if (table.VpcId !== endpoint.VpcId)
      throw invalidParameter(`Route table ${id} does not belong to VPC ${endpoint.VpcId}`);
    if (others.some(({ value }) => value.ServiceName === endpoint.ServiceName && value.RouteTableIds.includes(id))) {
      const list = awsPrefixLists(ctx.region).find(({ PrefixListName }) => PrefixListName === endpoint.ServiceName);
      throw new AwsError(
        'RouteAlreadyExists',
        `route table ${id} already has a route with destination-prefix-list-id ${list?.PrefixListId}`,
      );
    }
  }
  checkSubnets(ctx, endpoint);
  for (const id of endpoint.SecurityGroupIds) checkGroup(ctx, id, endpoint.VpcId);
  if (endpoint.PrivateDnsEnabled)
    checkPrivateDns(
      ctx,
      endpoint,
      service,
      others.map(({ value }) => value),
    );
}

function checkSubnets(ctx: Ec2Context, endpoint: VpcEndpointRecord): void {
  const zones = new Map<string, string>();
  for (const id of endpoint.SubnetIds) {
    const subnet = getResource(ctx, kinds.subnet, id);
    if (endpoint.VpcEndpointType !== 'Interface')
      throw invalidParameter('Subnet IDs are only supported for Interface type VPC Endpoints.');
    if (subnet.VpcId !== endpoint.VpcId)
      throw invalidParameter(`Subnet ${id} does not belong to VPC ${endpoint.VpcId}`);
    const other = zones.get(subnet.AvailabilityZone);
    if (other)
      throw new AwsError(
        'DuplicateSubnetsInSameZone',
        `Found another VPC endpoint subnet in the availability zone of ${id}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
      );
    zones.set(subnet.AvailabilityZone, id);
  }
}

function checkPrivateDns(
  ctx: Ec2Context,
  endpoint: VpcEndpointRecord,
  service: EndpointService,
  others: VpcEndpointRecord[],
): void {
  if (endpoint.VpcEndpointType !== 'Interface')
    throw new AwsError('InvalidParameter', 'Private DNS can only be set for Interface type VPC Endpoints.');
  const vpc = getResource(ctx, kinds.vpc, endpoint.VpcId);
  if (!vpc.EnableDnsSupport || !vpc.EnableDnsHostnames)
    throw new AwsError(
      'InvalidParameter',
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpc.VpcId}`,
    );
  const same = others.filter(({ ServiceName }) => ServiceName === endpoint.ServiceName);
  if (same.some(({ PrivateDnsEnabled }) => PrivateDnsEnabled))
    throw new AwsError(
      'InvalidParameter',
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service.privateDnsName(ctx.region)} in the VPC ${vpc.VpcId}`,
    );
  if (
    endpoint.PrivateDnsOnlyForInboundResolverEndpoint &&
    !same.some(({ VpcEndpointType }) => VpcEndpointType === 'Gateway')
  )
    throw new AwsError(
      'InvalidParameter',
      `To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC ${vpc.VpcId} must have a Gateway endpoint for the service.`,
    );
}

/** One interface in every subnet of an interface endpoint, with the endpoint's groups. */
export function setInterfaces(ctx: Ec2Context, endpoint: VpcEndpointRecord): VpcEndpointRecord {
  if (endpoint.VpcEndpointType !== 'Interface') return endpoint;
  const kept: string[] = [];
  const served = new Set<string>();
  for (const id of endpoint.NetworkInterfaceIds) {
    const eni = ctx.state.get(networkInterfaces, ctx, id);
    if (!eni) continue;
    if (!endpoint.SubnetIds.includes(eni.SubnetId)) {
      deleteInterface(ctx, id);
      continue;
    }
    ctx.state.put(networkInterfaces, ctx, id, { ...eni, Groups: endpoint.SecurityGroupIds });
    kept.push(id);
    served.add(eni.SubnetId);
  }
  const added = endpoint.SubnetIds.filter((id) => !served.has(id)).map((subnetId) =>
    makeInterface(ctx, {
      subnetId,
      groups: endpoint.SecurityGroupIds,
      type: 'vpc_endpoint',
      description: `VPC Endpoint Interface ${endpoint.VpcEndpointId}`,
      requester: 'amazon-aws',
    }),
  );
  return { ...endpoint, NetworkInterfaceIds: [...kept, ...added.map(({ NetworkInterfaceId }) => NetworkInterfaceId)] };
}
