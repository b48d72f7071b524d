import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  type CreateSecurityGroupCommandOutput,
  type CreateSubnetCommandOutput,
  type CreateVpcCommandOutput,
  type CreateVpcEndpointCommandInput,
  type DeleteNatGatewayCommandOutput,
  type DeleteVpcEndpointsCommandInput,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  DisassociateAddressCommand,
  EC2Client,
  type IpPermission,
  ModifySubnetAttributeCommand,
  type ModifyVpcEndpointCommandInput,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { DEFAULT_POLICY } from '../../../services/ec2/endpoint-parts.ts';
import { findEndpointService } from '../../../services/ec2/endpoint-services.ts';
import { natGateways, securityGroups, vpcEndpoints } from '../../../services/ec2/tables.ts';
import type { StateReader } from '../../../state/account-state.ts';
import type { Scope } from '../../../state/table.ts';
import type { Source } from '../../types.ts';
import { leaveRouteTables } from './remove.ts';

/**
 * What AWS does by itself with a call and emulators forget: said out before the call, or done after it. Each is done in
 * the endpoint, so that learners find there what they would find in AWS and can change it.
 */

/**
 * Calls that make things which their answer does not name (a VPC's main route table, a subnet's association with an ACL,
 * a group's first rule): only a capture knows their ids, and the next call may be about them.
 */
export const makesUnnamed: ReadonlySet<string> = new Set([
  'CreateVpc',
  'CreateDefaultVpc',
  'CreateSubnet',
  'CreateSecurityGroup',
  'AssociateVpcCidrBlock',
]);

/** Whether a call is about a regional NAT gateway, which no emulator has: such a one lives in the mirror alone. */
export function isRegional(operation: string, input: object, state: StateReader, scope: Scope): boolean {
  if (!operation.endsWith('NatGateway') && !operation.endsWith('NatGatewayAddress')) return false;
  const { AvailabilityMode, NatGatewayId } = input as { AvailabilityMode?: string; NatGatewayId?: string };
  const known = state.get(natGateways, scope, NatGatewayId ?? '');
  return (known?.AvailabilityMode ?? AvailabilityMode) === 'regional';
}

/** An input with AWS's defaults written out, where emulators have other ones. */
export function saidOut(operation: string, input: object, state: StateReader, scope: Scope): object {
  if (operation === 'CreateVpcEndpoint') return endpointSaidOut(input as CreateVpcEndpointCommandInput, state, scope);
  // LocalStack takes no notice of a reset.
  if (operation === 'ModifyVpcEndpoint' && (input as ModifyVpcEndpointCommandInput).ResetPolicy)
    return { ...input, ResetPolicy: undefined, PolicyDocument: DEFAULT_POLICY };
  if (!/^(?:Authorize|Revoke|UpdateSecurityGroupRuleDescriptions)/.test(operation)) return input;
  const { IpPermissions } = input as { IpPermissions?: IpPermission[] };
  if (!IpPermissions) return input;
  return { ...input, IpPermissions: IpPermissions.map(withPorts) };
}

/** LocalStack cannot delete an endpoint without a type, gives S3's private DNS, and leaves the default group out. */
function endpointSaidOut(
  input: CreateVpcEndpointCommandInput,
  state: StateReader,
  scope: Scope,
): CreateVpcEndpointCommandInput {
  if (input.VpcEndpointType !== 'Interface') return { ...input, VpcEndpointType: input.VpcEndpointType ?? 'Gateway' };
  const service = findEndpointService(scope.region, input.ServiceName ?? '');
  const own = state
    .list(securityGroups, scope)
    .find(({ value }) => value.VpcId === input.VpcId && value.GroupName === 'default');
  return {
    ...input,
    PrivateDnsEnabled: input.PrivateDnsEnabled ?? service?.privateDnsByDefault ?? true,
    ...(input.SecurityGroupIds?.length || !own ? {} : { SecurityGroupIds: [own.id] }),
  };
}

/** moto fails at a protocol that has no ports. */
function withPorts(permission: IpPermission): IpPermission {
  const number = /^\d+$/.test(permission.IpProtocol ?? '') && !['6', '17'].includes(permission.IpProtocol!);
  return number ? { ...permission, FromPort: permission.FromPort ?? -1, ToPort: permission.ToPort ?? -1 } : permission;
}

/** Does before a call what it needs in the endpoint and not in AWS. */
export async function prepared(source: Source, operation: string, input: object, state: StateReader): Promise<void> {
  if (operation !== 'DeleteVpcEndpoints') return;
  for (const id of (input as DeleteVpcEndpointsCommandInput).VpcEndpointIds ?? [])
    await leaveRouteTables(source, id, state.get(vpcEndpoints, source.scope, id)?.RouteTableIds);
}

