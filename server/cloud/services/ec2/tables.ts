import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** Records of ec2. Members are AWS's own names; times are milliseconds of the cloud's clock. */

export interface CidrAssociation {
  AssociationId: string;
  CidrBlock: string;
}

export interface VpcRecord {
  VpcId: string;
  /** The first one is the primary block. */
  CidrBlocks: CidrAssociation[];
  Ipv6CidrBlocks: CidrAssociation[];
  IsDefault: boolean;
  InstanceTenancy: 'default' | 'dedicated' | 'host';
  DhcpOptionsId: string;
  EnableDnsSupport: boolean;
  EnableDnsHostnames: boolean;
  EnableNetworkAddressUsageMetrics: boolean;
  Tags: Tags;
}

export interface SubnetRecord {
  SubnetId: string;
  VpcId: string;
  CidrBlock: string;
  Ipv6CidrBlocks: CidrAssociation[];
  AvailabilityZone: string;
  AvailabilityZoneId: string;
  DefaultForAz: boolean;
  MapPublicIpOnLaunch: boolean;
  AssignIpv6AddressOnCreation: boolean;
  EnableDns64: boolean;
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: 'ip-name' | 'resource-name';
    EnableResourceNameDnsARecord: boolean;
    EnableResourceNameDnsAAAARecord: boolean;
  };
  Tags: Tags;
}

