import type { Address, NatGateway } from '@aws-sdk/client-ec2';
import type { AddressRecord, NatAddressRecord, NatGatewayRecord } from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import type { Interfaces } from './interfaces.ts';
import { present, stableId, tagsOf, timeOf, withheld } from './stable.ts';

/** NAT gateways and elastic IP addresses, which hold one another. */

/** Its addresses have interfaces, made up where the endpoint has none. */
export async function natGatewayRecord(
  source: Source,
  nat: NatGateway,
  addresses: ReadonlyMap<string, Address>,
  interfaces: Interfaces,
  was: NatGatewayRecord | undefined,
): Promise<NatGatewayRecord> {
  const id = nat.NatGatewayId!;
  const State = nat.State!;
  // LocalStack writes `None` for public.
  const ConnectivityType = nat.ConnectivityType === 'private' ? 'private' : 'public';
  const AvailabilityMode = nat.AvailabilityMode ?? was?.AvailabilityMode ?? 'zonal';
  const given: NatAddressRecord[] = (nat.NatGatewayAddresses ?? []).map((each, i) => ({
    ...present({
      AllocationId: each.AllocationId,
      AssociationId: each.AssociationId,
      NetworkInterfaceId: each.NetworkInterfaceId,
      PrivateIp: each.PrivateIp,
      PublicIp: each.PublicIp,
      IsPrimary: AvailabilityMode === 'zonal' ? (each.IsPrimary ?? i === 0) : undefined,
      AvailabilityZone: each.AvailabilityZone,
      AvailabilityZoneId: each.AvailabilityZoneId,
    }),
  }));
  // MiniStack gives no addresses, LocalStack the first one.
  const known = was?.NatGatewayAddresses ?? [];
  const more = known.filter(
    ({ AllocationId }) =>
      AllocationId && addresses.has(AllocationId) && !given.some((each) => each.AllocationId === AllocationId),
  );
  let found = isAlive(nat) ? [...given, ...more] : given.length > 0 ? given : known;
  if (isAlive(nat) && found.length === 0) {
    if (ConnectivityType === 'private') found = known.length > 0 ? known : [{ IsPrimary: true }];
    else await withheld(source, `the elastic IP addresses of NAT gateway ${id}`);
  }
  const settled = isAlive(nat) && AvailabilityMode === 'zonal';
  return {
    NatGatewayId: id,
    VpcId: nat.VpcId!,
    ...present({ SubnetId: nat.SubnetId }),
    ConnectivityType,
    AvailabilityMode,
    State,
    ...present({ FailureCode: nat.FailureCode, FailureMessage: nat.FailureMessage }),
    NatGatewayAddresses: settled ? found.map((each, i) => withInterface(nat, each, i, addresses, interfaces)) : found,
    ...present({
      AutoProvisionZones:
        nat.AutoProvisionZones === undefined ? was?.AutoProvisionZones : nat.AutoProvisionZones === 'enabled',
      RouteTableId: nat.RouteTableId,
      CreateTime: timeOf(nat.CreateTime),
      DeleteTime: timeOf(nat.DeleteTime) ?? was?.DeleteTime,
      ClientToken: was?.ClientToken,
    }),
    CreateTime: timeOf(nat.CreateTime) ?? was?.CreateTime ?? 0,
    Tags: tagsOf(nat.Tags),
  };
}

export const isAlive = ({ State }: { State?: string | undefined }): boolean => !/^(delet|fail)/.test(State ?? '');

function withInterface(
  nat: NatGateway,
  address: NatAddressRecord,
  index: number,
  addresses: ReadonlyMap<string, Address>,
  interfaces: Interfaces,
): NatAddressRecord {
  const { AllocationId } = address;
  const NetworkInterfaceId = interfaces.hold(address.NetworkInterfaceId, {
    key: `${nat.NatGatewayId} ${index}`,
    subnetId: nat.SubnetId!,
    groups: [],
    type: 'nat_gateway',
    description: `Interface for NAT Gateway ${nat.NatGatewayId}`,
    requester: 'amazon-aws',
    since: timeOf(nat.CreateTime) ?? 0,
  });
  const ip = interfaces.addressOf(NetworkInterfaceId);
  return {
    ...address,
    ...(AllocationId
      ? {
          AssociationId: address.AssociationId ?? stableId('eipassoc', AllocationId, nat.NatGatewayId!),
          ...present({ PublicIp: address.PublicIp ?? addresses.get(AllocationId)?.PublicIp }),
        }
      : {}),
    NetworkInterfaceId,
    ...present({ PrivateIp: ip }),
    IsPrimary: address.IsPrimary ?? index === 0,
  };
}

/** An address with what it is tied to. @param gateways the captured ones; those that are gone hold nothing */
export async function addressRecord(
  source: Source,
  address: Address,
  gateways: readonly NatGatewayRecord[],
  interfaces: Interfaces,
  was: AddressRecord | undefined,
): Promise<AddressRecord> {
  const AllocationId = address.AllocationId!;
  const plain: AddressRecord = {
    AllocationId,
    PublicIp: address.PublicIp!,
    ...present({ ServiceManaged: address.ServiceManaged === 'rnat' ? ('rnat' as const) : undefined }),
    Tags: tagsOf(address.Tags),
  };
  const holds = (nat: NatGatewayRecord) => nat.NatGatewayAddresses.find((each) => each.AllocationId === AllocationId);
  const holder = gateways.filter(isAlive).find(holds);
  const held = holder && holds(holder);
  // LocalStack never lets go of the address of a gateway that is gone.
  if (!held && gateways.some(holds)) return plain;
  const AssociationId = held?.AssociationId ?? address.AssociationId;
  if (!AssociationId) return plain;
  const NetworkInterfaceId = held
    ? held.NetworkInterfaceId
    : address.NetworkInterfaceId || (was?.AssociationId === AssociationId ? was.NetworkInterfaceId : undefined);
  if (!held && !NetworkInterfaceId) await withheld(source, `what elastic IP address ${address.PublicIp} is on`);
  const eni = NetworkInterfaceId ? interfaces.find(NetworkInterfaceId) : undefined;
  return {
    ...plain,
    AssociationId,
    ...present({
      NetworkInterfaceId,
      PrivateIpAddress: (NetworkInterfaceId && interfaces.addressOf(NetworkInterfaceId)) || address.PrivateIpAddress,
      SubnetId: eni?.SubnetId ?? address.SubnetId,
    }),
  };
}
