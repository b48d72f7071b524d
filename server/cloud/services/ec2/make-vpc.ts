import { formatCidr, parseCidr } from '../../network/cidr.ts';
import { hex } from '../../random.ts';
import type { Tags } from '../../tags.ts';
import { type Ec2Context, invalidParameter, newId } from './kinds.ts';
import { dhcpOptionsId, zonesOf } from './places.ts';
import {
  internetGateways,
  networkAcls,
  type RouteTableRecord,
  routeTables,
  type SecurityGroupRecord,
  type SecurityGroupRuleRecord,
  type SubnetRecord,
  securityGroups,
  subnets,
  type VpcRecord,
  vpcs,
} from './tables.ts';

/** Making VPCs and what comes with each of them: main route table, default network ACL, default security group. */

export interface VpcOptions {
  cidr: string;
  ipv6?: boolean;
  isDefault?: boolean;
  tenancy?: VpcRecord['InstanceTenancy'];
  tags?: Tags;
}

/** Reads a block as EC2 does: host bits are dropped. */
export function readCidr(text: string, parameter: string, version: 4 | 6 = 4): string {
  const cidr = parseCidr(text);
  if (!cidr || cidr.version !== version)
    throw invalidParameter(`Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`);
  return formatCidr(cidr);
}

export function makeVpc(ctx: Ec2Context, options: VpcOptions): VpcRecord {
  const vpc: VpcRecord = {
    VpcId: newId(ctx, 'vpc'),
    CidrBlocks: [{ AssociationId: newId(ctx, 'vpc-cidr-assoc'), CidrBlock: options.cidr }],
    Ipv6CidrBlocks: options.ipv6
      ? [{ AssociationId: newId(ctx, 'vpc-cidr-assoc'), CidrBlock: amazonIpv6Block(ctx) }]
      : [],
    IsDefault: options.isDefault ?? false,
    InstanceTenancy: options.tenancy ?? 'default',
    DhcpOptionsId: dhcpOptionsId(ctx),
    EnableDnsSupport: true,
    EnableDnsHostnames: options.isDefault ?? false,
    EnableNetworkAddressUsageMetrics: false,
    Tags: options.tags ?? {},
  };
  ctx.state.put(vpcs, ctx, vpc.VpcId, vpc);
  makeRouteTable(ctx, vpc, {}, true);
  makeNetworkAcl(ctx, vpc, {}, true);
  makeSecurityGroup(ctx, vpc.VpcId, { GroupName: 'default', Description: 'default VPC security group', Tags: {} });
  return vpc;
}

/** Amazon's IPv6 blocks for VPCs are /56. */
export function amazonIpv6Block(ctx: Ec2Context): string {
  const digits = hex(ctx.cloud.random, 10);
  return formatCidr(parseCidr(`2600:1f${digits.slice(0, 2)}:${digits.slice(2, 6)}:${digits.slice(6, 8)}00::/56`)!);
}

/** A route table with the local routes of its VPC. */
export function makeRouteTable(ctx: Ec2Context, vpc: VpcRecord, tags: Tags, main = false): RouteTableRecord {
  const table: RouteTableRecord = {
    RouteTableId: newId(ctx, 'rtb'),
    VpcId: vpc.VpcId,
    Routes: [
      ...vpc.CidrBlocks.map(({ CidrBlock }) => localRoute(CidrBlock)),
      ...vpc.Ipv6CidrBlocks.map(({ CidrBlock }) => localRoute(CidrBlock)),
    ],
    Associations: main ? [{ RouteTableAssociationId: newId(ctx, 'rtbassoc'), Main: true }] : [],
    Tags: tags,
  };
  ctx.state.put(routeTables, ctx, table.RouteTableId, table);
  return table;
}

export function localRoute(block: string): RouteTableRecord['Routes'][number] {
  const destination = block.includes(':') ? { DestinationIpv6CidrBlock: block } : { DestinationCidrBlock: block };
  return { ...destination, GatewayId: 'local', Origin: 'CreateRouteTable' };
}

