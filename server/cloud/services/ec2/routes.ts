import type {
  CreateRouteCommandInput,
  CreateRouteCommandOutput,
  DeleteRouteCommandInput,
  DeleteRouteCommandOutput,
  ReplaceRouteCommandInput,
  ReplaceRouteCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError, NotEmulated } from '../../errors.ts';
import { findPrefixList } from '../../network/aws-addresses.ts';
import { contains, parseCidr } from '../../network/cidr.ts';
import { ec2Operation, onResource } from './access.ts';
import { type Ec2Context, getResource, invalidParameter, kinds, missingParameter } from './kinds.ts';
import { readCidr } from './make-vpc.ts';
import { getRouteTable } from './route-tables.ts';
import { type RouteRecord, type RouteTableRecord, routeTables } from './tables.ts';

type Destination = Pick<RouteRecord, 'DestinationCidrBlock' | 'DestinationIpv6CidrBlock' | 'DestinationPrefixListId'>;

/** Reads which destination a request means: exactly one. */
function destinationOf(ctx: Ec2Context, input: Destination): Destination {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
  const given = [DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId].filter(
    (each) => each !== undefined,
  );
  if (given.length === 0) throw missingParameter('destinationCidrBlock');
  if (given.length > 1)
    throw new AwsError(
      'InvalidParameterCombination',
      'The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId',
    );
  if (DestinationCidrBlock !== undefined)
    return { DestinationCidrBlock: readCidr(DestinationCidrBlock, 'destinationCidrBlock') };
  if (DestinationIpv6CidrBlock !== undefined)
    return { DestinationIpv6CidrBlock: readCidr(DestinationIpv6CidrBlock, 'destinationIpv6CidrBlock', 6) };
  if (!findPrefixList(ctx.region, DestinationPrefixListId!))
    throw new AwsError(
      'InvalidPrefixListID.NotFound',
      `The prefix list ID '${DestinationPrefixListId}' does not exist`,
    );
  return { DestinationPrefixListId: DestinationPrefixListId! };
}

const sameDestination = (a: Destination, b: Destination): boolean =>
  a.DestinationCidrBlock === b.DestinationCidrBlock &&
  a.DestinationIpv6CidrBlock === b.DestinationIpv6CidrBlock &&
  a.DestinationPrefixListId === b.DestinationPrefixListId;

const nameOf = (each: Destination): string =>
  each.DestinationCidrBlock ?? each.DestinationIpv6CidrBlock ?? each.DestinationPrefixListId ?? '';

/** Reads where the route goes: exactly one target, which must be there and fit. */
function targetOf(
  ctx: Ec2Context,
  table: RouteTableRecord,
  input: CreateRouteCommandInput,
  destination: Destination,
): Partial<RouteRecord> {
  const { GatewayId, NatGatewayId, EgressOnlyInternetGatewayId, NetworkInterfaceId } = input;
  for (const name of [
    'TransitGatewayId',
    'LocalGatewayId',
    'CarrierGatewayId',
    'CoreNetworkArn',
    'InstanceId',
    'VpcPeeringConnectionId',
    'VpcEndpointId',
    'OdbNetworkArn',
  ] as const)
    if (input[name] !== undefined) throw new NotEmulated(`routes by ${name}`);
  const given = [GatewayId, NatGatewayId, EgressOnlyInternetGatewayId, NetworkInterfaceId].filter(
    (each) => each !== undefined,
  );
  if (given.length === 0) throw missingParameter('gatewayId');
  if (given.length > 1)
    throw new AwsError(
      'InvalidParameterCombination',
      `The request must contain exactly one of gatewayId, natGatewayId, egressOnlyInternetGatewayId, networkInterfaceId`,
    );
  if (NatGatewayId !== undefined) {
    const nat = ctx.state.get(kinds.natGateway.table, ctx, NatGatewayId);
    if (!nat || nat.State === 'deleted')
      throw new AwsError('InvalidNatGatewayID.NotFound', `The natGateway ID '${NatGatewayId}' does not exist`);
    differentNetworks(table, nat.VpcId, NatGatewayId);
    return { NatGatewayId };
  }
  if (EgressOnlyInternetGatewayId !== undefined) {
    const gateway = getResource(ctx, kinds.egressOnlyInternetGateway, EgressOnlyInternetGatewayId);
    differentNetworks(table, gateway.VpcId, EgressOnlyInternetGatewayId);
    if (!destination.DestinationIpv6CidrBlock)
      throw invalidParameter(
        `route table ${table.RouteTableId} and network gateway ${EgressOnlyInternetGatewayId}: an egress-only internet gateway takes IPv6 traffic only`,
      );
    return { EgressOnlyInternetGatewayId };
  }
  if (NetworkInterfaceId !== undefined) {
    const eni = getResource(ctx, kinds.networkInterface, NetworkInterfaceId);
    differentNetworks(table, eni.VpcId, NetworkInterfaceId);
    return { NetworkInterfaceId };
  }
  if (GatewayId === 'local') return { GatewayId };
  if (GatewayId!.startsWith('vpce-'))
    throw invalidParameter(`Cannot create or replace a prefix list route targeting a VPC Endpoint.`);
  if (GatewayId!.startsWith('vgw-')) throw new NotEmulated('virtual private gateways');
  if (!GatewayId!.startsWith('igw-'))
    throw new AwsError('InvalidGatewayID.Malformed', `Invalid id: "${GatewayId}" (expecting "igw-...")`);
  const gateway = getResource(ctx, kinds.internetGateway, GatewayId!);
  differentNetworks(table, gateway.VpcId, GatewayId!);
  return { GatewayId: GatewayId! };
}

