import type {
  CreateNetworkInterfaceCommandInput,
  CreateNetworkInterfaceCommandOutput,
  DeleteNetworkInterfaceCommandInput,
  DeleteNetworkInterfaceCommandOutput,
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput,
  NetworkInterface,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { contains, formatAddress, parseAddress, parseCidr, rangeOf, sizeOf } from '../../network/cidr.ts';
import { hex } from '../../random.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { findSecurityGroup, findSubnet } from './find.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, newId } from './kinds.ts';
import { addresses, type NetworkInterfaceRecord, networkInterfaces, type SubnetRecord } from './tables.ts';

/** Interfaces of one subnet. */
function interfacesIn(ctx: Ec2Context, subnetId: string): NetworkInterfaceRecord[] {
  return ctx.state.list(networkInterfaces, ctx).flatMap(({ value }) => (value.SubnetId === subnetId ? [value] : []));
}

/** Addresses that are free: AWS keeps the first four and the last one of each subnet. */
export function freeAddresses(ctx: Ec2Context, subnet: SubnetRecord): number {
  return Number(sizeOf(parseCidr(subnet.CidrBlock)!)) - 5 - interfacesIn(ctx, subnet.SubnetId).length;
}

/** The lowest free address of a subnet, or the one that is wanted. */
function takeAddress(ctx: Ec2Context, subnet: SubnetRecord, wanted?: string): string {
  const block = parseCidr(subnet.CidrBlock)!;
  const used = new Set(interfacesIn(ctx, subnet.SubnetId).map(({ PrivateIpAddress }) => PrivateIpAddress));
  if (wanted !== undefined) {
    const address = parseAddress(wanted);
    if (!address || !contains(block, rangeOf(address)))
      throw invalidParameter(`Address ${wanted} does not fall within the subnet's address range`);
    if (used.has(formatAddress(address))) throw new AwsError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
    return formatAddress(address);
  }
  for (let value = block.first + 4n; value < block.last; value++) {
    const text = formatAddress({ version: 4, value });
    if (!used.has(text)) return text;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `There are not enough free addresses in subnet '${subnet.SubnetId}' to satisfy the requested number of interfaces.`,
  );
}

export interface InterfaceOptions {
  subnetId: string;
  groups: readonly string[];
  type: NetworkInterfaceRecord['InterfaceType'];
  description: string;
  /** Made by a service for itself, and attached at once. */
  requester?: string;
  privateIp?: string | undefined;
  tags?: NetworkInterfaceRecord['Tags'];
}

/** Makes a network interface, for users and for services (NAT gateways, endpoints, functions, databases). */
export function makeInterface(ctx: Ec2Context, options: InterfaceOptions): NetworkInterfaceRecord {
  const subnet = getResource(ctx, kinds.subnet, options.subnetId);
  const mac = hex(ctx.cloud.random, 10);
  const record: NetworkInterfaceRecord = {
    NetworkInterfaceId: newId(ctx, 'eni'),
    SubnetId: subnet.SubnetId,
    VpcId: subnet.VpcId,
    AvailabilityZone: subnet.AvailabilityZone,
    PrivateIpAddress: takeAddress(ctx, subnet, options.privateIp),
    Groups: [...options.groups],
    InterfaceType: options.type,
    Description: options.description,
    RequesterManaged: options.requester !== undefined,
    MacAddress: `0a:${mac.match(/../g)!.join(':')}`,
    SourceDestCheck: options.type === 'interface',
    Tags: options.tags ?? {},
    ...(options.requester === undefined
      ? {}
      : { RequesterId: options.requester, AttachmentId: newId(ctx, 'ela-attach'), AttachTime: ctx.now }),
  };
  ctx.state.put(networkInterfaces, ctx, record.NetworkInterfaceId, record);
  return record;
}

export function deleteInterface(ctx: Ec2Context, id: string): void {
  ctx.state.delete(networkInterfaces, ctx, id);
}

/** What one function asks of the network. */
export interface FunctionPlace {
  functionName: string;
  subnetIds: readonly string[];
  securityGroupIds: readonly string[];
}

/**
 * Brings Lambda's interfaces in line with all functions of an account: functions with the same subnet and the same groups
 * share one, and an interface that no function needs goes away. The Lambda service calls it after every change.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
 * @returns the interfaces that are there now
 * @throws AwsError InvalidSubnetID.NotFound, InvalidGroup.NotFound
 */
