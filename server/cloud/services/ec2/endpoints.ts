import type {
  CreateVpcEndpointCommandInput,
  CreateVpcEndpointCommandOutput,
  DeleteVpcEndpointsCommandInput,
  DeleteVpcEndpointsCommandOutput,
  DescribeVpcEndpointsCommandInput,
  DescribeVpcEndpointsCommandOutput,
  DnsEntry,
  ModifyVpcEndpointCommandInput,
  ModifyVpcEndpointCommandOutput,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import { AwsError, NotEmulated } from '../../errors.ts';
import { lowerAlphanumeric } from '../../random.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource, refuseInputs } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { checkEndpoint, DEFAULT_POLICY, readEndpointPolicy, setInterfaces } from './endpoint-parts.ts';
import { findEndpointService, getEndpointService } from './endpoint-services.ts';
import { findSecurityGroup } from './find.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, newId } from './kinds.ts';
import { defaultGroup, deleteInterface } from './make-interface.ts';
import { networkInterfaces, type VpcEndpointRecord, vpcEndpoints } from './tables.ts';

const getEndpoint = (ctx: Ec2Context, id: string): VpcEndpointRecord => getResource(ctx, kinds.vpcEndpoint, id);

/** The names that lead to an interface endpoint: for the region, for each zone, and the service's own with private DNS. */
function dnsEntries(ctx: Ec2Context, endpoint: VpcEndpointRecord): DnsEntry[] {
  if (endpoint.VpcEndpointType !== 'Interface') return [];
  const HostedZoneId = 'Z7HUB22UULQXV';
  const label = `${endpoint.VpcEndpointId}-${endpoint.DnsSuffix}`;
  const service = findEndpointService(ctx.region, endpoint.ServiceName);
  const tail = `${service?.service}.${ctx.region}.vpce.amazonaws.com`;
  const star = service?.privateDnsName(ctx.region).startsWith('*.') ? '*.' : '';
  const zones = endpoint.NetworkInterfaceIds.flatMap(
    (id) => ctx.state.get(networkInterfaces, ctx, id)?.AvailabilityZone ?? [],
  ).sort();
  return [
    { DnsName: `${star}${label}.${tail}`, HostedZoneId },
    ...zones.map((zone) => ({ DnsName: `${star}${label}-${zone}.${tail}`, HostedZoneId })),
    ...(endpoint.PrivateDnsEnabled && service
      ? [{ DnsName: service.privateDnsName(ctx.region), HostedZoneId: 'ZONEIDPENDING' }]
      : []),
  ];
}

function view(ctx: Ec2Context, endpoint: VpcEndpointRecord): VpcEndpoint {
  const {
    Tags,
    SecurityGroupIds,
    DnsSuffix,
    ClientToken,
    CreationTimestamp,
    PrivateDnsOnlyForInboundResolverEndpoint: inbound,
    ...plain
  } = endpoint;
  const isInterface = endpoint.VpcEndpointType === 'Interface';
  return {
    ...plain,
    // The API answers in lower case, which the SDK's list of values writes otherwise.
    State: endpoint.State.toLowerCase() as VpcEndpoint['State'],
    Groups: SecurityGroupIds.map((GroupId) => ({
      GroupId,
      GroupName: findSecurityGroup(ctx.state, ctx, GroupId)?.GroupName,
    })),
    RequesterManaged: false,
    DnsEntries: dnsEntries(ctx, endpoint),
    ...(isInterface
      ? {
          IpAddressType: 'ipv4',
          DnsOptions: {
            DnsRecordIpType: 'ipv4',
            ...(inbound === undefined ? {} : { PrivateDnsOnlyForInboundResolverEndpoint: inbound }),
          },
        }
      : {}),
    CreationTimestamp: new Date(CreationTimestamp),
    OwnerId: ctx.account,
    ServiceRegion: ctx.region,
    Tags: tagList(Tags),
  };
}

export const CreateVpcEndpoint = ec2Operation<CreateVpcEndpointCommandInput, CreateVpcEndpointCommandOutput>({
  access: (ctx, input) => [
    ...onNew(
      ctx,
      'CreateVpcEndpoint',
      'vpc-endpoint',
      input.TagSpecifications,
      input.ServiceName ? { 'ec2:VpceServiceName': input.ServiceName } : {},
    ),
    onResource(ctx, 'CreateVpcEndpoint', kinds.vpc, input.VpcId),
    ...(input.RouteTableIds ?? []).map((id) => onResource(ctx, 'CreateVpcEndpoint', kinds.routeTable, id)),
    ...(input.SubnetIds ?? []).map((id) => onResource(ctx, 'CreateVpcEndpoint', kinds.subnet, id)),
    ...(input.SecurityGroupIds ?? []).map((id) => onResource(ctx, 'CreateVpcEndpoint', kinds.securityGroup, id)),
  ],
  run(ctx, input) {
    const repeated = ctx.state
      .list(vpcEndpoints, ctx)
      .find(({ value }) => input.ClientToken !== undefined && value.ClientToken === input.ClientToken);
    if (repeated) return { VpcEndpoint: view(ctx, repeated.value), ClientToken: input.ClientToken };
    refuseInputs(
      input,
      ['SubnetConfigurations', 'ServiceNetworkArn', 'ResourceConfigurationArn'],
      'ec2:CreateVpcEndpoint',
    );
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
    if (!input.ServiceName)
      throw new AwsError('MissingParameter', 'The request must contain the parameter ServiceName');
    if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4')
      throw new NotEmulated(`ec2:CreateVpcEndpoint with IpAddressType ${input.IpAddressType}`);
    const service = getEndpointService(ctx, input.ServiceName);
    const type = input.VpcEndpointType ?? 'Gateway';
    if ((type !== 'Gateway' && type !== 'Interface') || !service.types.includes(type))
      throw invalidParameter(
        `Endpoint type (${type}) does not match available service types ([${service.types.join(', ')}]).`,
      );
    const isInterface = type === 'Interface';
    const inbound = input.DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint;
    const endpoint: VpcEndpointRecord = {
      VpcEndpointId: newId(ctx, 'vpce'),
      VpcEndpointType: type,
      VpcId: vpc.VpcId,
      ServiceName: input.ServiceName,
      State: 'Available',
      PolicyDocument: input.PolicyDocument ? readEndpointPolicy(input.PolicyDocument) : DEFAULT_POLICY,
      RouteTableIds: [...new Set(input.RouteTableIds ?? [])],
      SubnetIds: [...new Set(input.SubnetIds ?? [])],
      SecurityGroupIds: isInterface
        ? input.SecurityGroupIds?.length
          ? [...new Set(input.SecurityGroupIds)]
          : [defaultGroup(ctx, vpc.VpcId)]
        : [],
      NetworkInterfaceIds: [],
      PrivateDnsEnabled: isInterface && (input.PrivateDnsEnabled ?? service.privateDnsByDefault),
      ...(isInterface && service.types.length > 1
        ? { PrivateDnsOnlyForInboundResolverEndpoint: inbound ?? service.service === 's3' }
        : {}),
      DnsSuffix: lowerAlphanumeric(ctx.cloud.random, 8),
      CreationTimestamp: ctx.now,
      ...(input.ClientToken ? { ClientToken: input.ClientToken } : {}),
      Tags: newTags(input.TagSpecifications, 'vpc-endpoint'),
    };
    checkEndpoint(ctx, endpoint, service);
    const made = setInterfaces(ctx, endpoint);
    ctx.state.put(vpcEndpoints, ctx, made.VpcEndpointId, made);
    const shown = view(ctx, made);
    return {
      VpcEndpoint: isInterface ? { ...shown, State: 'pending' as VpcEndpoint['State'] } : shown,
      ClientToken: input.ClientToken,
    };
  },
});

const filters: Filters<VpcEndpointRecord> = {
  'vpc-endpoint-id': (endpoint) => endpoint.VpcEndpointId,
  'vpc-endpoint-state': (endpoint) => endpoint.State.toLowerCase(),
  'vpc-endpoint-type': (endpoint) => endpoint.VpcEndpointType,
  'vpc-id': (endpoint) => endpoint.VpcId,
  'service-name': (endpoint) => endpoint.ServiceName,
  'service-region': (_, ctx) => ctx.region,
  'ip-address-type': (endpoint) => (endpoint.VpcEndpointType === 'Interface' ? 'ipv4' : undefined),
};

export const DescribeVpcEndpoints = ec2Operation<DescribeVpcEndpointsCommandInput, DescribeVpcEndpointsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeVpcEndpoints'),
  run(ctx, input) {
    const asked = { ...input, ids: input.VpcEndpointIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.vpcEndpoint, filters, asked);
    return { VpcEndpoints: page.map((endpoint) => view(ctx, endpoint)), NextToken };
  },
});

