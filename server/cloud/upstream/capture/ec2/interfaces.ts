import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { contains, formatAddress, parseAddress, parseCidr, rangeOf } from '../../../network/cidr.ts';
import { type NetworkInterfaceRecord, networkInterfaces, type SubnetRecord } from '../../../services/ec2/tables.ts';
import type { StateReader } from '../../../state/account-state.ts';
import type { Scope } from '../../../state/table.ts';
import { present, stableHex, stableId, tagsOf, timeOf } from './stable.ts';

/** What a service's interface is for: a NAT gateway's, an endpoint's, a function's, a database's. */
export interface Holder {
  /** Names the interface where the endpoint has none. */
  key: string;
  subnetId: string;
  groups: readonly string[];
  type: NetworkInterfaceRecord['InterfaceType'];
  description: string;
  requester: string;
  since: number;
}

const types = new Set<string>(['interface', 'lambda', 'nat_gateway', 'vpc_endpoint']);

/**
 * The network interfaces of an account. Emulators make none for functions and databases, and for gateways and endpoints
 * none, or such that look like a user's, with an address outside of their subnet: what is missing is made up, and what
 * is known before stays.
 */
export class Interfaces {
  private readonly records = new Map<string, NetworkInterfaceRecord>();
  private readonly used = new Map<string, Set<string>>();
  private readonly was: StateReader;
  private readonly scope: Scope;
  private readonly subnets: ReadonlyMap<string, SubnetRecord>;

  /** @param given what the endpoint says, without the interfaces of what is gone */
  constructor(
    was: StateReader,
    scope: Scope,
    subnets: ReadonlyMap<string, SubnetRecord>,
    given: readonly NetworkInterface[],
  ) {
    this.was = was;
    this.scope = scope;
    this.subnets = subnets;
    const records = given.map(interfaceRecord);
    for (const record of records) if (this.fits(record)) this.take(record);
    for (const record of records) this.keep(record);
  }

  /** The records, each with an address of its subnet. */
  all(): NetworkInterfaceRecord[] {
    return [...this.records.values()];
  }

  find(id: string): NetworkInterfaceRecord | undefined {
    return this.records.get(id);
  }

  /** As it was known before. */
  before(id: string): NetworkInterfaceRecord | undefined {
    return this.was.get(networkInterfaces, this.scope, id);
  }

  addressOf(id: string): string | undefined {
    return this.records.get(id)?.PrivateIpAddress;
  }

  /** Takes an interface over that only the mirror has. */
  restore(record: NetworkInterfaceRecord): void {
    this.keep(record);
  }

  /** Makes an interface a service's, takes over the one that it had, or makes one up. @returns its id */
  hold(id: string | undefined, holder: Holder): string {
    const given = id === undefined ? undefined : this.records.get(id);
    if (given?.RequesterManaged) return given.NetworkInterfaceId;
    const before = id === undefined ? undefined : this.before(id);
    if (before?.RequesterManaged && before.SubnetId === holder.subnetId) {
      this.keep({ ...before, Groups: [...holder.groups] });
      return before.NetworkInterfaceId;
    }
    const made = given?.NetworkInterfaceId ?? stableId('eni', holder.key);
    const subnet = this.subnets.get(holder.subnetId);
    this.keep({
      NetworkInterfaceId: made,
      SubnetId: holder.subnetId,
      VpcId: subnet?.VpcId ?? '',
      AvailabilityZone: subnet?.AvailabilityZone ?? '',
      PrivateIpAddress: given?.PrivateIpAddress ?? '',
      Groups: [...holder.groups],
      InterfaceType: holder.type,
      Description: holder.description,
      RequesterManaged: true,
      MacAddress: given?.MacAddress ?? `0a:${stableHex(10, made).match(/../g)!.join(':')}`,
      SourceDestCheck: holder.type === 'interface',
      Tags: given?.Tags ?? {},
      RequesterId: holder.requester,
      AttachmentId: stableId('ela-attach', made),
      AttachTime: holder.since,
    });
    return made;
  }

  private keep(record: NetworkInterfaceRecord): void {
    const PrivateIpAddress = this.fits(record) ? record.PrivateIpAddress : this.freeAddress(record);
    const kept = { ...record, PrivateIpAddress };
    this.take(kept);
    this.records.set(kept.NetworkInterfaceId, kept);
  }

  private fits({ SubnetId, PrivateIpAddress }: NetworkInterfaceRecord): boolean {
    const block = parseCidr(this.subnets.get(SubnetId)?.CidrBlock ?? '');
    const address = parseAddress(PrivateIpAddress);
    return address !== undefined && block !== undefined && contains(block, rangeOf(address));
  }

  private take({ SubnetId, PrivateIpAddress }: NetworkInterfaceRecord): void {
    const used = this.used.get(SubnetId) ?? new Set();
    this.used.set(SubnetId, used.add(PrivateIpAddress));
  }

  /** The address that it had before, else the lowest that nobody has or had: AWS keeps the first four and the last one. */
  private freeAddress(record: NetworkInterfaceRecord): string {
    const used = this.used.get(record.SubnetId) ?? new Set();
    const before = this.before(record.NetworkInterfaceId);
    if (before && before.SubnetId === record.SubnetId && this.fits(before) && !used.has(before.PrivateIpAddress))
      return before.PrivateIpAddress;
    const others = new Set(this.was.list(networkInterfaces, this.scope).map(({ value }) => value.PrivateIpAddress));
    const block = parseCidr(this.subnets.get(record.SubnetId)?.CidrBlock ?? '');
    if (!block) return record.PrivateIpAddress;
    for (let value = block.first + 4n; value < block.last; value++) {
      const text = formatAddress({ version: 4, value });
      if (!used.has(text) && !others.has(text)) return text;
    }
    return record.PrivateIpAddress;
  }
}

function interfaceRecord(eni: NetworkInterface): NetworkInterfaceRecord {
  const type = eni.InterfaceType ?? 'interface';
  const RequesterManaged = eni.RequesterManaged ?? false;
  return {
    NetworkInterfaceId: eni.NetworkInterfaceId!,
    SubnetId: eni.SubnetId!,
    VpcId: eni.VpcId!,
    AvailabilityZone: eni.AvailabilityZone ?? '',
    PrivateIpAddress: eni.PrivateIpAddress ?? '',
    ...present({ Ipv6Address: eni.Ipv6Addresses?.[0]?.Ipv6Address }),
    Groups: (eni.Groups ?? []).map(({ GroupId }) => GroupId!),
    InterfaceType: types.has(type) ? (type as NetworkInterfaceRecord['InterfaceType']) : 'interface',
    Description: eni.Description ?? '',
    RequesterManaged,
    MacAddress: eni.MacAddress ?? '',
    SourceDestCheck: eni.SourceDestCheck ?? true,
    Tags: tagsOf(eni.TagSet),
    ...present({
      // moto names a requester for everybody's interfaces.
      RequesterId: RequesterManaged ? eni.RequesterId : undefined,
      AttachmentId: eni.Attachment?.AttachmentId,
      AttachTime: timeOf(eni.Attachment?.AttachTime),
    }),
  };
}
