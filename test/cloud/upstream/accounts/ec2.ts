import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteNatGatewayCommand,
  DescribeNetworkAclsCommand,
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
} from '@aws-sdk/client-ec2';
import { type Network, region, tagged } from './ec2-network.ts';

async function attributes(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId: net.vpc, EnableDnsHostnames: { Value: true } }));
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId: net.vpc, EnableNetworkAddressUsageMetrics: { Value: true } }));
  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: net.open, MapPublicIpOnLaunch: { Value: true } }));
  await ec2.send(
    new ModifySubnetAttributeCommand({ SubnetId: net.open, EnableResourceNameDnsARecordOnLaunch: { Value: true } }),
  );
  await ec2.send(
    new ModifySubnetAttributeCommand({ SubnetId: net.second, PrivateDnsHostnameTypeOnLaunch: 'resource-name' }),
  );
}

/** A second VPC with DNS off, a second block, and nothing else. */
async function secondVpc(ec2: EC2Client): Promise<void> {
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.30.0.0/16', InstanceTenancy: 'dedicated', ...tagged('vpc', 'quiet') }),
  );
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: false } }));
  await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: '10.31.0.0/16' }));
}

async function ipv6(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId: net.vpc, AmazonProvidedIpv6CidrBlock: true }));
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [net.vpc] }));
  const block = Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
  await ec2.send(
    new AssociateSubnetCidrBlockCommand({ SubnetId: net.closed, Ipv6CidrBlock: block.replace('::/56', '::/64') }),
  );
  await ec2.send(
    new ModifySubnetAttributeCommand({ SubnetId: net.closed, AssignIpv6AddressOnCreation: { Value: true } }),
  );
  const made = await ec2.send(
    new CreateEgressOnlyInternetGatewayCommand({
      VpcId: net.vpc,
      ...tagged('egress-only-internet-gateway', 'shop'),
    }),
  );
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: net.closedTable,
      DestinationIpv6CidrBlock: '::/0',
      EgressOnlyInternetGatewayId: made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!,
    }),
  );
}

async function natGateway(ec2: EC2Client, net: Network, name: string): Promise<string> {
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc', ...tagged('elastic-ip', name) }));
  const made = await ec2.send(
    new CreateNatGatewayCommand({
      SubnetId: net.open,
      AllocationId: AllocationId!,
      ClientToken: `token-of-${name}`,
      ...tagged('natgateway', name),
    }),
  );
  return made.NatGateway!.NatGatewayId!;
}

/** A public gateway in use, a private one, and one that is gone and leaves a black hole. */
async function natGateways(ec2: EC2Client, net: Network): Promise<void> {
  const NatGatewayId = await natGateway(ec2, net, 'way-out');
  const route = { RouteTableId: net.closedTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId };
  await ec2.send(new CreateRouteCommand(route));
  await ec2.send(new CreateNatGatewayCommand({ SubnetId: net.second, ConnectivityType: 'private' }));
  const gone = await natGateway(ec2, net, 'gone');
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: net.closedTable,
      DestinationCidrBlock: '198.51.100.0/24',
      NatGatewayId: gone,
    }),
  );
  await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: gone }));
}

async function regionalNatGateway(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(new CreateNatGatewayCommand({ VpcId: net.vpc, AvailabilityMode: 'regional' }));
}

/** Tags and a route of the main table, and one table that nothing uses. */
async function mainTable(ec2: EC2Client, net: Network): Promise<void> {
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({
      Filters: [
        { Name: 'vpc-id', Values: [net.vpc] },
        { Name: 'association.main', Values: ['true'] },
      ],
    }),
  );
  const RouteTableId = RouteTables![0]!.RouteTableId!;
  await ec2.send(new CreateTagsCommand({ Resources: [RouteTableId], Tags: [{ Key: 'Name', Value: 'main' }] }));
  const to = { DestinationCidrBlock: '203.0.113.0/24', GatewayId: net.gateway };
  await ec2.send(new CreateRouteCommand({ RouteTableId, ...to }));
  await ec2.send(new CreateRouteTableCommand({ VpcId: net.vpc }));
}

async function networkAcl(ec2: EC2Client, net: Network): Promise<void> {
  const made = await ec2.send(new CreateNetworkAclCommand({ VpcId: net.vpc, ...tagged('network-acl', 'strict') }));
  const NetworkAclId = made.NetworkAcl!.NetworkAclId!;
  const entries = [
    { RuleNumber: 100, Protocol: '6', PortRange: { From: 443, To: 443 }, CidrBlock: '0.0.0.0/0', Egress: true },
    { RuleNumber: 110, Protocol: '-1', CidrBlock: '10.20.0.0/16', Egress: true },
    { RuleNumber: 100, Protocol: '17', PortRange: { From: 1024, To: 65535 }, CidrBlock: '0.0.0.0/0', Egress: false },
    { RuleNumber: 120, Protocol: '6', PortRange: { From: 22, To: 22 }, Ipv6CidrBlock: '::/0', Egress: false },
    { RuleNumber: 130, Protocol: '1', IcmpTypeCode: { Code: -1, Type: 8 }, CidrBlock: '10.20.0.0/16', Egress: false },
  ];
  for (const entry of entries) {
    const RuleAction = entry.RuleNumber === 120 ? 'deny' : 'allow';
    await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, RuleAction, ...entry }));
  }
  const { NetworkAcls } = await ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [net.second] }] }),
  );
  const { NetworkAclAssociationId } = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === net.second)!;
  await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId: NetworkAclAssociationId!, NetworkAclId }));
}

