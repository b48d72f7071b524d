import type {
  AssociateRouteTableCommandInput,
  AssociateRouteTableCommandOutput,
  CreateRouteTableCommandInput,
  CreateRouteTableCommandOutput,
  DeleteRouteTableCommandInput,
  DeleteRouteTableCommandOutput,
  DescribeRouteTablesCommandInput,
  DescribeRouteTablesCommandOutput,
  DisassociateRouteTableCommandInput,
  DisassociateRouteTableCommandOutput,
  ReplaceRouteTableAssociationCommandInput,
  ReplaceRouteTableAssociationCommandOutput,
  RouteTable,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { routesOf } from './find.ts';
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
import { makeRouteTable } from './make-vpc.ts';
import { type RouteTableRecord, routeTables, vpcEndpoints } from './tables.ts';

export const getRouteTable = (ctx: Ec2Context, id: string): RouteTableRecord => getResource(ctx, kinds.routeTable, id);

type Association = RouteTableRecord['Associations'][number];

function view(ctx: Ec2Context, table: RouteTableRecord): RouteTable {
  return {
    RouteTableId: table.RouteTableId,
    VpcId: table.VpcId,
    OwnerId: ctx.account,
    Associations: table.Associations.map((association) => ({
      ...association,
      RouteTableId: table.RouteTableId,
      AssociationState: { State: 'associated' },
    })),
    PropagatingVgws: [],
    Routes: routesOf(ctx.state, ctx, table).map(({ because, ...route }) => route),
    Tags: tagList(table.Tags),
  };
}

export const CreateRouteTable = ec2Operation<CreateRouteTableCommandInput, CreateRouteTableCommandOutput>({
  access: (ctx, input) => [
    ...onNew(ctx, 'CreateRouteTable', 'route-table', input.TagSpecifications, {
      'ec2:Vpc': ec2Arn(ctx, 'vpc', input.VpcId!),
    }),
    onResource(ctx, 'CreateRouteTable', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
    const same = ctx.state.list(routeTables, ctx).filter(({ value }) => value.VpcId === vpc.VpcId);
    if (same.length >= 200)
      throw new AwsError('RouteTableLimitExceeded', 'The maximum number of route tables has been reached.');
    return { RouteTable: view(ctx, makeRouteTable(ctx, vpc, newTags(input.TagSpecifications, 'route-table'))) };
  },
});

const filters: Filters<RouteTableRecord> = {
  'route-table-id': (table) => table.RouteTableId,
  'vpc-id': (table) => table.VpcId,
  'association.main': (table) =>
    table.Associations.length ? table.Associations.map(({ Main }) => String(Main)) : 'false',
  'association.route-table-association-id': (table) => table.Associations.map((each) => each.RouteTableAssociationId),
  'association.route-table-id': (table) => (table.Associations.length ? table.RouteTableId : undefined),
  'association.subnet-id': (table) => table.Associations.map((each) => each.SubnetId),
  'association.gateway-id': (table) => table.Associations.map((each) => each.GatewayId),
  'route.destination-cidr-block': (table) => table.Routes.map((route) => route.DestinationCidrBlock),
  'route.destination-ipv6-cidr-block': (table) => table.Routes.map((route) => route.DestinationIpv6CidrBlock),
  'route.destination-prefix-list-id': (table, ctx) =>
    routesOf(ctx.state, ctx, table).map((route) => route.DestinationPrefixListId),
  'route.gateway-id': (table, ctx) => routesOf(ctx.state, ctx, table).map((route) => route.GatewayId),
  'route.nat-gateway-id': (table) => table.Routes.map((route) => route.NatGatewayId),
  'route.egress-only-internet-gateway-id': (table) => table.Routes.map((route) => route.EgressOnlyInternetGatewayId),
  'route.origin': (table) => table.Routes.map((route) => route.Origin),
  'route.state': (table, ctx) => routesOf(ctx.state, ctx, table).map((route) => route.State),
  'route.instance-id': () => undefined,
  'route.transit-gateway-id': () => undefined,
  'route.vpc-peering-connection-id': () => undefined,
};

export const DescribeRouteTables = ec2Operation<DescribeRouteTablesCommandInput, DescribeRouteTablesCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeRouteTables'),
  run(ctx, input) {
    const asked = { ...input, ids: input.RouteTableIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.routeTable, filters, asked);
    return { RouteTables: page.map((table) => view(ctx, table)), NextToken };
  },
});

