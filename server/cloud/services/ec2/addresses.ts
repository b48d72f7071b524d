import type {
  Address,
  AllocateAddressCommandInput,
  AllocateAddressCommandOutput,
  AssociateAddressCommandInput,
  AssociateAddressCommandOutput,
  DescribeAddressesAttributeCommandInput,
  DescribeAddressesAttributeCommandOutput,
  DescribeAddressesCommandInput,
  DescribeAddressesCommandOutput,
  DisassociateAddressCommandInput,
  DisassociateAddressCommandOutput,
  ReleaseAddressCommandInput,
  ReleaseAddressCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { type Tags, tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { type Ec2Context, getResource, kinds, missingParameter, newId } from './kinds.ts';
import { type AddressRecord, addresses, type NetworkInterfaceRecord } from './tables.ts';

/** Elastic IP addresses. */

/** Takes a public address for the account. */
export function allocateAddress(ctx: Ec2Context, tags: Tags, managed?: AddressRecord['ServiceManaged']): AddressRecord {
  const taken = new Set(ctx.state.list(addresses, ctx).map(({ value }) => value.PublicIp));
  let PublicIp: string;
  do {
    const [a = 0, b = 0, c = 0] = ctx.cloud.random.bytes(3);
    PublicIp = `44.${192 + (a % 32)}.${b}.${1 + (c % 254)}`;
  } while (taken.has(PublicIp));
  const record: AddressRecord = {
    AllocationId: newId(ctx, 'eipalloc'),
    PublicIp,
    ...(managed ? { ServiceManaged: managed } : {}),
    Tags: tags,
  };
  ctx.state.put(addresses, ctx, record.AllocationId, record);
  return record;
}

/** Ties an address to an interface. */
export function associateAddress(ctx: Ec2Context, address: AddressRecord, eni: NetworkInterfaceRecord): AddressRecord {
  const record: AddressRecord = {
    ...address,
    AssociationId: newId(ctx, 'eipassoc'),
    NetworkInterfaceId: eni.NetworkInterfaceId,
    PrivateIpAddress: eni.PrivateIpAddress,
    SubnetId: eni.SubnetId,
  };
  ctx.state.put(addresses, ctx, record.AllocationId, record);
  return record;
}

/** The address again without what it was tied to. */
export function freeAddress(ctx: Ec2Context, allocationId: string): void {
  const address = ctx.state.get(addresses, ctx, allocationId);
  if (!address) return;
  const { AllocationId, PublicIp, Tags } = address;
  if (address.ServiceManaged) ctx.state.delete(addresses, ctx, allocationId);
  else ctx.state.put(addresses, ctx, allocationId, { AllocationId, PublicIp, Tags });
}

function view(ctx: Ec2Context, address: AddressRecord): Address {
  const { Tags, SubnetId, ...plain } = address;
  return {
    ...plain,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: ctx.region,
    ...(address.NetworkInterfaceId ? { NetworkInterfaceOwnerId: ctx.account } : {}),
    ...(SubnetId ? { SubnetId } : {}),
    Tags: tagList(Tags),
  };
}

export const AllocateAddress = ec2Operation<AllocateAddressCommandInput, AllocateAddressCommandOutput>({
  access: (ctx, input) => onNew(ctx, 'AllocateAddress', 'elastic-ip', input.TagSpecifications),
  run(ctx, input) {
    const own = ctx.state.list(addresses, ctx).filter(({ value }) => !value.ServiceManaged);
    // differs from AWS: the default quota is 5 addresses; 20 leave room for labs
    if (own.length >= 20)
      throw new AwsError('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    const { AllocationId, PublicIp } = allocateAddress(ctx, newTags(input.TagSpecifications, 'elastic-ip'));
    return { AllocationId, PublicIp, Domain: 'vpc', PublicIpv4Pool: 'amazon', NetworkBorderGroup: ctx.region };
  },
});

const filters: Filters<AddressRecord> = {
  'allocation-id': (address) => address.AllocationId,
  'association-id': (address) => address.AssociationId,
  'network-interface-id': (address) => address.NetworkInterfaceId,
  'network-interface-owner-id': (address, ctx) => (address.NetworkInterfaceId ? ctx.account : undefined),
  'private-ip-address': (address) => address.PrivateIpAddress,
  'public-ip': (address) => address.PublicIp,
  'network-border-group': (_, ctx) => ctx.region,
  'instance-id': () => undefined,
  domain: () => 'vpc',
};

export const DescribeAddresses = ec2Operation<DescribeAddressesCommandInput, DescribeAddressesCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeAddresses'),
  run(ctx, input) {
    const ids = [
      ...(input.AllocationIds ?? []),
      ...(input.PublicIps ?? []).map((ip) => byPublicIp(ctx, ip).AllocationId),
    ];
    const { page } = describeResources(ctx, kinds.address, filters, { ids, filters: input.Filters });
    return { Addresses: page.map((address) => view(ctx, address)) };
  },
});

function byPublicIp(ctx: Ec2Context, ip: string): AddressRecord {
  const found = ctx.state.list(addresses, ctx).find(({ value }) => value.PublicIp === ip);
  if (!found) throw new AwsError('InvalidAddress.NotFound', `Address '${ip}' not found.`);
  return found.value;
}

export const DescribeAddressesAttribute = ec2Operation<
  DescribeAddressesAttributeCommandInput,
  DescribeAddressesAttributeCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeAddressesAttribute'),
  run(ctx, input) {
    const all = ctx.state.list(addresses, ctx).map(({ value }) => value);
    for (const id of input.AllocationIds ?? []) getResource(ctx, kinds.address, id);
    const wanted = all.filter(
      ({ AllocationId }) => !input.AllocationIds?.length || input.AllocationIds.includes(AllocationId),
    );
    return { Addresses: wanted.map(({ AllocationId, PublicIp }) => ({ AllocationId, PublicIp })) };
  },
});

