import type { Aws } from './aws.ts';
import { act, choose, field, hidden, nameTag, removal, remove } from './forms.ts';
import { routesTable } from './routes.ts';
import type { Entry, ResourceKind } from './types.ts';

/** VPCs and subnets. */

export const label = (id: string, tags: { Key?: string; Value?: string }[] | undefined): Entry => {
  const name = nameTag(tags);
  return { id, label: name || id, ...(name ? { detail: id } : {}) };
};

/** What may be chosen in a VPC (in any, without one): subnets, security groups, route tables, by name. */
export async function choices(
  aws: Aws,
  what: 'Subnets' | 'SecurityGroups' | 'RouteTables',
  vpc?: string,
): Promise<{ value: string; label: string }[]> {
  const list = await aws.all(
    'ec2',
    `Describe${what}`,
    vpc ? { Filters: [{ Name: 'vpc-id', Values: [vpc] }] } : {},
    what,
  );
  return list.map((one) => {
    const value: string = one.SubnetId ?? one.GroupId ?? one.RouteTableId;
    const name = nameTag(one.Tags) || one.GroupName;
    return { value, label: [name, value, one.CidrBlock, one.AvailabilityZone].filter(Boolean).join(' · ') };
  });
}

/** The VPCs to choose from. */
export async function vpcOptions(aws: Aws): Promise<{ value: string; label: string }[]> {
  const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
  return list.map(({ VpcId, Tags, CidrBlock }) => ({ value: VpcId, label: `${nameTag(Tags) || VpcId} ${CidrBlock}` }));
}

/** A resource's tags of creation: its name. */
export const named = (type: string, name: string | undefined): object =>
  name ? { TagSpecifications: [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }] } : {};

export const vpcs: ResourceKind = {
  id: 'vpc',
  group: 'VPC',
  plural: 'VPCs',
  one: 'VPC',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
    return list.map(({ VpcId, Tags, IsDefault }) => ({
      ...label(VpcId, Tags),
      ...(IsDefault ? { detail: 'default' } : {}),
    }));
  },
  async show(aws, id) {
    const { Vpcs } = await aws.call('ec2', 'DescribeVpcs', { VpcIds: [id] });
    const vpc = Vpcs[0];
    const attribute = async (Attribute: string, member: string): Promise<boolean> =>
      (await aws.call('ec2', 'DescribeVpcAttribute', { VpcId: id, Attribute }))[member]?.Value ?? false;
    const [hostnames, support] = await Promise.all([
      attribute('enableDnsHostnames', 'EnableDnsHostnames'),
      attribute('enableDnsSupport', 'EnableDnsSupport'),
    ]);
    const subnetList = await aws.all(
      'ec2',
      'DescribeSubnets',
      { Filters: [{ Name: 'vpc-id', Values: [id] }] },
      'Subnets',
    );
    return {
      title: nameTag(vpc.Tags) || id,
      subtitle: 'VPC',
      panels: [
        {
          title: 'Addresses',
          facts: [
            { name: 'Id', value: id },
            { name: 'CIDR', value: vpc.CidrBlock },
          ],
        },
        {
          title: 'DNS',
          forms: [
            {
              action: 'dns',
              submit: 'Apply',
              fields: [
                { name: 'support', label: 'DNS resolution', type: 'checkbox', value: support ? 'on' : '' },
                { name: 'hostnames', label: 'DNS hostnames', type: 'checkbox', value: hostnames ? 'on' : '' },
              ],
            },
          ],
        },
        {
          title: 'Subnets',
          table: {
            columns: ['Subnet', 'CIDR', 'Zone'],
            empty: 'The VPC has no subnet.',
            rows: subnetList.map(({ SubnetId, Tags, CidrBlock, AvailabilityZone }) => ({
              cells: [
                { text: nameTag(Tags) || SubnetId, link: { kind: 'subnet', id: SubnetId } },
                { text: CidrBlock, mono: true },
                { text: AvailabilityZone },
              ],
            })),
          },
        },
        { title: 'Remove', closed: true, forms: [remove('delete', 'Delete VPC', [], `Delete ${id}?`)] },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New VPC',
        forms: [
          {
            action: 'create',
            submit: 'Create VPC',
            fields: [field('Name', 'Name'), field('CidrBlock', 'CIDR', { required: true, value: '10.0.0.0/16' })],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { Vpc } = await aws.call('ec2', 'CreateVpc', {
        CidrBlock: values.text('CidrBlock'),
        ...named('vpc', values.optional('Name')),
      });
      return { open: { kind: 'vpc', id: Vpc.VpcId } };
    },
    async dns(aws, VpcId, values) {
      await aws.call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: values.flag('support') } });
      await aws.call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: values.flag('hostnames') } });
      return undefined;
    },
    delete: removal('ec2', 'DeleteVpc', (VpcId) => ({ VpcId })),
  },
};

