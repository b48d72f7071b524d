import {
  type Address,
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type EgressOnlyInternetGateway,
  type InternetGateway,
  type NatGateway,
  type NetworkAcl,
  type NetworkInterface,
  type RouteTable,
  type SecurityGroup,
  type SecurityGroupRule,
  type Subnet,
  type Vpc,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2';
import type { Source } from '../../types.ts';

/** What an endpoint says of the VPCs of an account and region. */
export interface Ec2Found {
  vpcs: Vpc[];
  subnets: Subnet[];
  routeTables: RouteTable[];
  internetGateways: InternetGateway[];
  egressOnlyInternetGateways: EgressOnlyInternetGateway[];
  natGateways: NatGateway[];
  addresses: Address[];
  networkAcls: NetworkAcl[];
  securityGroups: SecurityGroup[];
  securityGroupRules: SecurityGroupRule[];
  vpcEndpoints: VpcEndpoint[];
  networkInterfaces: NetworkInterface[];
}

/**
 * Without the default VPC that an endpoint gives to every account: the embedded cloud's accounts have none, and nobody can
 * get at it through the gateway, which answers reads of VPCs itself.
 * @param known whether a VPC came through the gateway
 */
export function withoutDefault(found: Ec2Found, known: (vpcId: string) => boolean): Ec2Found {
  const own = new Set(
    found.vpcs.filter(({ VpcId, IsDefault }) => !IsDefault || known(VpcId!)).map(({ VpcId }) => VpcId),
  );
  if (own.size === found.vpcs.length) return found;
  const ofOwn = <T extends { VpcId?: string | undefined }>(all: T[]): T[] => all.filter(({ VpcId }) => own.has(VpcId));
  const securityGroups = ofOwn(found.securityGroups);
  const groups = new Set(securityGroups.map(({ GroupId }) => GroupId));
  return {
    ...found,
    vpcs: ofOwn(found.vpcs),
    subnets: ofOwn(found.subnets),
    routeTables: ofOwn(found.routeTables),
    networkAcls: ofOwn(found.networkAcls),
    securityGroups,
    securityGroupRules: found.securityGroupRules.filter(({ GroupId }) => groups.has(GroupId)),
    internetGateways: found.internetGateways.filter(
      ({ Attachments }) => !Attachments?.length || Attachments.some(({ VpcId }) => own.has(VpcId)),
    ),
  };
}

/** All resources of ec2, as they are given. */
export async function readEc2(source: Source): Promise<Ec2Found> {
  const ec2 = source.client(EC2Client);
  const all = <P extends { NextToken?: string | undefined }, T>(
    what: string,
    ask: (page: { NextToken?: string }) => Promise<P>,
    items: (page: P) => T[] | undefined,
  ): Promise<T[]> =>
    source.pages(
      what,
      (token) => ask(token === undefined ? {} : { NextToken: token }),
      (page) => ({ items: items(page), next: page.NextToken }),
    );
  const [
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    egressOnlyInternetGateways,
    natGateways,
    addresses,
    networkAcls,
    securityGroups,
    securityGroupRules,
    vpcEndpoints,
    networkInterfaces,
  ] = await Promise.all([
    all(
      'VPCs',
      (page) => ec2.send(new DescribeVpcsCommand(page)),
      ({ Vpcs }) => Vpcs,
    ),
    all(
      'subnets',
      (page) => ec2.send(new DescribeSubnetsCommand(page)),
      ({ Subnets }) => Subnets,
    ),
    all(
      'route tables',
      (page) => ec2.send(new DescribeRouteTablesCommand(page)),
      ({ RouteTables }) => RouteTables,
    ),
    all(
      'internet gateways',
      (page) => ec2.send(new DescribeInternetGatewaysCommand(page)),
      ({ InternetGateways }) => InternetGateways,
    ),
    all(
      'egress-only internet gateways',
      (page) => ec2.send(new DescribeEgressOnlyInternetGatewaysCommand(page)),
      ({ EgressOnlyInternetGateways }) => EgressOnlyInternetGateways,
    ),
    all(
      'NAT gateways',
      (page) => ec2.send(new DescribeNatGatewaysCommand(page)),
      ({ NatGateways }) => NatGateways,
    ),
    source
      .read('elastic IP addresses', () => ec2.send(new DescribeAddressesCommand({})))
      .then((answer) => answer?.Addresses ?? []),
    all(
      'network ACLs',
      (page) => ec2.send(new DescribeNetworkAclsCommand(page)),
      ({ NetworkAcls }) => NetworkAcls,
    ),
    all(
      'security groups',
      (page) => ec2.send(new DescribeSecurityGroupsCommand(page)),
      ({ SecurityGroups }) => SecurityGroups,
    ),
    all(
      'security group rules',
      (page) => ec2.send(new DescribeSecurityGroupRulesCommand(page)),
      ({ SecurityGroupRules }) => SecurityGroupRules,
    ),
    all(
      'VPC endpoints',
      (page) => ec2.send(new DescribeVpcEndpointsCommand(page)),
      ({ VpcEndpoints }) => VpcEndpoints,
    ),
    all(
      'network interfaces',
      (page) => ec2.send(new DescribeNetworkInterfacesCommand(page)),
      ({ NetworkInterfaces }) => NetworkInterfaces,
    ),
  ]);
  // LocalStack never forgets the ACLs of VPCs that are gone, nor anybody the NAT gateways that were in them.
  const there = new Set(vpcs.map(({ VpcId }) => VpcId));
  return {
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    egressOnlyInternetGateways,
    natGateways: natGateways.filter((nat) => there.has(nat.VpcId) || nat.State !== 'deleted'),
    addresses,
    networkAcls: networkAcls.filter(({ VpcId }) => there.has(VpcId)),
    securityGroups,
    securityGroupRules,
    // LocalStack goes on listing endpoints that are gone.
    vpcEndpoints: vpcEndpoints.filter(({ State }) => !/^delet/i.test(State ?? '')),
    networkInterfaces,
  };
}

/** The names of AWS's prefix lists by the ids that this endpoint gives them. */
export function readPrefixLists(source: Source): Promise<Map<string, string>> {
  const ec2 = source.client(EC2Client);
  return source
    .pages(
      'prefix lists',
      (NextToken) => ec2.send(new DescribePrefixListsCommand(NextToken === undefined ? {} : { NextToken })),
      ({ PrefixLists, NextToken }) => ({ items: PrefixLists, next: NextToken }),
    )
    .then((lists) => new Map(lists.map(({ PrefixListId, PrefixListName }) => [PrefixListId!, PrefixListName ?? ''])));
}
