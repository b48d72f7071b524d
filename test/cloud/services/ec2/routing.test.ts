import { EC2 } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud } from '../../test-cloud.ts';

let cloud: Cloud;
let clock: MovableClock;
let ec2: EC2;
let VpcId: string;
let SubnetId: string;
let InternetGatewayId: string;
beforeEach(async () => {
  ({ cloud, clock } = createTestCloud());
  ec2 = client(EC2, cloud);
  VpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!;
  SubnetId = (await ec2.createSubnet({ VpcId, CidrBlock: '10.0.0.0/24' })).Subnet!.SubnetId!;
  InternetGatewayId = (await ec2.createInternetGateway({})).InternetGateway!.InternetGatewayId!;
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId });
});

const failure = (code: string) => expect.objectContaining({ name: code });
const newTable = async () => (await ec2.createRouteTable({ VpcId })).RouteTable!.RouteTableId!;
const routesOf = async (id: string) =>
  (await ec2.describeRouteTables({ RouteTableIds: [id] })).RouteTables![0]!.Routes!;

describe('route tables', () => {
  test('are associated with subnets, moved and let go', async () => {
    const [one, two] = [await newTable(), await newTable()];
    const { AssociationId } = await ec2.associateRouteTable({ RouteTableId: one, SubnetId });
    await expect(ec2.associateRouteTable({ RouteTableId: two, SubnetId })).rejects.toEqual(
      failure('Resource.AlreadyAssociated'),
    );
    await expect(ec2.deleteRouteTable({ RouteTableId: one })).rejects.toEqual(failure('DependencyViolation'));
    const { NewAssociationId } = await ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId: two });
    const { RouteTables } = await ec2.describeRouteTables({
      Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }],
    });
    expect(RouteTables).toMatchObject([
      { RouteTableId: two, Associations: [{ RouteTableAssociationId: NewAssociationId, SubnetId, Main: false }] },
    ]);
    await ec2.deleteRouteTable({ RouteTableId: one });
    await ec2.disassociateRouteTable({ AssociationId: NewAssociationId });
    await ec2.deleteRouteTable({ RouteTableId: two });
    await expect(ec2.disassociateRouteTable({ AssociationId: NewAssociationId })).rejects.toEqual(
      failure('InvalidAssociationID.NotFound'),
    );
  });

  test('one of them is main, and another can become it', async () => {
    const { RouteTables } = await ec2.describeRouteTables({
      Filters: [{ Name: 'association.main', Values: ['true'] }],
    });
    const AssociationId = RouteTables![0]!.Associations![0]!.RouteTableAssociationId!;
    await expect(ec2.disassociateRouteTable({ AssociationId })).rejects.toEqual(failure('InvalidParameterValue'));
    const next = await newTable();
    await ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId: next });
    const after = await ec2.describeRouteTables({ Filters: [{ Name: 'association.main', Values: ['true'] }] });
    expect(after.RouteTables).toMatchObject([{ RouteTableId: next }]);
    await ec2.deleteRouteTable({ RouteTableId: RouteTables![0]!.RouteTableId! });
  });

  test('hold routes, which are black holes when their target is gone', async () => {
    const RouteTableId = await newTable();
    const DestinationCidrBlock = '0.0.0.0/0';
    await ec2.createRoute({ RouteTableId, DestinationCidrBlock, GatewayId: InternetGatewayId });
    await ec2.createRoute({ RouteTableId, DestinationCidrBlock, GatewayId: InternetGatewayId });
    expect(await routesOf(RouteTableId)).toMatchObject([
      { GatewayId: 'local' },
      { GatewayId: InternetGatewayId, State: 'active', Origin: 'CreateRoute' },
    ]);
    await ec2.detachInternetGateway({ InternetGatewayId, VpcId });
    expect((await routesOf(RouteTableId))[1]).toMatchObject({ State: 'blackhole' });
    await expect(
      ec2.replaceRoute({ RouteTableId, DestinationCidrBlock, GatewayId: InternetGatewayId }),
    ).rejects.toEqual(failure('InvalidParameterValue'));
    await ec2.attachInternetGateway({ InternetGatewayId, VpcId });
    const { EgressOnlyInternetGateway } = await ec2.createEgressOnlyInternetGateway({ VpcId });
    const EgressOnlyInternetGatewayId = EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
    await expect(ec2.createRoute({ RouteTableId, DestinationCidrBlock, EgressOnlyInternetGatewayId })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await ec2.createRoute({ RouteTableId, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId });
    expect((await ec2.describeEgressOnlyInternetGateways({})).EgressOnlyInternetGateways).toMatchObject([
      { Attachments: [{ VpcId, State: 'attached' }] },
    ]);
    await ec2.deleteEgressOnlyInternetGateway({ EgressOnlyInternetGatewayId });
    expect((await routesOf(RouteTableId))[2]).toMatchObject({ DestinationIpv6CidrBlock: '::/0', State: 'blackhole' });
    await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock });
    await expect(ec2.deleteRoute({ RouteTableId, DestinationCidrBlock })).rejects.toEqual(
      failure('InvalidRoute.NotFound'),
    );
    await expect(ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })).rejects.toThrow(
      'cannot remove local route',
    );
    await expect(ec2.createRoute({ RouteTableId, DestinationCidrBlock, NatGatewayId: 'nat-0123' })).rejects.toEqual(
      failure('InvalidNatGatewayID.NotFound'),
    );
  });
});

