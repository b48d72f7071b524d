import type { CallContext } from '../../context.ts';
import { securityGroups, subnets } from '../ec2/tables.ts';
import { denied, invalidParameter } from './errors.ts';
import type { VpcRecord } from './records.ts';
import { roleMay } from './role-rights.ts';

interface VpcInput {
  SubnetIds?: string[] | undefined;
  SecurityGroupIds?: string[] | undefined;
  Ipv6AllowedForDualStack?: boolean | undefined;
}

/**
 * Connects a function to a VPC: subnets and groups must be there, the caller must be able to look at them, the role to
 * make network interfaces. Empty lists disconnect it (undefined).
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function useVpc(
  ctx: CallContext,
  roleArn: string,
  functionName: string,
  input: VpcInput,
): VpcRecord | undefined {
  const subnetIds = [...new Set(input.SubnetIds ?? [])];
  const securityGroupIds = [...new Set(input.SecurityGroupIds ?? [])];
  if (subnetIds.length === 0 && securityGroupIds.length === 0) return undefined;
  if (subnetIds.length === 0 || securityGroupIds.length === 0)
    throw invalidParameter('SubnetIds and SecurityIds must coexist or be both empty list.');
  if (subnetIds.length > 16) throw invalidParameter('Cannot reference more than 16 subnets.');
  if (securityGroupIds.length > 5) throw invalidParameter('Cannot reference more than 5 security groups.');
  for (const [action, what] of [
    ['DescribeSubnets', subnetIds[0]],
    ['DescribeSecurityGroups', securityGroupIds[0]],
  ])
    if (!ctx.allows({ action: `ec2:${action}`, resource: '*' }))
      throw denied(
        `Your access has been denied by EC2, please make sure your request credentials have permission to ${action} for ${what}. EC2 Error Code: UnauthorizedOperation. EC2 Error Message: You are not authorized to perform this operation.`,
      );
  const vpcIds = new Set<string>();
  for (const id of subnetIds) {
    const subnet = ctx.state.get(subnets, ctx, id);
    if (!subnet)
      throw invalidParameter(
        `Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '${id}' does not exist`,
      );
    vpcIds.add(subnet.VpcId);
  }
  if (vpcIds.size > 1) throw invalidParameter('Subnets must belong to the same VPC.');
  for (const id of securityGroupIds) {
    const group = ctx.state.get(securityGroups, ctx, id);
    if (!group)
      throw invalidParameter(
        `Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '${id}' does not exist`,
      );
    vpcIds.add(group.VpcId);
  }
  if (vpcIds.size > 1) throw invalidParameter('Security groups and subnets must belong to the same VPC.');
  const arn = (kind: string): string => `arn:aws:ec2:${ctx.region}:${ctx.account}:${kind}`;
  const places = [
    arn('network-interface/*'),
    ...subnetIds.map((id) => arn(`subnet/${id}`)),
    ...securityGroupIds.map((id) => arn(`security-group/${id}`)),
  ];
  const needed: [string, string[]][] = [
    ['CreateNetworkInterface', places],
    ['DescribeNetworkInterfaces', ['*']],
    ['DeleteNetworkInterface', [arn('network-interface/*')]],
  ];
  for (const [action, resources] of needed)
    if (
      !roleMay(
        ctx,
        roleArn,
        functionName,
        resources.map((resource) => ({ action: `ec2:${action}`, resource })),
      )
    )
      throw invalidParameter(`The provided execution role does not have permissions to call ${action} on EC2`);
  return { vpcId: [...vpcIds][0]!, subnetIds, securityGroupIds, ipv6: input.Ipv6AllowedForDualStack ?? false };
}

/** Condition keys of a VpcConfig in CreateFunction and UpdateFunctionConfiguration. */
export function vpcContext(ctx: CallContext, input: VpcInput | undefined): Record<string, string | string[]> {
  if (!input?.SubnetIds?.length) return {};
  const vpcId = ctx.state.get(subnets, ctx, input.SubnetIds[0]!)?.VpcId;
  return {
    'lambda:SubnetIds': input.SubnetIds,
    ...(input.SecurityGroupIds?.length ? { 'lambda:SecurityGroupIds': input.SecurityGroupIds } : {}),
    ...(vpcId ? { 'lambda:VpcIds': vpcId } : {}),
  };
}
