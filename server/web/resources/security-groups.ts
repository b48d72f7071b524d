import { act, choose, field, hidden, nameTag, removal, remove } from './forms.ts';
import type { Panel, ResourceKind } from './types.ts';

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
    const rules = await aws.all<Rule>(
      'ec2',
      'DescribeSecurityGroupRules',
      { Filters: [{ Name: 'group-id', Values: [id] }] },
      'SecurityGroupRules',
    );
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
              {
                text:
                  rule.IpProtocol === '-1'
                    ? 'all'
                    : rule.FromPort === rule.ToPort
                      ? String(rule.FromPort)
                      : `${rule.FromPort}–${rule.ToPort}`,
              },
              {
                text: rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? '',
                mono: true,
              },
              { text: rule.SecurityGroupRuleId, mono: true },
            ],
            forms: [
              remove(egress ? 'revoke-egress' : 'revoke-ingress', 'Remove', [hidden('rule', rule.SecurityGroupRuleId)]),
            ],
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
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: group.VpcId, link: { kind: 'vpc', id: group.VpcId } },
            { name: 'Description', value: group.Description ?? '' },
          ],
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
            fields: [
              field('GroupName', 'Name', { required: true }),
              field('Description', 'Description', { required: true }),
              choose(
                'VpcId',
                'VPC',
                list.map(({ VpcId, Tags, CidrBlock }) => ({
                  value: VpcId,
                  label: `${nameTag(Tags) || VpcId} ${CidrBlock}`,
                })),
              ),
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { GroupId } = await aws.call('ec2', 'CreateSecurityGroup', {
        GroupName: values.text('GroupName'),
        Description: values.text('Description'),
        VpcId: values.text('VpcId'),
      });
      return { open: { kind: 'security-group', id: GroupId } };
    },
    'add-ingress': act('ec2', 'AuthorizeSecurityGroupIngress', (GroupId, values) => ({
      GroupId,
      IpPermissions: [permission(values)],
    })),
    'add-egress': act('ec2', 'AuthorizeSecurityGroupEgress', (GroupId, values) => ({
      GroupId,
      IpPermissions: [permission(values)],
    })),
    'revoke-ingress': act('ec2', 'RevokeSecurityGroupIngress', (GroupId, values) => ({
      GroupId,
      SecurityGroupRuleIds: [values.text('rule')],
    })),
    'revoke-egress': act('ec2', 'RevokeSecurityGroupEgress', (GroupId, values) => ({
      GroupId,
      SecurityGroupRuleIds: [values.text('rule')],
    })),
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