export function lambdaInterfaces(ctx: Ec2Context, functions: readonly FunctionPlace[]): NetworkInterfaceRecord[] {
  const key = (subnetId: string, groups: readonly string[]): string => `${subnetId} ${[...groups].sort().join()}`;
  const existing = new Map(
    ctx.state
      .list(networkInterfaces, ctx)
      .filter(({ value }) => value.InterfaceType === 'lambda')
      .map(({ value }) => [key(value.SubnetId, value.Groups), value]),
  );
  const wanted = new Map<string, NetworkInterfaceRecord>();
  for (const place of functions) {
    for (const id of place.securityGroupIds) getResource(ctx, kinds.securityGroup, id);
    for (const subnetId of place.subnetIds) {
      const name = key(subnetId, place.securityGroupIds);
      const found = wanted.get(name) ?? existing.get(name) ?? makeLambdaInterface(ctx, place, subnetId);
      wanted.set(name, found);
    }
  }
  for (const [name, { NetworkInterfaceId }] of existing)
    if (!wanted.has(name)) deleteInterface(ctx, NetworkInterfaceId);
  return [...wanted.values()];
}

function makeLambdaInterface(ctx: Ec2Context, place: FunctionPlace, subnetId: string): NetworkInterfaceRecord {
  const tail = hex(ctx.cloud.random, 32);
  const uuid = [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, tail);
  return makeInterface(ctx, {
    subnetId,
    groups: place.securityGroupIds,
    type: 'lambda',
    description: `AWS Lambda VPC ENI-${place.functionName}-${uuid}`,
    requester: `AROA${'LAMBDAHYPERPLANE'}:${place.functionName}`,
  });
}

function view(ctx: Ec2Context, eni: NetworkInterfaceRecord): NetworkInterface {
  const dns = `ip-${eni.PrivateIpAddress.replaceAll('.', '-')}.${ctx.region === 'us-east-1' ? 'ec2' : `${ctx.region}.compute`}.internal`;
  const address = ctx.state
    .list(addresses, ctx)
    .find(({ value }) => value.NetworkInterfaceId === eni.NetworkInterfaceId)?.value;
  return {
    ...(address
      ? {
          Association: {
            AllocationId: address.AllocationId,
            AssociationId: address.AssociationId,
            PublicIp: address.PublicIp,
            IpOwnerId: ctx.account,
          },
        }
      : {}),
    ...(eni.AttachmentId
      ? {
          Attachment: {
            AttachmentId: eni.AttachmentId,
            AttachTime: new Date(eni.AttachTime ?? 0),
            DeleteOnTermination: false,
            DeviceIndex: 1,
            InstanceOwnerId: eni.InterfaceType === 'interface' ? 'amazon-rds' : 'amazon-aws',
            Status: 'attached',
          },
        }
      : {}),
    AvailabilityZone: eni.AvailabilityZone,
    Description: eni.Description,
    Groups: eni.Groups.map((GroupId) => ({
      GroupId,
      GroupName: findSecurityGroup(ctx.state, ctx, GroupId)?.GroupName,
    })),
    // The API answers nat_gateway, which the SDK's list of values writes otherwise.
    InterfaceType: eni.InterfaceType as NetworkInterface['InterfaceType'],
    Ipv6Addresses: [],
    MacAddress: eni.MacAddress,
    NetworkInterfaceId: eni.NetworkInterfaceId,
    OwnerId: ctx.account,
    PrivateDnsName: dns,
    PrivateIpAddress: eni.PrivateIpAddress,
    PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dns, PrivateIpAddress: eni.PrivateIpAddress }],
    ...(eni.RequesterId ? { RequesterId: eni.RequesterId } : {}),
    RequesterManaged: eni.RequesterManaged,
    SourceDestCheck: eni.SourceDestCheck,
    Status: eni.AttachmentId ? 'in-use' : 'available',
    SubnetId: eni.SubnetId,
    TagSet: tagList(eni.Tags),
    VpcId: eni.VpcId,
  };
}

export const CreateNetworkInterface = ec2Operation<
  CreateNetworkInterfaceCommandInput,
  CreateNetworkInterfaceCommandOutput
