import { commandFor } from './aws.ts';
import { act, choose, documentForm, field, hidden, nameTag, remove, removal, several, tick } from './forms.ts';
import type { Form, Panel, ResourceKind } from './types.ts';
import { choices, label, named } from './vpc-networks.ts';

/** What lets traffic pass: endpoints, security groups, network ACLs. */

export const vpcEndpoints: ResourceKind = {
  id: 'vpc-endpoint',
  group: 'VPC',
  plural: 'Endpoints',
  one: 'endpoint',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeVpcEndpoints', {}, 'VpcEndpoints');
    return list.filter(({ State }) => State !== 'deleted').map(({ VpcEndpointId, ServiceName, Tags }) => ({ id: VpcEndpointId, label: nameTag(Tags) || VpcEndpointId, detail: ServiceName.split('.').slice(3).join('.') }));
  },
  async show(aws, id) {
    const { VpcEndpoints } = await aws.call('ec2', 'DescribeVpcEndpoints', { VpcEndpointIds: [id] });
    const endpoint = VpcEndpoints[0];
    const gateway = endpoint.VpcEndpointType === 'Gateway';
    const groups = (endpoint.Groups ?? []).map(({ GroupId }: { GroupId: string }) => GroupId);
    const edit = async (what: 'Subnets' | 'SecurityGroups' | 'RouteTables', member: string, text: string, now: string[]): Promise<Form> => ({
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
          forms: [documentForm({ action: 'policy', label: 'Endpoint policy', policy: 'endpoint', text: endpoint.PolicyDocument, command: commandFor('ec2', 'ModifyVpcEndpoint', { VpcEndpointId: id, PolicyDocument: 'file://policy.json' }) })],
        },
        {
          title: gateway ? 'Route tables' : 'Subnets and security groups',
          forms: gateway
            ? [await edit('RouteTables', 'RouteTableIds', 'Route tables', endpoint.RouteTableIds ?? [])]
            : [await edit('Subnets', 'SubnetIds', 'Subnets', endpoint.SubnetIds ?? []), await edit('SecurityGroups', 'SecurityGroupIds', 'Security groups', groups), { action: 'dns', submit: 'Apply', fields: [tick('PrivateDnsEnabled', 'Private DNS', endpoint.PrivateDnsEnabled ?? false)] }],
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
              choose('VpcId', 'VPC', list.map(({ VpcId, Tags, CidrBlock }) => ({ value: VpcId, label: `${nameTag(Tags) || VpcId} ${CidrBlock}` }))),
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
          : { SubnetIds: some('SubnetIds'), SecurityGroupIds: some('SecurityGroupIds'), PrivateDnsEnabled: values.flag('PrivateDnsEnabled') }),
        ...named('vpc-endpoint', values.optional('Name')),
      });
      return { open: { kind: 'vpc-endpoint', id: VpcEndpoint.VpcEndpointId } };
    },
    policy: act('ec2', 'ModifyVpcEndpoint', (VpcEndpointId, values) => ({ VpcEndpointId, PolicyDocument: values.raw('document') })),
    dns: act('ec2', 'ModifyVpcEndpoint', (VpcEndpointId, values) => ({ VpcEndpointId, PrivateDnsEnabled: values.flag('PrivateDnsEnabled') })),
    async members(aws, VpcEndpointId, values) {
      const { VpcEndpoints } = await aws.call('ec2', 'DescribeVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] });
      const member = values.text('member');
      const now: string[] = member === 'SecurityGroupIds' ? (VpcEndpoints[0].Groups ?? []).map(({ GroupId }: { GroupId: string }) => GroupId) : (VpcEndpoints[0][member] ?? []);
      const wanted = values.lines('ids');
      const add = wanted.filter((id) => !now.includes(id));
      const gone = now.filter((id) => !wanted.includes(id));
      if (add.length + gone.length > 0)
        await aws.call('ec2', 'ModifyVpcEndpoint', { VpcEndpointId, ...(add.length ? { [`Add${member}`]: add } : {}), ...(gone.length ? { [`Remove${member}`]: gone } : {}) });
      return undefined;
    },
    delete: removal('ec2', 'DeleteVpcEndpoints', (id) => ({ VpcEndpointIds: [id] })),
  },
};

// biome-ignore lint/suspicious/noExplicitAny: a security group rule of the SDK
type Rule = any;

