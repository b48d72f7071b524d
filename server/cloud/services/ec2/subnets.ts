import type {
  AssociateSubnetCidrBlockCommandInput,
  AssociateSubnetCidrBlockCommandOutput,
  CreateSubnetCommandInput,
  CreateSubnetCommandOutput,
  DeleteSubnetCommandInput,
  DeleteSubnetCommandOutput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  DisassociateSubnetCidrBlockCommandInput,
  DisassociateSubnetCidrBlockCommandOutput,
  ModifySubnetAttributeCommandInput,
  ModifySubnetAttributeCommandOutput,
  Subnet,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { contains, overlaps, parseCidr } from '../../network/cidr.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource, refuseInputs } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import {
  dependencyViolation,
  type Ec2Context,
  ec2Arn,
  getResource,
  invalidParameter,
  kinds,
  missingParameter,
  newId,
} from './kinds.ts';
import { freeAddresses } from './make-interface.ts';
import { makeSubnet, readCidr } from './make-vpc.ts';
import { zonesOf } from './places.ts';
import {
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  type SubnetRecord,
  subnets,
  type VpcRecord,
} from './tables.ts';

const getSubnet = (ctx: Ec2Context, id: string): SubnetRecord => getResource(ctx, kinds.subnet, id);

function view(ctx: Ec2Context, subnet: SubnetRecord): Subnet {
  const { Tags, Ipv6CidrBlocks, ...plain } = subnet;
  return {
    ...plain,
    OwnerId: ctx.account,
    State: 'available',
    SubnetArn: ec2Arn(ctx, 'subnet', subnet.SubnetId),
    AvailableIpAddressCount: freeAddresses(ctx, subnet),
    Ipv6CidrBlockAssociationSet: Ipv6CidrBlocks.map(ipv6View),
    Ipv6Native: false,
    MapCustomerOwnedIpOnLaunch: false,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    Tags: tagList(Tags),
  };
}

const ipv6View = ({ AssociationId, CidrBlock }: SubnetRecord['Ipv6CidrBlocks'][number]) => ({
  AssociationId,
  Ipv6CidrBlock: CidrBlock,
  Ipv6CidrBlockState: { State: 'associated' as const },
  Ipv6AddressAttribute: 'public' as const,
  IpSource: 'amazon' as const,
});

