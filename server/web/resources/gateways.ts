import { act, choose, field, hidden, nameTag, removal, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';
import { label, named, vpcOptions } from './vpc-networks.ts';

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
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: vpc ?? 'detached', ...(vpc ? { link: { kind: 'vpc', id: vpc } } : {}) },
          ],
          forms: vpc
            ? [remove('detach', 'Detach', [hidden('VpcId', vpc)], `Detach ${id}?`)]
            : [
                { action: 'attach', submit: 'Attach', fields: [choose('VpcId', 'VPC', await vpcOptions(aws))] },
                remove('delete', 'Delete', [], `Delete ${id}?`),
              ],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New internet gateway',
        forms: [{ action: 'create', submit: 'Create internet gateway', fields: [field('Name', 'Name')] }],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { InternetGateway } = await aws.call(
        'ec2',
        'CreateInternetGateway',
        named('internet-gateway', values.optional('Name')),
      );
      return { open: { kind: 'internet-gateway', id: InternetGateway.InternetGatewayId } };
    },
    attach: act('ec2', 'AttachInternetGateway', (InternetGatewayId, values) => ({
      InternetGatewayId,
      VpcId: values.text('VpcId'),
    })),
    detach: act('ec2', 'DetachInternetGateway', (InternetGatewayId, values) => ({
      InternetGatewayId,
      VpcId: values.text('VpcId'),
    })),
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
    return list
      .filter(({ State }) => State !== 'deleted')
      .map(({ NatGatewayId, Tags, State }) => ({ ...label(NatGatewayId, Tags), detail: State }));
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
            ...(nat.SubnetId
              ? [{ name: 'Subnet', value: nat.SubnetId, link: { kind: 'subnet', id: nat.SubnetId } }]
              : []),
            { name: 'Type', value: nat.ConnectivityType ?? 'public' },
            {
              name: 'Addresses',
              value: (nat.NatGatewayAddresses ?? [])
                .map(({ PublicIp, PrivateIp }: { PublicIp?: string; PrivateIp?: string }) => PublicIp ?? PrivateIp)
                .join(', '),
            },
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
        forms: [
          {
            action: 'create',
            submit: 'Create NAT gateway',
            fields: [
              field('Name', 'Name'),
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
        title: 'New regional NAT gateway',
        note: 'It has no subnet; AWS finds its addresses.',
        forms: [
          {
            action: 'create-regional',
            submit: 'Create regional NAT gateway',
            fields: [field('Name', 'Name'), choose('VpcId', 'VPC', await vpcOptions(aws))],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { AllocationId } = await aws.call('ec2', 'AllocateAddress', { Domain: 'vpc' });
      const { NatGateway } = await aws.call('ec2', 'CreateNatGateway', {
        SubnetId: values.text('SubnetId'),
        AllocationId,
        ...named('natgateway', values.optional('Name')),
      });
      return { open: { kind: 'nat-gateway', id: NatGateway.NatGatewayId } };
    },
    async 'create-regional'(aws, _id, values) {
      const { NatGateway } = await aws.call('ec2', 'CreateNatGateway', {
        VpcId: values.text('VpcId'),
        AvailabilityMode: 'regional',
        ...named('natgateway', values.optional('Name')),
      });
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
    return (Addresses as { AllocationId: string; PublicIp: string; AssociationId?: string }[]).map(
      ({ AllocationId, PublicIp, AssociationId }) => ({
        id: AllocationId,
        label: PublicIp,
        detail: AssociationId ? 'in use' : 'free',
      }),
    );
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
          facts: [
            { name: 'Allocation', value: id },
            { name: 'Association', value: address.AssociationId ?? 'none' },
            { name: 'Interface', value: address.NetworkInterfaceId ?? 'none' },
          ],
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
