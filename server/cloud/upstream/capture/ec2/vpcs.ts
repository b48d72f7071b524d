import {
  DescribeVpcAttributeCommand,
  EC2Client,
  type Subnet,
  type Vpc,
  type VpcAttributeName,
} from '@aws-sdk/client-ec2';
import { dhcpOptionsId } from '../../../services/ec2/places.ts';
import type { CidrAssociation, SubnetRecord, VpcRecord } from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import { tagsOf } from './stable.ts';

/** VPCs and subnets, each with its attributes and blocks. */

type Attributes = Pick<VpcRecord, 'EnableDnsSupport' | 'EnableDnsHostnames' | 'EnableNetworkAddressUsageMetrics'>;

export async function vpcRecord(source: Source, vpc: Vpc, was: VpcRecord | undefined): Promise<VpcRecord> {
  const attributes = await readAttributes(source, vpc.VpcId!, was);
  const blocks = vpc.CidrBlockAssociationSet?.filter(({ CidrBlockState }) => isThere(CidrBlockState?.State)).map(
    ({ AssociationId, CidrBlock }) => ({ AssociationId: AssociationId!, CidrBlock: CidrBlock! }),
  ) ?? [{ AssociationId: was?.CidrBlocks[0]?.AssociationId ?? '', CidrBlock: vpc.CidrBlock! }];
  // MiniStack has no operation for further blocks: those that the mirror got are in no state at all there.
  const listed = new Set(
    [...(vpc.CidrBlockAssociationSet ?? []), ...(vpc.Ipv6CidrBlockAssociationSet ?? [])].map(
      (each) => each.AssociationId,
    ),
  );
  const unlisted = (known: CidrAssociation[] | undefined) =>
    (known ?? []).filter(({ AssociationId, CidrBlock }) => !listed.has(AssociationId) && CidrBlock !== vpc.CidrBlock);
  const primary = blocks.filter(({ CidrBlock }) => CidrBlock === vpc.CidrBlock);
  return {
    VpcId: vpc.VpcId!,
    CidrBlocks: [...primary, ...blocks.filter((block) => !primary.includes(block)), ...unlisted(was?.CidrBlocks)],
    Ipv6CidrBlocks: [...ipv6Blocks(vpc.Ipv6CidrBlockAssociationSet), ...unlisted(was?.Ipv6CidrBlocks)],
    IsDefault: vpc.IsDefault ?? false,
    InstanceTenancy: vpc.InstanceTenancy ?? 'default',
    DhcpOptionsId: vpc.DhcpOptionsId?.startsWith('dopt-') ? vpc.DhcpOptionsId : dhcpOptionsId(source.scope),
    ...attributes,
    Tags: tagsOf(vpc.Tags),
  };
}

async function readAttributes(source: Source, VpcId: string, was: VpcRecord | undefined): Promise<Attributes> {
  const ec2 = source.client(EC2Client);
  const ask = (Attribute: VpcAttributeName) =>
    source.read(`${Attribute} of VPC ${VpcId}`, () => ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute })));
  const [support, hostnames, metrics] = await Promise.all([
    ask('enableDnsSupport'),
    ask('enableDnsHostnames'),
    ask('enableNetworkAddressUsageMetrics'),
  ]);
  return {
    EnableDnsSupport: support?.EnableDnsSupport?.Value ?? was?.EnableDnsSupport ?? true,
    EnableDnsHostnames: hostnames?.EnableDnsHostnames?.Value ?? was?.EnableDnsHostnames ?? false,
    EnableNetworkAddressUsageMetrics:
      metrics?.EnableNetworkAddressUsageMetrics?.Value ?? was?.EnableNetworkAddressUsageMetrics ?? false,
  };
}

/** @param vpc the subnet's, which moto's subnets need: it calls the first one of a zone the default */
export function subnetRecord(subnet: Subnet, vpc: Vpc | undefined, was: SubnetRecord | undefined): SubnetRecord {
  const names = subnet.PrivateDnsNameOptionsOnLaunch;
  const before = was?.PrivateDnsNameOptionsOnLaunch;
  return {
    SubnetId: subnet.SubnetId!,
    VpcId: subnet.VpcId!,
    CidrBlock: subnet.CidrBlock!,
    Ipv6CidrBlocks: subnet.Ipv6CidrBlockAssociationSet
      ? ipv6Blocks(subnet.Ipv6CidrBlockAssociationSet)
      : (was?.Ipv6CidrBlocks ?? []),
    AvailabilityZone: subnet.AvailabilityZone!,
    AvailabilityZoneId: subnet.AvailabilityZoneId ?? was?.AvailabilityZoneId ?? '',
    DefaultForAz: (vpc?.IsDefault && subnet.DefaultForAz) ?? false,
    MapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch ?? false,
    AssignIpv6AddressOnCreation: subnet.AssignIpv6AddressOnCreation ?? false,
    EnableDns64: subnet.EnableDns64 ?? was?.EnableDns64 ?? false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: names?.HostnameType ?? before?.HostnameType ?? 'ip-name',
      EnableResourceNameDnsARecord:
        names?.EnableResourceNameDnsARecord ?? before?.EnableResourceNameDnsARecord ?? false,
      EnableResourceNameDnsAAAARecord:
        names?.EnableResourceNameDnsAAAARecord ?? before?.EnableResourceNameDnsAAAARecord ?? false,
    },
    Tags: tagsOf(subnet.Tags),
  };
}

interface Ipv6Association {
  AssociationId?: string | undefined;
  Ipv6CidrBlock?: string | undefined;
  Ipv6CidrBlockState?: { State?: string | undefined } | undefined;
}

function ipv6Blocks(associations: readonly Ipv6Association[] | undefined): CidrAssociation[] {
  return (associations ?? [])
    .filter(({ Ipv6CidrBlockState }) => isThere(Ipv6CidrBlockState?.State))
    .map(({ AssociationId, Ipv6CidrBlock }) => ({ AssociationId: AssociationId!, CidrBlock: Ipv6CidrBlock! }));
}

/** LocalStack writes a subnet's state as `{'State': 'associated'}`. */
const isThere = (state: string | undefined): boolean => !/disassociat|fail/.test(state ?? '');
