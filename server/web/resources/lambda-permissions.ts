import type { Aws } from './aws.ts';
import { act, choose, field, hidden, remove, tick } from './forms.ts';
import type { Action, Panel } from './types.ts';

/** Who may invoke a function, and what does: resource policy, URL, aliases, versions, event sources. */
export async function permissionPanels(aws: Aws, FunctionName: string): Promise<Panel[]> {
  const [policy, url, aliases, versions, mappings] = await Promise.all([
    aws.find('lambda', 'GetPolicy', { FunctionName }, 'ResourceNotFoundException'),
    aws.find('lambda', 'GetFunctionUrlConfig', { FunctionName }, 'ResourceNotFoundException'),
    aws.all('lambda', 'ListAliases', { FunctionName }, 'Aliases', ['Marker', 'NextMarker']),
    aws.all('lambda', 'ListVersionsByFunction', { FunctionName }, 'Versions', ['Marker', 'NextMarker']),
    aws.all('lambda', 'ListEventSourceMappings', { FunctionName }, 'EventSourceMappings', ['Marker', 'NextMarker']),
  ]);
  const statements: { Sid: string; Principal: unknown; Action: unknown; Condition?: unknown }[] = policy
    ? (JSON.parse(policy.Policy).Statement ?? [])
    : [];
  return [
    {
      title: 'Resource-based policy',
      note: 'Who may invoke or change the function, besides identities of this account that their own policies allow.',
      table: {
        columns: ['Statement', 'Principal', 'Action', 'Conditions'],
        empty: 'The function has no resource-based policy.',
        rows: statements.map((statement) => ({
          cells: [
            { text: statement.Sid, mono: true },
            { text: text(statement.Principal), mono: true },
            { text: text(statement.Action), mono: true },
            { text: statement.Condition ? text(statement.Condition) : 'none', mono: true },
          ],
          forms: [
            remove(
              'remove-permission',
              'Remove',
              [hidden('StatementId', statement.Sid)],
              `Remove the statement ${statement.Sid}?`,
            ),
          ],
        })),
      },
    },
    {
      title: 'Add a permission',
      closed: true,
      forms: [
        {
          action: 'add-permission',
          submit: 'Add permission',
          fields: [
            field('StatementId', 'Statement id', { required: true }),
            field('Principal', 'Principal', {
              required: true,
              placeholder: 'sns.amazonaws.com, 123456789012 or an ARN',
            }),
            choose('Action', 'Action', [
              'lambda:InvokeFunction',
              'lambda:InvokeFunctionUrl',
              'lambda:GetFunction',
              'lambda:*',
            ]),
            field('SourceArn', 'Source ARN (aws:SourceArn)'),
            field('SourceAccount', 'Source account (aws:SourceAccount)'),
            field('PrincipalOrgID', 'Organization (aws:PrincipalOrgID)'),
            choose('FunctionUrlAuthType', 'URL auth type', ['', 'AWS_IAM', 'NONE']),
            tick('InvokedViaFunctionUrl', 'Only through the function URL', false),
            field('EventSourceToken', 'Event source token'),
            field('Qualifier', 'Version or alias'),
          ],
        },
      ],
    },
    {
      title: 'Function URL',
      closed: !url,
      ...(url
        ? {
            facts: [
              { name: 'URL', value: url.FunctionUrl },
              { name: 'Auth type', value: url.AuthType },
            ],
          }
        : { note: 'The function has no URL.' }),
      forms: [
        {
          action: url ? 'update-url' : 'create-url',
          submit: url ? 'Apply' : 'Create URL',
          fields: [
            choose('AuthType', 'Auth type', ['AWS_IAM', 'NONE'], { value: url?.AuthType ?? 'AWS_IAM' }),
            choose('InvokeMode', 'Invoke mode', ['BUFFERED', 'RESPONSE_STREAM'], {
              value: url?.InvokeMode ?? 'BUFFERED',
            }),
            {
              name: 'AllowOrigins',
              label: 'CORS: allowed origins, one a line',
              type: 'lines',
              rows: 2,
              value: (url?.Cors?.AllowOrigins ?? []).join('\n'),
            },
          ],
        },
        ...(url ? [remove('delete-url', 'Delete URL')] : []),
      ],
    },
    {
      title: 'Event source mappings',
      closed: mappings.length === 0,
      table: {
        columns: ['Source', 'State', 'Batch'],
        empty: 'Nothing is polled for this function.',
        rows: mappings.map(({ UUID, EventSourceArn, State, BatchSize }) => ({
          cells: [{ text: EventSourceArn ?? '', mono: true }, { text: State ?? '' }, { text: String(BatchSize ?? '') }],
          forms: [
            {
              action: 'mapping-state',
              submit: State === 'Disabled' ? 'Enable' : 'Disable',
              fields: [hidden('UUID', UUID), hidden('Enabled', State === 'Disabled' ? 'on' : '')],
            },
            remove('delete-mapping', 'Delete', [hidden('UUID', UUID)]),
          ],
        })),
      },
      forms: [
        {
          action: 'create-mapping',
          submit: 'Add mapping',
          fields: [
            field('EventSourceArn', 'Queue ARN', { required: true }),
            field('BatchSize', 'Batch size', { type: 'number', value: '10' }),
            tick('ReportBatchItemFailures', 'Report batch item failures', false),
          ],
        },
      ],
    },
    {
      title: 'Aliases and versions',
      closed: true,
      table: {
        columns: ['Name', 'Version'],
        empty: '',
        rows: [
          ...aliases.map(({ Name, FunctionVersion }) => ({
            cells: [
              { text: Name, mono: true },
              { text: FunctionVersion, mono: true },
            ],
          })),
          ...versions.map(({ Version, Description }) => ({
            cells: [{ text: Description || 'version' }, { text: Version, mono: true }],
          })),
        ],
      },
      forms: [{ action: 'publish', submit: 'Publish a version', fields: [field('Description', 'Description')] }],
    },
  ];
}

