import { AwsError } from '../../errors.ts';
import { contains, formatAddress, parseAddress, parseCidr, rangeOf, sizeOf } from '../../network/cidr.ts';
import { hex } from '../../random.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, newId } from './kinds.ts';
import { type NetworkInterfaceRecord, networkInterfaces, type SubnetRecord } from './tables.ts';

/** Making network interfaces, for users and for services. */

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