export const AssociateAddress = ec2Operation<AssociateAddressCommandInput, AssociateAddressCommandOutput>({
  access: (ctx, input) => [
    onResource(ctx, 'AssociateAddress', kinds.address, input.AllocationId),
    ...(input.NetworkInterfaceId
      ? [onResource(ctx, 'AssociateAddress', kinds.networkInterface, input.NetworkInterfaceId)]
      : []),
  ],
  run(ctx, input) {
    if (!input.AllocationId) throw missingParameter('AllocationId');
    const address = getResource(ctx, kinds.address, input.AllocationId);
    if (input.InstanceId)
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${input.InstanceId}' does not exist`);
    if (!input.NetworkInterfaceId)
      throw new AwsError('MissingParameter', 'Either instance ID or network interface ID must be specified');
    const eni = getResource(ctx, kinds.networkInterface, input.NetworkInterfaceId);
    // Lambda's interfaces belong to Lambda: no elastic IP address makes a function public.
    if (eni.RequesterManaged)
      throw new AwsError('AuthFailure', `You do not have permission to access the specified resource.`);
    if (address.AssociationId && !(input.AllowReassociation ?? true))
      throw new AwsError(
        'Resource.AlreadyAssociated',
        `resource ${address.AllocationId} is already associated with associate-id ${address.AssociationId}`,
      );
    return { AssociationId: associateAddress(ctx, address, eni).AssociationId };
  },
});

export const DisassociateAddress = ec2Operation<DisassociateAddressCommandInput, DisassociateAddressCommandOutput>({
  access: (ctx, input) =>
    onResource(ctx, 'DisassociateAddress', kinds.address, byAssociation(ctx, input.AssociationId)?.AllocationId),
  run(ctx, input) {
    if (!input.AssociationId && !input.PublicIp) throw missingParameter('AssociationId');
    const address = input.AssociationId ? byAssociation(ctx, input.AssociationId) : byPublicIp(ctx, input.PublicIp!);
    if (!address?.AssociationId)
      throw new AwsError(
        'InvalidAssociationID.NotFound',
        `The association ID '${input.AssociationId ?? input.PublicIp}' does not exist`,
      );
    if (heldByService(ctx, address))
      throw new AwsError('AuthFailure', 'You do not have permission to access the specified resource.');
    freeAddress(ctx, address.AllocationId);
    return {};
  },
});

function byAssociation(ctx: Ec2Context, id: string | undefined): AddressRecord | undefined {
  return ctx.state.list(addresses, ctx).find(({ value }) => id !== undefined && value.AssociationId === id)?.value;
}

function heldByService(ctx: Ec2Context, address: AddressRecord): boolean {
  if (address.ServiceManaged) return true;
  const eni = address.NetworkInterfaceId
    ? ctx.state.get(kinds.networkInterface.table, ctx, address.NetworkInterfaceId)
    : undefined;
  return eni?.RequesterManaged ?? false;
}

export const ReleaseAddress = ec2Operation<ReleaseAddressCommandInput, ReleaseAddressCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'ReleaseAddress', kinds.address, input.AllocationId),
  run(ctx, input) {
    if (!input.AllocationId) throw missingParameter('AllocationId');
    const address = getResource(ctx, kinds.address, input.AllocationId);
    if (address.AssociationId) throw new AwsError('InvalidIPAddress.InUse', `Address ${address.PublicIp} is in use.`);
    ctx.state.delete(addresses, ctx, address.AllocationId);
    return {};
  },
});

export const addressOperations = {
  AllocateAddress,
  DescribeAddresses,
  DescribeAddressesAttribute,
  AssociateAddress,
  DisassociateAddress,
  ReleaseAddress,
};
