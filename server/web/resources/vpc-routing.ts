import type { Aws } from './aws.ts';
import { act, choose, field, hidden, nameTag, remove, removal } from './forms.ts';
import type { Form, ResourceKind } from './types.ts';
import { destinationOf, label, named, routesTable, targetOf } from './vpc-networks.ts';

/** Route tables and what they lead to: gateways and addresses. */

/** A target's id says which member of CreateRoute it is. */
function routeTarget(id: string): object {
  const prefix = id.slice(0, id.indexOf('-'));
  const member = { igw: 'GatewayId', nat: 'NatGatewayId', eigw: 'EgressOnlyInternetGatewayId', eni: 'NetworkInterfaceId', tgw: 'TransitGatewayId', pcx: 'VpcPeeringConnectionId' }[prefix];
  return { [member ?? 'GatewayId']: id };
}

const destination = (text: string): object =>
  text.startsWith('pl-') ? { DestinationPrefixListId: text } : text.includes(':') ? { DestinationIpv6CidrBlock: text } : { DestinationCidrBlock: text };

async function targetsIn(aws: Aws, vpc: string): Promise<{ value: string; label: string }[]> {
  const gateways = await aws.all('ec2', 'DescribeInternetGateways', { Filters: [{ Name: 'attachment.vpc-id', Values: [vpc] }] }, 'InternetGateways');
  const nats = await aws.all('ec2', 'DescribeNatGateways', { Filter: [{ Name: 'vpc-id', Values: [vpc] }] }, 'NatGateways');
  const option = (id: string, kind: string, tags: { Key?: string; Value?: string }[]): { value: string; label: string } => ({ value: id, label: `${kind} ${nameTag(tags) || id}` });
  return [
    ...gateways.map(({ InternetGatewayId, Tags }) => option(InternetGatewayId, 'Internet gateway', Tags)),
    ...nats.filter(({ State }) => State === 'available' || State === 'pending').map(({ NatGatewayId, Tags }) => option(NatGatewayId, 'NAT gateway', Tags)),
  ];
}

async function vpcOptions(aws: Aws): Promise<{ value: string; label: string }[]> {
  const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
  return list.map(({ VpcId, Tags, CidrBlock }) => ({ value: VpcId, label: `${nameTag(Tags) || VpcId} ${CidrBlock}` }));
}

export const routeTables: ResourceKind = {
  id: 'route-table',
  group: 'VPC',
  plural: 'Route tables',
  one: 'route table',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeRouteTables', {}, 'RouteTables');
    return list.map(({ RouteTableId, Tags, Associations }) => ({ ...label(RouteTableId, Tags), ...((Associations ?? []).some(({ Main }: { Main?: boolean }) => Main) && !nameTag(Tags) ? { detail: 'main' } : {}) }));
  },
  async show(aws, id) {
    const { RouteTables } = await aws.call('ec2', 'DescribeRouteTables', { RouteTableIds: [id] });
    const table = RouteTables[0];
    const options = await targetsIn(aws, table.VpcId);
    const subnetList = await aws.all('ec2', 'DescribeSubnets', { Filters: [{ Name: 'vpc-id', Values: [table.VpcId] }] }, 'Subnets');
    const shown = routesTable(table.Routes ?? []);
    const rows = (table.Routes ?? []).map((route: Record<string, string>, index: number) => {
      const target = targetOf(route);
      const fixed = target === 'local' || target.startsWith('vpce-');
      const all = [...new Map([{ value: target, label: target }, ...options].map((one) => [one.value, one])).values()];
      const forms: Form[] = fixed
        ? []
        : [
            { action: 'replace-route', submit: 'Replace', fields: [hidden('destination', destinationOf(route)), choose('target', 'Target', all, { value: target })] },
            remove('delete-route', 'Delete', [hidden('destination', destinationOf(route))], `Delete the route to ${destinationOf(route)}?`),
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
          forms: [{ action: 'create-route', submit: 'Add route', fields: [field('destination', 'Destination', { required: true, placeholder: '0.0.0.0/0' }), options.length ? choose('target', 'Target', options) : field('target', 'Target', { required: true, placeholder: 'nat-…, igw-…' })] }],
        },
        {
          title: 'Subnets',
          table: {
            columns: ['Association', 'Subnet'],
            empty: 'No subnet is associated.',
            rows: (table.Associations ?? []).map(({ RouteTableAssociationId, SubnetId, Main }: { RouteTableAssociationId: string; SubnetId?: string; Main?: boolean }) => ({
              cells: [{ text: RouteTableAssociationId, mono: true }, Main ? { text: 'main: every subnet without a table of its own' } : { text: SubnetId ?? '', link: { kind: 'subnet', id: SubnetId ?? '' } }],
              forms: Main ? [] : [remove('disassociate', 'Remove', [hidden('AssociationId', RouteTableAssociationId)])],
            })),
          },
          forms: [{ action: 'associate', submit: 'Associate', fields: [choose('SubnetId', 'Subnet', subnetList.map(({ SubnetId, Tags, CidrBlock }) => ({ value: SubnetId, label: `${nameTag(Tags) || SubnetId} ${CidrBlock}` })))] }],
        },
        { title: 'About', facts: [{ name: 'Id', value: id }, { name: 'VPC', value: table.VpcId, link: { kind: 'vpc', id: table.VpcId } }], forms: [remove('delete', 'Delete route table', [], `Delete ${id}?`)] },
      ],
    };
  },
  async create(aws) {
    return [{ title: 'New route table', forms: [{ action: 'create', submit: 'Create route table', fields: [field('Name', 'Name'), choose('VpcId', 'VPC', await vpcOptions(aws))] }] }];
  },
  actions: {
    async create(aws, _id, values) {
      const { RouteTable } = await aws.call('ec2', 'CreateRouteTable', { VpcId: values.text('VpcId'), ...named('route-table', values.optional('Name')) });
      return { open: { kind: 'route-table', id: RouteTable.RouteTableId } };
    },
    'create-route': act('ec2', 'CreateRoute', (RouteTableId, values) => ({ RouteTableId, ...destination(values.text('destination')), ...routeTarget(values.text('target')) })),
    'replace-route': act('ec2', 'ReplaceRoute', (RouteTableId, values) => ({ RouteTableId, ...destination(values.text('destination')), ...routeTarget(values.text('target')) })),
    'delete-route': act('ec2', 'DeleteRoute', (RouteTableId, values) => ({ RouteTableId, ...destination(values.text('destination')) })),
    associate: act('ec2', 'AssociateRouteTable', (RouteTableId, values) => ({ RouteTableId, SubnetId: values.text('SubnetId') })),
    disassociate: act('ec2', 'DisassociateRouteTable', (_id, values) => ({ AssociationId: values.text('AssociationId') })),
    delete: removal('ec2', 'DeleteRouteTable', (RouteTableId) => ({ RouteTableId })),
  },
};