/** The default ACL lets everything pass; one that a user makes lets nothing pass. The final deny is no record. */
export function makeNetworkAcl(ctx: Ec2Context, vpc: VpcRecord, tags: Tags, isDefault = false): string {
  const everything = [false, true].flatMap((Egress) => [
    { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow' as const, Egress, CidrBlock: '0.0.0.0/0' },
    ...(vpc.Ipv6CidrBlocks.length > 0
      ? [{ RuleNumber: 101, Protocol: '-1', RuleAction: 'allow' as const, Egress, Ipv6CidrBlock: '::/0' }]
      : []),
  ]);
  const NetworkAclId = newId(ctx, 'acl');
  ctx.state.put(networkAcls, ctx, NetworkAclId, {
    NetworkAclId,
    VpcId: vpc.VpcId,
    IsDefault: isDefault,
    Entries: isDefault ? everything : [],
    Associations: [],
    Tags: tags,
  });
  return NetworkAclId;
}

/** A group that lets everything out; the default one lets its own members in. */
export function makeSecurityGroup(
  ctx: Ec2Context,
  vpcId: string,
  group: Pick<SecurityGroupRecord, 'GroupName' | 'Description' | 'Tags'>,
): SecurityGroupRecord {
  const GroupId = newId(ctx, 'sg');
  const rule = (IsEgress: boolean, other: Partial<SecurityGroupRuleRecord>): SecurityGroupRuleRecord => ({
    SecurityGroupRuleId: newId(ctx, 'sgr'),
    IsEgress,
    IpProtocol: '-1',
    FromPort: -1,
    ToPort: -1,
    ...other,
    Tags: {},
  });
  const ipv6 = (ctx.state.get(vpcs, ctx, vpcId)?.Ipv6CidrBlocks.length ?? 0) > 0;
  const record: SecurityGroupRecord = {
    GroupId,
    ...group,
    VpcId: vpcId,
    Rules: [
      ...(group.GroupName === 'default'
        ? [rule(false, { ReferencedGroupId: GroupId, ReferencedUserId: ctx.account })]
        : []),
      rule(true, { CidrIpv4: '0.0.0.0/0' }),
      ...(ipv6 ? [rule(true, { CidrIpv6: '::/0' })] : []),
    ],
  };
  ctx.state.put(securityGroups, ctx, GroupId, record);
  return record;
}

export interface SubnetOptions {
  cidr: string;
  ipv6Cidr?: string | undefined;
  zone?: string | undefined;
  isDefault?: boolean;
  tags?: Tags;
}

/** A subnet, in the VPC's default network ACL and main route table. Blocks are taken as checked. */
export function makeSubnet(ctx: Ec2Context, vpc: VpcRecord, options: SubnetOptions): SubnetRecord {
  const zones = zonesOf(ctx.region);
  const zone = zones.find(({ ZoneName }) => ZoneName === options.zone) ?? zones[0]!;
  const subnet: SubnetRecord = {
    SubnetId: newId(ctx, 'subnet'),
    VpcId: vpc.VpcId,
    CidrBlock: options.cidr,
    Ipv6CidrBlocks: options.ipv6Cidr
      ? [{ AssociationId: newId(ctx, 'subnet-cidr-assoc'), CidrBlock: options.ipv6Cidr }]
      : [],
    AvailabilityZone: zone.ZoneName,
    AvailabilityZoneId: zone.ZoneId,
    DefaultForAz: options.isDefault ?? false,
    MapPublicIpOnLaunch: options.isDefault ?? false,
    AssignIpv6AddressOnCreation: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: options.tags ?? {},
  };
  ctx.state.put(subnets, ctx, subnet.SubnetId, subnet);
  const acl = ctx.state.list(networkAcls, ctx).find(({ value }) => value.VpcId === vpc.VpcId && value.IsDefault)?.value;
  if (acl) {
    const association = { NetworkAclAssociationId: newId(ctx, 'aclassoc'), SubnetId: subnet.SubnetId };
    ctx.state.put(networkAcls, ctx, acl.NetworkAclId, { ...acl, Associations: [...acl.Associations, association] });
  }
  return subnet;
}

/**
 * The VPC that AWS makes in a new account: 172.31.0.0/16, a public subnet in every zone, an internet gateway.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
 */
export function createDefaultVpc(ctx: Ec2Context): VpcRecord {
  const vpc = makeVpc(ctx, { cidr: '172.31.0.0/16', isDefault: true });
  for (const [i, { ZoneName }] of zonesOf(ctx.region).entries())
    makeSubnet(ctx, vpc, { cidr: `172.31.${16 * i}.0/20`, zone: ZoneName, isDefault: true });
  const InternetGatewayId = newId(ctx, 'igw');
  ctx.state.put(internetGateways, ctx, InternetGatewayId, { InternetGatewayId, VpcId: vpc.VpcId, Tags: {} });
  const main = ctx.state.list(routeTables, ctx).find(({ value }) => value.VpcId === vpc.VpcId)!.value;
  const route = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId, Origin: 'CreateRoute' as const };
  ctx.state.put(routeTables, ctx, main.RouteTableId, { ...main, Routes: [...main.Routes, route] });
  return vpc;
}
