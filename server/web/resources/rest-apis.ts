import type { Aws } from './aws.ts';
import { act, choose, documentForm, field, hidden, removal, remove, tick } from './forms.ts';
import { methodPanel, resourcePanel } from './rest-api-panels.ts';
import type { Panel, ResourceKind } from './types.ts';

/** Lists of REST APIs come by `position`. */
const all = (aws: Aws, operation: string, input: object = {}) =>
  aws.all('apigateway', operation, { limit: 500, ...input }, 'items', ['position', 'position']);

export const restApis: ResourceKind = {
  id: 'rest-api',
  group: 'API Gateway',
  plural: 'REST APIs',
  one: 'REST API',
  async list(aws) {
    return (await all(aws, 'GetRestApis')).map(({ id, name }) => ({ id, label: name }));
  },
  async show(aws, restApiId) {
    const api = await aws.call('apigateway', 'GetRestApi', { restApiId });
    const resources = await all(aws, 'GetResources', { restApiId, embed: ['methods'] });
    const authorizers = await all(aws, 'GetAuthorizers', { restApiId });
    const { item: stages = [] } = await aws.call('apigateway', 'GetStages', { restApiId });
    resources.sort((a, b) => (a.path < b.path ? -1 : 1));
    return {
      title: api.name,
      subtitle: 'REST API',
      panels: [
        methodPanel(resources, authorizers),
        resourcePanel(resources),
        stagePanel(stages),
        policyPanel(api.policy),
        authorizerPanel(authorizers),
        {
          title: 'About',
          facts: [
            { name: 'Id', value: restApiId },
            { name: 'Endpoint type', value: api.endpointConfiguration?.types?.join(', ') ?? '' },
          ],
          forms: [
            {
              action: 'endpoint',
              submit: 'Apply',
              fields: [tick('disabled', 'The default endpoint is disabled', api.disableExecuteApiEndpoint ?? false)],
            },
            remove('delete', 'Delete API', [], `Delete the API ${api.name}?`),
          ],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New REST API',
        forms: [
          {
            action: 'create',
            submit: 'Create API',
            fields: [
              field('name', 'Name', { required: true }),
              choose('type', 'Endpoint type', ['REGIONAL', 'EDGE', 'PRIVATE']),
            ],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const { id } = await aws.call('apigateway', 'CreateRestApi', {
        name: values.text('name'),
        endpointConfiguration: { types: [values.text('type')] },
      });
      return { open: { kind: 'rest-api', id } };
    },
    'create-resource': act('apigateway', 'CreateResource', (restApiId, values) => ({
      restApiId,
      parentId: values.text('parentId'),
      pathPart: values.text('pathPart'),
    })),
    'delete-resource': act('apigateway', 'DeleteResource', (restApiId, values) => ({
      restApiId,
      resourceId: values.text('resourceId'),
    })),
    async 'create-method'(aws, restApiId, values) {
      const place = { restApiId, resourceId: values.text('resourceId'), httpMethod: values.text('httpMethod') };
      await aws.call('apigateway', 'PutMethod', { ...place, authorizationType: 'AWS_IAM' });
      await aws.call('apigateway', 'PutIntegration', {
        ...place,
        type: 'AWS_PROXY',
        integrationHttpMethod: 'POST',
        uri: `arn:aws:apigateway:${aws.region}:lambda:path/2015-03-31/functions/${values.text('function')}/invocations`,
      });
      return undefined;
    },
    'method-auth': act('apigateway', 'UpdateMethod', (restApiId, values) => {
      const authorizerId = values.optional('authorizerId');
      return {
        restApiId,
        resourceId: values.text('resourceId'),
        httpMethod: values.text('httpMethod'),
        patchOperations: [
          { op: 'replace', path: '/authorizationType', value: values.text('authorizationType') },
          ...(authorizerId ? [{ op: 'replace', path: '/authorizerId', value: authorizerId }] : []),
          { op: 'replace', path: '/apiKeyRequired', value: String(values.flag('apiKeyRequired')) },
        ],
      };
    }),
    'delete-method': act('apigateway', 'DeleteMethod', (restApiId, values) => ({
      restApiId,
      resourceId: values.text('resourceId'),
      httpMethod: values.text('httpMethod'),
    })),
    deploy: act('apigateway', 'CreateDeployment', (restApiId, values) => ({
      restApiId,
      stageName: values.text('stageName'),
    })),
    'delete-stage': act('apigateway', 'DeleteStage', (restApiId, values) => ({
      restApiId,
      stageName: values.text('stageName'),
    })),
    policy: act('apigateway', 'UpdateRestApi', (restApiId, values) => ({
      restApiId,
      patchOperations: [{ op: 'replace', path: '/policy', value: values.raw('document') }],
    })),
    'delete-policy': act('apigateway', 'UpdateRestApi', (restApiId) => ({
      restApiId,
      patchOperations: [{ op: 'replace', path: '/policy', value: '' }],
    })),
    endpoint: act('apigateway', 'UpdateRestApi', (restApiId, values) => ({
      restApiId,
      patchOperations: [{ op: 'replace', path: '/disableExecuteApiEndpoint', value: String(values.flag('disabled')) }],
    })),
    'create-authorizer': act('apigateway', 'CreateAuthorizer', (restApiId, values, aws) => ({
      restApiId,
      name: values.text('name'),
      type: 'TOKEN',
      identitySource: `method.request.header.${values.text('header')}`,
      authorizerUri: `arn:aws:apigateway:${aws.region}:lambda:path/2015-03-31/functions/${values.text('function')}/invocations`,
    })),
    'delete-authorizer': act('apigateway', 'DeleteAuthorizer', (restApiId, values) => ({
      restApiId,
      authorizerId: values.text('authorizerId'),
    })),
    delete: removal('apigateway', 'DeleteRestApi', (restApiId) => ({ restApiId })),
  },
};

// biome-ignore lint/suspicious/noExplicitAny: answers have the SDK's shapes
function stagePanel(stages: any[]): Panel {
  return {
    title: 'Stages',
    note: 'Changes are served from the next deployment on.',
    table: {
      columns: ['Stage', 'Deployment'],
      empty: 'The API is not deployed.',
      rows: stages.map(({ stageName, deploymentId }) => ({
        cells: [
          { text: stageName, mono: true },
          { text: deploymentId ?? '', mono: true },
        ],
        forms: [
          { action: 'deploy', submit: 'Deploy', fields: [hidden('stageName', stageName)] },
          remove('delete-stage', 'Delete', [hidden('stageName', stageName)], `Delete the stage ${stageName}?`),
        ],
      })),
    },
    forms: [
      {
        action: 'deploy',
        submit: 'Deploy to a new stage',
        fields: [field('stageName', 'Stage', { required: true, placeholder: 'prod' })],
      },
    ],
  };
}

/** API Gateway answers the policy with its quotes escaped once more. */
function policyPanel(policy: string | undefined): Panel {
  return {
    title: 'Resource policy',
    ...(policy ? {} : { note: 'The API has no resource policy.' }),
    forms: [
      documentForm({
        action: 'policy',
        label: 'Resource policy',
        policy: 'resource',
        text: policy === undefined ? undefined : (JSON.parse(`"${policy}"`) as string),
      }),
      ...(policy ? [remove('delete-policy', 'Delete policy', [], 'Delete the resource policy?')] : []),
    ],
  };
}

// biome-ignore lint/suspicious/noExplicitAny: answers have the SDK's shapes
function authorizerPanel(authorizers: any[]): Panel {
  return {
    title: 'Authorizers',
    closed: authorizers.length === 0,
    table: {
      columns: ['Name', 'Type', 'Target'],
      empty: 'The API has no authorizer.',
      rows: authorizers.map(({ id, name, type, authorizerUri, providerARNs }) => ({
        cells: [{ text: name }, { text: type }, { text: authorizerUri ?? providerARNs?.join(', ') ?? '', mono: true }],
        forms: [remove('delete-authorizer', 'Delete', [hidden('authorizerId', id)])],
      })),
    },
    forms: [
      {
        action: 'create-authorizer',
        submit: 'Add Lambda authorizer',
        fields: [
          field('name', 'Name', { required: true }),
          field('function', 'Function ARN', { required: true }),
          field('header', 'Header of the token', { required: true, value: 'Authorization' }),
        ],
      },
    ],
  };
}
