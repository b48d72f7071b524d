import { act, field, hidden, remove } from './forms.ts';
import { attachedPanel, boundaryPanel, identityActions, inlinePanels } from './iam-identities.ts';
import type { ResourceKind } from './types.ts';

export const iamUsers: ResourceKind = {
  id: 'iam-user',
  group: 'IAM',
  plural: 'Users',
  one: 'user',
  async list(aws) {
    const users = await aws.all('iam', 'ListUsers', {}, 'Users', ['Marker', 'Marker']);
    return users.map(({ UserName }) => ({ id: UserName, label: UserName }));
  },
  async show(aws, id) {
    const { User } = await aws.call('iam', 'GetUser', { UserName: id });
    const keys = await aws.all('iam', 'ListAccessKeys', { UserName: id }, 'AccessKeyMetadata', ['Marker', 'Marker']);
    return {
      title: id,
      subtitle: 'IAM user',
      panels: [
        ...(await inlinePanels(aws, 'User', id)),
        await attachedPanel(aws, 'User', id),
        {
          title: 'Access keys',
          table: {
            columns: ['Key', 'State'],
            empty: 'The user has no access key.',
            rows: keys.map(({ AccessKeyId, Status }) => ({
              cells: [{ text: AccessKeyId, mono: true }, { text: Status }],
              forms: [
                {
                  action: 'key-state',
                  submit: Status === 'Active' ? 'Deactivate' : 'Activate',
                  fields: [
                    hidden('AccessKeyId', AccessKeyId),
                    hidden('Status', Status === 'Active' ? 'Inactive' : 'Active'),
                  ],
                },
                remove('delete-key', 'Delete', [hidden('AccessKeyId', AccessKeyId)]),
              ],
            })),
          },
          forms: [{ action: 'create-key', submit: 'Create access key', fields: [] }],
        },
        boundaryPanel('User', User.PermissionsBoundary?.PermissionsBoundaryArn),
        {
          title: 'About',
          facts: [{ name: 'ARN', value: User.Arn }],
          forms: [remove('delete', 'Delete user', [], `Delete the user ${id}?`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New user',
        forms: [{ action: 'create', submit: 'Create user', fields: [field('UserName', 'Name', { required: true })] }],
      },
    ];
  },
  actions: {
    ...identityActions('User'),
    async create(aws, _id, values) {
      const UserName = values.text('UserName');
      await aws.call('iam', 'CreateUser', { UserName });
      return { open: { kind: 'iam-user', id: UserName } };
    },
    async 'create-key'(aws, UserName) {
      const { AccessKey } = await aws.call('iam', 'CreateAccessKey', { UserName });
      const text = `export AWS_ACCESS_KEY_ID=${AccessKey.AccessKeyId}\nexport AWS_SECRET_ACCESS_KEY=${AccessKey.SecretAccessKey}`;
      return { output: { title: 'The new access key: its secret is shown only now', text } };
    },
    'key-state': act('iam', 'UpdateAccessKey', (UserName, values) => ({
      UserName,
      AccessKeyId: values.text('AccessKeyId'),
      Status: values.text('Status'),
    })),
    'delete-key': act('iam', 'DeleteAccessKey', (UserName, values) => ({
      UserName,
      AccessKeyId: values.text('AccessKeyId'),
    })),
    async delete(aws, UserName) {
      const { PolicyNames } = await aws.call('iam', 'ListUserPolicies', { UserName });
      const { AttachedPolicies } = await aws.call('iam', 'ListAttachedUserPolicies', { UserName });
      const { AccessKeyMetadata } = await aws.call('iam', 'ListAccessKeys', { UserName });
      for (const PolicyName of PolicyNames) await aws.call('iam', 'DeleteUserPolicy', { UserName, PolicyName });
      for (const { PolicyArn } of AttachedPolicies) await aws.call('iam', 'DetachUserPolicy', { UserName, PolicyArn });
      for (const { AccessKeyId } of AccessKeyMetadata)
        await aws.call('iam', 'DeleteAccessKey', { UserName, AccessKeyId });
      await aws.call('iam', 'DeleteUser', { UserName });
      return { gone: true };
    },
  },
};
