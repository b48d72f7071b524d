import { EC2 } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { createDefaultVpc } from '../../../../server/cloud/services/ec2/index.ts';
import { client, createTestCloud, OWN, REGION } from '../../test-cloud.ts';

let cloud: Cloud;
let ec2: EC2;
let VpcId: string;
beforeEach(async () => {
  ({ cloud } = createTestCloud());
  ec2 = client(EC2, cloud);
  VpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!;
});

const failure = (code: string) => expect.objectContaining({ name: code });
const inVpc = () => [{ Name: 'vpc-id', Values: [VpcId] }];

describe('VPCs', () => {
  test('come with a main route table, a default network ACL and a default security group', async () => {
    const { Vpc } = await ec2.createVpc({
      CidrBlock: '10.1.2.3/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'shop' }] }],
    });
    expect(Vpc).toMatchObject({
      CidrBlock: '10.1.0.0/16',
      IsDefault: false,
      OwnerId: OWN,
      Tags: [{ Key: 'Name', Value: 'shop' }],
    });
    expect(Vpc!.VpcId).toMatch(/^vpc-0[0-9a-f]{16}$/);
    const Filters = [{ Name: 'vpc-id', Values: [Vpc!.VpcId!] }];
    const { RouteTables } = await ec2.describeRouteTables({ Filters });
    expect(RouteTables).toMatchObject([
      {
        Associations: [{ Main: true }],
        Routes: [{ DestinationCidrBlock: '10.1.0.0/16', GatewayId: 'local', State: 'active' }],
      },
    ]);
    const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters });
    expect(NetworkAcls![0]!.IsDefault).toBe(true);
    expect(NetworkAcls![0]!.Entries!.map(({ RuleNumber, RuleAction }) => `${RuleNumber} ${RuleAction}`)).toEqual([
      '100 allow',
      '32767 deny',
      '100 allow',
      '32767 deny',
    ]);
    const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters });
    expect(SecurityGroups).toMatchObject([
      { GroupName: 'default', IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
    ]);
    expect(SecurityGroups![0]!.IpPermissions![0]!.UserIdGroupPairs![0]!.GroupId).toBe(SecurityGroups![0]!.GroupId);
  });

  test('refuse sizes and texts that are no block', async () => {
    await expect(ec2.createVpc({ CidrBlock: '10.0.0.0/8' })).rejects.toEqual(failure('InvalidVpc.Range'));
    await expect(ec2.createVpc({ CidrBlock: '10.0.0/16' })).rejects.toEqual(failure('InvalidParameterValue'));
    await expect(ec2.createVpc({})).rejects.toEqual(failure('MissingParameter'));
    const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
    await expect(ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications })).rejects.toThrow(
      "'subnet' is not a valid taggable resource type",
    );
  });

  test('are found by id, filter, wildcard and tag, page by page', async () => {
    for (let i = 0; i < 7; i++)
      await ec2.createVpc({
        CidrBlock: `10.${i + 1}.0.0/16`,
        TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'env', Value: `t*${i}` }] }],
      });
    const first = await ec2.describeVpcs({ MaxResults: 5 });
    const rest = await ec2.describeVpcs({ MaxResults: 5, NextToken: first.NextToken });
    expect([first.Vpcs!.length, rest.Vpcs!.length, rest.NextToken]).toEqual([5, 3, undefined]);
    const count = async (Name: string, ...Values: string[]) =>
      (await ec2.describeVpcs({ Filters: [{ Name, Values }] })).Vpcs!.length;
    expect(await count('cidr', '10.?.0.0/16')).toBe(8);
    expect(await count('cidr', '10.1.*', '10.2.*')).toBe(2);
    expect(await count('tag:env', '*3')).toBe(1);
    expect(await count('tag:env', 't\\*3')).toBe(1);
    expect(await count('tag:env', 't\\?3')).toBe(0);
    expect(await count('tag-key', 'env')).toBe(7);
    expect(await count('tag:constructor', '*')).toBe(0);
    expect(await count('is-default', 'true')).toBe(0);
    await expect(count('no-such', 'x')).rejects.toThrow("The filter 'no-such' is invalid");
    await expect(ec2.describeVpcs({ VpcIds: ['vpc-0123'] })).rejects.toEqual(failure('InvalidVpcID.NotFound'));
    await expect(ec2.describeVpcs({ VpcIds: ['nonsense'] })).rejects.toEqual(failure('InvalidVpcID.Malformed'));
    await expect(ec2.describeVpcs({ MaxResults: 2 })).rejects.toEqual(failure('InvalidParameterValue'));
  });

  test('have DNS attributes', async () => {
    await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } });
    await ec2.modifyVpcAttribute({ VpcId, EnableDnsSupport: { Value: false } });
    expect(await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsHostnames' })).toMatchObject({
      EnableDnsHostnames: { Value: true },
    });
    expect(await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsSupport' })).toMatchObject({
      EnableDnsSupport: { Value: false },
    });
  });

  test('take further blocks, whose local routes follow', async () => {
    const { CidrBlockAssociation } = await ec2.associateVpcCidrBlock({ VpcId, CidrBlock: '10.9.0.0/16' });
    await ec2.associateVpcCidrBlock({ VpcId, AmazonProvidedIpv6CidrBlock: true });
    await expect(ec2.associateVpcCidrBlock({ VpcId, CidrBlock: '10.9.1.0/24' })).rejects.toEqual(
      failure('InvalidVpc.Conflict'),
    );
    const routes = async () => (await ec2.describeRouteTables({ Filters: inVpc() })).RouteTables![0]!.Routes!.length;
    expect(await routes()).toBe(3);
    await ec2.disassociateVpcCidrBlock({ AssociationId: CidrBlockAssociation!.AssociationId });
    expect(await routes()).toBe(2);
    const { Vpcs } = await ec2.describeVpcs({ VpcIds: [VpcId] });
    await expect(
      ec2.disassociateVpcCidrBlock({ AssociationId: Vpcs![0]!.CidrBlockAssociationSet![0]!.AssociationId }),
    ).rejects.toEqual(failure('OperationNotPermitted'));
  });

  test('let IPv6 pass when they get a block for it, where nobody has changed the rules', async () => {
    const changed = (await ec2.createSecurityGroup({ VpcId, GroupName: 'changed', Description: 'x' })).GroupId!;
    await ec2.revokeSecurityGroupEgress({
      GroupId: changed,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    await ec2.associateVpcCidrBlock({ VpcId, AmazonProvidedIpv6CidrBlock: true });
    const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters: inVpc() });
    expect(SecurityGroups!.find(({ GroupName }) => GroupName === 'default')!.IpPermissionsEgress).toMatchObject([
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    ]);
    expect(SecurityGroups!.find(({ GroupId }) => GroupId === changed)!.IpPermissionsEgress).toEqual([]);
    const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters: inVpc() });
    const ipv6 = NetworkAcls![0]!.Entries!.filter(
      ({ Ipv6CidrBlock, RuleAction }) => Ipv6CidrBlock && RuleAction === 'allow',
    );
    expect(ipv6.map(({ Egress, RuleNumber }) => [Egress, RuleNumber]).sort()).toEqual([
      [false, 101],
      [true, 101],
    ]);
  });

  test('go away with what came with them, and not before the rest is gone', async () => {
    const { InternetGateway } = await ec2.createInternetGateway({});
    const InternetGatewayId = InternetGateway!.InternetGatewayId!;
    await ec2.attachInternetGateway({ VpcId, InternetGatewayId });
    await expect(ec2.deleteVpc({ VpcId })).rejects.toEqual(failure('DependencyViolation'));
    await ec2.detachInternetGateway({ VpcId, InternetGatewayId });
    await ec2.deleteVpc({ VpcId });
    expect((await ec2.describeRouteTables({ Filters: inVpc() })).RouteTables).toEqual([]);
    expect((await ec2.describeSecurityGroups({ Filters: inVpc() })).SecurityGroups).toEqual([]);
  });

  test('the default one has public subnets in every zone', async () => {
    const { Vpc } = await ec2.createDefaultVpc({});
    expect(Vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true });
    const { Subnets } = await ec2.describeSubnets({ Filters: [{ Name: 'vpc-id', Values: [Vpc!.VpcId!] }] });
    expect(Subnets!.map(({ AvailabilityZone, DefaultForAz }) => `${AvailabilityZone} ${DefaultForAz}`).sort()).toEqual([
      'us-east-1a true',
      'us-east-1b true',
      'us-east-1c true',
    ]);
    await expect(ec2.createDefaultVpc({})).rejects.toEqual(failure('DefaultVpcAlreadyExists'));
    const { AccountAttributes } = await ec2.describeAccountAttributes({ AttributeNames: ['default-vpc'] });
    expect(AccountAttributes).toMatchObject([{ AttributeValues: [{ AttributeValue: Vpc!.VpcId }] }]);
    const other = cloud.transact((state) =>
      createDefaultVpc({ account: '123123123123', region: REGION, state, now: 0, cloud }),
    );
    expect(other.IsDefault).toBe(true);
  });
});