export const permissionActions: Record<string, Action> = {
  'add-permission': act('lambda', 'AddPermission', (FunctionName, values) => ({
    FunctionName,
    StatementId: values.text('StatementId'),
    Principal: values.text('Principal'),
    Action: values.text('Action'),
    SourceArn: values.optional('SourceArn'),
    SourceAccount: values.optional('SourceAccount'),
    PrincipalOrgID: values.optional('PrincipalOrgID'),
    FunctionUrlAuthType: values.optional('FunctionUrlAuthType'),
    InvokedViaFunctionUrl: values.flag('InvokedViaFunctionUrl') || undefined,
    EventSourceToken: values.optional('EventSourceToken'),
    Qualifier: values.optional('Qualifier'),
  })),
  'remove-permission': act('lambda', 'RemovePermission', (FunctionName, values) => ({
    FunctionName,
    StatementId: values.text('StatementId'),
  })),
  'create-url': act('lambda', 'CreateFunctionUrlConfig', (FunctionName, values) => ({
    FunctionName,
    AuthType: values.text('AuthType'),
    InvokeMode: values.text('InvokeMode'),
    ...cors(values.lines('AllowOrigins')),
  })),
  'update-url': act('lambda', 'UpdateFunctionUrlConfig', (FunctionName, values) => ({
    FunctionName,
    AuthType: values.text('AuthType'),
    InvokeMode: values.text('InvokeMode'),
    Cors: { AllowOrigins: values.lines('AllowOrigins') },
  })),
  'delete-url': act('lambda', 'DeleteFunctionUrlConfig', (FunctionName) => ({ FunctionName })),
  'create-mapping': act('lambda', 'CreateEventSourceMapping', (FunctionName, values) => ({
    FunctionName,
    EventSourceArn: values.text('EventSourceArn'),
    BatchSize: values.number('BatchSize'),
    FunctionResponseTypes: values.flag('ReportBatchItemFailures') ? ['ReportBatchItemFailures'] : undefined,
  })),
  'mapping-state': act('lambda', 'UpdateEventSourceMapping', (_id, values) => ({
    UUID: values.text('UUID'),
    Enabled: values.flag('Enabled'),
  })),
  'delete-mapping': act('lambda', 'DeleteEventSourceMapping', (_id, values) => ({ UUID: values.text('UUID') })),
  publish: act('lambda', 'PublishVersion', (FunctionName, values) => ({
    FunctionName,
    Description: values.optional('Description'),
  })),
};

const cors = (AllowOrigins: string[]): object => (AllowOrigins.length > 0 ? { Cors: { AllowOrigins } } : {});

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