/** A route as it was made. Whether it is a black hole follows from its target's state: see `routesOf`. */
export interface RouteRecord {
  DestinationCidrBlock?: string;
  DestinationIpv6CidrBlock?: string;
  DestinationPrefixListId?: string;
  /** `local`, an internet gateway, or (computed, never stored) a gateway endpoint. */
  GatewayId?: string;
  NatGatewayId?: string;
  EgressOnlyInternetGatewayId?: string;
  NetworkInterfaceId?: string;
  Origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface RouteTableRecord {
  RouteTableId: string;
  VpcId: string;
  Routes: RouteRecord[];
  Associations: { RouteTableAssociationId: string; Main: boolean; SubnetId?: string; GatewayId?: string }[];
  Tags: Tags;
}

export interface InternetGatewayRecord {
  InternetGatewayId: string;
  /** The VPC that it is attached to. */
  VpcId?: string;
  Tags: Tags;
}

export interface EgressOnlyInternetGatewayRecord {
  EgressOnlyInternetGatewayId: string;
  VpcId: string;
  Tags: Tags;
}

export interface NatAddressRecord {
  AllocationId?: string;
  AssociationId?: string;
  NetworkInterfaceId?: string;
  PrivateIp?: string;
  PublicIp?: string;
  IsPrimary?: boolean;
  AvailabilityZone?: string;
  AvailabilityZoneId?: string;
}

export interface NatGatewayRecord {
  NatGatewayId: string;
  VpcId: string;
  /** Absent for a regional gateway. */
  SubnetId?: string;
  ConnectivityType: 'public' | 'private';
  AvailabilityMode: 'zonal' | 'regional';
  State: 'pending' | 'failed' | 'available' | 'deleting' | 'deleted';
  FailureCode?: string;
  FailureMessage?: string;
  NatGatewayAddresses: NatAddressRecord[];
  /** Regional only: whether AWS picks zones and addresses. */
  AutoProvisionZones?: boolean;
  /** Regional only: its own route table. */
  RouteTableId?: string;
  CreateTime: number;
  DeleteTime?: number;
  ClientToken?: string;
  Tags: Tags;
}

export interface AddressRecord {
  AllocationId: string;
  PublicIp: string;
  AssociationId?: string;
  NetworkInterfaceId?: string;
  PrivateIpAddress?: string;
  SubnetId?: string;
  /** `rnat` for the addresses that a regional NAT gateway took by itself. */
  ServiceManaged?: 'rnat';
  Tags: Tags;
}

export interface NetworkAclEntryRecord {
  RuleNumber: number;
  /** `-1` all, `6` tcp, `17` udp, `1` icmp … */
  Protocol: string;
  RuleAction: 'allow' | 'deny';
  Egress: boolean;
  CidrBlock?: string;
  Ipv6CidrBlock?: string;
  PortRange?: { From: number; To: number };
  IcmpTypeCode?: { Code: number; Type: number };
}

export interface NetworkAclRecord {
  NetworkAclId: string;
  VpcId: string;
  IsDefault: boolean;
  Entries: NetworkAclEntryRecord[];
  Associations: { NetworkAclAssociationId: string; SubnetId: string }[];
  Tags: Tags;
}

export interface SecurityGroupRuleRecord {
  SecurityGroupRuleId: string;
  IsEgress: boolean;
  /** `-1`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number. */
  IpProtocol: string;
  FromPort: number;
  ToPort: number;
  /** Exactly one of the four says the other side. */
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupId?: string;
  /** The account of the referenced group. */
  ReferencedUserId?: string;
  Description?: string;
  Tags: Tags;
}

export interface SecurityGroupRecord {
  GroupId: string;
  GroupName: string;
  Description: string;
  VpcId: string;
  Rules: SecurityGroupRuleRecord[];
  Tags: Tags;
}

export interface VpcEndpointRecord {
  VpcEndpointId: string;
  VpcEndpointType: 'Gateway' | 'Interface';
  VpcId: string;
  /** `com.amazonaws.us-east-1.s3` */
  ServiceName: string;
  State: 'Available' | 'Pending' | 'Deleting' | 'Deleted' | 'Failed';
  /** As written by the user. */
  PolicyDocument: string;
  RouteTableIds: string[];
  SubnetIds: string[];
  SecurityGroupIds: string[];
  NetworkInterfaceIds: string[];
  PrivateDnsEnabled: boolean;
  /** For S3's interface endpoints: inside the VPC the names still lead to the gateway endpoint. */
  PrivateDnsOnlyForInboundResolverEndpoint?: boolean;
  /** The random part of its DNS names. */
  DnsSuffix: string;
  CreationTimestamp: number;
  ClientToken?: string;
  Tags: Tags;
}

export interface NetworkInterfaceRecord {
  NetworkInterfaceId: string;
  SubnetId: string;
  VpcId: string;
  AvailabilityZone: string;
  PrivateIpAddress: string;
  Ipv6Address?: string;
  Groups: string[];
  InterfaceType: 'interface' | 'lambda' | 'nat_gateway' | 'vpc_endpoint';
  Description: string;
  /** Made by a service for itself; nobody else may delete it. */
  RequesterManaged: boolean;
  RequesterId?: string;
  MacAddress: string;
  SourceDestCheck: boolean;
  /** `in-use` when something holds it. */
  AttachmentId?: string;
  AttachTime?: number;
  Tags: Tags;
}

export const vpcs = defineTable<VpcRecord>('ec2.vpcs');
export const subnets = defineTable<SubnetRecord>('ec2.subnets');
export const routeTables = defineTable<RouteTableRecord>('ec2.route-tables');
export const internetGateways = defineTable<InternetGatewayRecord>('ec2.internet-gateways');
export const egressOnlyInternetGateways = defineTable<EgressOnlyInternetGatewayRecord>(
  'ec2.egress-only-internet-gateways',
);
export const natGateways = defineTable<NatGatewayRecord>('ec2.nat-gateways');
export const addresses = defineTable<AddressRecord>('ec2.addresses');
export const networkAcls = defineTable<NetworkAclRecord>('ec2.network-acls');
export const securityGroups = defineTable<SecurityGroupRecord>('ec2.security-groups');
export const vpcEndpoints = defineTable<VpcEndpointRecord>('ec2.vpc-endpoints');
export const networkInterfaces = defineTable<NetworkInterfaceRecord>('ec2.network-interfaces');
