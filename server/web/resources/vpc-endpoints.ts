import { commandFor } from './aws.ts';
import { act, choose, documentForm, field, hidden, nameTag, removal, remove, several, tick } from './forms.ts';
import type { Form, ResourceKind } from './types.ts';
import { choices, named } from './vpc-networks.ts';

export const vpcEndpoints: ResourceKind = {
  id: 'vpc-endpoint',
  group: 'VPC',
  plural: 'Endpoints',
  one: 'endpoint',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeVpcEndpoints', {}, 'VpcEndpoints');
    return list
      .filter(({ State }) => State !== 'deleted')
      .map(({ VpcEndpointId, ServiceName, Tags }) => ({
        id: VpcEndpointId,
        label: nameTag(Tags) || VpcEndpointId,
        detail: ServiceName.split('.').slice(3).join('.'),
      }));
  },
  async show(aws, id) {
    const { VpcEndpoints } = await aws.call('ec2', 'DescribeVpcEndpoints', { VpcEndpointIds: [id] });
    const endpoint = VpcEndpoints[0];
    const gateway = endpoint.VpcEndpointType === 'Gateway';
    const groups = (endpoint.Groups ?? []).map(({ GroupId }: { GroupId: string }) => GroupId);
    const edit = async (
      what: 'Subnets' | 'SecurityGroups' | 'RouteTables',
      member: string,
      text: string,
      now: string[],
    ): Promise<Form> => ({
      action: 'members',
      submit: 'Apply',
      fields: [hidden('member', member), several('ids', text, await choices(aws, what, endpoint.VpcId), now)],
    });
    return {
      title: nameTag(endpoint.Tags) || id,
      subtitle: `${endpoint.VpcEndpointType} endpoint for ${endpoint.ServiceName}`,
      panels: [
        {
          title: 'Policy',
          forms: [
            documentForm({
              action: 'policy',
              label: 'Endpoint policy',
              policy: 'endpoint',
              text: endpoint.PolicyDocument,
              command: commandFor('ec2', 'ModifyVpcEndpoint', {
                VpcEndpointId: id,
                PolicyDocument: 'file://policy.json',
              }),
            }),
          ],
        },
        {
          title: gateway ? 'Route tables' : 'Subnets and security groups',
          forms: gateway
            ? [await edit('RouteTables', 'RouteTableIds', 'Route tables', endpoint.RouteTableIds ?? [])]
            : [
                await edit('Subnets', 'SubnetIds', 'Subnets', endpoint.SubnetIds ?? []),
                await edit('SecurityGroups', 'SecurityGroupIds', 'Security groups', groups),
                {
                  action: 'dns',
                  submit: 'Apply',
                  fields: [tick('PrivateDnsEnabled', 'Private DNS', endpoint.PrivateDnsEnabled ?? false)],
                },
              ],
        },
        {
          title: 'About',
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: endpoint.VpcId, link: { kind: 'vpc', id: endpoint.VpcId } },
            { name: 'State', value: endpoint.State },
          ],
          forms: [remove('delete', 'Delete endpoint', [], `Delete ${id}?`)],
        },
      ],
    };
  },
  async create(aws) {
    const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
    return [
      {
        title: 'New endpoint',
        forms: [
          {
            action: 'create',
            submit: 'Create endpoint',
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
              field('ServiceName', 'Service', { required: true, value: `com.amazonaws.${aws.region}.s3` }),
              choose('VpcEndpointType', 'Type', ['Gateway', 'Interface']),
              several('RouteTableIds', 'Gateway: route tables', await choices(aws, 'RouteTables'), []),
              several('SubnetIds', 'Interface: subnets', await choices(aws, 'Subnets'), []),
              several('SecurityGroupIds', 'Interface: security groups', await choices(aws, 'SecurityGroups'), []),
              tick('PrivateDnsEnabled', 'Interface: private DNS', true),
              { name: 'document', label: 'Policy (empty: full access)', type: 'json', policy: 'endpoint' },
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const type = values.text('VpcEndpointType');
      const some = (name: string): string[] | undefined => (values.lines(name).length ? values.lines(name) : undefined);
      const { VpcEndpoint } = await aws.call('ec2', 'CreateVpcEndpoint', {
        VpcId: values.text('VpcId'),
        ServiceName: values.text('ServiceName'),
        VpcEndpointType: type,
        PolicyDocument: values.optional('document'),
        ...(type === 'Gateway'
          ? { RouteTableIds: some('RouteTableIds') }
          : {
              SubnetIds: some('SubnetIds'),
              SecurityGroupIds: some('SecurityGroupIds'),
              PrivateDnsEnabled: values.flag('PrivateDnsEnabled'),
            }),
        ...named('vpc-endpoint', values.optional('Name')),
      });
      return { open: { kind: 'vpc-endpoint', id: VpcEndpoint.VpcEndpointId } };
    },
    policy: act('ec2', 'ModifyVpcEndpoint', (VpcEndpointId, values) => ({
      VpcEndpointId,
      PolicyDocument: values.raw('document'),
    })),
    dns: act('ec2', 'ModifyVpcEndpoint', (VpcEndpointId, values) => ({
      VpcEndpointId,
      PrivateDnsEnabled: values.flag('PrivateDnsEnabled'),
    })),
    async members(aws, VpcEndpointId, values) {
      const { VpcEndpoints } = await aws.call('ec2', 'DescribeVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] });
      const member = values.text('member');
      const now: string[] =
        member === 'SecurityGroupIds'
          ? (VpcEndpoints[0].Groups ?? []).map(({ GroupId }: { GroupId: string }) => GroupId)
          : (VpcEndpoints[0][member] ?? []);
      const wanted = values.lines('ids');
      const add = wanted.filter((id) => !now.includes(id));
      const gone = now.filter((id) => !wanted.includes(id));
      if (add.length + gone.length > 0)
        await aws.call('ec2', 'ModifyVpcEndpoint', {
          VpcEndpointId,
          ...(add.length ? { [`Add${member}`]: add } : {}),
          ...(gone.length ? { [`Remove${member}`]: gone } : {}),
        });
      return undefined;
    },
    delete: removal('ec2', 'DeleteVpcEndpoints', (id) => ({ VpcEndpointIds: [id] })),
  },
};
