import type {
  AssociateVpcCidrBlockCommandInput,
  AssociateVpcCidrBlockCommandOutput,
  DisassociateVpcCidrBlockCommandInput,
  DisassociateVpcCidrBlockCommandOutput,
  Vpc,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { overlaps, parseCidr } from '../../network/cidr.ts';
import { ec2Operation, onResource } from './access.ts';
import { dependencyViolation, type Ec2Context, getResource, kinds, missingParameter, newId } from './kinds.ts';
import { amazonIpv6Block, localRoute, readCidr } from './make-vpc.ts';
import { networkAcls, routeTables, securityGroups, subnets, type VpcRecord, vpcs } from './tables.ts';

/** The address blocks of a VPC. */

export function ipv6View(ctx: Ec2Context, vpc: VpcRecord): NonNullable<Vpc['Ipv6CidrBlockAssociationSet']> {
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

/** Blocks of VPCs are /16 to /28. */
export function checkVpcSize(block: string): void {
  const { prefix } = parseCidr(block)!;
  if (prefix < 16 || prefix > 28) throw new AwsError('InvalidVpc.Range', `The CIDR '${block}' is invalid.`);
}

export const AssociateVpcCidrBlock = ec2Operation<
  AssociateVpcCidrBlockCommandInput,
  AssociateVpcCidrBlockCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'AssociateVpcCidrBlock', kinds.vpc, input.VpcId),
  run(ctx, input) {
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
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
    letIpv6Pass(ctx, vpc.VpcId);
    const [association] = ipv6View(ctx, changed);
    return {
      VpcId: vpc.VpcId,
      Ipv6CidrBlockAssociation: { ...association, Ipv6CidrBlockState: { State: 'associating' } },
    };
  },
});

/**
 * What lets all of IPv4 pass lets all of IPv6 pass too when a VPC gets its block, unless somebody has changed the rules:
 * the default network ACL, in each direction, and the way out of security groups.
 * Sources: https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html,
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-migrate-ipv6-add.html
 */
function letIpv6Pass(ctx: Ec2Context, vpcId: string): void {
  for (const { id, value } of ctx.state.list(networkAcls, ctx)) {
    if (value.VpcId !== vpcId || !value.IsDefault) continue;
    const added = [false, true].flatMap((Egress) => {
      const [entry, ...others] = value.Entries.filter((each) => each.Egress === Egress);
      const untouched = others.length === 0 && entry?.RuleNumber === 100 && entry.RuleAction === 'allow';
      if (!untouched || entry.Protocol !== '-1' || entry.CidrBlock !== '0.0.0.0/0') return [];
      return [{ RuleNumber: 101, Protocol: '-1', RuleAction: 'allow' as const, Egress, Ipv6CidrBlock: '::/0' }];
    });
    ctx.state.put(networkAcls, ctx, id, { ...value, Entries: [...value.Entries, ...added] });
  }
  for (const { id, value } of ctx.state.list(securityGroups, ctx)) {
    const [rule, ...others] = value.Rules.filter(({ IsEgress }) => IsEgress);
    if (value.VpcId !== vpcId || !rule || others.length > 0) continue;
    if (rule.IpProtocol !== '-1' || rule.CidrIpv4 !== '0.0.0.0/0') continue;
    const { CidrIpv4, Description, ...same } = rule;
    const added = { ...same, SecurityGroupRuleId: newId(ctx, 'sgr'), CidrIpv6: '::/0', Tags: {} };
    ctx.state.put(securityGroups, ctx, id, { ...value, Rules: [...value.Rules, added] });
  }
}

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

export const vpcCidrOperations = { AssociateVpcCidrBlock, DisassociateVpcCidrBlock };