export const internetGateways: ResourceKind = {
  id: 'internet-gateway',
  group: 'VPC',
  plural: 'Internet gateways',
  one: 'internet gateway',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeInternetGateways', {}, 'InternetGateways');
    return list.map(({ InternetGatewayId, Tags }) => label(InternetGatewayId, Tags));
  },
  async show(aws, id) {
    const { InternetGateways } = await aws.call('ec2', 'DescribeInternetGateways', { InternetGatewayIds: [id] });
    const { Attachments = [], Tags } = InternetGateways[0];
    const vpc = Attachments[0]?.VpcId;
    return {
      title: nameTag(Tags) || id,
      subtitle: 'Internet gateway',
      panels: [
        {
          title: 'Attachment',
          facts: [{ name: 'Id', value: id }, { name: 'VPC', value: vpc ?? 'detached', ...(vpc ? { link: { kind: 'vpc', id: vpc } } : {}) }],
          forms: vpc
            ? [remove('detach', 'Detach', [hidden('VpcId', vpc)], `Detach ${id}?`)]
            : [{ action: 'attach', submit: 'Attach', fields: [choose('VpcId', 'VPC', await vpcOptions(aws))] }, remove('delete', 'Delete', [], `Delete ${id}?`)],
        },
      ],
    };
  },
  async create() {
    return [{ title: 'New internet gateway', forms: [{ action: 'create', submit: 'Create internet gateway', fields: [field('Name', 'Name')] }] }];
  },
  actions: {
    async create(aws, _id, values) {
      const { InternetGateway } = await aws.call('ec2', 'CreateInternetGateway', named('internet-gateway', values.optional('Name')));
      return { open: { kind: 'internet-gateway', id: InternetGateway.InternetGatewayId } };
    },
    attach: act('ec2', 'AttachInternetGateway', (InternetGatewayId, values) => ({ InternetGatewayId, VpcId: values.text('VpcId') })),
    detach: act('ec2', 'DetachInternetGateway', (InternetGatewayId, values) => ({ InternetGatewayId, VpcId: values.text('VpcId') })),
    delete: removal('ec2', 'DeleteInternetGateway', (InternetGatewayId) => ({ InternetGatewayId })),
  },
};

