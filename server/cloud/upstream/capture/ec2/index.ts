import {
  addresses,
  egressOnlyInternetGateways,
  internetGateways,
  type NatGatewayRecord,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from '../../../services/ec2/tables.ts';
import type { Table } from '../../../state/table.ts';
import type { CapturedService, Mirror, Source } from '../../types.ts';
import { vpcEndpointRecord } from './endpoints.ts';
import { networkAclRecord, securityGroupRecord, withDefaults } from './firewalls.ts';
import { holdForDatabases, holdForFunctions, readFunctionPlaces } from './holders.ts';
import { Interfaces } from './interfaces.ts';
import { addressRecord, isAlive, natGatewayRecord } from './nat-gateways.ts';
import { prefixListIds } from './prefix-lists.ts';
import { type Ec2Found, readEc2, withoutDefault } from './read.ts';
import { removeEc2 } from './remove.ts';
import { egressOnlyInternetGatewayRecord, internetGatewayRecord, routeTableRecord } from './routes.ts';
import { subnetRecord, vpcRecord } from './vpcs.ts';

/**
 * VPCs. Where an endpoint does not give a member back, it is taken from what is known of the same id, and where nothing
 * is known of it the report says so. No read call gives client tokens, the random part of a gateway endpoint's names,
 * and the order in which entries and rules were made.
 */
export const capturedEc2: CapturedService = {
  id: 'ec2',
  tables: [
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    egressOnlyInternetGateways,
    natGateways,
    addresses,
    networkAcls,
    securityGroups,
    vpcEndpoints,
    networkInterfaces,
  ],
  data: [],
  async capture(source, mirror) {
    await captureEc2(source, mirror);
  },
  remove: removeEc2,
};

function interfacesOf(source: Source, mirror: Mirror, found: Ec2Found): Interfaces {
  // LocalStack keeps the interfaces of gateways that are gone.
  const gone = new Set(
    found.natGateways
      .filter((nat) => !isAlive(nat))
      .flatMap(({ NatGatewayAddresses }) => NatGatewayAddresses ?? [])
      .map(({ NetworkInterfaceId }) => NetworkInterfaceId),
  );
  const places = new Map(found.subnets.map((subnet) => [subnet.SubnetId!, subnetRecord(subnet, undefined, undefined)]));
  const given = found.networkInterfaces.filter(({ NetworkInterfaceId }) => !gone.has(NetworkInterfaceId));
  return new Interfaces(mirror.was, source.scope, places, given);
}

/** A regional gateway that the endpoint did not make: emulators have zonal ones only. */
function isMirrorsOwn(nat: NatGatewayRecord, found: Ec2Found): boolean {
  return (
    nat.AvailabilityMode === 'regional' &&
    found.vpcs.some(({ VpcId }) => VpcId === nat.VpcId) &&
    !found.natGateways.some(({ NatGatewayId }) => NatGatewayId === nat.NatGatewayId)
  );
}

async function captureEc2(source: Source, mirror: Mirror): Promise<void> {
  const { scope } = source;
  const [all, functions] = await Promise.all([readEc2(source), readFunctionPlaces(source)]);
  const found = withoutDefault(all, (id) => mirror.was.get(vpcs, scope, id) !== undefined);
  const lists = await prefixListIds(source, found);
  const interfaces = interfacesOf(source, mirror, found);
  const was = <T extends object>(table: Table<T>, id: string | undefined): T | undefined =>
    mirror.was.get(table, scope, id ?? '');

  await source.each(found.vpcs, async (vpc) => {
    const record = await vpcRecord(source, vpc, was(vpcs, vpc.VpcId));
    mirror.put(vpcs, scope, record.VpcId, record);
  });
  const places = found.subnets.map((subnet) => {
    const vpc = found.vpcs.find(({ VpcId }) => VpcId === subnet.VpcId);
    return subnetRecord(subnet, vpc, was(subnets, subnet.SubnetId));
  });
  for (const record of places) mirror.put(subnets, scope, record.SubnetId, record);
  for (const table of found.routeTables) {
    const record = await routeTableRecord(source, table, lists, was(routeTables, table.RouteTableId));
    mirror.put(routeTables, scope, record.RouteTableId, record);
  }
  for (const gateway of found.internetGateways)
    mirror.put(internetGateways, scope, gateway.InternetGatewayId!, internetGatewayRecord(gateway));
  for (const gateway of found.egressOnlyInternetGateways) {
    const record = egressOnlyInternetGatewayRecord(gateway);
    mirror.put(egressOnlyInternetGateways, scope, record.EgressOnlyInternetGatewayId, record);
  }
  const acls = [];
  for (const acl of found.networkAcls)
    acls.push(await networkAclRecord(source, acl, was(networkAcls, acl.NetworkAclId)));
  for (const acl of withDefaults(acls, places, (id) => was(networkAcls, id)))
    mirror.put(networkAcls, scope, acl.NetworkAclId, acl);
  const groups = [];
  for (const group of found.securityGroups) {
    const rules = found.securityGroupRules.filter(({ GroupId }) => GroupId === group.GroupId);
    const record = await securityGroupRecord(source, group, rules, lists, was(securityGroups, group.GroupId));
    mirror.put(securityGroups, scope, record.GroupId, record);
    groups.push(record);
  }

  const byAllocation = new Map(found.addresses.map((address) => [address.AllocationId!, address]));
  const gateways = [];
  for (const nat of found.natGateways)
    gateways.push(await natGatewayRecord(source, nat, byAllocation, interfaces, was(natGateways, nat.NatGatewayId)));
  for (const { value: nat } of mirror.was.list(natGateways, scope)) {
    if (!isMirrorsOwn(nat, found)) continue;
    gateways.push(nat);
    const table = was(routeTables, nat.RouteTableId);
    if (table) mirror.put(routeTables, scope, table.RouteTableId, table);
    for (const { AllocationId } of nat.NatGatewayAddresses) {
      const address = byAllocation.has(AllocationId!) ? undefined : was(addresses, AllocationId);
      if (address) mirror.put(addresses, scope, address.AllocationId, address);
    }
  }
  for (const endpoint of found.vpcEndpoints) {
    const before = was(vpcEndpoints, endpoint.VpcEndpointId);
    const record = await vpcEndpointRecord(source, endpoint, groups, interfaces, before);
    mirror.put(vpcEndpoints, scope, record.VpcEndpointId, record);
  }
  holdForDatabases(interfaces, mirror.was, scope);
  holdForFunctions(interfaces, functions, mirror.was, scope);
  for (const nat of gateways) mirror.put(natGateways, scope, nat.NatGatewayId, nat);
  for (const address of found.addresses) {
    const before = was(addresses, address.AllocationId);
    const record = await addressRecord(source, address, gateways, interfaces, before);
    mirror.put(addresses, scope, record.AllocationId, record);
  }
  for (const eni of interfaces.all()) mirror.put(networkInterfaces, scope, eni.NetworkInterfaceId, eni);
}
