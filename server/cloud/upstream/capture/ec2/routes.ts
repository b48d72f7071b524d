import type { EgressOnlyInternetGateway, InternetGateway, Route, RouteTable } from '@aws-sdk/client-ec2';
import type {
  EgressOnlyInternetGatewayRecord,
  InternetGatewayRecord,
  RouteRecord,
  RouteTableRecord,
} from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import type { PrefixListIds } from './prefix-lists.ts';
import { present, tagsOf, withheld } from './stable.ts';

/** Route tables and the gateways that routes lead to. */

export async function routeTableRecord(
  source: Source,
  table: RouteTable,
  lists: PrefixListIds,
  was: RouteTableRecord | undefined,
): Promise<RouteTableRecord> {
  const tableId = table.RouteTableId!;
  // A gateway endpoint's route follows from the endpoint: it is no record.
  const given = (table.Routes ?? []).filter(({ GatewayId }) => !GatewayId?.startsWith('vpce-'));
  const routes: RouteRecord[] = [];
  for (const route of given) {
    const record = routeRecord(route, lists);
    if (!destinationOf(record)) continue;
    // MiniStack writes `local` for the targets that it does not know, LocalStack nothing.
    const known = unknownTarget(record)
      ? was?.Routes.find((each) => destinationOf(each) === destinationOf(record))
      : record;
    if (!known || unknownTarget(known)) await withheld(source, `the target of ${destinationOf(record)} in ${tableId}`);
    routes.push(known ?? record);
  }
  // MiniStack writes no destination but IPv4's.
  const nameless = given.filter((route) => !destinationOf(routeRecord(route, lists))).length;
  const remembered = (was?.Routes ?? [])
    .filter((route) => !route.DestinationCidrBlock && route.Origin === 'CreateRoute')
    .filter((route) => !routes.some((each) => destinationOf(each) === destinationOf(route)))
    .slice(0, nameless);
  if (remembered.length < nameless) await withheld(source, `the destinations of ${nameless} routes in ${tableId}`);
  return {
    RouteTableId: tableId,
    VpcId: table.VpcId!,
    Routes: [...routes.filter(isLocal), ...routes.filter((route) => !isLocal(route)), ...remembered],
    Associations: (table.Associations ?? [])
      .filter(({ AssociationState }) => !/disassociat|fail/.test(AssociationState?.State ?? ''))
      .map(({ RouteTableAssociationId: id, Main, SubnetId, GatewayId }) => ({
        RouteTableAssociationId: id!,
        Main: Main ?? false,
        ...present({
          SubnetId: Main ? undefined : SubnetId,
          // LocalStack takes a gateway's association and forgets the gateway.
          GatewayId: GatewayId ?? was?.Associations.find((each) => each.RouteTableAssociationId === id)?.GatewayId,
        }),
      })),
    Tags: tagsOf(table.Tags),
  };
}

function routeRecord(route: Route, lists: PrefixListIds): RouteRecord {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = route;
  return {
    ...present({
      DestinationCidrBlock,
      DestinationIpv6CidrBlock,
      DestinationPrefixListId: DestinationPrefixListId && lists(DestinationPrefixListId),
      GatewayId: route.GatewayId,
      NatGatewayId: route.NatGatewayId,
      EgressOnlyInternetGatewayId: route.EgressOnlyInternetGatewayId,
      NetworkInterfaceId: route.NetworkInterfaceId,
    }),
    Origin: route.Origin === 'CreateRouteTable' ? 'CreateRouteTable' : 'CreateRoute',
  };
}

const destinationOf = (route: RouteRecord): string | undefined =>
  route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;

const isLocal = (route: RouteRecord): boolean => route.Origin === 'CreateRouteTable';

/** A target that the endpoint does not know: nothing, or `local` where only AWS writes it. */
function unknownTarget(route: RouteRecord): boolean {
  const target = route.GatewayId ?? route.NatGatewayId ?? route.EgressOnlyInternetGatewayId ?? route.NetworkInterfaceId;
  return target === undefined || (target === 'local' && !isLocal(route));
}

export function internetGatewayRecord(gateway: InternetGateway): InternetGatewayRecord {
  const attached = gateway.Attachments?.find(({ State }) => !/detach/.test(State ?? ''));
  return {
    InternetGatewayId: gateway.InternetGatewayId!,
    ...present({ VpcId: attached?.VpcId }),
    Tags: tagsOf(gateway.Tags),
  };
}

export function egressOnlyInternetGatewayRecord(gateway: EgressOnlyInternetGateway): EgressOnlyInternetGatewayRecord {
  return {
    EgressOnlyInternetGatewayId: gateway.EgressOnlyInternetGatewayId!,
    VpcId: gateway.Attachments?.[0]?.VpcId ?? '',
    Tags: tagsOf(gateway.Tags),
  };
}
