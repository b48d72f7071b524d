import { commandFor } from './aws.ts';
import { act, dateText, decodeDocument, documentForm, emptyPolicy, field, hidden, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

export const iamPolicies: ResourceKind = {
  id: 'iam-policy',
  group: 'IAM',
  plural: 'Managed policies',
  one: 'managed policy',
  async list(aws) {
    const policies = await aws.all('iam', 'ListPolicies', { Scope: 'Local' }, 'Policies', ['Marker', 'Marker']);
    return policies.map(({ Arn, PolicyName }) => ({ id: Arn, label: PolicyName }));
  },
  async show(aws, id) {
    const { Policy } = await aws.call('iam', 'GetPolicy', { PolicyArn: id });
    const { PolicyVersion } = await aws.call('iam', 'GetPolicyVersion', {
      PolicyArn: id,
      VersionId: Policy.DefaultVersionId,
    });
    const text = decodeDocument(PolicyVersion.Document);
    if (id.startsWith('arn:aws:iam::aws:'))
      return {
        title: Policy.PolicyName,
        subtitle: 'AWS managed policy: read only',
        panels: [{ title: `Document (${Policy.DefaultVersionId})`, text }],
      };
    const versions = await aws.all('iam', 'ListPolicyVersions', { PolicyArn: id }, 'Versions', ['Marker', 'Marker']);
    return {
      title: Policy.PolicyName,
      subtitle: 'Customer managed policy',
      panels: [
        {
          title: `Document (${Policy.DefaultVersionId})`,
          note: 'Applying makes a new default version; of five, the oldest that is not the default is deleted first.',
          forms: [
            documentForm({
              action: 'put',
              label: 'Policy document',
              policy: 'identity',
              text,
              command: commandFor('iam', 'CreatePolicyVersion', {
                PolicyArn: id,
                PolicyDocument: 'file://policy.json',
                SetAsDefault: true,
              }),
            }),
          ],
        },
        {
          title: 'Versions',
          closed: true,
          table: {
            columns: ['Version', 'Created', 'Default'],
            empty: '',
            rows: versions.map(({ VersionId, CreateDate, IsDefaultVersion }) => ({
              cells: [
                { text: VersionId, mono: true },
                { text: dateText(CreateDate) },
                { text: IsDefaultVersion ? 'default' : '' },
              ],
              forms: IsDefaultVersion
                ? []
                : [
                    { action: 'set-default', submit: 'Make default', fields: [hidden('VersionId', VersionId)] },
                    remove('delete-version', 'Delete', [hidden('VersionId', VersionId)]),
                  ],
            })),
          },
        },
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: Policy.Arn },
            { name: 'Attached to', value: `${Policy.AttachmentCount ?? 0}` },
          ],
          forms: [remove('delete', 'Delete policy', [], `Delete the policy ${Policy.PolicyName}?`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New managed policy',
        forms: [
          documentForm({
            action: 'create',
            label: 'Policy document',
            policy: 'identity',
            text: emptyPolicy,
            submit: 'Create policy',
            fields: [field('PolicyName', 'Name', { required: true })],
          }),
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { Policy } = await aws.call('iam', 'CreatePolicy', {
        PolicyName: values.text('PolicyName'),
        PolicyDocument: values.raw('document'),
      });
      return { open: { kind: 'iam-policy', id: Policy.Arn } };
    },
    async put(aws, PolicyArn, values) {
      const { Versions } = await aws.call('iam', 'ListPolicyVersions', { PolicyArn });
      const old = (Versions as { VersionId: string; IsDefaultVersion: boolean }[]).filter(
        (version) => !version.IsDefaultVersion,
      );
      if (old.length >= 4)
        await aws.call('iam', 'DeletePolicyVersion', {
          PolicyArn,
          VersionId: old.sort((a, b) => Number(a.VersionId.slice(1)) - Number(b.VersionId.slice(1)))[0]!.VersionId,
        });
      await aws.call('iam', 'CreatePolicyVersion', {
        PolicyArn,
        PolicyDocument: values.raw('document'),
        SetAsDefault: true,
      });
      return undefined;
    },
    'set-default': act('iam', 'SetDefaultPolicyVersion', (PolicyArn, values) => ({
      PolicyArn,
      VersionId: values.text('VersionId'),
    })),
    'delete-version': act('iam', 'DeletePolicyVersion', (PolicyArn, values) => ({
      PolicyArn,
      VersionId: values.text('VersionId'),
    })),
    async delete(aws, PolicyArn) {
      const { Versions } = await aws.call('iam', 'ListPolicyVersions', { PolicyArn });
      for (const { VersionId, IsDefaultVersion } of Versions)
        if (!IsDefaultVersion) await aws.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
      await aws.call('iam', 'DeletePolicy', { PolicyArn });
      return { gone: true };
    },
  },
};
