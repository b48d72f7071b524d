import { EC2 } from '@aws-sdk/client-ec2';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { type Origin, type Reach, reach, type Target } from '../../../server/cloud/network/index.ts';
import { client, createTestCloud, OWN, REGION } from '../test-cloud.ts';

/** A VPC with a public subnet, a private one in each of two zones, and a group of a function; no NAT gateway yet. */
export interface TestNetwork {
  cloud: Cloud;
  ec2: EC2;
  vpc: string;
  igw: string;
  publicSubnet: string;
  publicTable: string;
  privateA: string;
  privateB: string;
  privateTable: string;
  group: string;
  acl: string;
}

export async function createTestNetwork(options: { ipv6?: boolean } = {}): Promise<TestNetwork> {
  const { cloud } = createTestCloud();
  const ec2 = client(EC2, cloud);
  const vpc = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: options.ipv6 })).Vpc!;
  const VpcId = vpc.VpcId!;
  await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } });
  const InternetGatewayId = (await ec2.createInternetGateway({})).InternetGateway!.InternetGatewayId!;
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId });
  const ipv6 = vpc.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
  const subnet = async (CidrBlock: string, zone: string, n: number): Promise<string> => {
    const Ipv6CidrBlock = ipv6?.replace('00::/56', `0${n}::/64`);
    const made = await ec2.createSubnet({ VpcId, CidrBlock, AvailabilityZone: `${REGION}${zone}`, Ipv6CidrBlock });
    return made.Subnet!.SubnetId!;
  };
  const publicSubnet = await subnet('10.0.0.0/24', 'a', 0);
  const privateA = await subnet('10.0.1.0/24', 'a', 1);
  const privateB = await subnet('10.0.2.0/24', 'b', 2);
  const table = async (): Promise<string> => (await ec2.createRouteTable({ VpcId })).RouteTable!.RouteTableId!;
  const publicTable = await table();
  const privateTable = await table();
  await ec2.associateRouteTable({ RouteTableId: publicTable, SubnetId: publicSubnet });
  await ec2.associateRouteTable({ RouteTableId: privateTable, SubnetId: privateA });
  await ec2.associateRouteTable({ RouteTableId: privateTable, SubnetId: privateB });
  await ec2.createRoute({ RouteTableId: publicTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId });
  const group = (await ec2.createSecurityGroup({ VpcId, GroupName: 'function', Description: 'function' })).GroupId!;
  const acls = await ec2.describeNetworkAcls({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] });
  return {
    cloud,
    ec2,
    vpc: VpcId,
    igw: InternetGatewayId,
    publicSubnet,
    publicTable,
    privateA,
    privateB,
    privateTable,
    group,
    acl: acls.NetworkAcls![0]!.NetworkAclId!,
  };
}

/** A NAT gateway in a subnet, and the private subnets' way out through it. */
export async function addNat(net: TestNetwork, SubnetId = net.publicSubnet): Promise<string> {
  const { AllocationId } = await net.ec2.allocateAddress({});
  const { NatGateway } = await net.ec2.createNatGateway({ SubnetId, AllocationId });
  const NatGatewayId = NatGateway!.NatGatewayId!;
  await net.ec2.createRoute({ RouteTableId: net.privateTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId });
  return NatGatewayId;
}

export const internet: Target = { kind: 'internet', port: 443 };
export const service = (name: string): Target => ({ kind: 'aws-service', service: name, port: 443 });

/** From a function in a subnet; the private one in the first zone when nobody says. */
export function from(net: TestNetwork, to: Target, subnetId = net.privateA, more: Partial<Origin> = {}): Reach {
  const origin = { account: OWN, region: REGION, subnetId, securityGroupIds: [net.group], ...more };
  return reach(net.cloud.state, origin, to);
}

/** The verdict in a line: `via nat`, or `route: …because…`. */
export function verdict(found: Reach): string {
  return found.reachable ? `via ${found.via}` : `${found.rule.kind}: ${found.because}`;
}