export const ModifyVpcEndpoint = ec2Operation<ModifyVpcEndpointCommandInput, ModifyVpcEndpointCommandOutput>({
  access: (ctx, input) => [
    onResource(ctx, 'ModifyVpcEndpoint', kinds.vpcEndpoint, input.VpcEndpointId),
    ...[...(input.AddRouteTableIds ?? []), ...(input.RemoveRouteTableIds ?? [])].map((id) =>
      onResource(ctx, 'ModifyVpcEndpoint', kinds.routeTable, id),
    ),
    ...[...(input.AddSubnetIds ?? []), ...(input.RemoveSubnetIds ?? [])].map((id) =>
      onResource(ctx, 'ModifyVpcEndpoint', kinds.subnet, id),
    ),
    ...[...(input.AddSecurityGroupIds ?? []), ...(input.RemoveSecurityGroupIds ?? [])].map((id) =>
      onResource(ctx, 'ModifyVpcEndpoint', kinds.securityGroup, id),
    ),
  ],
  run(ctx, input) {
    const old = getEndpoint(ctx, input.VpcEndpointId!);
    const service = getEndpointService(ctx, old.ServiceName);
    const inbound = input.DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint;
    const changed: VpcEndpointRecord = {
      ...old,
      PolicyDocument: input.ResetPolicy
        ? DEFAULT_POLICY
        : input.PolicyDocument
          ? readEndpointPolicy(input.PolicyDocument)
          : old.PolicyDocument,
      RouteTableIds: altered(old.RouteTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds),
      SubnetIds: altered(old.SubnetIds, input.AddSubnetIds, input.RemoveSubnetIds),
      SecurityGroupIds: altered(old.SecurityGroupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds),
      PrivateDnsEnabled: input.PrivateDnsEnabled ?? old.PrivateDnsEnabled,
      ...(inbound === undefined ? {} : { PrivateDnsOnlyForInboundResolverEndpoint: inbound }),
    };
    if (old.VpcEndpointType === 'Interface' && changed.SecurityGroupIds.length === 0)
      throw invalidParameter(`An interface endpoint must have at least one security group`);
    checkEndpoint(ctx, changed, service);
    ctx.state.put(vpcEndpoints, ctx, old.VpcEndpointId, setInterfaces(ctx, changed));
    return { Return: true };
  },
});

