/** Routes, as a table shows them. */

type Route = Record<string, string | undefined>;
const targets = [
  'GatewayId',
  'NatGatewayId',
  'EgressOnlyInternetGatewayId',
  'NetworkInterfaceId',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
];

/** Where a route leads. */
export const targetOf = (route: Route): string => targets.map((name) => route[name]).find(Boolean) ?? '';
export const destinationOf = (route: Route): string =>
  route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? '';

export function routesTable(routes: Route[]) {
  return {
    columns: ['Destination', 'Target', 'State'],
    empty: 'No route.',
    rows: routes.map((route) => ({
      cells: [
        { text: destinationOf(route), mono: true },
        { text: targetOf(route), mono: true },
        { text: route.State ?? '' },
      ],
    })),
  };
}