async function prefixListOf(ec2: EC2Client): Promise<string> {
  const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
  return PrefixLists!.find(({ PrefixListName }) => PrefixListName === `com.amazonaws.${region}.s3`)!.PrefixListId!;
}

async function groupRules(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: net.group,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'the web' }, { CidrIp: '10.0.0.0/8' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0', Description: 'the new web' }],
        },
        { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.20.0.0/16' }] },
      ],
      ...tagged('security-group-rule', 'rule'),
    }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: net.other,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 5432,
          ToPort: 5432,
          UserIdGroupPairs: [{ GroupId: net.group, Description: 'from the web' }, { GroupId: net.other }],
        },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: net.group }] },
      ],
    }),
  );
}

/** A protocol without ports. */
async function protocolRule(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: '50', IpRanges: [{ CidrIp: '10.20.0.0/16' }] }],
    }),
  );
}

async function prefixListRule(ec2: EC2Client, net: Network): Promise<void> {
  const PrefixListId = await prefixListOf(ec2);
  await ec2.send(
    new AuthorizeSecurityGroupEgressCommand({
      GroupId: net.other,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId, Description: 's3' }] },
      ],
    }),
  );
}

async function prefixListRoute(ec2: EC2Client, net: Network): Promise<void> {
  const DestinationPrefixListId = await prefixListOf(ec2);
  await ec2.send(
    new CreateRouteCommand({ RouteTableId: net.openTable, DestinationPrefixListId, GatewayId: net.gateway }),
  );
}

const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' }],
};

async function gatewayEndpoints(ec2: EC2Client, net: Network): Promise<void> {
  await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: net.vpc,
      ServiceName: `com.amazonaws.${region}.s3`,
      RouteTableIds: [net.closedTable],
      PolicyDocument: JSON.stringify(policy, null, 2),
      ClientToken: 'token-of-endpoint',
      ...tagged('vpc-endpoint', 's3'),
    }),
  );
  await ec2.send(new CreateVpcEndpointCommand({ VpcId: net.vpc, ServiceName: `com.amazonaws.${region}.dynamodb` }));
}

async function interfaceEndpoints(ec2: EC2Client, net: Network): Promise<void> {
  const common = { VpcId: net.vpc, VpcEndpointType: 'Interface' as const };
  await ec2.send(
    new CreateVpcEndpointCommand({
      ...common,
      ServiceName: `com.amazonaws.${region}.secretsmanager`,
      SubnetIds: [net.closed, net.second],
      SecurityGroupIds: [net.other],
      PrivateDnsEnabled: true,
      ...tagged('vpc-endpoint', 'secrets'),
    }),
  );
  await ec2.send(
    new CreateVpcEndpointCommand({
      ...common,
      ServiceName: `com.amazonaws.${region}.s3`,
      SubnetIds: [net.closed],
      DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: false },
    }),
  );
  await ec2.send(
    new CreateVpcEndpointCommand({
      ...common,
      ServiceName: `com.amazonaws.${region}.sqs`,
      SubnetIds: [net.second],
      PrivateDnsEnabled: false,
    }),
  );
}

/** One with everything said and an address of its own, one with defaults, an address that nobody uses. */
async function interfaces(ec2: EC2Client, net: Network): Promise<void> {
  const { NetworkInterface } = await ec2.send(
    new CreateNetworkInterfaceCommand({
      SubnetId: net.open,
      Groups: [net.group, net.other],
      Description: 'a bastion',
      PrivateIpAddress: '10.20.0.99',
      ...tagged('network-interface', 'bastion'),
    }),
  );
  const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }));
  await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: net.closed }));
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await ec2.send(new AssociateAddressCommand({ AllocationId: AllocationId!, NetworkInterfaceId }));
  await ec2.send(new AllocateAddressCommand({ Domain: 'vpc', ...tagged('elastic-ip', 'spare') }));
  await ec2.send(new CreateInternetGatewayCommand({}));
}

/** Every shape that ec2 has here, in parts that do not need one another. */
export const parts: Record<string, (ec2: EC2Client, net: Network) => Promise<void>> = {
  attributes,
  secondVpc,
  ipv6,
  natGateways,
  regionalNatGateway,
  mainTable,
  networkAcl,
  groupRules,
  protocolRule,
  prefixListRule,
  prefixListRoute,
  gatewayEndpoints,
  interfaceEndpoints,
  interfaces,
};