export const CreateSubnet = ec2Operation<CreateSubnetCommandInput, CreateSubnetCommandOutput>({
  access: (ctx, input) => [
    ...onNew(ctx, 'CreateSubnet', 'subnet', input.TagSpecifications, { 'ec2:Vpc': ec2Arn(ctx, 'vpc', input.VpcId!) }),
    onResource(ctx, 'CreateSubnet', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
    refuseInputs(
      input,
      ['Ipv6Native', 'OutpostArn', 'Ipv4IpamPoolId', 'Ipv4NetmaskLength', 'Ipv6IpamPoolId', 'Ipv6NetmaskLength'],
      'ec2:CreateSubnet',
    );
    if (!input.CidrBlock) throw missingParameter('cidrBlock');
    const cidr = readCidr(input.CidrBlock, 'cidrBlock');
    checkBlock(ctx, vpc, cidr);
    const ipv6Cidr = input.Ipv6CidrBlock ? checkIpv6Block(ctx, vpc, input.Ipv6CidrBlock) : undefined;
    const tags = newTags(input.TagSpecifications, 'subnet');
    return { Subnet: view(ctx, makeSubnet(ctx, vpc, { cidr, ipv6Cidr, zone: wantedZone(ctx, input), tags })) };
  },
});

function wantedZone(ctx: Ec2Context, input: CreateSubnetCommandInput): string | undefined {
  const zones = zonesOf(ctx.region);
  const zone = zones.find(
    ({ ZoneName, ZoneId }) => ZoneName === input.AvailabilityZone || ZoneId === input.AvailabilityZoneId,
  );
  const wanted = input.AvailabilityZone ?? input.AvailabilityZoneId;
  if (wanted === undefined || zone) return zone?.ZoneName;
  const names = zones.map(({ ZoneName }) => ZoneName).join(', ');
  throw invalidParameter(
    `Value (${wanted}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${names}.`,
  );
}

function checkBlock(ctx: Ec2Context, vpc: VpcRecord, block: string): void {
  const cidr = parseCidr(block)!;
  const inside = vpc.CidrBlocks.some(({ CidrBlock }) => contains(parseCidr(CidrBlock)!, cidr));
  if (!inside || cidr.prefix < 16 || cidr.prefix > 28)
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${block}' is invalid.`);
  const conflict = ctx.state
    .list(subnets, ctx)
    .some(({ value }) => value.VpcId === vpc.VpcId && overlaps(parseCidr(value.CidrBlock)!, cidr));
  if (conflict) throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${block}' conflicts with another subnet`);
}

function checkIpv6Block(ctx: Ec2Context, vpc: VpcRecord, text: string): string {
  const block = readCidr(text, 'ipv6CidrBlock', 6);
  const cidr = parseCidr(block)!;
  const inside = vpc.Ipv6CidrBlocks.some(({ CidrBlock }) => contains(parseCidr(CidrBlock)!, cidr));
  if (!inside || cidr.prefix < 44 || cidr.prefix > 64)
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${block}' is invalid.`);
  const taken = ctx.state
    .list(subnets, ctx)
    .some(({ value }) => value.Ipv6CidrBlocks.some(({ CidrBlock }) => overlaps(parseCidr(CidrBlock)!, cidr)));
  if (taken) throw new AwsError('InvalidSubnet.Conflict', `The IPv6 CIDR '${block}' conflicts with another subnet`);
  return block;
}

const filters: Filters<SubnetRecord> = {
  'subnet-id': (subnet) => subnet.SubnetId,
  'subnet-arn': (subnet, ctx) => ec2Arn(ctx, 'subnet', subnet.SubnetId),
  'vpc-id': (subnet) => subnet.VpcId,
  'availability-zone': (subnet) => subnet.AvailabilityZone,
  availabilityZone: (subnet) => subnet.AvailabilityZone,
  'availability-zone-id': (subnet) => subnet.AvailabilityZoneId,
  availabilityZoneId: (subnet) => subnet.AvailabilityZoneId,
  'available-ip-address-count': (subnet, ctx) => freeAddresses(ctx, subnet),
  'cidr-block': (subnet) => subnet.CidrBlock,
  cidr: (subnet) => subnet.CidrBlock,
  cidrBlock: (subnet) => subnet.CidrBlock,
  'default-for-az': (subnet) => subnet.DefaultForAz,
  defaultForAz: (subnet) => subnet.DefaultForAz,
  'map-public-ip-on-launch': (subnet) => subnet.MapPublicIpOnLaunch,
  'enable-dns64': (subnet) => subnet.EnableDns64,
  'ipv6-native': () => false,
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) => subnet.Ipv6CidrBlocks.map(({ CidrBlock }) => CidrBlock),
  'ipv6-cidr-block-association.association-id': (subnet) =>
    subnet.Ipv6CidrBlocks.map(({ AssociationId }) => AssociationId),
  'ipv6-cidr-block-association.state': (subnet) => subnet.Ipv6CidrBlocks.map(() => 'associated'),
  state: () => 'available',
};

export const DescribeSubnets = ec2Operation<DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeSubnets'),
  run(ctx, input) {
    const asked = { ...input, ids: input.SubnetIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.subnet, filters, asked);
    return { Subnets: page.map((subnet) => view(ctx, subnet)), NextToken };
  },
});

export const ModifySubnetAttribute = ec2Operation<
  ModifySubnetAttributeCommandInput,
  ModifySubnetAttributeCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'ModifySubnetAttribute', kinds.subnet, input.SubnetId),
  run(ctx, input) {
    const subnet = getSubnet(ctx, input.SubnetId!);
    const { SubnetId, ...attributes } = input;
    const given = Object.values(attributes).filter((value) => value !== undefined).length;
    if (given === 0) throw missingParameter('attribute');
    if (given > 1)
      throw new AwsError('InvalidParameterCombination', 'Only one subnet attribute can be modified at a time.');
    if (input.AssignIpv6AddressOnCreation?.Value && subnet.Ipv6CidrBlocks.length === 0)
      throw invalidParameter(
        `Invalid value 'true' for assignIpv6AddressOnCreation. Subnet '${subnet.SubnetId}' does not have an associated IPv6 CIDR block`,
      );
    const names = subnet.PrivateDnsNameOptionsOnLaunch;
    ctx.state.put(subnets, ctx, subnet.SubnetId, {
      ...subnet,
      MapPublicIpOnLaunch: input.MapPublicIpOnLaunch?.Value ?? subnet.MapPublicIpOnLaunch,
      AssignIpv6AddressOnCreation: input.AssignIpv6AddressOnCreation?.Value ?? subnet.AssignIpv6AddressOnCreation,
      EnableDns64: input.EnableDns64?.Value ?? subnet.EnableDns64,
      PrivateDnsNameOptionsOnLaunch: {
        HostnameType: input.PrivateDnsHostnameTypeOnLaunch ?? names.HostnameType,
        EnableResourceNameDnsARecord:
          input.EnableResourceNameDnsARecordOnLaunch?.Value ?? names.EnableResourceNameDnsARecord,
        EnableResourceNameDnsAAAARecord:
          input.EnableResourceNameDnsAAAARecordOnLaunch?.Value ?? names.EnableResourceNameDnsAAAARecord,
      },
    });
    return {};
  },
});

