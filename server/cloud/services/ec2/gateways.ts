import type {
  AttachInternetGatewayCommandInput,
  AttachInternetGatewayCommandOutput,
  CreateEgressOnlyInternetGatewayCommandInput,
  CreateEgressOnlyInternetGatewayCommandOutput,
  CreateInternetGatewayCommandInput,
  CreateInternetGatewayCommandOutput,
  DeleteEgressOnlyInternetGatewayCommandInput,
  DeleteEgressOnlyInternetGatewayCommandOutput,
  DeleteInternetGatewayCommandInput,
  DeleteInternetGatewayCommandOutput,
  DescribeEgressOnlyInternetGatewaysCommandInput,
  DescribeEgressOnlyInternetGatewaysCommandOutput,
  DescribeInternetGatewaysCommandInput,
  DescribeInternetGatewaysCommandOutput,
  DetachInternetGatewayCommandInput,
  DetachInternetGatewayCommandOutput,
  EgressOnlyInternetGateway,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { dependencyViolation, type Ec2Context, getResource, kinds, newId } from './kinds.ts';
import {
  addresses,
  type EgressOnlyInternetGatewayRecord,
  egressOnlyInternetGateways,
  type InternetGatewayRecord,
  internetGateways,
  natGateways,
} from './tables.ts';

/** Internet gateways, and egress-only ones for IPv6. */

const getGateway = (ctx: Ec2Context, id: string): InternetGatewayRecord => getResource(ctx, kinds.internetGateway, id);

function view(ctx: Ec2Context, gateway: InternetGatewayRecord): InternetGateway {
  return {
    InternetGatewayId: gateway.InternetGatewayId,
    OwnerId: ctx.account,
    // The API answers `available` here, which the SDK's list of values does not know.
    Attachments: gateway.VpcId ? [{ VpcId: gateway.VpcId, State: 'available' as 'attached' }] : [],
    Tags: tagList(gateway.Tags),
  };
}

export const CreateInternetGateway = ec2Operation<
  CreateInternetGatewayCommandInput,
  CreateInternetGatewayCommandOutput
>({
  access: (ctx, input) => onNew(ctx, 'CreateInternetGateway', 'internet-gateway', input.TagSpecifications),
  run(ctx, input) {
    const InternetGatewayId = newId(ctx, 'igw');
    const gateway = { InternetGatewayId, Tags: newTags(input.TagSpecifications, 'internet-gateway') };
    ctx.state.put(internetGateways, ctx, InternetGatewayId, gateway);
    return { InternetGateway: view(ctx, gateway) };
  },
});

const filters: Filters<InternetGatewayRecord> = {
  'internet-gateway-id': (gateway) => gateway.InternetGatewayId,
  'attachment.vpc-id': (gateway) => gateway.VpcId,
  'attachment.state': (gateway) => (gateway.VpcId ? 'available' : undefined),
};

export const DescribeInternetGateways = ec2Operation<
  DescribeInternetGatewaysCommandInput,
  DescribeInternetGatewaysCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeInternetGateways'),
  run(ctx, input) {
    const asked = { ...input, ids: input.InternetGatewayIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.internetGateway, filters, asked);
    return { InternetGateways: page.map((gateway) => view(ctx, gateway)), NextToken };
  },
});

export const AttachInternetGateway = ec2Operation<
  AttachInternetGatewayCommandInput,
  AttachInternetGatewayCommandOutput
