import { act, choose, field, hidden, nameTag, remove } from './forms.ts';
import type { Panel, ResourceKind } from './types.ts';
import { label } from './vpc-networks.ts';

// biome-ignore lint/suspicious/noExplicitAny: an entry of the SDK
type Rule = any;

export const networkAcls: ResourceKind = {
  id: 'network-acl',
  group: 'VPC',
  plural: 'Network ACLs',
  one: 'network ACL',
  async list(aws) {
    const list = await aws.all('ec2', 'DescribeNetworkAcls', {}, 'NetworkAcls');
    return list.map(({ NetworkAclId, Tags, IsDefault }) => ({
      ...label(NetworkAclId, Tags),
      ...(IsDefault && !nameTag(Tags) ? { detail: 'default' } : {}),
    }));
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
            forms:
              entry.RuleNumber === 32_767
                ? []
                : [
                    remove('delete-entry', 'Delete', [
                      hidden('RuleNumber', String(entry.RuleNumber)),
                      hidden('Egress', egress ? 'on' : ''),
                    ]),
                  ],
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
            choose('Protocol', 'Protocol', [
              { value: '-1', label: 'all' },
              { value: '6', label: 'tcp' },
              { value: '17', label: 'udp' },
            ]),
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
        {
          title: 'About',
          facts: [
            { name: 'Id', value: id },
            { name: 'VPC', value: acl.VpcId, link: { kind: 'vpc', id: acl.VpcId } },
            {
              name: 'Subnets',
              value:
                (acl.Associations ?? []).map(({ SubnetId }: { SubnetId: string }) => SubnetId).join(', ') || 'none',
            },
          ],
        },
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
    'delete-entry': act('ec2', 'DeleteNetworkAclEntry', (NetworkAclId, values) => ({
      NetworkAclId,
      RuleNumber: values.number('RuleNumber'),
      Egress: values.flag('Egress'),
    })),
  },
};