describe('internet gateways', () => {
  test('are attached to one VPC, and a VPC has one', async () => {
    const { InternetGateways } = await ec2.describeInternetGateways({
      Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
    });
    expect(InternetGateways).toMatchObject([{ InternetGatewayId, Attachments: [{ VpcId, State: 'available' }] }]);
    const other = (await ec2.createInternetGateway({})).InternetGateway!.InternetGatewayId!;
    await expect(ec2.attachInternetGateway({ VpcId, InternetGatewayId: other })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await expect(ec2.attachInternetGateway({ VpcId, InternetGatewayId })).rejects.toEqual(
      failure('Resource.AlreadyAssociated'),
    );
    await expect(ec2.detachInternetGateway({ VpcId, InternetGatewayId: other })).rejects.toEqual(
      failure('Gateway.NotAttached'),
    );
    await expect(ec2.deleteInternetGateway({ InternetGatewayId })).rejects.toEqual(failure('DependencyViolation'));
    await ec2.deleteInternetGateway({ InternetGatewayId: other });
  });
});

describe('NAT gateways and their addresses', () => {
  test('a public one takes an elastic address, and gives it back when it is deleted', async () => {
    const { AllocationId, PublicIp } = await ec2.allocateAddress({ Domain: 'vpc' });
    const { NatGateway } = await ec2.createNatGateway({ SubnetId, AllocationId, ClientToken: 'once' });
    expect(NatGateway).toMatchObject({
      State: 'pending',
      ConnectivityType: 'public',
      AvailabilityMode: 'zonal',
      VpcId,
    });
    const NatGatewayId = NatGateway!.NatGatewayId!;
    expect((await ec2.createNatGateway({ SubnetId, AllocationId, ClientToken: 'once' })).NatGateway!.NatGatewayId).toBe(
      NatGatewayId,
    );
    const { NatGateways } = await ec2.describeNatGateways({ Filter: [{ Name: 'state', Values: ['available'] }] });
    expect(NatGateways).toMatchObject([
      { NatGatewayId, NatGatewayAddresses: [{ PublicIp, AllocationId, PrivateIp: '10.0.0.4', IsPrimary: true }] },
    ]);
    await expect(ec2.releaseAddress({ AllocationId })).rejects.toEqual(failure('InvalidIPAddress.InUse'));
    await expect(ec2.deleteSubnet({ SubnetId })).rejects.toEqual(failure('DependencyViolation'));
    await expect(ec2.detachInternetGateway({ VpcId, InternetGatewayId })).rejects.toThrow('mapped public address');
    await ec2.deleteNatGateway({ NatGatewayId });
    expect((await ec2.describeNatGateways({ NatGatewayIds: [NatGatewayId] })).NatGateways).toMatchObject([
      { State: 'deleted' },
    ]);
    await ec2.releaseAddress({ AllocationId });
    clock.advance(2 * 3_600_000);
    expect((await ec2.describeNatGateways({})).NatGateways).toEqual([]);
  });

  test('one needs an internet gateway in the VPC, else it fails', async () => {
    await ec2.detachInternetGateway({ VpcId, InternetGatewayId });
    const { AllocationId } = await ec2.allocateAddress({});
    await ec2.createNatGateway({ SubnetId, AllocationId });
    const { NatGateways } = await ec2.describeNatGateways({});
    expect(NatGateways).toMatchObject([
      {
        State: 'failed',
        FailureCode: 'Gateway.NotAttached',
        FailureMessage: `Network ${VpcId} has no Internet gateway attached`,
      },
    ]);
    await expect(ec2.createNatGateway({ SubnetId })).rejects.toThrow('must include the AllocationId parameter');
  });

  test('a regional one has its own route table and addresses', async () => {
    const { NatGateway } = await ec2.createNatGateway({ VpcId, AvailabilityMode: 'regional' });
    expect(NatGateway).toMatchObject({ AvailabilityMode: 'regional', AutoProvisionZones: 'enabled' });
    expect(NatGateway!.SubnetId).toBeUndefined();
    const RouteTableId = NatGateway!.RouteTableId!;
    expect(await routesOf(RouteTableId)).toMatchObject([{ GatewayId: 'local' }, { GatewayId: InternetGatewayId }]);
    expect((await ec2.describeAddresses({})).Addresses).toMatchObject([{ ServiceManaged: 'rnat' }]);
    await ec2.deleteNatGateway({ NatGatewayId: NatGateway!.NatGatewayId! });
    expect((await ec2.describeAddresses({})).Addresses).toEqual([]);
    await expect(ec2.describeRouteTables({ RouteTableIds: [RouteTableId] })).rejects.toEqual(
      failure('InvalidRouteTableID.NotFound'),
    );
    await expect(ec2.createNatGateway({ VpcId, SubnetId, AvailabilityMode: 'regional' })).rejects.toEqual(
      failure('InvalidParameterCombination'),
    );
  });

  test('further addresses come and go', async () => {
    const [first, second] = [await ec2.allocateAddress({}), await ec2.allocateAddress({})];
    const NatGatewayId = (await ec2.createNatGateway({ SubnetId, AllocationId: first.AllocationId })).NatGateway!
      .NatGatewayId!;
    const { NatGatewayAddresses } = await ec2.associateNatGatewayAddress({
      NatGatewayId,
      AllocationIds: [second.AllocationId!],
    });
    const AssociationIds = NatGatewayAddresses!
      .filter(({ IsPrimary }) => !IsPrimary)
      .map(({ AssociationId }) => AssociationId!);
    expect(AssociationIds).toHaveLength(1);
    await ec2.disassociateNatGatewayAddress({ NatGatewayId, AssociationIds });
    await ec2.releaseAddress({ AllocationId: second.AllocationId });
  });

  test('elastic addresses are tied to interfaces, but not to those of services', async () => {
    const { AllocationId, PublicIp } = await ec2.allocateAddress({});
    const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId, Description: 'mine' });
    const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
    const { AssociationId } = await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    expect((await ec2.describeAddresses({ PublicIps: [PublicIp!] })).Addresses).toMatchObject([
      { AllocationId, AssociationId, NetworkInterfaceId },
    ]);
    expect((await ec2.describeAddressesAttribute({ AllocationIds: [AllocationId!] })).Addresses).toMatchObject([
      { PublicIp },
    ]);
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [NetworkInterfaceId] });
    expect(NetworkInterfaces).toMatchObject([{ Association: { PublicIp }, Status: 'available', Description: 'mine' }]);
    await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, Description: { Value: 'ours' } });
    const byIp = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'association.public-ip', Values: [PublicIp!] }],
    });
    expect(byIp.NetworkInterfaces).toMatchObject([{ NetworkInterfaceId, Description: 'ours' }]);
    await ec2.disassociateAddress({ AssociationId });
    const nat = await ec2.createNatGateway({ SubnetId, AllocationId });
    const { NatGateways } = await ec2.describeNatGateways({ NatGatewayIds: [nat.NatGateway!.NatGatewayId!] });
    const held = NatGateways![0]!.NatGatewayAddresses![0]!;
    await expect(ec2.disassociateAddress({ AssociationId: held.AssociationId })).rejects.toEqual(
      failure('AuthFailure'),
    );
    const other = await ec2.allocateAddress({});
    await expect(
      ec2.associateAddress({ AllocationId: other.AllocationId, NetworkInterfaceId: held.NetworkInterfaceId }),
    ).rejects.toEqual(failure('AuthFailure'));
    await expect(ec2.deleteNetworkInterface({ NetworkInterfaceId: held.NetworkInterfaceId! })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await ec2.deleteNetworkInterface({ NetworkInterfaceId });
  });
});
