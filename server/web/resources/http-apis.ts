import { act, choose, field, hidden, removal, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

export const httpApis: ResourceKind = {
  id: 'http-api',
  group: 'API Gateway',
  plural: 'HTTP APIs',
  one: 'HTTP API',
  async list(aws) {
    const apis = await aws.all('apigatewayv2', 'GetApis', {}, 'Items');
    return apis.map(({ ApiId, Name }) => ({ id: ApiId, label: Name }));
  },
  async show(aws, ApiId) {
    const api = await aws.call('apigatewayv2', 'GetApi', { ApiId });
    const routes = await aws.all('apigatewayv2', 'GetRoutes', { ApiId }, 'Items');
    const integrations = await aws.all('apigatewayv2', 'GetIntegrations', { ApiId }, 'Items');
    const authorizers = await aws.all('apigatewayv2', 'GetAuthorizers', { ApiId }, 'Items');
    return {
      title: api.Name,
      subtitle: 'HTTP API',
      panels: [
        {
          title: 'Routes',
          table: {
            columns: ['Route', 'Target', 'Authorization'],
            empty: 'The API has no route.',
            rows: routes.map(({ RouteId, RouteKey, Target, AuthorizationType, AuthorizerId }) => ({
              cells: [
                { text: RouteKey, mono: true },
                { text: Target ?? '', mono: true },
                { text: `${AuthorizationType ?? 'NONE'}${AuthorizerId ? ` ${AuthorizerId}` : ''}` },
              ],
              forms: [
                {
                  action: 'route-auth',
                  submit: 'Set',
                  fields: [
                    hidden('RouteId', RouteId),
                    choose('AuthorizationType', 'Authorization', ['NONE', 'AWS_IAM', 'JWT', 'CUSTOM'], {
                      value: AuthorizationType ?? 'NONE',
                    }),
                    ...(authorizers.length
                      ? [
                          choose(
                            'AuthorizerId',
                            'Authorizer',
                            ['', ...authorizers.map((one) => ({ value: one.AuthorizerId, label: one.Name }))],
                            { value: AuthorizerId ?? '' },
                          ),
                        ]
                      : []),
                  ],
                },
                remove('delete-route', 'Delete', [hidden('RouteId', RouteId)]),
              ],
            })),
          },
          forms: [
            {
              action: 'create-route',
              submit: 'Add route',
              fields: [
                field('RouteKey', 'Route', { required: true, placeholder: 'GET /items' }),
                choose(
                  'Target',
                  'Integration',
                  integrations.map(({ IntegrationId, IntegrationUri }) => ({
                    value: `integrations/${IntegrationId}`,
                    label: IntegrationUri ?? IntegrationId,
                  })),
                ),
              ],
            },
          ],
        },
        {
          title: 'Integrations',
          table: {
            columns: ['Id', 'Type', 'Target'],
            empty: 'The API has no integration.',
            rows: integrations.map(({ IntegrationId, IntegrationType, IntegrationUri }) => ({
              cells: [
                { text: IntegrationId, mono: true },
                { text: IntegrationType },
                { text: IntegrationUri ?? '', mono: true },
              ],
              forms: [remove('delete-integration', 'Delete', [hidden('IntegrationId', IntegrationId)])],
            })),
          },
          forms: [
            {
              action: 'create-integration',
              submit: 'Add integration',
              fields: [field('IntegrationUri', 'Function ARN', { required: true })],
            },
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'Endpoint', value: api.ApiEndpoint ?? '' },
            { name: 'Id', value: ApiId },
          ],
          forms: [remove('delete', 'Delete API', [], `Delete the API ${api.Name}?`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New HTTP API',
        forms: [
          {
            action: 'create',
            submit: 'Create API',
            fields: [
              field('Name', 'Name', { required: true }),
              field('Target', 'Function ARN (makes a default route)'),
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { ApiId } = await aws.call('apigatewayv2', 'CreateApi', {
        Name: values.text('Name'),
        ProtocolType: 'HTTP',
        Target: values.optional('Target'),
      });
      return { open: { kind: 'http-api', id: ApiId } };
    },
    'create-route': act('apigatewayv2', 'CreateRoute', (ApiId, values) => ({
      ApiId,
      RouteKey: values.text('RouteKey'),
      Target: values.optional('Target'),
    })),
    'route-auth': act('apigatewayv2', 'UpdateRoute', (ApiId, values) => ({
      ApiId,
      RouteId: values.text('RouteId'),
      AuthorizationType: values.text('AuthorizationType'),
      AuthorizerId: values.optional('AuthorizerId'),
    })),
    'delete-route': act('apigatewayv2', 'DeleteRoute', (ApiId, values) => ({ ApiId, RouteId: values.text('RouteId') })),
    'create-integration': act('apigatewayv2', 'CreateIntegration', (ApiId, values) => ({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: values.text('IntegrationUri'),
      PayloadFormatVersion: '2.0',
    })),
    'delete-integration': act('apigatewayv2', 'DeleteIntegration', (ApiId, values) => ({
      ApiId,
      IntegrationId: values.text('IntegrationId'),
    })),
    delete: removal('apigatewayv2', 'DeleteApi', (ApiId) => ({ ApiId })),
  },
};