export const natGateways: ResourceKind = {
  id: 'nat-gateway',
  group: 'VPC',
  plural: 'NAT gateways',
  one: 'NAT gateway',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeNatGateways', {}, 'NatGateways');
    return list.filter(({ State }) => State !== 'deleted').map(({ NatGatewayId, Tags, State }) => ({ ...label(NatGatewayId, Tags), detail: State }));
  },
  async show(aws, id) {
    const { NatGateways } = await aws.call('ec2', 'DescribeNatGateways', { NatGatewayIds: [id] });
    const nat = NatGateways[0];
    return {
      title: nameTag(nat.Tags) || id,
      subtitle: 'NAT gateway',
      panels: [
        {
          title: 'About',
          facts: [
            { name: 'Id', value: id },
            { name: 'State', value: `${nat.State}${nat.FailureMessage ? `: ${nat.FailureMessage}` : ''}` },
            { name: 'Availability', value: nat.AvailabilityMode ?? 'zonal' },
            { name: 'VPC', value: nat.VpcId ?? '', link: { kind: 'vpc', id: nat.VpcId ?? '' } },
            ...(nat.SubnetId ? [{ name: 'Subnet', value: nat.SubnetId, link: { kind: 'subnet', id: nat.SubnetId } }] : []),
            { name: 'Type', value: nat.ConnectivityType ?? 'public' },
            { name: 'Addresses', value: (nat.NatGatewayAddresses ?? []).map(({ PublicIp, PrivateIp }: { PublicIp?: string; PrivateIp?: string }) => PublicIp ?? PrivateIp).join(', ') },
          ],
          forms: [remove('delete', 'Delete NAT gateway', [], `Delete ${id}?`)],
        },
      ],
    };
  },
  async create(aws) {
    const subnetList = await aws.all('ec2', 'DescribeSubnets', {}, 'Subnets');
    return [
      {
        title: 'New NAT gateway in one zone',
        note: 'A new elastic address is allocated for it.',
        forms: [{ action: 'create', submit: 'Create NAT gateway', fields: [field('Name', 'Name'), choose('SubnetId', 'Subnet', subnetList.map(({ SubnetId, Tags, CidrBlock }) => ({ value: SubnetId, label: `${nameTag(Tags) || SubnetId} ${CidrBlock}` })))] }],
      },
      { title: 'New regional NAT gateway', note: 'It has no subnet; AWS finds its addresses.', forms: [{ action: 'create-regional', submit: 'Create regional NAT gateway', fields: [field('Name', 'Name'), choose('VpcId', 'VPC', await vpcOptions(aws))] }] },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { AllocationId } = await aws.call('ec2', 'AllocateAddress', { Domain: 'vpc' });
      const { NatGateway } = await aws.call('ec2', 'CreateNatGateway', { SubnetId: values.text('SubnetId'), AllocationId, ...named('natgateway', values.optional('Name')) });
      return { open: { kind: 'nat-gateway', id: NatGateway.NatGatewayId } };
    },
    async 'create-regional'(aws, _id, values) {
      const { NatGateway } = await aws.call('ec2', 'CreateNatGateway', { VpcId: values.text('VpcId'), AvailabilityMode: 'regional', ...named('natgateway', values.optional('Name')) });
      return { open: { kind: 'nat-gateway', id: NatGateway.NatGatewayId } };
    },
    delete: removal('ec2', 'DeleteNatGateway', (NatGatewayId) => ({ NatGatewayId })),
  },
};

export const elasticAddresses: ResourceKind = {
  id: 'elastic-ip',
  group: 'VPC',
  plural: 'Elastic IPs',
  one: 'elastic IP',
  async list(aws) {
    const { Addresses = [] } = await aws.call('ec2', 'DescribeAddresses');
    return (Addresses as { AllocationId: string; PublicIp: string; AssociationId?: string }[]).map(({ AllocationId, PublicIp, AssociationId }) => ({ id: AllocationId, label: PublicIp, detail: AssociationId ? 'in use' : 'free' }));
  },
  async show(aws, id) {
    const { Addresses } = await aws.call('ec2', 'DescribeAddresses', { AllocationIds: [id] });
    const address = Addresses[0];
    return {
      title: address.PublicIp,
      subtitle: 'Elastic IP',
      panels: [
        {
          title: 'About',
          facts: [{ name: 'Allocation', value: id }, { name: 'Association', value: address.AssociationId ?? 'none' }, { name: 'Interface', value: address.NetworkInterfaceId ?? 'none' }],
          forms: [remove('delete', 'Release', [], `Release ${address.PublicIp}?`)],
        },
      ],
    };
  },
  async create() {
    return [{ title: 'New elastic IP', forms: [{ action: 'create', submit: 'Allocate address', fields: [] }] }];
  },
  actions: {
    async create(aws) {
      const { AllocationId } = await aws.call('ec2', 'AllocateAddress', { Domain: 'vpc' });
      return { open: { kind: 'elastic-ip', id: AllocationId } };
    },
    delete: removal('ec2', 'ReleaseAddress', (AllocationId) => ({ AllocationId })),
  },
};
