import type {
  AssociateVpcCidrBlockCommandInput,
  AssociateVpcCidrBlockCommandOutput,
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
  DisassociateVpcCidrBlockCommandInput,
  DisassociateVpcCidrBlockCommandOutput,
  ModifyVpcAttributeCommandInput,
  ModifyVpcAttributeCommandOutput,
  Vpc,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { overlaps, parseCidr } from '../../network/cidr.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import {
  dependencyViolation,
  type Ec2Context,
  getResource,
  invalidParameter,
  kinds,
  missingParameter,
  newId,
} from './kinds.ts';
import { amazonIpv6Block, createDefaultVpc, localRoute, makeVpc, readCidr } from './make-vpc.ts';
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

function ipv6View(ctx: Ec2Context, vpc: VpcRecord): NonNullable<Vpc['Ipv6CidrBlockAssociationSet']> {
  return vpc.Ipv6CidrBlocks.map(({ AssociationId, CidrBlock }) => ({
    AssociationId,
    Ipv6CidrBlock: CidrBlock,
    Ipv6CidrBlockState: { State: 'associated' },
    NetworkBorderGroup: ctx.region,
    Ipv6Pool: 'Amazon',
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  }));
}

export const CreateVpc = ec2Operation<CreateVpcCommandInput, CreateVpcCommandOutput>({
  access: (ctx, input) => onNew(ctx, 'CreateVpc', 'vpc', input.TagSpecifications),
  run(ctx, input) {
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

function checkVpcSize(block: string): void {
  const { prefix } = parseCidr(block)!;
  if (prefix < 16 || prefix > 28) throw new AwsError('InvalidVpc.Range', `The CIDR '${block}' is invalid.`);
}

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

export const AssociateVpcCidrBlock = ec2Operation<
  AssociateVpcCidrBlockCommandInput,
  AssociateVpcCidrBlockCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'AssociateVpcCidrBlock', kinds.vpc, input.VpcId),
  run(ctx, input) {
    const vpc = getVpc(ctx, input.VpcId!);
    const AssociationId = newId(ctx, 'vpc-cidr-assoc');
    if (input.CidrBlock) {
      const CidrBlock = readCidr(input.CidrBlock, 'cidrBlock');
      checkVpcSize(CidrBlock);
      if (vpc.CidrBlocks.some((block) => overlaps(parseCidr(block.CidrBlock)!, parseCidr(CidrBlock)!)))
        throw new AwsError('InvalidVpc.Conflict', `The CIDR '${CidrBlock}' conflicts with another CIDR of the VPC.`);
      if (vpc.CidrBlocks.length >= 5)
        throw new AwsError(
          'CidrLimitExceeded',
          `This network '${vpc.VpcId}' has met its maximum number of allowed CIDRs: 5`,
        );
      putVpc(ctx, { ...vpc, CidrBlocks: [...vpc.CidrBlocks, { AssociationId, CidrBlock }] });
      return {
        VpcId: vpc.VpcId,
        CidrBlockAssociation: { AssociationId, CidrBlock, CidrBlockState: { State: 'associating' } },
      };
    }
    if (!input.AmazonProvidedIpv6CidrBlock) throw missingParameter('cidrBlock');
    if (vpc.Ipv6CidrBlocks.length > 0)
      throw new AwsError(
        'CidrLimitExceeded',
        `The network '${vpc.VpcId}' has met its maximum number of allowed IPv6 CIDRs: 1`,
      );
    const changed = { ...vpc, Ipv6CidrBlocks: [{ AssociationId, CidrBlock: amazonIpv6Block(ctx) }] };
    putVpc(ctx, changed);
    const [association] = ipv6View(ctx, changed);
    return {
      VpcId: vpc.VpcId,
      Ipv6CidrBlockAssociation: { ...association, Ipv6CidrBlockState: { State: 'associating' } },
    };
  },
});

/** Writes a VPC and its local routes, which follow its blocks. */
function putVpc(ctx: Ec2Context, vpc: VpcRecord): void {
  ctx.state.put(vpcs, ctx, vpc.VpcId, vpc);
  const local = [...vpc.CidrBlocks, ...vpc.Ipv6CidrBlocks].map(({ CidrBlock }) => localRoute(CidrBlock));
  for (const { id, value } of ctx.state.list(routeTables, ctx)) {
    if (value.VpcId !== vpc.VpcId) continue;
    const Routes = [...local, ...value.Routes.filter(({ Origin }) => Origin !== 'CreateRouteTable')];
    ctx.state.put(routeTables, ctx, id, { ...value, Routes });
  }
}

export const DisassociateVpcCidrBlock = ec2Operation<
  DisassociateVpcCidrBlockCommandInput,
  DisassociateVpcCidrBlockCommandOutput
>({
  access: (ctx) => onResource(ctx, 'DisassociateVpcCidrBlock', kinds.vpc, undefined),
  run(ctx, input) {
    const id = input.AssociationId!;
    const has = (block: { AssociationId: string }): boolean => block.AssociationId === id;
    const vpc = ctx.state
      .list(vpcs, ctx)
      .find(({ value }) => value.CidrBlocks.some(has) || value.Ipv6CidrBlocks.some(has))?.value;
    const block = vpc && [...vpc.CidrBlocks, ...vpc.Ipv6CidrBlocks].find(has);
    if (!vpc || !block)
      throw new AwsError(
        'InvalidVpcCidrBlockAssociationID.NotFound',
        `The vpc CIDR block association ID '${id}' does not exist`,
      );
    if (has(vpc.CidrBlocks[0]!))
      throw new AwsError(
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      );
    const used = ctx.state.list(subnets, ctx).some(({ value }) => {
      if (value.VpcId !== vpc.VpcId) return false;
      return [value.CidrBlock, ...value.Ipv6CidrBlocks.map(({ CidrBlock }) => CidrBlock)].some((cidr) =>
        overlaps(parseCidr(cidr)!, parseCidr(block.CidrBlock)!),
      );
    });
    if (used)
      throw dependencyViolation(`The vpc CIDR block with association ID ${id} has dependencies and cannot be deleted.`);
    putVpc(ctx, {
      ...vpc,
      CidrBlocks: vpc.CidrBlocks.filter((each) => !has(each)),
      Ipv6CidrBlocks: vpc.Ipv6CidrBlocks.filter((each) => !has(each)),
    });
    const gone = {
      AssociationId: id,
      CidrBlock: block.CidrBlock,
      CidrBlockState: { State: 'disassociating' as const },
    };
    if (!block.CidrBlock.includes(':')) return { VpcId: vpc.VpcId, CidrBlockAssociation: gone };
    return {
      VpcId: vpc.VpcId,
      Ipv6CidrBlockAssociation: {
        AssociationId: id,
        Ipv6CidrBlock: block.CidrBlock,
        Ipv6CidrBlockState: { State: 'disassociating' },
      },
    };
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
  AssociateVpcCidrBlock,
  DisassociateVpcCidrBlock,
  DeleteVpc,
};
