import type {
  CreateDBSubnetGroupCommandInput,
  CreateDBSubnetGroupCommandOutput,
  DBSubnetGroup,
  DeleteDBSubnetGroupCommandInput,
  DeleteDBSubnetGroupCommandOutput,
  DescribeDBSubnetGroupsCommandInput,
  DescribeDBSubnetGroupsCommandOutput,
  ModifyDBSubnetGroupCommandInput,
  ModifyDBSubnetGroupCommandOutput,
} from '@aws-sdk/client-rds';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { tagsFrom } from '../../tags.ts';
import { findSubnet } from '../ec2/find.ts';
import { subnets, vpcs } from '../ec2/tables.ts';
import { rdsAccess } from './access.ts';
import { invalidValue } from './errors.ts';
import { pageOfRecords } from './pages.ts';
import { clusters, rdsArn, type SubnetGroupRecord, subnetGroups } from './tables.ts';

export function getSubnetGroup(ctx: CallContext, name: string): SubnetGroupRecord {
  const found = ctx.state.get(subnetGroups, ctx, name.toLowerCase());
  if (!found) throw new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, 404);
  return found;
}

/** The group of the default VPC, which RDS makes when a cluster names none. */
export function defaultSubnetGroup(ctx: CallContext): SubnetGroupRecord {
  const existing = ctx.state.get(subnetGroups, ctx, 'default');
  if (existing) return existing;
  const vpc = ctx.state.list(vpcs, ctx).find(({ value }) => value.IsDefault)?.value;
  const subnetIds = ctx.state
    .list(subnets, ctx)
    .flatMap(({ id, value }) => (vpc && value.VpcId === vpc.VpcId ? [id] : []));
  if (!vpc || subnetIds.length === 0)
    throw new AwsError(
      'InvalidSubnet',
      'No default subnet detected in VPC. Please contact AWS Support to recreate the default Subnets.',
    );
  const group: SubnetGroupRecord = { name: 'default', description: 'default', vpcId: vpc.VpcId, subnetIds, tags: {} };
  ctx.state.put(subnetGroups, ctx, 'default', group);
  return group;
}

export function subnetGroupView(ctx: CallContext, group: SubnetGroupRecord): DBSubnetGroup {
  return {
    DBSubnetGroupName: group.name,
    DBSubnetGroupDescription: group.description,
    VpcId: group.vpcId,
    SubnetGroupStatus: 'Complete',
    Subnets: group.subnetIds.map((SubnetIdentifier) => ({
      SubnetIdentifier,
      SubnetAvailabilityZone: { Name: findSubnet(ctx.state, ctx, SubnetIdentifier)?.AvailabilityZone },
      SubnetStatus: 'Active',
    })),
    DBSubnetGroupArn: rdsArn(ctx, 'subgrp', group.name),
    SupportedNetworkTypes: ['IPV4'],
  };
}

/** Subnets must be of one VPC and in two zones at least. */
function checkSubnets(ctx: CallContext, ids: readonly string[]): string {
  const found = ids.map((id) => {
    const subnet = findSubnet(ctx.state, ctx, id);
    if (!subnet) throw new AwsError('InvalidSubnet', `Some input subnets in :[${id}] are invalid.`);
    return subnet;
  });
  const zones = [...new Set(found.map(({ AvailabilityZone }) => AvailabilityZone))];
  if (zones.length < 2)
    throw new AwsError(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${zones.join(', ')}. Add subnets to cover at least 2 AZs.`,
    );
  if (new Set(found.map(({ VpcId }) => VpcId)).size > 1)
    throw new AwsError('InvalidSubnet', 'The DB subnet group must be in the same VPC.');
  return found[0]!.VpcId;
}

export const CreateDBSubnetGroup = operation<CreateDBSubnetGroupCommandInput, CreateDBSubnetGroupCommandOutput>({
  access: (ctx, input) =>
    rdsAccess(ctx, 'CreateDBSubnetGroup', 'subgrp', input.DBSubnetGroupName, { given: tagsFrom(input.Tags) }),
  run(ctx, input) {
    const name = input.DBSubnetGroupName!.toLowerCase();
    if (!/^[a-z0-9][a-z0-9._ -]{0,254}$/.test(name) || name === 'default')
      throw invalidValue(`The parameter DBSubnetGroupName is not a valid identifier.`);
    if (ctx.state.get(subnetGroups, ctx, name))
      throw new AwsError('DBSubnetGroupAlreadyExists', `The DB subnet group '${name}' already exists.`);
    const subnetIds = [...new Set(input.SubnetIds ?? [])];
    const vpcId = checkSubnets(ctx, subnetIds);
    const group = { name, description: input.DBSubnetGroupDescription!, vpcId, subnetIds, tags: tagsFrom(input.Tags) };
    ctx.state.put(subnetGroups, ctx, name, group);
    return { DBSubnetGroup: subnetGroupView(ctx, group) };
  },
});

export const DescribeDBSubnetGroups = operation<
  DescribeDBSubnetGroupsCommandInput,
  DescribeDBSubnetGroupsCommandOutput
>({
  access: (ctx, input) => rdsAccess(ctx, 'DescribeDBSubnetGroups', 'subgrp', input.DBSubnetGroupName),
  run(ctx, input) {
    if (input.DBSubnetGroupName)
      return { DBSubnetGroups: [subnetGroupView(ctx, getSubnetGroup(ctx, input.DBSubnetGroupName))] };
    const { page, Marker } = pageOfRecords(ctx.state.list(subnetGroups, ctx), input);
    return { DBSubnetGroups: page.map((group) => subnetGroupView(ctx, group)), Marker };
  },
});

export const ModifyDBSubnetGroup = operation<ModifyDBSubnetGroupCommandInput, ModifyDBSubnetGroupCommandOutput>({
  access: (ctx, input) => rdsAccess(ctx, 'ModifyDBSubnetGroup', 'subgrp', input.DBSubnetGroupName),
  run(ctx, input) {
    const group = getSubnetGroup(ctx, input.DBSubnetGroupName!);
    const subnetIds = [...new Set(input.SubnetIds ?? [])];
    if (checkSubnets(ctx, subnetIds) !== group.vpcId)
      throw new AwsError('InvalidSubnet', 'The new Subnets are not in the same Vpc as the existing subnet group');
    const changed = { ...group, subnetIds, description: input.DBSubnetGroupDescription ?? group.description };
    ctx.state.put(subnetGroups, ctx, group.name, changed);
    return { DBSubnetGroup: subnetGroupView(ctx, changed) };
  },
});

export const DeleteDBSubnetGroup = operation<DeleteDBSubnetGroupCommandInput, DeleteDBSubnetGroupCommandOutput>({
  access: (ctx, input) => rdsAccess(ctx, 'DeleteDBSubnetGroup', 'subgrp', input.DBSubnetGroupName),
  run(ctx, input) {
    const { name } = getSubnetGroup(ctx, input.DBSubnetGroupName!);
    const user = ctx.state.list(clusters, ctx).find(({ value }) => value.subnetGroup === name);
    if (user)
      throw new AwsError(
        'InvalidDBSubnetGroupStateFault',
        `Cannot delete the subnet group '${name}' because at least one database cluster: ${user.id} is still using it.`,
      );
    ctx.state.delete(subnetGroups, ctx, name);
    return {};
  },
});

export const subnetGroupOperations = {
  CreateDBSubnetGroup,
  DescribeDBSubnetGroups,
  ModifyDBSubnetGroup,
  DeleteDBSubnetGroup,
};