function altered(old: string[], add: string[] | undefined, remove: string[] | undefined): string[] {
  return [...new Set([...old, ...(add ?? [])])].filter((id) => !remove?.includes(id));
}

export const DeleteVpcEndpoints = ec2Operation<DeleteVpcEndpointsCommandInput, DeleteVpcEndpointsCommandOutput>({
  access: (ctx, input) =>
    (input.VpcEndpointIds ?? []).map((id) => onResource(ctx, 'DeleteVpcEndpoints', kinds.vpcEndpoint, id)),
  run(ctx, input) {
    const Unsuccessful = (input.VpcEndpointIds ?? []).flatMap((id) => {
      const endpoint = ctx.state.get(vpcEndpoints, ctx, id);
      if (!endpoint) {
        const failure = { Code: 'InvalidVpcEndpoint.NotFound', Message: `The Vpc Endpoint Id '${id}' does not exist` };
        return [{ ResourceId: id, Error: failure }];
      }
      for (const eni of endpoint.NetworkInterfaceIds) deleteInterface(ctx, eni);
      ctx.state.delete(vpcEndpoints, ctx, id);
      return [];
    });
    return { Unsuccessful };
  },
});

export const endpointOperations = { CreateVpcEndpoint, DescribeVpcEndpoints, ModifyVpcEndpoint, DeleteVpcEndpoints };
