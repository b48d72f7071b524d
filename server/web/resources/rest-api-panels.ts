import { choose, field, hidden, remove, tick } from './forms.ts';
import type { Panel } from './types.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers have the SDK's shapes
type Shown = any;

/** Methods with what is asked of their callers, and what is behind them. */
export function methodPanel(resources: Shown[], authorizers: Shown[]): Panel {
  const choices = ['', ...authorizers.map(({ id, name }) => ({ value: id, label: name }))];
  return {
    title: 'Methods',
    table: {
      columns: ['Method', 'Target', 'Authorization'],
      empty: 'The API has no method.',
      rows: resources.flatMap(({ id, path, resourceMethods }) =>
        Object.entries<Shown>(resourceMethods ?? {}).map(([httpMethod, method]) => ({
          cells: [
            { text: `${httpMethod} ${path}`, mono: true },
            { text: targetOf(method.methodIntegration), mono: true },
            { text: `${method.authorizationType}${method.apiKeyRequired ? ', API key' : ''}` },
          ],
          forms: [
            {
              action: 'method-auth',
              submit: 'Set',
              fields: [
                hidden('resourceId', id),
                hidden('httpMethod', httpMethod),
                choose('authorizationType', 'Authorization', ['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'], {
                  value: method.authorizationType,
                }),
                ...(authorizers.length
                  ? [choose('authorizerId', 'Authorizer', choices, { value: method.authorizerId ?? '' })]
                  : []),
                tick('apiKeyRequired', 'API key required', method.apiKeyRequired),
              ],
            },
            remove('delete-method', 'Delete', [hidden('resourceId', id), hidden('httpMethod', httpMethod)]),
          ],
        })),
      ),
    },
    forms: [
      {
        action: 'create-method',
        submit: 'Add method',
        fields: [
          choose(
            'resourceId',
            'Resource',
            resources.map(({ id, path }) => ({ value: id, label: path })),
          ),
          choose('httpMethod', 'Method', ['ANY', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']),
          field('function', 'Function ARN', { required: true }),
        ],
      },
    ],
  };
}

/** The function's ARN out of the long form, or whatever else is behind a method. */
function targetOf(integration: Shown): string {
  const uri: string = integration?.uri ?? integration?.type ?? '';
  return uri.includes('/functions/') ? uri.split('/functions/')[1]!.replace(/\/invocations$/, '') : uri;
}

export function resourcePanel(resources: Shown[]): Panel {
  return {
    title: 'Resources',
    closed: true,
    table: {
      columns: ['Path', 'Id'],
      empty: 'The API has no resource.',
      rows: resources.map(({ id, path, parentId }) => ({
        cells: [
          { text: path, mono: true },
          { text: id, mono: true },
        ],
        ...(parentId
          ? {
              forms: [
                remove('delete-resource', 'Delete', [hidden('resourceId', id)], `Delete ${path} and all below it?`),
              ],
            }
          : {}),
      })),
    },
    forms: [
      {
        action: 'create-resource',
        submit: 'Add resource',
        fields: [
          choose(
            'parentId',
            'Below',
            resources.map(({ id, path }) => ({ value: id, label: path })),
          ),
          field('pathPart', 'Path part', { required: true, placeholder: '{id}' }),
        ],
      },
    ],
  };
}
