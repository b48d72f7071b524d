import { commandFor } from './aws.ts';
import { act, dateText, documentForm, field, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

export const secrets: ResourceKind = {
  id: 'secret',
  group: 'Secrets Manager',
  plural: 'Secrets',
  one: 'secret',
  async list(aws) {
    const list = await aws.all('secretsmanager', 'ListSecrets', {}, 'SecretList');
    return list.map(({ ARN, Name }) => ({ id: ARN, label: Name }));
  },
  async show(aws, SecretId) {
    const secret = await aws.call('secretsmanager', 'DescribeSecret', { SecretId });
    const { ResourcePolicy } = await aws.call('secretsmanager', 'GetResourcePolicy', { SecretId });
    return {
      title: secret.Name,
      subtitle: 'Secret',
      panels: [
        {
          title: 'Value',
          note: 'The value is read only when you ask for it.',
          forms: [
            { action: 'show', submit: 'Show value', fields: [] },
            {
              action: 'put',
              submit: 'Put new value',
              fields: [{ name: 'SecretString', label: 'New value', type: 'lines', rows: 3 }],
              command: commandFor('secretsmanager', 'PutSecretValue', { SecretId, SecretString: 'file://secret.txt' }),
            },
          ],
        },
        {
          title: 'Resource policy',
          closed: !ResourcePolicy,
          forms: [
            documentForm({
              action: 'policy',
              label: 'Resource policy',
              policy: 'resource',
              text: ResourcePolicy ?? '',
              command: commandFor('secretsmanager', 'PutResourcePolicy', {
                SecretId,
                ResourcePolicy: 'file://policy.json',
              }),
            }),
            ...(ResourcePolicy ? [remove('delete-policy', 'Delete policy', [], 'Delete the resource policy?')] : []),
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: secret.ARN },
            { name: 'KMS key', value: secret.KmsKeyId ?? 'aws/secretsmanager' },
            { name: 'Changed', value: dateText(secret.LastChangedDate) },
          ],
          forms: [
            {
              action: 'key',
              submit: 'Change key',
              fields: [field('KmsKeyId', 'KMS key', { value: secret.KmsKeyId ?? '' })],
            },
            remove('delete', 'Delete secret', [], `Delete the secret ${secret.Name}, without a recovery window?`),
          ],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New secret',
        forms: [
          {
            action: 'create',
            submit: 'Create secret',
            fields: [
              field('Name', 'Name', { required: true }),
              field('KmsKeyId', 'KMS key (empty: aws/secretsmanager)'),
              {
                name: 'SecretString',
                label: 'Value',
                type: 'lines',
                rows: 3,
                placeholder: '{"username": "app", "password": "…"}',
              },
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { ARN } = await aws.call('secretsmanager', 'CreateSecret', {
        Name: values.text('Name'),
        SecretString: values.raw('SecretString'),
        KmsKeyId: values.optional('KmsKeyId'),
        ClientRequestToken: crypto.randomUUID(),
      });
      return { open: { kind: 'secret', id: ARN } };
    },
    async show(aws, SecretId) {
      const { SecretString, SecretBinary } = await aws.call('secretsmanager', 'GetSecretValue', { SecretId });
      return { output: { title: 'Value', text: SecretString ?? Buffer.from(SecretBinary ?? []).toString('base64') } };
    },
    put: act('secretsmanager', 'PutSecretValue', (SecretId, values) => ({
      SecretId,
      SecretString: values.raw('SecretString'),
      ClientRequestToken: crypto.randomUUID(),
    })),
    policy: act('secretsmanager', 'PutResourcePolicy', (SecretId, values) => ({
      SecretId,
      ResourcePolicy: values.raw('document'),
    })),
    'delete-policy': act('secretsmanager', 'DeleteResourcePolicy', (SecretId) => ({ SecretId })),
    key: act('secretsmanager', 'UpdateSecret', (SecretId, values) => ({
      SecretId,
      KmsKeyId: values.text('KmsKeyId'),
      ClientRequestToken: crypto.randomUUID(),
    })),
    async delete(aws, SecretId) {
      await aws.call('secretsmanager', 'DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
      return { gone: true };
    },
  },
};