>({
  access: (ctx, input) => [
    onResource(ctx, 'AttachInternetGateway', kinds.internetGateway, input.InternetGatewayId),
    onResource(ctx, 'AttachInternetGateway', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const gateway = getGateway(ctx, input.InternetGatewayId!);
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
    if (gateway.VpcId)
      throw new AwsError(
        'Resource.AlreadyAssociated',
        `resource ${gateway.InternetGatewayId} is already attached to network ${gateway.VpcId}`,
      );
    if (ctx.state.list(internetGateways, ctx).some(({ value }) => value.VpcId === vpc.VpcId))
      throw new AwsError('InvalidParameterValue', `Network ${vpc.VpcId} already has an internet gateway attached`);
    ctx.state.put(internetGateways, ctx, gateway.InternetGatewayId, { ...gateway, VpcId: vpc.VpcId });
    return {};
  },
});

export const DetachInternetGateway = ec2Operation<
  DetachInternetGatewayCommandInput,
  DetachInternetGatewayCommandOutput
>({
  access: (ctx, input) => [
    onResource(ctx, 'DetachInternetGateway', kinds.internetGateway, input.InternetGatewayId),
    onResource(ctx, 'DetachInternetGateway', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const { VpcId, ...gateway } = getGateway(ctx, input.InternetGatewayId!);
    getResource(ctx, kinds.vpc, input.VpcId!);
    if (VpcId !== input.VpcId)
      throw new AwsError(
        'Gateway.NotAttached',
        `resource ${gateway.InternetGatewayId} is not attached to network ${input.VpcId}`,
      );
    const mapped =
      ctx.state
        .list(natGateways, ctx)
        .some(
          ({ value }) => value.VpcId === VpcId && value.State === 'available' && value.ConnectivityType === 'public',
        ) ||
      ctx.state.list(addresses, ctx).some(({ value }) => {
        const eni =
          value.NetworkInterfaceId && ctx.state.get(kinds.networkInterface.table, ctx, value.NetworkInterfaceId);
        return eni && eni.VpcId === VpcId;
      });
    if (mapped)
      throw dependencyViolation(
        `Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    ctx.state.put(internetGateways, ctx, gateway.InternetGatewayId, gateway);
    return {};
  },
});

export const DeleteInternetGateway = ec2Operation<
  DeleteInternetGatewayCommandInput,
  DeleteInternetGatewayCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'DeleteInternetGateway', kinds.internetGateway, input.InternetGatewayId),
  run(ctx, input) {
    const gateway = getGateway(ctx, input.InternetGatewayId!);
    if (gateway.VpcId)
      throw dependencyViolation(
        `The internetGateway '${gateway.InternetGatewayId}' has dependencies and cannot be deleted.`,
      );
    ctx.state.delete(internetGateways, ctx, gateway.InternetGatewayId);
    return {};
  },
});

function egressView(gateway: EgressOnlyInternetGatewayRecord): EgressOnlyInternetGateway {
  return {
    EgressOnlyInternetGatewayId: gateway.EgressOnlyInternetGatewayId,
    Attachments: [{ VpcId: gateway.VpcId, State: 'attached' }],
    Tags: tagList(gateway.Tags),
  };
}

export const CreateEgressOnlyInternetGateway = ec2Operation<
  CreateEgressOnlyInternetGatewayCommandInput,
  CreateEgressOnlyInternetGatewayCommandOutput
>({
  access: (ctx, input) => [
    ...onNew(ctx, 'CreateEgressOnlyInternetGateway', 'egress-only-internet-gateway', input.TagSpecifications),
    onResource(ctx, 'CreateEgressOnlyInternetGateway', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const { VpcId } = getResource(ctx, kinds.vpc, input.VpcId!);
    const EgressOnlyInternetGatewayId = newId(ctx, 'eigw');
    const gateway = {
      EgressOnlyInternetGatewayId,
      VpcId,
      Tags: newTags(input.TagSpecifications, 'egress-only-internet-gateway'),
    };
    ctx.state.put(egressOnlyInternetGateways, ctx, EgressOnlyInternetGatewayId, gateway);
    return { ClientToken: input.ClientToken, EgressOnlyInternetGateway: egressView(gateway) };
  },
});

export const DescribeEgressOnlyInternetGateways = ec2Operation<
  DescribeEgressOnlyInternetGatewaysCommandInput,
  DescribeEgressOnlyInternetGatewaysCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeEgressOnlyInternetGateways'),
  run(ctx, input) {
    const asked = { ...input, ids: input.EgressOnlyInternetGatewayIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.egressOnlyInternetGateway, {}, asked);
    return { EgressOnlyInternetGateways: page.map(egressView), NextToken };
  },
});

export const DeleteEgressOnlyInternetGateway = ec2Operation<
  DeleteEgressOnlyInternetGatewayCommandInput,
  DeleteEgressOnlyInternetGatewayCommandOutput
>({
  access: (ctx, input) =>
    onResource(
      ctx,
      'DeleteEgressOnlyInternetGateway',
      kinds.egressOnlyInternetGateway,
      input.EgressOnlyInternetGatewayId,
    ),
  run(ctx, input) {
    const gateway = getResource(ctx, kinds.egressOnlyInternetGateway, input.EgressOnlyInternetGatewayId!);
    ctx.state.delete(egressOnlyInternetGateways, ctx, gateway.EgressOnlyInternetGatewayId);
    return { ReturnCode: true };
  },
});

export const gatewayOperations = {
  CreateInternetGateway,
  DescribeInternetGateways,
  AttachInternetGateway,
  DetachInternetGateway,
  DeleteInternetGateway,
  CreateEgressOnlyInternetGateway,
  DescribeEgressOnlyInternetGateways,
  DeleteEgressOnlyInternetGateway,
};
