import type {
  AssociateNatGatewayAddressCommandInput,
  AssociateNatGatewayAddressCommandOutput,
  CreateNatGatewayCommandInput,
  DisassociateNatGatewayAddressCommandInput,
  DisassociateNatGatewayAddressCommandOutput,
  NatGateway,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, onResource } from './access.ts';
import { allocateAddress, associateAddress, freeAddress } from './addresses.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, newId } from './kinds.ts';
import { deleteInterface, makeInterface } from './make-interface.ts';
import { zonesOf } from './places.ts';
import { addresses, type NatAddressRecord, type NatGatewayRecord, natGateways, subnets } from './tables.ts';

/** The addresses of NAT gateways: elastic ones with an interface in a subnet, or, for regional gateways, of a zone. */

/** A gateway as the API shows it. */
export function natView(nat: NatGatewayRecord): NatGateway {
  const { Tags, ClientToken, CreateTime, DeleteTime, AutoProvisionZones, NatGatewayAddresses, ...plain } = nat;
  return {
    ...plain,
    CreateTime: new Date(CreateTime),
    ...(DeleteTime === undefined ? {} : { DeleteTime: new Date(DeleteTime) }),
    ...(AutoProvisionZones === undefined
      ? {}
      : {
          AutoProvisionZones: AutoProvisionZones ? 'enabled' : 'disabled',
          AutoScalingIps: AutoProvisionZones ? 'enabled' : 'disabled',
        }),
    NatGatewayAddresses: NatGatewayAddresses.map((address) => ({ ...address, Status: 'succeeded' })),
    Tags: tagList(Tags),
  };
}

export const missing = (name: string): AwsError =>
  new AwsError(
    'MissingParameter',
    `The request must include the ${name} parameter. Add the required parameter and retry the request.`,
  );

export function interfaceOf(ctx: Ec2Context, nat: NatGatewayRecord, privateIp?: string) {
  const description = `Interface for NAT Gateway ${nat.NatGatewayId}`;
  const requester = 'amazon-aws';
  return makeInterface(ctx, {
    subnetId: nat.SubnetId!,
    groups: [],
    type: 'nat_gateway',
    description,
    requester,
    privateIp,
  });
}

export function publicAddress(
  ctx: Ec2Context,
  nat: NatGatewayRecord,
  allocationId: string,
  IsPrimary: boolean,
  privateIp?: string,
): NatAddressRecord {
  const eni = interfaceOf(ctx, nat, privateIp);
  const address = associateAddress(ctx, getResource(ctx, kinds.address, allocationId), eni);
  return {
    AllocationId: allocationId,
    AssociationId: address.AssociationId!,
    NetworkInterfaceId: eni.NetworkInterfaceId,
    PrivateIp: eni.PrivateIpAddress,
    PublicIp: address.PublicIp,
    IsPrimary,
  };
}

export function manualAddresses(ctx: Ec2Context, input: CreateNatGatewayCommandInput): NatAddressRecord[] {
  const zones = zonesOf(ctx.region);
  return input.AvailabilityZoneAddresses!.flatMap(({ AvailabilityZone, AvailabilityZoneId, AllocationIds }) => {
    const zone = zones.find(({ ZoneName, ZoneId }) => ZoneName === AvailabilityZone || ZoneId === AvailabilityZoneId);
    if (!zone) throw invalidParameter(`Invalid availability zone: [${AvailabilityZone ?? AvailabilityZoneId}]`);
    if (!AllocationIds?.length) throw missing('AllocationIds');
    return AllocationIds.map((id) => regionalAddress(ctx, id, zone));
  });
}

/** One address for every zone in which the VPC has a subnet. */
export function automaticAddresses(ctx: Ec2Context, nat: NatGatewayRecord): NatAddressRecord[] {
  const used = new Set(
    ctx.state.list(subnets, ctx).flatMap(({ value }) => (value.VpcId === nat.VpcId ? [value.AvailabilityZone] : [])),
  );
  const zones = zonesOf(ctx.region).filter(({ ZoneName }, i) => used.has(ZoneName) || (used.size === 0 && i === 0));
  return zones.map((zone) => regionalAddress(ctx, allocateAddress(ctx, {}, 'rnat').AllocationId, zone));
}

