import type { Aws } from './aws.ts';
import { act, choose, field, hidden, nameTag, removal, remove } from './forms.ts';
import { destinationOf, routesTable, targetOf } from './routes.ts';
import type { Form, ResourceKind } from './types.ts';
import { label, named, vpcOptions } from './vpc-networks.ts';

/** A target's id says which member of CreateRoute it is. */
function routeTarget(id: string): object {
  const prefix = id.slice(0, id.indexOf('-'));
  const member = {
    igw: 'GatewayId',
    nat: 'NatGatewayId',
    eigw: 'EgressOnlyInternetGatewayId',
    eni: 'NetworkInterfaceId',
    tgw: 'TransitGatewayId',
    pcx: 'VpcPeeringConnectionId',
  }[prefix];
  return { [member ?? 'GatewayId']: id };
}

const destination = (text: string): object =>
  text.startsWith('pl-')
    ? { DestinationPrefixListId: text }
    : text.includes(':')
      ? { DestinationIpv6CidrBlock: text }
      : { DestinationCidrBlock: text };

async function targetsIn(aws: Aws, vpc: string): Promise<{ value: string; label: string }[]> {
  const gateways = await aws.all(
    'ec2',
    'DescribeInternetGateways',
    { Filters: [{ Name: 'attachment.vpc-id', Values: [vpc] }] },
    'InternetGateways',
  );
  const nats = await aws.all(
    'ec2',
    'DescribeNatGateways',
    { Filter: [{ Name: 'vpc-id', Values: [vpc] }] },
    'NatGateways',
  );
  const option = (
    id: string,
    kind: string,
    tags: { Key?: string; Value?: string }[],
  ): { value: string; label: string } => ({ value: id, label: `${kind} ${nameTag(tags) || id}` });
  return [
    ...gateways.map(({ InternetGatewayId, Tags }) => option(InternetGatewayId, 'Internet gateway', Tags)),
    ...nats
      .filter(({ State }) => State === 'available' || State === 'pending')
      .map(({ NatGatewayId, Tags }) => option(NatGatewayId, 'NAT gateway', Tags)),
  ];
}

export const routeTables: ResourceKind = {
  id: 'route-table',
  group: 'VPC',
  plural: 'Route tables',
  one: 'route table',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeRouteTables', {}, 'RouteTables');
    return list.map(({ RouteTableId, Tags, Associations }) => ({
      ...label(RouteTableId, Tags),
      ...((Associations ?? []).some(({ Main }: { Main?: boolean }) => Main) && !nameTag(Tags)
        ? { detail: 'main' }
        : {}),
    }));
  },
  async show(aws, id) {
    const { RouteTables } = await aws.call('ec2', 'DescribeRouteTables', { RouteTableIds: [id] });
    const table = RouteTables[0];
    const options = await targetsIn(aws, table.VpcId);
    const subnetList = await aws.all(
      'ec2',
      'DescribeSubnets',
      { Filters: [{ Name: 'vpc-id', Values: [table.VpcId] }] },
      'Subnets',
    );
    const shown = routesTable(table.Routes ?? []);
    const rows = (table.Routes ?? []).map((route: Record<string, string>, index: number) => {
      const target = targetOf(route);
      const fixed = target === 'local' || target.startsWith('vpce-');
      const all = [...new Map([{ value: target, label: target }, ...options].map((one) => [one.value, one])).values()];
      const forms: Form[] = fixed
        ? []
        : [
            {
              action: 'replace-route',
              submit: 'Replace',
              fields: [hidden('destination', destinationOf(route)), choose('target', 'Target', all, { value: target })],
            },
            remove(
              'delete-route',
              'Delete',
              [hidden('destination', destinationOf(route))],
              `Delete the route to ${destinationOf(route)}?`,
            ),
          ];
      return { ...shown.rows[index]!, forms };
    });
    return {
      title: nameTag(table.Tags) || id,
      subtitle: 'Route table',
      panels: [
        {
          title: 'Routes',
          table: { ...shown, rows },
          forms: [
            {
              action: 'create-route',
              submit: 'Add route',
              fields: [
                field('destination', 'Destination', { required: true, placeholder: '0.0.0.0/0' }),
                options.length
                  ? choose('target', 'Target', options)
                  : field('target', 'Target', { required: true, placeholder: 'nat-…, igw-…' }),
              ],
            },
          ],
        },
        {
          title: 'Subnets',
          table: {
            columns: ['Association', 'Subnet'],
            empty: 'No subnet is associated.',
            rows: (table.Associations ?? []).map(
              ({
                RouteTableAssociationId,
                SubnetId,
                Main,
              }: {
                RouteTableAssociationId: string;
                SubnetId?: string;
                Main?: boolean;
              }) => ({
                cells: [
                  { text: RouteTableAssociationId, mono: true },
                  Main
                    ? { text: 'main: every subnet without a table of its own' }
                    : { text: SubnetId ?? '', link: { kind: 'subnet', id: SubnetId ?? '' } },
                ],
                forms: Main
                  ? []
                  : [remove('disassociate', 'Remove', [hidden('AssociationId', RouteTableAssociationId)])],
              }),
            ),
          },
          forms: [
            {
              action: 'associate',
              submit: 'Associate',
              fields: [
                choose(
                  'SubnetId',
                  'Subnet',
                  subnetList.map(({ SubnetId, Tags, CidrBlock }) => ({
                    value: SubnetId,
                    label: `${nameTag(Tags) || SubnetId} ${CidrBlock}`,
                  })),
                ),
              ],
            },
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: table.VpcId, link: { kind: 'vpc', id: table.VpcId } },
          ],
          forms: [remove('delete', 'Delete route table', [], `Delete ${id}?`)],
        },
      ],
    };
  },
  async create(aws) {
    return [
      {
        title: 'New route table',
        forms: [
          {
            action: 'create',
            submit: 'Create route table',
            fields: [field('Name', 'Name'), choose('VpcId', 'VPC', await vpcOptions(aws))],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { RouteTable } = await aws.call('ec2', 'CreateRouteTable', {
        VpcId: values.text('VpcId'),
        ...named('route-table', values.optional('Name')),
      });
      return { open: { kind: 'route-table', id: RouteTable.RouteTableId } };
    },
    'create-route': act('ec2', 'CreateRoute', (RouteTableId, values) => ({
      RouteTableId,
      ...destination(values.text('destination')),
      ...routeTarget(values.text('target')),
    })),
    'replace-route': act('ec2', 'ReplaceRoute', (RouteTableId, values) => ({
      RouteTableId,
      ...destination(values.text('destination')),
      ...routeTarget(values.text('target')),
    })),
    'delete-route': act('ec2', 'DeleteRoute', (RouteTableId, values) => ({
      RouteTableId,
      ...destination(values.text('destination')),
    })),
    associate: act('ec2', 'AssociateRouteTable', (RouteTableId, values) => ({
      RouteTableId,
      SubnetId: values.text('SubnetId'),
    })),
    disassociate: act('ec2', 'DisassociateRouteTable', (_id, values) => ({
      AssociationId: values.text('AssociationId'),
    })),
    delete: removal('ec2', 'DeleteRouteTable', (RouteTableId) => ({ RouteTableId })),
  },
};
