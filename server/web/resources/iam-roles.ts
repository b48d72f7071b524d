import { commandFor } from './aws.ts';
import { decodeDocument, documentForm, field, remove } from './forms.ts';
import { attachedPanel, boundaryPanel, identityActions, inlinePanels } from './iam-identities.ts';
import type { ResourceKind } from './types.ts';

const trustExample = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
  null,
  2,
);

export const iamRoles: ResourceKind = {
  id: 'iam-role',
  group: 'IAM',
  plural: 'Roles',
  one: 'role',
  async list(aws) {
    const roles = await aws.all('iam', 'ListRoles', {}, 'Roles', ['Marker', 'Marker']);
    // The learner's own role cannot be changed by anyone in the account.
    return roles
      .filter(({ Path }) => !Path.startsWith('/aws-reserved/'))
      .map(({ RoleName, Path }) => ({
        id: RoleName,
        label: RoleName,
        ...(Path.startsWith('/aws-service-role/') ? { detail: 'service-linked' } : {}),
      }));
  },
  async show(aws, id) {
    const { Role } = await aws.call('iam', 'GetRole', { RoleName: id });
    return {
      title: id,
      subtitle: 'IAM role',
      panels: [
        ...(await inlinePanels(aws, 'Role', id)),
        await attachedPanel(aws, 'Role', id),
        {
          title: 'Trust policy',
          note: 'Who may assume the role.',
          forms: [
            documentForm({
              action: 'trust',
              label: 'Trust policy',
              policy: 'trust',
              text: decodeDocument(Role.AssumeRolePolicyDocument),
              command: commandFor('iam', 'UpdateAssumeRolePolicy', {
                RoleName: id,
                PolicyDocument: 'file://trust.json',
              }),
            }),
          ],
        },
        boundaryPanel('Role', Role.PermissionsBoundary?.PermissionsBoundaryArn),
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: Role.Arn },
            { name: 'Path', value: Role.Path },
            { name: 'Created', value: new Date(Role.CreateDate).toISOString() },
            { name: 'Longest session', value: `${Role.MaxSessionDuration ?? 3600} s` },
          ],
          forms: [remove('delete', 'Delete role', [], `Delete the role ${id}? Its inline policies go with it.`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New role',
        forms: [
          {
            action: 'create',
            submit: 'Create role',
            fields: [
              field('RoleName', 'Name', { required: true }),
              { name: 'document', label: 'Trust policy', type: 'json', policy: 'trust', value: trustExample },
            ],
          },
        ],
      },
    ];
  },
  actions: {
    ...identityActions('Role'),
    async create(aws, _id, values) {
      const RoleName = values.text('RoleName');
      await aws.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: values.raw('document') });
      return { open: { kind: 'iam-role', id: RoleName } };
    },
    async trust(aws, RoleName, values) {
      await aws.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: values.raw('document') });
      return undefined;
    },
    async delete(aws, RoleName) {
      const { PolicyNames } = await aws.call('iam', 'ListRolePolicies', { RoleName });
      const { AttachedPolicies } = await aws.call('iam', 'ListAttachedRolePolicies', { RoleName });
      for (const PolicyName of PolicyNames) await aws.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName });
      for (const { PolicyArn } of AttachedPolicies) await aws.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
      await aws.call('iam', 'DeleteRole', { RoleName });
      return { gone: true };
    },
  },
};