export const AssociateRouteTable = ec2Operation<AssociateRouteTableCommandInput, AssociateRouteTableCommandOutput>({
  access: (ctx, input) => [
    onResource(ctx, 'AssociateRouteTable', kinds.routeTable, input.RouteTableId),
    ...(input.SubnetId ? [onResource(ctx, 'AssociateRouteTable', kinds.subnet, input.SubnetId)] : []),
    ...(input.GatewayId ? [onResource(ctx, 'AssociateRouteTable', kinds.internetGateway, input.GatewayId)] : []),
  ],
  run(ctx, input) {
    const table = getRouteTable(ctx, input.RouteTableId!);
    const RouteTableAssociationId = newId(ctx, 'rtbassoc');
    if (input.GatewayId) {
      const gateway = getResource(ctx, kinds.internetGateway, input.GatewayId);
      if (gateway.VpcId !== table.VpcId)
        throw invalidParameter(
          `Route table ${table.RouteTableId} and gateway ${input.GatewayId} belong to different networks`,
        );
      put(ctx, {
        ...table,
        Associations: [...table.Associations, { RouteTableAssociationId, Main: false, GatewayId: input.GatewayId }],
      });
      return { AssociationId: RouteTableAssociationId, AssociationState: { State: 'associated' } };
    }
    if (!input.SubnetId) throw missingParameter('subnetId');
    const subnet = getResource(ctx, kinds.subnet, input.SubnetId);
    if (subnet.VpcId !== table.VpcId)
      throw invalidParameter(
        `Route table ${table.RouteTableId} and subnet ${subnet.SubnetId} belong to different networks`,
      );
    const other = ctx.state
      .list(routeTables, ctx)
      .find(({ value }) => value.Associations.some(({ SubnetId }) => SubnetId === subnet.SubnetId));
    if (other) {
      const { RouteTableAssociationId: id } = other.value.Associations.find(
        ({ SubnetId }) => SubnetId === subnet.SubnetId,
      )!;
      if (other.id === table.RouteTableId) return { AssociationId: id, AssociationState: { State: 'associated' } };
      throw new AwsError(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${table.RouteTableId} conflicts with an existing association`,
      );
    }
    put(ctx, {
      ...table,
      Associations: [...table.Associations, { RouteTableAssociationId, Main: false, SubnetId: subnet.SubnetId }],
    });
    return { AssociationId: RouteTableAssociationId, AssociationState: { State: 'associated' } };
  },
});

function put(ctx: Ec2Context, table: RouteTableRecord): void {
  ctx.state.put(routeTables, ctx, table.RouteTableId, table);
}

function findAssociation(
  ctx: Ec2Context,
  id: string,
): { table: RouteTableRecord; association: Association } | undefined {
  for (const { value: table } of ctx.state.list(routeTables, ctx)) {
    const association = table.Associations.find((each) => each.RouteTableAssociationId === id);
    if (association) return { table, association };
  }
  return undefined;
}

function getAssociation(ctx: Ec2Context, id: string): { table: RouteTableRecord; association: Association } {
  const found = findAssociation(ctx, id);
  if (!found) throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
  return found;
}

export const ReplaceRouteTableAssociation = ec2Operation<
  ReplaceRouteTableAssociationCommandInput,
  ReplaceRouteTableAssociationCommandOutput
>({
  access: (ctx, input) => [
    onResource(ctx, 'ReplaceRouteTableAssociation', kinds.routeTable, input.RouteTableId),
    onResource(
      ctx,
      'ReplaceRouteTableAssociation',
      kinds.routeTable,
      findAssociation(ctx, input.AssociationId!)?.table.RouteTableId,
    ),
  ],
  run(ctx, input) {
    const { table: from, association } = getAssociation(ctx, input.AssociationId!);
    const to = getRouteTable(ctx, input.RouteTableId!);
    if (from.VpcId !== to.VpcId)
      throw invalidParameter(`Route table ${to.RouteTableId} and the association belong to different networks`);
    const moved = { ...association, RouteTableAssociationId: newId(ctx, 'rtbassoc') };
    put(ctx, { ...from, Associations: from.Associations.filter((each) => each !== association) });
    const now = getRouteTable(ctx, to.RouteTableId);
    put(ctx, { ...now, Associations: [...now.Associations, moved] });
    return { NewAssociationId: moved.RouteTableAssociationId, AssociationState: { State: 'associated' } };
  },
});

export const DisassociateRouteTable = ec2Operation<
  DisassociateRouteTableCommandInput,
  DisassociateRouteTableCommandOutput
>({
  access: (ctx, input) =>
    onResource(
      ctx,
      'DisassociateRouteTable',
      kinds.routeTable,
      findAssociation(ctx, input.AssociationId!)?.table.RouteTableId,
    ),
  run(ctx, input) {
    const { table, association } = getAssociation(ctx, input.AssociationId!);
    if (association.Main)
      throw invalidParameter(`cannot disassociate the main route table association ${input.AssociationId}`);
    put(ctx, { ...table, Associations: table.Associations.filter((each) => each !== association) });
    return {};
  },
});

export const DeleteRouteTable = ec2Operation<DeleteRouteTableCommandInput, DeleteRouteTableCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteRouteTable', kinds.routeTable, input.RouteTableId),
  run(ctx, input) {
    const table = getRouteTable(ctx, input.RouteTableId!);
    if (table.Associations.length > 0)
      throw dependencyViolation(`The routeTable '${table.RouteTableId}' has dependencies and cannot be deleted.`);
    for (const { id, value } of ctx.state.list(vpcEndpoints, ctx)) {
      const RouteTableIds = value.RouteTableIds.filter((each) => each !== table.RouteTableId);
      if (RouteTableIds.length < value.RouteTableIds.length)
        ctx.state.put(vpcEndpoints, ctx, id, { ...value, RouteTableIds });
    }
    ctx.state.delete(routeTables, ctx, table.RouteTableId);
    return {};
  },
});

export const routeTableOperations = {
  CreateRouteTable,
  DescribeRouteTables,
  AssociateRouteTable,
  ReplaceRouteTableAssociation,
  DisassociateRouteTable,
  DeleteRouteTable,
};