export const securityGroups: ResourceKind = {
  id: 'security-group',
  group: 'VPC',
  plural: 'Security groups',
  one: 'security group',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeSecurityGroups', {}, 'SecurityGroups');
    return list.map(({ GroupId, GroupName }) => ({ id: GroupId, label: GroupName, detail: GroupId }));
  },
  async show(aws, id) {
    const { SecurityGroups } = await aws.call('ec2', 'DescribeSecurityGroups', { GroupIds: [id] });
    const group = SecurityGroups[0];
    const rules = await aws.all<Rule>('ec2', 'DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [id] }] }, 'SecurityGroupRules');
    const panel = (egress: boolean): Panel => ({
      title: egress ? 'Outbound rules' : 'Inbound rules',
      table: {
        columns: ['Protocol', 'Ports', egress ? 'To' : 'From', 'Rule'],
        empty: egress ? 'Nothing may leave.' : 'Nothing may come in.',
        rows: rules
          .filter(({ IsEgress }) => IsEgress === egress)
          .map((rule) => ({
            cells: [
              { text: rule.IpProtocol === '-1' ? 'all' : rule.IpProtocol },
              { text: rule.IpProtocol === '-1' ? 'all' : rule.FromPort === rule.ToPort ? String(rule.FromPort) : `${rule.FromPort}–${rule.ToPort}` },
              { text: rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? '', mono: true },
              { text: rule.SecurityGroupRuleId, mono: true },
            ],
            forms: [remove(egress ? 'revoke-egress' : 'revoke-ingress', 'Remove', [hidden('rule', rule.SecurityGroupRuleId)])],
          })),
      },
      forms: [
        {
          action: egress ? 'add-egress' : 'add-ingress',
          submit: 'Add rule',
          fields: [
            choose('IpProtocol', 'Protocol', ['tcp', 'udp', 'icmp', { value: '-1', label: 'all' }]),
            field('FromPort', 'From port', { type: 'number' }),
            field('ToPort', 'To port', { type: 'number', placeholder: 'the same' }),
            field('peer', egress ? 'To' : 'From', { required: true, placeholder: '10.0.0.0/16, sg-… or pl-…' }),
          ],
        },
      ],
    });
    return {
      title: group.GroupName,
      subtitle: 'Security group',
      panels: [
        panel(false),
        panel(true),
        {
          title: 'About',
          facts: [{ name: 'Id', value: id }, { name: 'VPC', value: group.VpcId, link: { kind: 'vpc', id: group.VpcId } }, { name: 'Description', value: group.Description ?? '' }],
          forms: [remove('delete', 'Delete security group', [], `Delete ${group.GroupName}?`)],
        },
      ],
    };
  },
  async create(aws) {
    const list = await aws.all('ec2', 'DescribeVpcs', {}, 'Vpcs');
    return [
      {
        title: 'New security group',
        forms: [
          {
            action: 'create',
            submit: 'Create security group',
            fields: [field('GroupName', 'Name', { required: true }), field('Description', 'Description', { required: true }), choose('VpcId', 'VPC', list.map(({ VpcId, Tags, CidrBlock }) => ({ value: VpcId, label: `${nameTag(Tags) || VpcId} ${CidrBlock}` })))],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { GroupId } = await aws.call('ec2', 'CreateSecurityGroup', { GroupName: values.text('GroupName'), Description: values.text('Description'), VpcId: values.text('VpcId') });
      return { open: { kind: 'security-group', id: GroupId } };
    },
    'add-ingress': act('ec2', 'AuthorizeSecurityGroupIngress', (GroupId, values) => ({ GroupId, IpPermissions: [permission(values)] })),
    'add-egress': act('ec2', 'AuthorizeSecurityGroupEgress', (GroupId, values) => ({ GroupId, IpPermissions: [permission(values)] })),
    'revoke-ingress': act('ec2', 'RevokeSecurityGroupIngress', (GroupId, values) => ({ GroupId, SecurityGroupRuleIds: [values.text('rule')] })),
    'revoke-egress': act('ec2', 'RevokeSecurityGroupEgress', (GroupId, values) => ({ GroupId, SecurityGroupRuleIds: [values.text('rule')] })),
    delete: removal('ec2', 'DeleteSecurityGroup', (GroupId) => ({ GroupId })),
  },
};

function permission(values: { text(name: string): string; number(name: string): number | undefined }): object {
  const IpProtocol = values.text('IpProtocol');
  const FromPort = values.number('FromPort');
  const ToPort = values.number('ToPort') ?? FromPort;
  const peer = values.text('peer');
  const to = peer.startsWith('sg-')
    ? { UserIdGroupPairs: [{ GroupId: peer }] }
    : peer.startsWith('pl-')
      ? { PrefixListIds: [{ PrefixListId: peer }] }
      : peer.includes(':')
        ? { Ipv6Ranges: [{ CidrIpv6: peer }] }
        : { IpRanges: [{ CidrIp: peer }] };
  return { IpProtocol, ...(IpProtocol === '-1' ? {} : { FromPort, ToPort }), ...to };
}

export const networkAcls: ResourceKind = {
  id: 'network-acl',
  group: 'VPC',
  plural: 'Network ACLs',
  one: 'network ACL',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeNetworkAcls', {}, 'NetworkAcls');
    return list.map(({ NetworkAclId, Tags, IsDefault }) => ({ ...label(NetworkAclId, Tags), ...(IsDefault && !nameTag(Tags) ? { detail: 'default' } : {}) }));
  },
  async show(aws, id) {
    const { NetworkAcls } = await aws.call('ec2', 'DescribeNetworkAcls', { NetworkAclIds: [id] });
    const acl = NetworkAcls[0];
    const panel = (egress: boolean): Panel => ({
      title: egress ? 'Outbound entries' : 'Inbound entries',
      table: {
        columns: ['Number', 'Effect', 'Protocol', 'Ports', 'Range'],
        empty: 'No entry.',
        rows: (acl.Entries as Rule[])
          .filter(({ Egress }) => Egress === egress)
          .sort((a, b) => a.RuleNumber - b.RuleNumber)
          .map((entry) => ({
            cells: [
              { text: entry.RuleNumber === 32_767 ? '*' : String(entry.RuleNumber) },
              { text: entry.RuleAction },
              { text: entry.Protocol === '-1' ? 'all' : entry.Protocol },
              { text: entry.PortRange ? `${entry.PortRange.From}–${entry.PortRange.To}` : 'all' },
              { text: entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '', mono: true },
            ],
            forms: entry.RuleNumber === 32_767 ? [] : [remove('delete-entry', 'Delete', [hidden('RuleNumber', String(entry.RuleNumber)), hidden('Egress', egress ? 'on' : '')])],
          })),
      },
      forms: [
        {
          action: 'add-entry',
          submit: 'Add entry',
          fields: [
            hidden('Egress', egress ? 'on' : ''),
            field('RuleNumber', 'Number', { type: 'number', required: true }),
            choose('RuleAction', 'Effect', ['allow', 'deny']),
            choose('Protocol', 'Protocol', [{ value: '-1', label: 'all' }, { value: '6', label: 'tcp' }, { value: '17', label: 'udp' }]),
            field('From', 'From port', { type: 'number' }),
            field('To', 'To port', { type: 'number' }),
            field('CidrBlock', 'Range', { required: true, value: '0.0.0.0/0' }),
          ],
        },
      ],
    });
    return {
      title: nameTag(acl.Tags) || id,
      subtitle: 'Network ACL',
      panels: [
        panel(false),
        panel(true),
        { title: 'About', facts: [{ name: 'Id', value: id }, { name: 'VPC', value: acl.VpcId, link: { kind: 'vpc', id: acl.VpcId } }, { name: 'Subnets', value: (acl.Associations ?? []).map(({ SubnetId }: { SubnetId: string }) => SubnetId).join(', ') || 'none' }] },
      ],
    };
  },
  actions: {
    'add-entry': act('ec2', 'CreateNetworkAclEntry', (NetworkAclId, values) => {
      const From = values.number('From');
      const Protocol = values.text('Protocol');
      return {
        NetworkAclId,
        Egress: values.flag('Egress'),
        RuleNumber: values.number('RuleNumber'),
        RuleAction: values.text('RuleAction'),
        Protocol,
        CidrBlock: values.text('CidrBlock'),
        ...(Protocol === '-1' || From === undefined ? {} : { PortRange: { From, To: values.number('To') ?? From } }),
      };
    }),
    'delete-entry': act('ec2', 'DeleteNetworkAclEntry', (NetworkAclId, values) => ({ NetworkAclId, RuleNumber: values.number('RuleNumber'), Egress: values.flag('Egress') })),
  },
};
