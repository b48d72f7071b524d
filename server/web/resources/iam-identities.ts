import { type Aws, commandFor } from './aws.ts';
import { decodeDocument, documentForm, emptyPolicy, field, hidden, remove } from './forms.ts';
import type { Action, Panel } from './types.ts';

/** What roles and users have alike: inline policies, attached policies, a boundary. */

type Identity = 'Role' | 'User';

export async function inlinePanels(aws: Aws, type: Identity, id: string): Promise<Panel[]> {
  const key = `${type}Name`;
  const { PolicyNames = [] } = await aws.call(`iam`, `List${type}Policies`, { [key]: id });
  const panels: Panel[] = [];
  for (const PolicyName of PolicyNames) {
    const { PolicyDocument } = await aws.call('iam', `Get${type}Policy`, { [key]: id, PolicyName });
    panels.push({
      title: `Inline policy "${PolicyName}"`,
      forms: [
        documentForm({
          action: 'put-inline',
          label: `Inline policy ${PolicyName}`,
          policy: 'identity',
          text: decodeDocument(PolicyDocument),
          fields: [hidden('PolicyName', PolicyName)],
          command: commandFor('iam', `Put${type}Policy`, {
            [key]: id,
            PolicyName,
            PolicyDocument: 'file://policy.json',
          }),
        }),
        remove(
          'delete-inline',
          'Delete policy',
          [hidden('PolicyName', PolicyName)],
          `Delete the inline policy ${PolicyName}?`,
        ),
      ],
    });
  }
  panels.push({
    title: 'Add an inline policy',
    closed: true,
    forms: [
      documentForm({
        action: 'put-inline',
        label: 'New policy',
        policy: 'identity',
        text: emptyPolicy,
        submit: 'Add policy',
        fields: [field('PolicyName', 'Name', { required: true })],
      }),
    ],
  });
  return panels;
}

export async function attachedPanel(aws: Aws, type: Identity, id: string): Promise<Panel> {
  const { AttachedPolicies = [] } = await aws.call('iam', `ListAttached${type}Policies`, { [`${type}Name`]: id });
  return {
    title: 'Attached managed policies',
    table: {
      columns: ['Policy', 'ARN'],
      empty: 'No managed policy is attached.',
      rows: (AttachedPolicies as { PolicyName: string; PolicyArn: string }[]).map(({ PolicyName, PolicyArn }) => ({
        cells: [
          { text: PolicyName, link: { kind: 'iam-policy', id: PolicyArn } },
          { text: PolicyArn, mono: true },
        ],
        forms: [remove('detach', 'Detach', [hidden('PolicyArn', PolicyArn)])],
      })),
    },
    forms: [
      {
        action: 'attach',
        submit: 'Attach',
        fields: [
          field('PolicyArn', 'Policy ARN', {
            required: true,
            placeholder: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
          }),
        ],
      },
    ],
  };
}

export function boundaryPanel(type: Identity, arn: string | undefined): Panel {
  return {
    title: 'Permissions boundary',
    closed: arn === undefined,
    facts: [{ name: 'Boundary', value: arn ?? 'none', ...(arn ? { link: { kind: 'iam-policy', id: arn } } : {}) }],
    forms: [
      {
        action: 'boundary',
        submit: 'Set boundary',
        fields: [
          field('PermissionsBoundary', `Policy ARN (the most that the ${type.toLowerCase()} can do)`, {
            required: true,
            value: arn ?? '',
          }),
        ],
      },
      ...(arn ? [remove('delete-boundary', 'Remove boundary')] : []),
    ],
  };
}

export function identityActions(type: Identity): Record<string, Action> {
  const key = `${type}Name`;
  return {
    async 'put-inline'(aws, id, values) {
      await aws.call('iam', `Put${type}Policy`, {
        [key]: id,
        PolicyName: values.text('PolicyName'),
        PolicyDocument: values.raw('document'),
      });
      return undefined;
    },
    async 'delete-inline'(aws, id, values) {
      await aws.call('iam', `Delete${type}Policy`, { [key]: id, PolicyName: values.text('PolicyName') });
      return undefined;
    },
    async attach(aws, id, values) {
      await aws.call('iam', `Attach${type}Policy`, { [key]: id, PolicyArn: values.text('PolicyArn') });
      return undefined;
    },
    async detach(aws, id, values) {
      await aws.call('iam', `Detach${type}Policy`, { [key]: id, PolicyArn: values.text('PolicyArn') });
      return undefined;
    },
    async boundary(aws, id, values) {
      await aws.call('iam', `Put${type}PermissionsBoundary`, {
        [key]: id,
        PermissionsBoundary: values.text('PermissionsBoundary'),
      });
      return undefined;
    },
    async 'delete-boundary'(aws, id) {
      await aws.call('iam', `Delete${type}PermissionsBoundary`, { [key]: id });
      return undefined;
    },
  };
}
