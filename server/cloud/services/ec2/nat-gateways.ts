import type {
  CreateNatGatewayCommandInput,
  CreateNatGatewayCommandOutput,
  DeleteNatGatewayCommandInput,
  DeleteNatGatewayCommandOutput,
  DescribeNatGatewaysCommandInput,
  DescribeNatGatewaysCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';

import { type Filters, filterRecords, pageOf } from './describe.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, newId } from './kinds.ts';
import { makeRouteTable } from './make-vpc.ts';
import {
  automaticAddresses,
  interfaceOf,
  manualAddresses,
  missing,
  natView,
  publicAddress,
  releaseAddress,
} from './nat-addresses.ts';
import { internetGateways, type NatGatewayRecord, natGateways, routeTables } from './tables.ts';

/** How long AWS still shows a gateway that is gone. */
const SHOWN_AFTER_DELETION = 3_600_000;

export const CreateNatGateway = ec2Operation<CreateNatGatewayCommandInput, CreateNatGatewayCommandOutput>({
  access: (ctx, input) => [
    ...onNew(ctx, 'CreateNatGateway', 'natgateway', input.TagSpecifications),
    ...(input.SubnetId ? [onResource(ctx, 'CreateNatGateway', kinds.subnet, input.SubnetId)] : []),
    ...(input.VpcId ? [onResource(ctx, 'CreateNatGateway', kinds.vpc, input.VpcId)] : []),
    ...(input.AllocationId ? [onResource(ctx, 'CreateNatGateway', kinds.address, input.AllocationId)] : []),
  ],
  run(ctx, input) {
    const repeated = ctx.state
      .list(natGateways, ctx)
      .find(({ value }) => input.ClientToken !== undefined && value.ClientToken === input.ClientToken);
    if (repeated) return { ClientToken: input.ClientToken, NatGateway: natView(repeated.value) };
    const regional = input.AvailabilityMode === 'regional';
    const nat = regional ? regionalGateway(ctx, input) : zonalGateway(ctx, input);
    ctx.state.put(natGateways, ctx, nat.NatGatewayId, nat);
    // The answer still says pending, as AWS's does; the next call finds it available.
    const { FailureCode, FailureMessage, ...started } = nat;
    return { ClientToken: input.ClientToken, NatGateway: natView({ ...started, State: 'pending' }) };
  },
});

function base(
  ctx: Ec2Context,
  input: CreateNatGatewayCommandInput,
): Pick<NatGatewayRecord, 'NatGatewayId' | 'CreateTime' | 'ClientToken' | 'Tags'> {
  return {
    NatGatewayId: newId(ctx, 'nat'),
    CreateTime: ctx.now,
    ...(input.ClientToken ? { ClientToken: input.ClientToken } : {}),
    Tags: newTags(input.TagSpecifications, 'natgateway'),
  };
}

function zonalGateway(ctx: Ec2Context, input: CreateNatGatewayCommandInput): NatGatewayRecord {
  if (!input.SubnetId) throw missing('SubnetId');
  if (input.VpcId || input.AvailabilityZoneAddresses?.length)
    throw new AwsError(
      'InvalidParameterCombination',
      'VpcId and AvailabilityZoneAddresses are only supported for regional NAT gateways.',
    );
  const subnet = getResource(ctx, kinds.subnet, input.SubnetId);
  const nat: NatGatewayRecord = {
    ...base(ctx, input),
    VpcId: subnet.VpcId,
    SubnetId: subnet.SubnetId,
    ConnectivityType: input.ConnectivityType ?? 'public',
    AvailabilityMode: 'zonal',
    State: 'available',
    NatGatewayAddresses: [],
  };
  if (nat.ConnectivityType === 'private') {
    if (input.AllocationId) throw invalidParameter('AllocationId is not supported for private NAT gateways.');
    const eni = interfaceOf(ctx, nat, input.PrivateIpAddress);
    return {
      ...nat,
      NatGatewayAddresses: [
        { NetworkInterfaceId: eni.NetworkInterfaceId, PrivateIp: eni.PrivateIpAddress, IsPrimary: true },
      ],
    };
  }
  if (!input.AllocationId) throw missing('AllocationId');
  const address = getResource(ctx, kinds.address, input.AllocationId);
  const secondary = (input.SecondaryAllocationIds ?? []).map((id) => getResource(ctx, kinds.address, id));
  const taken = [address, ...secondary].find(({ AssociationId }) => AssociationId);
  if (taken)
    return failed(nat, 'Resource.AlreadyAssociated', `Elastic IP address ${taken.AllocationId} is already associated`);
  if (!hasInternetGateway(ctx, nat.VpcId))
    return failed(nat, 'Gateway.NotAttached', `Network ${nat.VpcId} has no Internet gateway attached`);
  const NatGatewayAddresses = [address, ...secondary].map(({ AllocationId }, i) =>
    publicAddress(
      ctx,
      nat,
      AllocationId,
      i === 0,
      i === 0 ? input.PrivateIpAddress : input.SecondaryPrivateIpAddresses?.[i - 1],
    ),
  );
  return { ...nat, NatGatewayAddresses };
}

function failed(nat: NatGatewayRecord, FailureCode: string, FailureMessage: string): NatGatewayRecord {
  return { ...nat, State: 'failed', FailureCode, FailureMessage };
}

function hasInternetGateway(ctx: Ec2Context, vpcId: string): boolean {
  return ctx.state.list(internetGateways, ctx).some(({ value }) => value.VpcId === vpcId);
}

/**
 * A regional gateway stands in no subnet, brings its own route table with a route to the internet gateway, and in
 * automatic mode its own addresses. Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
 */
function regionalGateway(ctx: Ec2Context, input: CreateNatGatewayCommandInput): NatGatewayRecord {
  if (!input.VpcId) throw missing('VpcId');
  if (input.SubnetId || input.AllocationId || input.ConnectivityType === 'private')
    throw new AwsError(
      'InvalidParameterCombination',
      'SubnetId, AllocationId and private connectivity are not supported for regional NAT gateways.',
    );
  const vpc = getResource(ctx, kinds.vpc, input.VpcId);
  const manual = (input.AvailabilityZoneAddresses ?? []).length > 0;
  const nat: NatGatewayRecord = {
    ...base(ctx, input),
    VpcId: vpc.VpcId,
    ConnectivityType: 'public',
    AvailabilityMode: 'regional',
    State: 'available',
    NatGatewayAddresses: [],
    AutoProvisionZones: !manual,
  };
  const gateway = ctx.state.list(internetGateways, ctx).find(({ value }) => value.VpcId === vpc.VpcId);
  if (!gateway) return failed(nat, 'Gateway.NotAttached', `Network ${nat.VpcId} has no Internet gateway attached`);
  const NatGatewayAddresses = manual ? manualAddresses(ctx, input) : automaticAddresses(ctx, nat);
  const table = makeRouteTable(ctx, vpc, {});
  ctx.state.put(routeTables, ctx, table.RouteTableId, {
    ...table,
    Routes: [...table.Routes, { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway.id, Origin: 'CreateRoute' }],
    Associations: [{ RouteTableAssociationId: newId(ctx, 'rtbassoc'), Main: false, GatewayId: nat.NatGatewayId }],
  });
  return { ...nat, NatGatewayAddresses, RouteTableId: table.RouteTableId };
}

const filters: Filters<NatGatewayRecord> = {
  'nat-gateway-id': (nat) => nat.NatGatewayId,
  'subnet-id': (nat) => nat.SubnetId,
  'vpc-id': (nat) => nat.VpcId,
  state: (nat) => nat.State,
};

export const DescribeNatGateways = ec2Operation<DescribeNatGatewaysCommandInput, DescribeNatGatewaysCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeNatGateways'),
  run(ctx, input) {
    const shown = ctx.state
      .list(natGateways, ctx)
      .map(({ value }) => value)
      .filter((nat) => ctx.now - (nat.DeleteTime ?? ctx.now) < SHOWN_AFTER_DELETION);
    const ids = new Set(input.NatGatewayIds ?? []);
    for (const id of ids) if (!shown.some(({ NatGatewayId }) => NatGatewayId === id)) getNatGateway(ctx, id);
    const wanted = ids.size > 0 ? shown.filter(({ NatGatewayId }) => ids.has(NatGatewayId)) : shown;
    const matching = filterRecords(ctx, wanted, (nat) => nat, filters, input.Filter);
    const { page, next } = pageOf(matching, ({ NatGatewayId }) => NatGatewayId, { ...input, ids: input.NatGatewayIds });
    return { NatGateways: page.map(natView), NextToken: next };
  },
});

function getNatGateway(ctx: Ec2Context, id: string): NatGatewayRecord {
  return getResource(ctx, kinds.natGateway, id);
}

export const DeleteNatGateway = ec2Operation<DeleteNatGatewayCommandInput, DeleteNatGatewayCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteNatGateway', kinds.natGateway, input.NatGatewayId),
  run(ctx, input) {
    const { RouteTableId, ...nat } = getNatGateway(ctx, input.NatGatewayId!);
    if (nat.State === 'deleted') return { NatGatewayId: nat.NatGatewayId };
    for (const address of nat.NatGatewayAddresses) releaseAddress(ctx, address);
    if (RouteTableId) ctx.state.delete(routeTables, ctx, RouteTableId);
    ctx.state.put(natGateways, ctx, nat.NatGatewayId, { ...nat, State: 'deleted', DeleteTime: ctx.now });
    return { NatGatewayId: nat.NatGatewayId };
  },
});

export const natGatewayOperations = {
  CreateNatGateway,
  DescribeNatGateways,
  DeleteNatGateway,
};
