import {
  AllocateAddressCommand,
  AssociateNatGatewayAddressCommand,
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateDefaultVpcCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DeleteVpcEndpointsCommand,
  DescribeAccountAttributesCommand,
  DescribeAddressesAttributeCommand,
  DescribeAddressesCommand,
  DescribeDhcpOptionsCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribePrefixListsCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateNatGatewayAddressCommand,
  DisassociateVpcCidrBlockCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  ModifySecurityGroupRulesCommand,
  ModifyVpcEndpointCommand,
  ReleaseAddressCommand,
  ReplaceNetworkAclEntryCommand,
  ReplaceRouteTableAssociationCommand,
  UpdateSecurityGroupRuleDescriptionsEgressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, REGION } from '../../test-cloud.ts';

let cloud: Cloud;
let ec2: EC2Client;
let VpcId: string;
let SubnetId: string;
beforeAll(async () => {
  ({ cloud } = createTestCloud());
  ec2 = client(EC2Client, cloud);
  VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }))).Vpc!.VpcId!;
  SubnetId = (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.1.1.0/24' }))).Subnet!.SubnetId!;
});

test('what an account is told about where it is', async () => {
  expect((await ec2.send(new DescribeRegionsCommand({}))).Regions?.map(({ RegionName }) => RegionName)).toContain(
    REGION,
  );
  expect((await ec2.send(new DescribeAccountAttributesCommand({}))).AccountAttributes?.length).toBeGreaterThan(0);
  expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  expect((await ec2.send(new DescribeDhcpOptionsCommand({}))).DhcpOptions).toBeDefined();
});

test('a default VPC is made once', async () => {
  const { Vpc } = await ec2.send(new CreateDefaultVpcCommand({}));
  expect(Vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16' });
  await expect(ec2.send(new CreateDefaultVpcCommand({}))).rejects.toMatchObject({ name: 'DefaultVpcAlreadyExists' });
});

test('further addresses of a VPC come and go', async () => {
  const { CidrBlockAssociation } = await ec2.send(
    new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: '10.2.0.0/16' }),
  );
  await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId: CidrBlockAssociation!.AssociationId }));
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
  const blocks = Vpcs![0]!.CidrBlockAssociationSet!.filter(
    ({ CidrBlockState }) => CidrBlockState?.State === 'associated',
  );
  expect(blocks.map(({ CidrBlock }) => CidrBlock)).toEqual(['10.1.0.0/16']);
  const dns = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' }));
  expect(dns.EnableDnsSupport?.Value).toBe(true);
});

test('gateways and addresses: made, moved and given back', async () => {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  await expect(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }))).rejects.toMatchObject({
    name: 'DependencyViolation',
  });

  const first = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const second = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId, AllocationId: first.AllocationId }));
  const NatGatewayId = NatGateway!.NatGatewayId!;
  await ec2.send(new AssociateNatGatewayAddressCommand({ NatGatewayId, AllocationIds: [second.AllocationId!] }));
  const shown = async () =>
    (await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }))).NatGateways![0]!;
  expect((await shown()).NatGatewayAddresses).toHaveLength(2);
  const further = (await shown()).NatGatewayAddresses!.find(
    ({ AllocationId }) => AllocationId === second.AllocationId,
  )!;
  await ec2.send(new DisassociateNatGatewayAddressCommand({ NatGatewayId, AssociationIds: [further.AssociationId!] }));
  expect((await shown()).NatGatewayAddresses!.filter(({ Status }) => Status === 'succeeded')).toHaveLength(1);
  await expect(ec2.send(new ReleaseAddressCommand({ AllocationId: first.AllocationId }))).rejects.toBeDefined();
  await ec2.send(new ReleaseAddressCommand({ AllocationId: second.AllocationId }));
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
  expect(Addresses?.map(({ AllocationId }) => AllocationId)).toEqual([first.AllocationId]);
  expect((await ec2.send(new DescribeAddressesAttributeCommand({ Attribute: 'domain-name' }))).Addresses).toBeDefined();

  const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId }));
  const EgressOnlyInternetGatewayId = EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
  const outgoing = async () =>
    (await ec2.send(new DescribeEgressOnlyInternetGatewaysCommand({}))).EgressOnlyInternetGateways;
  expect(await outgoing()).toHaveLength(1);
  await ec2.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }));
  expect(await outgoing()).toEqual([]);
});

test('an unattached internet gateway can be deleted', async () => {
  const other = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))).Vpc!.VpcId!;
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: other }));
  await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId: other }));
  await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
  await expect(
    ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] })),
  ).rejects.toMatchObject({ name: 'InvalidInternetGatewayID.NotFound' });
});