describe('a region', () => {
  test('has zones, regions, DHCP options, and no instances', async () => {
    const { AvailabilityZones } = await ec2.describeAvailabilityZones({
      Filters: [{ Name: 'state', Values: ['available'] }],
    });
    expect(AvailabilityZones!.map(({ ZoneName, ZoneId }) => `${ZoneName} ${ZoneId}`)).toEqual([
      'us-east-1a use1-az1',
      'us-east-1b use1-az2',
      'us-east-1c use1-az3',
    ]);
    expect((await ec2.describeRegions({ RegionNames: ['eu-west-1'] })).Regions).toMatchObject([
      { Endpoint: 'ec2.eu-west-1.amazonaws.com' },
    ]);
    const { DhcpOptions } = await ec2.describeDhcpOptions({});
    const { Vpcs } = await ec2.describeVpcs({});
    expect(DhcpOptions![0]!.DhcpOptionsId).toBe(Vpcs![0]!.DhcpOptionsId);
    expect((await ec2.describeInstances({})).Reservations).toEqual([]);
    await expect(ec2.describeInstances({ InstanceIds: ['i-0123'] })).rejects.toEqual(
      failure('InvalidInstanceID.NotFound'),
    );
  });
});

describe('subnets', () => {
  test('lie in their VPC and not in one another', async () => {
    const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1b' });
    expect(Subnet).toMatchObject({
      AvailableIpAddressCount: 251,
      AvailabilityZoneId: 'use1-az2',
      MapPublicIpOnLaunch: false,
      State: 'available',
    });
    await expect(ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.128/25' })).rejects.toEqual(
      failure('InvalidSubnet.Conflict'),
    );
    await expect(ec2.createSubnet({ VpcId, CidrBlock: '10.1.0.0/24' })).rejects.toEqual(failure('InvalidSubnet.Range'));
    await expect(ec2.createSubnet({ VpcId, CidrBlock: '10.0.2.0/24', AvailabilityZone: 'us-east-1z' })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await expect(ec2.createSubnet({ VpcId: 'vpc-0', CidrBlock: '10.0.2.0/24' })).rejects.toEqual(
      failure('InvalidVpcID.NotFound'),
    );
    const { Subnets } = await ec2.describeSubnets({
      Filters: [...inVpc(), { Name: 'availability-zone', Values: ['us-east-1b'] }],
    });
    expect(Subnets!.map(({ SubnetId }) => SubnetId)).toEqual([Subnet!.SubnetId]);
    await ec2.deleteSubnet({ SubnetId: Subnet!.SubnetId! });
    await expect(ec2.describeSubnets({ SubnetIds: [Subnet!.SubnetId!] })).rejects.toEqual(
      failure('InvalidSubnetID.NotFound'),
    );
  });

  test('have attributes, one at a time, and IPv6 blocks of the VPC', async () => {
    await ec2.associateVpcCidrBlock({ VpcId, AmazonProvidedIpv6CidrBlock: true });
    const block = (await ec2.describeVpcs({ VpcIds: [VpcId] })).Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!
      .Ipv6CidrBlock!;
    const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' });
    const SubnetId = Subnet!.SubnetId!;
    await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } });
    await expect(ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    const { Ipv6CidrBlockAssociation } = await ec2.associateSubnetCidrBlock({
      SubnetId,
      Ipv6CidrBlock: block.replace('/56', '/64'),
    });
    await ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } });
    expect((await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets).toMatchObject([
      { MapPublicIpOnLaunch: true, AssignIpv6AddressOnCreation: true },
    ]);
    await ec2.disassociateSubnetCidrBlock({ AssociationId: Ipv6CidrBlockAssociation!.AssociationId });
    expect((await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets![0]!.Ipv6CidrBlockAssociationSet).toEqual([]);
  });
});

describe('DryRun', () => {
  test('ends after the authorisation, and makes nothing', async () => {
    await expect(ec2.createVpc({ CidrBlock: '10.5.0.0/16', DryRun: true })).rejects.toMatchObject({
      name: 'DryRunOperation',
      $metadata: { httpStatusCode: 412 },
    });
    expect((await ec2.describeVpcs({})).Vpcs).toHaveLength(1);
  });
});
