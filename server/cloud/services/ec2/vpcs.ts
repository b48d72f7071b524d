import type {
  CreateDefaultVpcCommandInput,
  CreateDefaultVpcCommandOutput,
  CreateVpcCommandInput,
  CreateVpcCommandOutput,
  DeleteVpcCommandInput,
  DeleteVpcCommandOutput,
  DescribeVpcAttributeCommandInput,
  DescribeVpcAttributeCommandOutput,
  DescribeVpcsCommandInput,
  DescribeVpcsCommandOutput,
  ModifyVpcAttributeCommandInput,
  ModifyVpcAttributeCommandOutput,
  Vpc,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource, refuseInputs } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import {
  dependencyViolation,
  type Ec2Context,
  getResource,
  invalidParameter,
  kinds,
  missingParameter,
} from './kinds.ts';
import { createDefaultVpc, makeVpc, readCidr } from './make-vpc.ts';
import {
  egressOnlyInternetGateways,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  type VpcRecord,
  vpcEndpoints,
  vpcs,
} from './tables.ts';
import { checkVpcSize, ipv6View } from './vpc-cidrs.ts';

const getVpc = (ctx: Ec2Context, id: string): VpcRecord => getResource(ctx, kinds.vpc, id);

/** The record as the API shows it. */
function view(ctx: Ec2Context, vpc: VpcRecord): Vpc {
  return {
    VpcId: vpc.VpcId,
    OwnerId: ctx.account,
    State: 'available',
    CidrBlock: vpc.CidrBlocks[0]!.CidrBlock,
    CidrBlockAssociationSet: vpc.CidrBlocks.map((block) => ({ ...block, CidrBlockState: { State: 'associated' } })),
    Ipv6CidrBlockAssociationSet: ipv6View(ctx, vpc),
    DhcpOptionsId: vpc.DhcpOptionsId,
    InstanceTenancy: vpc.InstanceTenancy,
    IsDefault: vpc.IsDefault,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    Tags: tagList(vpc.Tags),
  };
}

export const CreateVpc = ec2Operation<CreateVpcCommandInput, CreateVpcCommandOutput>({
  access: (ctx, input) => onNew(ctx, 'CreateVpc', 'vpc', input.TagSpecifications),
  run(ctx, input) {
    refuseInputs(
      input,
      ['Ipv6Pool', 'Ipv6CidrBlock', 'Ipv4IpamPoolId', 'Ipv4NetmaskLength', 'Ipv6IpamPoolId', 'Ipv6NetmaskLength'],
      'ec2:CreateVpc',
    );
    if (!input.CidrBlock) throw missingParameter('cidrBlock');
    const cidr = readCidr(input.CidrBlock, 'cidrBlock');
    checkVpcSize(cidr);
    const tags = newTags(input.TagSpecifications, 'vpc');
    if (ctx.state.list(vpcs, ctx).length >= 50)
      throw new AwsError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
    const ipv6 = input.AmazonProvidedIpv6CidrBlock ?? false;
    const vpc = makeVpc(ctx, { cidr, ipv6, tags, tenancy: input.InstanceTenancy ?? 'default' });
    return { Vpc: view(ctx, vpc) };
  },
});

export const CreateDefaultVpc = ec2Operation<CreateDefaultVpcCommandInput, CreateDefaultVpcCommandOutput>({
  access: (ctx) => onAll(ctx, 'CreateDefaultVpc'),
  run(ctx) {
    if (ctx.state.list(vpcs, ctx).some(({ value }) => value.IsDefault))
      throw new AwsError('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');
    return { Vpc: view(ctx, createDefaultVpc(ctx)) };
  },
});

const filters: Filters<VpcRecord> = {
  'vpc-id': (vpc) => vpc.VpcId,
  cidr: (vpc) => vpc.CidrBlocks[0]!.CidrBlock,
  'cidr-block-association.cidr-block': (vpc) => vpc.CidrBlocks.map(({ CidrBlock }) => CidrBlock),
  'cidr-block-association.association-id': (vpc) => vpc.CidrBlocks.map(({ AssociationId }) => AssociationId),
  'cidr-block-association.state': () => 'associated',
  'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) => vpc.Ipv6CidrBlocks.map(({ CidrBlock }) => CidrBlock),
  'ipv6-cidr-block-association.association-id': (vpc) => vpc.Ipv6CidrBlocks.map(({ AssociationId }) => AssociationId),
  'ipv6-cidr-block-association.state': (vpc) => vpc.Ipv6CidrBlocks.map(() => 'associated'),
  'dhcp-options-id': (vpc) => vpc.DhcpOptionsId,
  'is-default': (vpc) => vpc.IsDefault,
  isDefault: (vpc) => vpc.IsDefault,
  state: () => 'available',
};