test('a subnet moves from one route table to another', async () => {
  const table = async () => (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable!.RouteTableId!;
  const one = await table();
  const two = await table();
  const { AssociationId } = await ec2.send(new AssociateRouteTableCommand({ RouteTableId: one, SubnetId }));
  await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: two }));
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] }),
  );
  expect(RouteTables?.map(({ RouteTableId }) => RouteTableId)).toEqual([two]);
  await ec2.send(new DeleteRouteTableCommand({ RouteTableId: one }));
  await expect(ec2.send(new DeleteRouteTableCommand({ RouteTableId: two }))).rejects.toMatchObject({
    name: 'DependencyViolation',
  });
});

test('entries of a network ACL are replaced and deleted', async () => {
  const NetworkAclId = (await ec2.send(new CreateNetworkAclCommand({ VpcId }))).NetworkAcl!.NetworkAclId!;
  const rule = { NetworkAclId, RuleNumber: 100, Protocol: '-1', Egress: false, CidrBlock: '10.0.0.0/8' };
  const entries = async () =>
    (
      await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [NetworkAclId] }))
    ).NetworkAcls![0]!.Entries!.filter(({ RuleNumber }) => RuleNumber === 100);
  await ec2.send(new CreateNetworkAclEntryCommand({ ...rule, RuleAction: 'allow' }));
  await ec2.send(new ReplaceNetworkAclEntryCommand({ ...rule, RuleAction: 'deny' }));
  expect(await entries()).toMatchObject([{ RuleAction: 'deny' }]);
  await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress: false }));
  expect(await entries()).toEqual([]);
  await ec2.send(new DeleteNetworkAclCommand({ NetworkAclId }));
});

test('rules of a security group are changed by id and described', async () => {
  const GroupId = (await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'd', VpcId })))
    .GroupId!;
  const permission = {
    IpProtocol: 'tcp',
    FromPort: 80,
    ToPort: 80,
    IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'new' }],
  };
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ ...permission, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    }),
  );
  await ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId, IpPermissions: [permission] }));
  await ec2.send(
    new UpdateSecurityGroupRuleDescriptionsEgressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'out' }] }],
    }),
  );
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  expect(SecurityGroups![0]!.IpPermissions![0]!.IpRanges).toEqual([{ CidrIp: '10.0.0.0/8', Description: 'new' }]);
  expect(SecurityGroups![0]!.IpPermissionsEgress![0]!.IpRanges).toEqual([{ CidrIp: '0.0.0.0/0', Description: 'out' }]);
  const rules = async () =>
    (await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] })))
      .SecurityGroupRules!;
  const SecurityGroupRuleId = (await rules()).find(({ IsEgress }) => !IsEgress)!.SecurityGroupRuleId!;
  await ec2.send(
    new ModifySecurityGroupRulesCommand({
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId,
          SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '10.1.0.0/16' },
        },
      ],
    }),
  );
  expect((await rules()).find((entry) => entry.SecurityGroupRuleId === SecurityGroupRuleId)).toMatchObject({
    FromPort: 443,
    CidrIpv4: '10.1.0.0/16',
  });
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  await expect(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).rejects.toMatchObject({
    name: 'InvalidGroup.NotFound',
  });
});

test('endpoints are offered, changed and deleted', async () => {
  const ServiceName = `com.amazonaws.${REGION}.s3`;
  expect((await ec2.send(new DescribeVpcEndpointServicesCommand({}))).ServiceNames).toContain(ServiceName);
  const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
  const list = PrefixLists!.find(({ PrefixListName }) => PrefixListName === ServiceName)!;
  const { PrefixLists: managed } = await ec2.send(new DescribeManagedPrefixListsCommand({}));
  expect(managed!.map(({ PrefixListId }) => PrefixListId)).toContain(list.PrefixListId);
  const { Entries } = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: list.PrefixListId }));
  expect(Entries!.map(({ Cidr }) => Cidr)).toEqual(list.Cidrs);
  const VpcEndpointId = (await ec2.send(new CreateVpcEndpointCommand({ VpcId, ServiceName }))).VpcEndpoint!
    .VpcEndpointId!;
  const PolicyDocument =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}';
  await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId, PolicyDocument }));
  const { VpcEndpoints } = await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
  expect(JSON.parse(VpcEndpoints![0]!.PolicyDocument!)).toEqual(JSON.parse(PolicyDocument));
  expect(
    (await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }))).Unsuccessful ?? [],
  ).toEqual([]);
});

test('tags are listed and taken off', async () => {
  await ec2.send(
    new CreateTagsCommand({
      Resources: [VpcId],
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await ec2.send(new DeleteTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'a' }] }));
  const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [VpcId] }] }));
  expect(Tags).toEqual([{ ResourceId: VpcId, ResourceType: 'vpc', Key: 'b', Value: '2' }]);
});
