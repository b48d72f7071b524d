import { commandFor } from './aws.ts';
import { act, choose, dateText, field, removal, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

const types = ['String', 'SecureString', 'StringList'];

export const ssmParameters: ResourceKind = {
  id: 'ssm-parameter',
  group: 'Systems Manager',
  plural: 'Parameters',
  one: 'parameter',
  async list(aws) {
    const list = await aws.all('ssm', 'DescribeParameters', {}, 'Parameters');
    return list.map(({ Name, Type }) => ({ id: Name, label: Name, detail: Type }));
  },
  async show(aws, Name) {
    const { Parameter } = await aws.call('ssm', 'GetParameter', { Name, WithDecryption: false });
    const secure = Parameter.Type === 'SecureString';
    return {
      title: Name,
      subtitle: `${Parameter.Type} parameter`,
      panels: [
        {
          title: 'Value',
          ...(secure ? { note: 'The value is decrypted only when you ask for it.' } : {}),
          forms: [
            ...(secure ? [{ action: 'show', submit: 'Show value', fields: [] }] : []),
            {
              action: 'put',
              submit: 'Put new value',
              fields: [
                choose('Type', 'Type', types, { value: Parameter.Type }),
                {
                  name: 'Value',
                  label: 'Value',
                  type: 'lines' as const,
                  rows: 3,
                  value: secure ? '' : Parameter.Value,
                },
              ],
              command: commandFor('ssm', 'PutParameter', { Name, Type: Parameter.Type, Value: '…', Overwrite: true }),
            },
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: Parameter.ARN ?? '' },
            { name: 'Version', value: String(Parameter.Version ?? '') },
            { name: 'Changed', value: dateText(Parameter.LastModifiedDate) },
          ],
          forms: [remove('delete', 'Delete parameter', [], `Delete ${Name}?`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New parameter',
        forms: [
          {
            action: 'create',
            submit: 'Create parameter',
            fields: [
              field('Name', 'Name', { required: true, placeholder: '/app/setting' }),
              choose('Type', 'Type', types),
              field('KeyId', 'KMS key (SecureString only)'),
              { name: 'Value', label: 'Value', type: 'lines', rows: 3 },
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const Name = values.text('Name');
      await aws.call('ssm', 'PutParameter', {
        Name,
        Type: values.text('Type'),
        Value: values.raw('Value'),
        KeyId: values.optional('KeyId'),
      });
      return { open: { kind: 'ssm-parameter', id: Name } };
    },
    async show(aws, Name) {
      const { Parameter } = await aws.call('ssm', 'GetParameter', { Name, WithDecryption: true });
      return { output: { title: 'Value', text: Parameter.Value } };
    },
    put: act('ssm', 'PutParameter', (Name, values) => ({
      Name,
      Type: values.text('Type'),
      Value: values.raw('Value'),
      Overwrite: true,
    })),
    delete: removal('ssm', 'DeleteParameter', (Name) => ({ Name })),
  },
};