/** Does after a call what AWS would have done with it. What fails is not reported: then it was there already. */
export async function completed(source: Source, operation: string, input: object, output: object): Promise<void> {
  const ec2 = source.client(EC2Client);
  if (operation === 'CreateVpc' || operation === 'CreateDefaultVpc') {
    const { Vpc } = output as CreateVpcCommandOutput;
    await letMembersIn(source, ec2, Vpc!.VpcId!);
    if ((input as { AmazonProvidedIpv6CidrBlock?: boolean }).AmazonProvidedIpv6CidrBlock)
      await letIpv6Pass(source, ec2, Vpc!.VpcId!);
  }
  if (operation === 'AssociateVpcCidrBlock') {
    const { VpcId, AmazonProvidedIpv6CidrBlock } = input as { VpcId: string; AmazonProvidedIpv6CidrBlock?: boolean };
    if (AmazonProvidedIpv6CidrBlock) await letIpv6Pass(source, ec2, VpcId);
  }
  if (operation === 'CreateSecurityGroup') {
    const [group] = await groupsOf(source, ec2, 'group-id', (output as CreateSecurityGroupCommandOutput).GroupId!);
    if (group && (await hasIpv6(source, ec2, group.VpcId!))) await letGroupOut(source, ec2, group);
  }
  if (operation === 'CreateSubnet') {
    // moto takes the first subnet of a zone for a default one.
    const { SubnetId, DefaultForAz, MapPublicIpOnLaunch } = (output as CreateSubnetCommandOutput).Subnet!;
    if (DefaultForAz && MapPublicIpOnLaunch)
      await source.attempt('public addresses', () =>
        ec2.send(new ModifySubnetAttributeCommand({ SubnetId: SubnetId!, MapPublicIpOnLaunch: { Value: false } })),
      );
  }
  if (operation === 'DeleteNatGateway') await freeAddresses(source, ec2, output as DeleteNatGatewayCommandOutput);
}

async function groupsOf(source: Source, ec2: EC2Client, Name: string, value: string): Promise<SecurityGroup[]> {
  const answer = await source.read('security groups', () =>
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [value] }] })),
  );
  return answer?.SecurityGroups ?? [];
}

async function hasIpv6(source: Source, ec2: EC2Client, VpcId: string): Promise<boolean> {
  const answer = await source.read('a VPC', () => ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })));
  return (answer?.Vpcs?.[0]?.Ipv6CidrBlockAssociationSet ?? []).length > 0;
}

/** The default group lets its own members in. */
async function letMembersIn(source: Source, ec2: EC2Client, vpcId: string): Promise<void> {
  const group = (await groupsOf(source, ec2, 'vpc-id', vpcId)).find(({ GroupName }) => GroupName === 'default');
  if (!group || (group.IpPermissions ?? []).length > 0) return;
  const GroupId = group.GroupId!;
  const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }];
  await source.attempt('the rule of a default group', () =>
    ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
  );
}

/** What lets all of IPv4 pass lets all of IPv6 pass too: the default ACL and the way out of groups, if nobody changed them. */
async function letIpv6Pass(source: Source, ec2: EC2Client, vpcId: string): Promise<void> {
  const answer = await source.read('network ACLs', () =>
    ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })),
  );
  const acl = answer?.NetworkAcls?.find(({ IsDefault, VpcId }) => IsDefault && VpcId === vpcId);
  for (const Egress of [false, true]) {
    const [entry, ...others] = (acl?.Entries ?? []).filter(
      (each) => each.Egress === Egress && each.RuleNumber! < 32_767,
    );
    const untouched = entry && others.length === 0 && entry.RuleNumber === 100 && entry.RuleAction === 'allow';
    if (!untouched || entry.Protocol !== '-1' || entry.CidrBlock !== '0.0.0.0/0') continue;
    const rule = { RuleNumber: 101, Protocol: '-1', RuleAction: 'allow' as const, Egress, Ipv6CidrBlock: '::/0' };
    await source.attempt('IPv6 in the default ACL', () =>
      ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: acl!.NetworkAclId!, ...rule })),
    );
  }
  for (const group of await groupsOf(source, ec2, 'vpc-id', vpcId)) await letGroupOut(source, ec2, group);
}

/** A group whose only way out is all of IPv4 gets all of IPv6 too. */
async function letGroupOut(source: Source, ec2: EC2Client, group: SecurityGroup): Promise<void> {
  const [permission, ...others] = group.IpPermissionsEgress ?? [];
  if (!permission || others.length > 0 || permission.IpProtocol !== '-1') return;
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  if (IpRanges.length !== 1 || IpRanges[0]!.CidrIp !== '0.0.0.0/0') return;
  if (Ipv6Ranges.length + PrefixListIds.length + UserIdGroupPairs.length > 0) return;
  const IpPermissions = [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];
  await source.attempt('the way out of a group', () =>
    ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group.GroupId!, IpPermissions })),
  );
}

/** moto never lets go of a gateway's addresses, and nobody could release them. */
async function freeAddresses(source: Source, ec2: EC2Client, output: DeleteNatGatewayCommandOutput): Promise<void> {
  const answer = await source.read('a NAT gateway', () =>
    ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [output.NatGatewayId!] })),
  );
  for (const { AssociationId } of answer?.NatGateways?.[0]?.NatGatewayAddresses ?? [])
    if (AssociationId)
      await source.attempt('the address of a gateway that is gone', () =>
        ec2.send(new DisassociateAddressCommand({ AssociationId })),
      );
}