>({
  access: (ctx, input) => [
    ...onNew(
      ctx,
      'CreateNetworkInterface',
      'network-interface',
      input.TagSpecifications,
      vpcContext(ctx, input.SubnetId),
    ),
    onResource(ctx, 'CreateNetworkInterface', kinds.subnet, input.SubnetId),
    ...(input.Groups ?? []).map((id) => onResource(ctx, 'CreateNetworkInterface', kinds.securityGroup, id)),
  ],
  run(ctx, input) {
    const subnet = getResource(ctx, kinds.subnet, input.SubnetId!);
    const groups = input.Groups?.length ? input.Groups : [defaultGroup(ctx, subnet.VpcId)];
    for (const id of groups) checkGroup(ctx, id, subnet.VpcId);
    const record = makeInterface(ctx, {
      subnetId: subnet.SubnetId,
      groups,
      type: 'interface',
      description: input.Description ?? '',
      privateIp: input.PrivateIpAddress,
      tags: newTags(input.TagSpecifications, 'network-interface'),
    });
    return { NetworkInterface: view(ctx, record) };
  },
});

function vpcContext(ctx: Ec2Context, subnetId: string | undefined): Record<string, string> {
  const subnet = findSubnet(ctx.state, ctx, subnetId ?? '');
  const arn = (type: string, id: string): string => `arn:aws:ec2:${ctx.region}:${ctx.account}:${type}/${id}`;
  return subnet ? { 'ec2:Vpc': arn('vpc', subnet.VpcId), 'ec2:Subnet': arn('subnet', subnet.SubnetId) } : {};
}

/** The group that an interface gets when nobody says which. */
export function defaultGroup(ctx: Ec2Context, vpcId: string): string {
  const all = ctx.state.list(kinds.securityGroup.table, ctx);
  return all.find(({ value }) => value.VpcId === vpcId && value.GroupName === 'default')!.id;
}

export function checkGroup(ctx: Ec2Context, id: string, vpcId: string): void {
  const group = getResource(ctx, kinds.securityGroup, id);
  if (group.VpcId !== vpcId)
    throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist in VPC '${vpcId}'`);
}

const filters: Filters<NetworkInterfaceRecord> = {
  'network-interface-id': (eni) => eni.NetworkInterfaceId,
  'subnet-id': (eni) => eni.SubnetId,
  'vpc-id': (eni) => eni.VpcId,
  'availability-zone': (eni) => eni.AvailabilityZone,
  'group-id': (eni) => eni.Groups,
  'group-name': (eni, ctx) => eni.Groups.map((id) => findSecurityGroup(ctx.state, ctx, id)?.GroupName),
  'interface-type': (eni) => eni.InterfaceType,
  description: (eni) => eni.Description,
  status: (eni) => (eni.AttachmentId ? 'in-use' : 'available'),
  'requester-id': (eni) => eni.RequesterId,
  'requester-managed': (eni) => eni.RequesterManaged,
  'private-ip-address': (eni) => eni.PrivateIpAddress,
  'addresses.private-ip-address': (eni) => eni.PrivateIpAddress,
  'mac-address': (eni) => eni.MacAddress,
  'source-dest-check': (eni) => eni.SourceDestCheck,
  'attachment.attachment-id': (eni) => eni.AttachmentId,
  'attachment.status': (eni) => (eni.AttachmentId ? 'attached' : undefined),
  'attachment.instance-id': () => undefined,
  'attachment.instance-owner-id': (eni) => (eni.AttachmentId ? 'amazon-aws' : undefined),
};

export const DescribeNetworkInterfaces = ec2Operation<
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeNetworkInterfaces'),
  run(ctx, input) {
    const asked = { ...input, ids: input.NetworkInterfaceIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.networkInterface, filters, asked);
    return { NetworkInterfaces: page.map((eni) => view(ctx, eni)), NextToken };
  },
});

export const DeleteNetworkInterface = ec2Operation<
  DeleteNetworkInterfaceCommandInput,
  DeleteNetworkInterfaceCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'DeleteNetworkInterface', kinds.networkInterface, input.NetworkInterfaceId),
  run(ctx, input) {
    const eni = getResource(ctx, kinds.networkInterface, input.NetworkInterfaceId!);
    if (eni.AttachmentId)
      throw new AwsError('InvalidParameterValue', `Network interface '${eni.NetworkInterfaceId}' is currently in use.`);
    deleteInterface(ctx, eni.NetworkInterfaceId);
    return {};
  },
});

export const interfaceOperations = { CreateNetworkInterface, DescribeNetworkInterfaces, DeleteNetworkInterface };