export const subnets: ResourceKind = {
  id: 'subnet',
  group: 'VPC',
  plural: 'Subnets',
  one: 'subnet',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeSubnets', {}, 'Subnets');
    return list.map(({ SubnetId, Tags }) => label(SubnetId, Tags));
  },
  async show(aws, id) {
    const { Subnets } = await aws.call('ec2', 'DescribeSubnets', { SubnetIds: [id] });
    const subnet = Subnets[0];
    const tables = await aws.all(
      'ec2',
      'DescribeRouteTables',
      { Filters: [{ Name: 'vpc-id', Values: [subnet.VpcId] }] },
      'RouteTables',
    );
    type Association = { SubnetId?: string; Main?: boolean; RouteTableAssociationId: string };
    const own = tables.find(({ Associations = [] }) =>
      (Associations as Association[]).some(({ SubnetId }) => SubnetId === id),
    );
    const main = tables.find(({ Associations = [] }) => (Associations as Association[]).some(({ Main }) => Main));
    const association =
      ((own?.Associations ?? []) as Association[]).find(({ SubnetId }) => SubnetId === id)?.RouteTableAssociationId ??
      '';
    const table = own ?? main;
    const { NetworkAcls } = await aws.call('ec2', 'DescribeNetworkAcls', {
      Filters: [{ Name: 'association.subnet-id', Values: [id] }],
    });
    const acl = NetworkAcls?.[0]?.NetworkAclId;
    return {
      title: nameTag(subnet.Tags) || id,
      subtitle: 'Subnet',
      panels: [
        {
          title: 'Route table',
          facts: table
            ? [
                {
                  name: own ? 'Associated' : 'Main table of the VPC',
                  value: nameTag(table.Tags) ? `${nameTag(table.Tags)} (${table.RouteTableId})` : table.RouteTableId,
                  link: { kind: 'route-table', id: table.RouteTableId },
                },
              ]
            : [],
          ...(table ? { table: routesTable(table.Routes ?? []) } : {}),
          forms: [
            {
              action: 'table',
              submit: 'Use this table',
              fields: [
                hidden('AssociationId', association),
                choose(
                  'RouteTableId',
                  'Route table',
                  tables.map(({ RouteTableId, Tags }) => ({
                    value: RouteTableId,
                    label: nameTag(Tags) ? `${nameTag(Tags)} (${RouteTableId})` : RouteTableId,
                  })),
                  { value: table?.RouteTableId ?? '' },
                ),
              ],
            },
            ...(association
              ? [remove('back-to-main', 'Back to the main table', [hidden('AssociationId', association)])]
              : []),
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: subnet.VpcId, link: { kind: 'vpc', id: subnet.VpcId } },
            { name: 'CIDR', value: subnet.CidrBlock },
            { name: 'Zone', value: subnet.AvailabilityZone },
            { name: 'Public addresses', value: subnet.MapPublicIpOnLaunch ? 'given at launch' : 'not given' },
            ...(acl ? [{ name: 'Network ACL', value: acl, link: { kind: 'network-acl', id: acl } }] : []),
          ],
          forms: [remove('delete', 'Delete subnet', [], `Delete ${id}?`)],
        },
      ],
    };
  },
  async create(aws) {
    const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
    const { AvailabilityZones } = await aws.call('ec2', 'DescribeAvailabilityZones');
    return [
      {
        title: 'New subnet',
        forms: [
          {
            action: 'create',
            submit: 'Create subnet',
            fields: [
              field('Name', 'Name'),
              choose(
                'VpcId',
                'VPC',
                list.map(({ VpcId, Tags, CidrBlock }) => ({
                  value: VpcId,
                  label: `${nameTag(Tags) || VpcId} ${CidrBlock}`,
                })),
              ),
              field('CidrBlock', 'CIDR', { required: true, placeholder: '10.0.9.0/24' }),
              choose(
                'AvailabilityZone',
                'Zone',
                (AvailabilityZones as { ZoneName: string }[]).map(({ ZoneName }) => ZoneName),
              ),
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { Subnet } = await aws.call('ec2', 'CreateSubnet', {
        VpcId: values.text('VpcId'),
        CidrBlock: values.text('CidrBlock'),
        AvailabilityZone: values.optional('AvailabilityZone'),
        ...named('subnet', values.optional('Name')),
      });
      return { open: { kind: 'subnet', id: Subnet.SubnetId } };
    },
    async table(aws, SubnetId, values) {
      const RouteTableId = values.text('RouteTableId');
      const AssociationId = values.optional('AssociationId');
      if (AssociationId) await aws.call('ec2', 'ReplaceRouteTableAssociation', { AssociationId, RouteTableId });
      else await aws.call('ec2', 'AssociateRouteTable', { SubnetId, RouteTableId });
      return undefined;
    },
    'back-to-main': act('ec2', 'DisassociateRouteTable', (_id, values) => ({
      AssociationId: values.text('AssociationId'),
    })),
    delete: removal('ec2', 'DeleteSubnet', (SubnetId) => ({ SubnetId })),
  },
};