function regionalAddress(ctx: Ec2Context, id: string, zone: { ZoneName: string; ZoneId: string }): NatAddressRecord {
  const address = getResource(ctx, kinds.address, id);
  if (address.AssociationId)
    throw new AwsError('Resource.AlreadyAssociated', `Elastic IP address ${id} is already associated`);
  const AssociationId = newId(ctx, 'eipassoc');
  ctx.state.put(addresses, ctx, id, { ...address, AssociationId });
  return {
    AllocationId: id,
    AssociationId,
    PublicIp: address.PublicIp,
    AvailabilityZone: zone.ZoneName,
    AvailabilityZoneId: zone.ZoneId,
  };
}

export function releaseAddress(ctx: Ec2Context, { AllocationId, NetworkInterfaceId }: NatAddressRecord): void {
  if (AllocationId) freeAddress(ctx, AllocationId);
  if (NetworkInterfaceId) deleteInterface(ctx, NetworkInterfaceId);
}

export const AssociateNatGatewayAddress = ec2Operation<
  AssociateNatGatewayAddressCommandInput,
  AssociateNatGatewayAddressCommandOutput
>({
  access: (ctx, input) => [
    onResource(ctx, 'AssociateNatGatewayAddress', kinds.natGateway, input.NatGatewayId),
    ...(input.AllocationIds ?? []).map((id) => onResource(ctx, 'AssociateNatGatewayAddress', kinds.address, id)),
  ],
  run(ctx, input) {
    const nat = getResource(ctx, kinds.natGateway, input.NatGatewayId!);
    if (nat.State !== 'available' || nat.ConnectivityType === 'private')
      throw invalidParameter(`NAT gateway ${nat.NatGatewayId} does not take elastic IP addresses in its state`);
    const zone = zonesOf(ctx.region).find(
      ({ ZoneName, ZoneId }) => ZoneName === input.AvailabilityZone || ZoneId === input.AvailabilityZoneId,
    );
    const added = (input.AllocationIds ?? []).map((id) => {
      const address = getResource(ctx, kinds.address, id);
      if (address.AssociationId)
        throw new AwsError('Resource.AlreadyAssociated', `Elastic IP address ${id} is already associated`);
      return nat.AvailabilityMode === 'regional'
        ? regionalAddress(ctx, id, zone ?? zonesOf(ctx.region)[0]!)
        : publicAddress(ctx, nat, id, false);
    });
    const changed = { ...nat, NatGatewayAddresses: [...nat.NatGatewayAddresses, ...added] };
    ctx.state.put(natGateways, ctx, nat.NatGatewayId, changed);
    return { NatGatewayId: nat.NatGatewayId, NatGatewayAddresses: natView(changed).NatGatewayAddresses };
  },
});

export const DisassociateNatGatewayAddress = ec2Operation<
  DisassociateNatGatewayAddressCommandInput,
  DisassociateNatGatewayAddressCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'DisassociateNatGatewayAddress', kinds.natGateway, input.NatGatewayId),
  run(ctx, input) {
    const nat = getResource(ctx, kinds.natGateway, input.NatGatewayId!);
    for (const id of input.AssociationIds ?? []) {
      const address = nat.NatGatewayAddresses.find(({ AssociationId }) => AssociationId === id);
      if (!address) throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
      if (address.IsPrimary)
        throw invalidParameter(`The primary address of NAT gateway ${nat.NatGatewayId} cannot be disassociated`);
      releaseAddress(ctx, address);
    }
    const NatGatewayAddresses = nat.NatGatewayAddresses.filter(
      ({ AssociationId }) => !input.AssociationIds?.includes(AssociationId ?? ''),
    );
    const changed = { ...nat, NatGatewayAddresses };
    ctx.state.put(natGateways, ctx, nat.NatGatewayId, changed);
    return { NatGatewayId: nat.NatGatewayId, NatGatewayAddresses: natView(changed).NatGatewayAddresses };
  },
});

export const natAddressOperations = { AssociateNatGatewayAddress, DisassociateNatGatewayAddress };