export const DescribeVpcs = ec2Operation<DescribeVpcsCommandInput, DescribeVpcsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeVpcs'),
  run(ctx, input) {
    const { page, NextToken } = describeResources(ctx, kinds.vpc, filters, {
      ...input,
      ids: input.VpcIds,
      filters: input.Filters,
    });
    return { Vpcs: page.map((vpc) => view(ctx, vpc)), NextToken };
  },
});

export const DescribeVpcAttribute = ec2Operation<DescribeVpcAttributeCommandInput, DescribeVpcAttributeCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DescribeVpcAttribute', kinds.vpc, input.VpcId),
  run(ctx, input) {
    const vpc = getVpc(ctx, input.VpcId!);
    if (input.Attribute === 'enableDnsSupport')
      return { VpcId: vpc.VpcId, EnableDnsSupport: { Value: vpc.EnableDnsSupport } };
    if (input.Attribute === 'enableDnsHostnames')
      return { VpcId: vpc.VpcId, EnableDnsHostnames: { Value: vpc.EnableDnsHostnames } };
    if (input.Attribute === 'enableNetworkAddressUsageMetrics')
      return { VpcId: vpc.VpcId, EnableNetworkAddressUsageMetrics: { Value: vpc.EnableNetworkAddressUsageMetrics } };
    throw invalidParameter(`Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`);
  },
});

export const ModifyVpcAttribute = ec2Operation<ModifyVpcAttributeCommandInput, ModifyVpcAttributeCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'ModifyVpcAttribute', kinds.vpc, input.VpcId),
  run(ctx, input) {
    const vpc = getVpc(ctx, input.VpcId!);
    const wanted = [input.EnableDnsSupport, input.EnableDnsHostnames, input.EnableNetworkAddressUsageMetrics];
    const given = wanted.filter((attribute) => attribute !== undefined);
    if (given.length === 0) throw missingParameter('attribute');
    if (given.length > 1)
      throw new AwsError('InvalidParameterCombination', 'Fields for multiple attribute types specified.');
    ctx.state.put(vpcs, ctx, vpc.VpcId, {
      ...vpc,
      EnableDnsSupport: input.EnableDnsSupport?.Value ?? vpc.EnableDnsSupport,
      EnableDnsHostnames: input.EnableDnsHostnames?.Value ?? vpc.EnableDnsHostnames,
      EnableNetworkAddressUsageMetrics:
        input.EnableNetworkAddressUsageMetrics?.Value ?? vpc.EnableNetworkAddressUsageMetrics,
    });
    return {};
  },
});

export const DeleteVpc = ec2Operation<DeleteVpcCommandInput, DeleteVpcCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteVpc', kinds.vpc, input.VpcId),
  run(ctx, input) {
    const { VpcId } = getVpc(ctx, input.VpcId!);
    const tables = ctx.state.list(routeTables, ctx).filter(({ value }) => value.VpcId === VpcId);
    const acls = ctx.state.list(networkAcls, ctx).filter(({ value }) => value.VpcId === VpcId);
    const groups = ctx.state.list(securityGroups, ctx).filter(({ value }) => value.VpcId === VpcId);
    const used =
      [subnets, internetGateways, networkInterfaces, vpcEndpoints, egressOnlyInternetGateways].some((table) =>
        ctx.state.list<{ VpcId?: string }>(table, ctx).some(({ value }) => value.VpcId === VpcId),
      ) ||
      ctx.state.list(natGateways, ctx).some(({ value }) => value.VpcId === VpcId && value.State === 'available') ||
      tables.some(({ value }) => !value.Associations.some(({ Main }) => Main)) ||
      acls.some(({ value }) => !value.IsDefault) ||
      groups.some(({ value }) => value.GroupName !== 'default');
    if (used) throw dependencyViolation(`The vpc '${VpcId}' has dependencies and cannot be deleted.`);
    for (const { id } of tables) ctx.state.delete(routeTables, ctx, id);
    for (const { id } of acls) ctx.state.delete(networkAcls, ctx, id);
    for (const { id } of groups) ctx.state.delete(securityGroups, ctx, id);
    ctx.state.delete(vpcs, ctx, VpcId);
    return {};
  },
});

export const vpcOperations = {
  CreateVpc,
  CreateDefaultVpc,
  DescribeVpcs,
  DescribeVpcAttribute,
  ModifyVpcAttribute,
  DeleteVpc,
};
