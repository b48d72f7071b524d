import { commandFor } from './aws.ts';
import { act, documentForm, field, hidden, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

interface Alias {
  AliasName: string;
  TargetKeyId?: string;
}

export const kmsKeys: ResourceKind = {
  id: 'kms-key',
  group: 'KMS',
  plural: 'Keys',
  one: 'key',
  async list(aws) {
    const keys = await aws.all('kms', 'ListKeys', {}, 'Keys', ['Marker', 'NextMarker']);
    const aliases = await aws.all<Alias>('kms', 'ListAliases', {}, 'Aliases', ['Marker', 'NextMarker']);
    return keys.map(({ KeyId }) => ({
      id: KeyId,
      label: aliases.find(({ TargetKeyId }) => TargetKeyId === KeyId)?.AliasName ?? KeyId,
    }));
  },
  async show(aws, KeyId) {
    const { KeyMetadata } = await aws.call('kms', 'DescribeKey', { KeyId });
    const { Policy } = await aws.call('kms', 'GetKeyPolicy', { KeyId, PolicyName: 'default' });
    const aliases = await aws.all<Alias>('kms', 'ListAliases', { KeyId }, 'Aliases', ['Marker', 'NextMarker']);
    const own = KeyMetadata.KeyManager !== 'AWS';
    return {
      title: aliases[0]?.AliasName ?? KeyId,
      subtitle: own ? 'KMS key' : 'AWS managed KMS key: read only',
      panels: [
        own
          ? {
              title: 'Key policy',
              forms: [
                documentForm({
                  action: 'policy',
                  label: 'Key policy',
                  policy: 'resource',
                  text: Policy,
                  command: commandFor('kms', 'PutKeyPolicy', { KeyId, Policy: 'file://policy.json' }),
                }),
              ],
            }
          : { title: 'Key policy', text: Policy },
        {
          title: 'Aliases',
          table: {
            columns: ['Alias'],
            empty: 'The key has no alias.',
            rows: aliases.map(({ AliasName }) => ({
              cells: [{ text: AliasName, mono: true }],
              forms: own ? [remove('delete-alias', 'Delete', [hidden('AliasName', AliasName)])] : [],
            })),
          },
          forms: own
            ? [
                {
                  action: 'create-alias',
                  submit: 'Add alias',
                  fields: [field('AliasName', 'Alias', { required: true, placeholder: 'alias/app' })],
                },
              ]
            : [],
        },
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: KeyMetadata.Arn },
            { name: 'State', value: KeyMetadata.KeyState },
            { name: 'Usage', value: KeyMetadata.KeyUsage },
          ],
          forms: own
            ? [
                KeyMetadata.Enabled
                  ? { action: 'disable', submit: 'Disable', fields: [] }
                  : { action: 'enable', submit: 'Enable', fields: [] },
                remove('delete', 'Schedule deletion', [], 'Schedule the deletion of this key in 7 days?'),
              ]
            : [],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New key',
        forms: [
          {
            action: 'create',
            submit: 'Create key',
            fields: [field('Description', 'Description'), field('AliasName', 'Alias', { placeholder: 'alias/app' })],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { KeyMetadata } = await aws.call('kms', 'CreateKey', { Description: values.optional('Description') });
      const AliasName = values.optional('AliasName');
      if (AliasName) await aws.call('kms', 'CreateAlias', { AliasName, TargetKeyId: KeyMetadata.KeyId });
      return { open: { kind: 'kms-key', id: KeyMetadata.KeyId } };
    },
    policy: act('kms', 'PutKeyPolicy', (KeyId, values) => ({
      KeyId,
      PolicyName: 'default',
      Policy: values.raw('document'),
    })),
    'create-alias': act('kms', 'CreateAlias', (TargetKeyId, values) => ({
      TargetKeyId,
      AliasName: values.text('AliasName'),
    })),
    'delete-alias': act('kms', 'DeleteAlias', (_id, values) => ({ AliasName: values.text('AliasName') })),
    disable: act('kms', 'DisableKey', (KeyId) => ({ KeyId })),
    enable: act('kms', 'EnableKey', (KeyId) => ({ KeyId })),
    delete: act('kms', 'ScheduleKeyDeletion', (KeyId) => ({ KeyId, PendingWindowInDays: 7 })),
  },
};