export const AssociateSubnetCidrBlock = ec2Operation<
  AssociateSubnetCidrBlockCommandInput,
  AssociateSubnetCidrBlockCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'AssociateSubnetCidrBlock', kinds.subnet, input.SubnetId),
  run(ctx, input) {
    const subnet = getSubnet(ctx, input.SubnetId!);
    if (!input.Ipv6CidrBlock) throw missingParameter('ipv6CidrBlock');
    if (subnet.Ipv6CidrBlocks.length > 0)
      throw new AwsError(
        'SubnetAlreadyHasIpv6CidrBlock',
        `The subnet '${subnet.SubnetId}' already has an IPv6 CIDR block.`,
      );
    const vpc = getResource(ctx, kinds.vpc, subnet.VpcId);
    const association = {
      AssociationId: newId(ctx, 'subnet-cidr-assoc'),
      CidrBlock: checkIpv6Block(ctx, vpc, input.Ipv6CidrBlock),
    };
    ctx.state.put(subnets, ctx, subnet.SubnetId, { ...subnet, Ipv6CidrBlocks: [association] });
    return {
      SubnetId: subnet.SubnetId,
      Ipv6CidrBlockAssociation: { ...ipv6View(association), Ipv6CidrBlockState: { State: 'associating' } },
    };
  },
});

export const DisassociateSubnetCidrBlock = ec2Operation<
  DisassociateSubnetCidrBlockCommandInput,
  DisassociateSubnetCidrBlockCommandOutput
>({
  access: (ctx) => onResource(ctx, 'DisassociateSubnetCidrBlock', kinds.subnet, undefined),
  run(ctx, input) {
    const id = input.AssociationId!;
    const subnet = ctx.state
      .list(subnets, ctx)
      .find(({ value }) => value.Ipv6CidrBlocks.some(({ AssociationId }) => AssociationId === id))?.value;
    if (!subnet)
      throw new AwsError(
        'InvalidSubnetCidrBlockAssociationID.NotFound',
        `The subnet CIDR block with association ID ${id} does not exist`,
      );
    ctx.state.put(subnets, ctx, subnet.SubnetId, { ...subnet, Ipv6CidrBlocks: [] });
    return {
      SubnetId: subnet.SubnetId,
      Ipv6CidrBlockAssociation: {
        ...ipv6View(subnet.Ipv6CidrBlocks[0]!),
        Ipv6CidrBlockState: { State: 'disassociating' },
      },
    };
  },
});

export const DeleteSubnet = ec2Operation<DeleteSubnetCommandInput, DeleteSubnetCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteSubnet', kinds.subnet, input.SubnetId),
  run(ctx, input) {
    const { SubnetId } = getSubnet(ctx, input.SubnetId!);
    const used =
      ctx.state.list(networkInterfaces, ctx).some(({ value }) => value.SubnetId === SubnetId) ||
      ctx.state.list(natGateways, ctx).some(({ value }) => value.SubnetId === SubnetId && value.State === 'available');
    if (used) throw dependencyViolation(`The subnet '${SubnetId}' has dependencies and cannot be deleted.`);
    for (const { id, value } of ctx.state.list(routeTables, ctx)) {
      const Associations = value.Associations.filter((each) => each.SubnetId !== SubnetId);
      if (Associations.length < value.Associations.length)
        ctx.state.put(routeTables, ctx, id, { ...value, Associations });
    }
    for (const { id, value } of ctx.state.list(networkAcls, ctx)) {
      const Associations = value.Associations.filter((each) => each.SubnetId !== SubnetId);
      if (Associations.length < value.Associations.length)
        ctx.state.put(networkAcls, ctx, id, { ...value, Associations });
    }
    ctx.state.delete(subnets, ctx, SubnetId);
    return {};
  },
});

export const subnetOperations = {
  CreateSubnet,
  DescribeSubnets,
  ModifySubnetAttribute,
  AssociateSubnetCidrBlock,
  DisassociateSubnetCidrBlock,
  DeleteSubnet,
};