function differentNetworks(table: RouteTableRecord, vpcId: string | undefined, id: string): void {
  if (vpcId !== table.VpcId)
    throw invalidParameter(`route table ${table.RouteTableId} and network gateway ${id} belong to different networks`);
}

export const CreateRoute = ec2Operation<CreateRouteCommandInput, CreateRouteCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'CreateRoute', kinds.routeTable, input.RouteTableId),
  run(ctx, input) {
    const table = getRouteTable(ctx, input.RouteTableId!);
    const destination = destinationOf(ctx, input);
    const route = { ...destination, ...targetOf(ctx, table, input, destination), Origin: 'CreateRoute' as const };
    checkInsideVpc(ctx, table, destination, route);
    const existing = table.Routes.find((each) => sameDestination(each, destination));
    if (existing) {
      // The same route again is no error, as Terraform and retries do it.
      if (JSON.stringify({ ...existing }) === JSON.stringify(route)) return { Return: true };
      throw new AwsError('RouteAlreadyExists', `The route identified by ${nameOf(destination)} already exists.`);
    }
    if (table.Routes.length >= 500)
      throw new AwsError('RouteLimitExceeded', 'The maximum number of routes in the route table has been reached.');
    put(ctx, table, [...table.Routes, route]);
    return { Return: true };
  },
});

/** Routes inside the VPC's own block may only be more specific than a subnet where they lead to an appliance. */
function checkInsideVpc(
  ctx: Ec2Context,
  table: RouteTableRecord,
  destination: Destination,
  route: Partial<RouteRecord>,
): void {
  const cidr = parseCidr(nameOf(destination));
  const vpc = getResource(ctx, kinds.vpc, table.VpcId);
  const inside =
    cidr && [...vpc.CidrBlocks, ...vpc.Ipv6CidrBlocks].some(({ CidrBlock }) => contains(parseCidr(CidrBlock)!, cidr));
  if (inside && route.GatewayId?.startsWith('igw-'))
    throw invalidParameter(
      `The destination CIDR block ${nameOf(destination)} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
    );
}

function put(ctx: Ec2Context, table: RouteTableRecord, Routes: RouteRecord[]): void {
  ctx.state.put(routeTables, ctx, table.RouteTableId, { ...table, Routes });
}

export const ReplaceRoute = ec2Operation<ReplaceRouteCommandInput, ReplaceRouteCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'ReplaceRoute', kinds.routeTable, input.RouteTableId),
  run(ctx, input) {
    const table = getRouteTable(ctx, input.RouteTableId!);
    const destination = destinationOf(ctx, input);
    const existing = table.Routes.find((each) => sameDestination(each, destination));
    if (!existing) {
      throw invalidParameter(
        `There is no route defined for '${nameOf(destination)}' in the route table. Use CreateRoute instead.`,
      );
    }
    const target = input.LocalTarget ? { GatewayId: 'local' } : targetOf(ctx, table, input, destination);
    if (existing.Origin === 'CreateRouteTable' && target.GatewayId !== 'local' && !target.NetworkInterfaceId)
      throw invalidParameter(`cannot replace local route ${nameOf(destination)} in route table ${table.RouteTableId}`);
    const route: RouteRecord = { ...destination, ...target, Origin: existing.Origin };
    checkInsideVpc(ctx, table, destination, route);
    put(
      ctx,
      table,
      table.Routes.map((each) => (each === existing ? route : each)),
    );
    return {};
  },
});

export const DeleteRoute = ec2Operation<DeleteRouteCommandInput, DeleteRouteCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteRoute', kinds.routeTable, input.RouteTableId),
  run(ctx, input) {
    const table = getRouteTable(ctx, input.RouteTableId!);
    const destination = destinationOf(ctx, input);
    const existing = table.Routes.find((each) => sameDestination(each, destination));
    if (!existing)
      throw new AwsError(
        'InvalidRoute.NotFound',
        `no route with destination-cidr-block ${nameOf(destination)} in route table ${table.RouteTableId}`,
      );
    if (existing.Origin === 'CreateRouteTable')
      throw invalidParameter(`cannot remove local route ${nameOf(destination)} in route table ${table.RouteTableId}`);
    put(
      ctx,
      table,
      table.Routes.filter((each) => each !== existing),
    );
    return {};
  },
});

export const routeOperations = { CreateRoute, ReplaceRoute, DeleteRoute };
