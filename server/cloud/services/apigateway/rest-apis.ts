import type {
  CreateRestApiCommandInput,
  CreateRestApiCommandOutput,
  DeleteRestApiCommandInput,
  DeleteRestApiCommandOutput,
  GetRestApiCommandInput,
  GetRestApiCommandOutput,
  GetRestApisCommandInput,
  GetRestApisCommandOutput,
  PatchOperation,
  RestApi,
  UpdateRestApiCommandInput,
  UpdateRestApiCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { booleanRule, itemRule, type PatchRules, patchBoolean, patched, patchNumber, textRule } from './patch.ts';
import { readPolicy } from './policy.ts';
import {
  authorizers,
  deployments,
  gatewayResponses,
  models,
  type ResourceRecord,
  type RestApiRecord,
  requestValidators,
  resources,
  restApis,
  stages,
  usagePlans,
} from './records.ts';
import { badRequest, dateOf, entriesOf, getApi, newId, pageOf, restAccess, shown, withinQuota } from './shared.ts';
import { checkTags, tagContext } from './tags.ts';

/** The API as AWS shows it. The policy comes with its quotes escaped once more, as in AWS. */
export const describeApi = (api: RestApiRecord): RestApi => ({
  ...shown<RestApi>({
    id: api.apiId,
    name: api.name,
    description: api.description,
    createdDate: dateOf(api.created),
    version: api.version,
    binaryMediaTypes: [...api.binaryMediaTypes],
    minimumCompressionSize: api.minimumCompressionSize,
    apiKeySource: api.apiKeySource,
    endpointConfiguration: {
      types: [api.endpointType],
      ipAddressType: api.ipAddressType,
      ...(api.vpcEndpointIds.length ? { vpcEndpointIds: [...api.vpcEndpointIds] } : {}),
    },
    policy: api.policy === undefined ? undefined : JSON.stringify(api.policy).slice(1, -1),
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    rootResourceId: api.rootResourceId,
    apiStatus: 'AVAILABLE',
  }),
  tags: { ...api.tags },
});

function checkCompression(size: number): number {
  if (Number.isInteger(size) && size >= 0 && size <= 10_485_760) return size;
  throw badRequest('Invalid minimum compression size, must be between 0 and 10485760');
}

function checkName(name: string): string {
  if (name === '' || name.length > 1024) throw badRequest('Invalid API name specified');
  return name;
}

function endpointTypeOf(type: string | undefined): RestApiRecord['endpointType'] {
  if (type === 'EDGE' || type === 'REGIONAL' || type === 'PRIVATE') return type;
  throw badRequest(`Invalid endpoint type specified: ${type}`);
}

const keySourceOf = (source: string): RestApiRecord['apiKeySource'] => {
  if (source === 'HEADER' || source === 'AUTHORIZER') return source;
  throw badRequest('Invalid API key source specified. Valid values are HEADER and AUTHORIZER');
};

/** Refuses what no API can be. */
function checked(api: RestApiRecord): RestApiRecord {
  if (api.endpointType !== 'PRIVATE' && api.vpcEndpointIds.length)
    throw badRequest('VPCEndpoints can only be specified with PRIVATE apis.');
  if (api.binaryMediaTypes.length > 100 || !api.binaryMediaTypes.every((type) => type?.length <= 256))
    throw badRequest('Invalid binary media types specified');
  return api;
}

/** A new API and its root resource, stored. */
export function makeApi(ctx: CallContext, input: CreateRestApiCommandInput): RestApiRecord {
  if (input.cloneFrom !== undefined) throw new NotEmulated('cloning of a REST API');
  if (input.description === '') throw badRequest('Description cannot be an empty string');
  withinQuota(ctx.state.list(restApis, ctx).length, 'apis', 'APIs');
  checkTags(input.tags ?? {});
  const apiId = newId(ctx, 10);
  const { types, vpcEndpointIds, ipAddressType } = input.endpointConfiguration ?? {};
  if (types !== undefined && types.length !== 1) throw badRequest('Only one endpoint type can be specified for an API');
  const endpointType = endpointTypeOf(types?.[0] ?? 'EDGE');
  const api = checked({
    apiId,
    name: checkName(input.name!),
    ...(input.description !== undefined ? { description: input.description } : {}),
    ...(input.version !== undefined ? { version: input.version } : {}),
    created: ctx.now,
    rootResourceId: newId(ctx, 10),
    binaryMediaTypes: [...(input.binaryMediaTypes ?? [])],
    ...(input.minimumCompressionSize !== undefined
      ? { minimumCompressionSize: checkCompression(input.minimumCompressionSize) }
      : {}),
    apiKeySource: keySourceOf(input.apiKeySource ?? 'HEADER'),
    endpointType,
    vpcEndpointIds: [...(vpcEndpointIds ?? [])],
    ipAddressType: ipAddressType ?? (endpointType === 'PRIVATE' ? 'dualstack' : 'ipv4'),
    ...(input.policy ? { policy: readPolicy(ctx, apiId, input.policy) } : {}),
    disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
    tags: { ...input.tags },
  });
  const root: ResourceRecord = { apiId, resourceId: api.rootResourceId, path: '/', methods: {} };
  ctx.state.put(restApis, ctx, apiId, api);
  ctx.state.put(resources, ctx, `${apiId}:${root.resourceId}`, root);
  for (const [name, title, schema] of defaultModels)
    ctx.state.put(models, ctx, `${apiId}:${name}`, {
      apiId,
      modelId: newId(ctx, 6),
      name,
      description: `This is a default ${title} schema model`,
      contentType: 'application/json',
      schema,
    });
  return api;
}

/** Every API has them from its start. */
const defaultModels: [name: string, title: string, schema: string][] = [
  [
    'Empty',
    'empty',
    '{\n  "$schema": "http://json-schema.org/draft-04/schema#",\n  "title" : "Empty Schema",\n  "type" : "object"\n}',
  ],
  [
    'Error',
    'error',
    '{\n  "$schema" : "http://json-schema.org/draft-04/schema#",\n  "title" : "Error Schema",\n  "type" : "object",\n  "properties" : {\n    "message" : { "type" : "string" }\n  }\n}',
  ],
];

const requested = (input: CreateRestApiCommandInput): ConditionContext => ({
  ...tagContext(input.tags),
  ...(input.name !== undefined ? { 'apigateway:Request/ApiName': input.name } : {}),
  'apigateway:Request/EndpointType': input.endpointConfiguration?.types ?? ['EDGE'],
  'apigateway:Request/DisableExecuteApiEndpoint': String(input.disableExecuteApiEndpoint ?? false),
});

/** A resource policy takes a right of its own beside the change itself. */
const policyRight = (access: Access): Access => ({ ...access, action: 'apigateway:UpdateRestApiPolicy' });

export const CreateRestApi = operation<CreateRestApiCommandInput, CreateRestApiCommandOutput>({
  access(ctx, input) {
    const access = restAccess(ctx, 'POST', '/restapis', requested(input));
    return input.policy ? [access, policyRight(access)] : access;
  },
  run: (ctx, input) => describeApi(makeApi(ctx, input)),
});

export const GetRestApi = operation<GetRestApiCommandInput, GetRestApiCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}`),
  run: (ctx, input) => describeApi(getApi(ctx.state, ctx, input.restApiId!)),
});

export const GetRestApis = operation<GetRestApisCommandInput, GetRestApisCommandOutput>({
  access: (ctx) => restAccess(ctx, 'GET', '/restapis'),
  run(ctx, input) {
    const all = ctx.state.list(restApis, ctx).map(({ value }) => value);
    const { page, next } = pageOf(all, ({ apiId }) => apiId, input);
    return { items: page.map(describeApi), ...next };
  },
});

/** What may be patched. Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateRestApi-Patch */
const rules = (ctx: CallContext): PatchRules<RestApiRecord> => ({
  '/name': { replace: (api, name) => ({ ...api, name: checkName(name) }) },
  '/description': textRule('description'),
  '/policy': {
    replace(api, text) {
      const { policy: _old, ...rest } = api;
      return text === '' ? rest : { ...rest, policy: readPolicy(ctx, api.apiId, text) };
    },
    remove({ policy: _old, ...rest }) {
      return rest;
    },
  },
  '/apiKeySource': { replace: (api, source) => ({ ...api, apiKeySource: keySourceOf(source) }) },
  '/disableExecuteApiEndpoint': booleanRule('disableExecuteApiEndpoint'),
  '/minimumCompressionSize': {
    replace(api, size) {
      const { minimumCompressionSize: _old, ...rest } = api;
      return size === '' ? rest : { ...rest, minimumCompressionSize: checkCompression(patchNumber(size)) };
    },
  },
  '/binaryMediaTypes/*': itemRule('binaryMediaTypes'),
  '/endpointConfiguration/types/*': {
    replace: (api, type) => ({ ...api, endpointType: endpointTypeOf(type) }),
  },
  '/endpointConfiguration/types': { replace: (api, type) => ({ ...api, endpointType: endpointTypeOf(type) }) },
  '/endpointConfiguration/ipAddressType': {
    replace: (api, type) => {
      if (type !== 'ipv4' && type !== 'dualstack') throw badRequest('Invalid IP address type specified');
      return { ...api, ipAddressType: type };
    },
  },
  '/endpointConfiguration/vpcEndpointIds': {
    add: (api, id) => ({ ...api, vpcEndpointIds: [...api.vpcEndpointIds.filter((each) => each !== id), id] }),
    remove: (api, id) => ({ ...api, vpcEndpointIds: api.vpcEndpointIds.filter((each) => each !== id) }),
  },
});

/** Which keys of the request a patch brings. */
function patchContext(operations: readonly PatchOperation[] | undefined): ConditionContext {
  const context: ConditionContext = {};
  for (const { path = '', value = '' } of (operations ?? []).filter(Boolean)) {
    if (path === '/name') context['apigateway:Request/ApiName'] = value;
    if (path === '/disableExecuteApiEndpoint')
      context['apigateway:Request/DisableExecuteApiEndpoint'] = /^(?:true|false)$/i.test(value)
        ? String(patchBoolean(value))
        : value;
    if (path.startsWith('/endpointConfiguration/types')) context['apigateway:Request/EndpointType'] = [value];
  }
  return context;
}

export const UpdateRestApi = operation<UpdateRestApiCommandInput, UpdateRestApiCommandOutput>({
  access(ctx, input) {
    const access = restAccess(ctx, 'PATCH', `/restapis/${input.restApiId}`, patchContext(input.patchOperations));
    return input.patchOperations?.some((each) => each?.path === '/policy') ? [access, policyRight(access)] : access;
  },
  run(ctx, input) {
    const api = checked(patched(getApi(ctx.state, ctx, input.restApiId!), input.patchOperations, rules(ctx)));
    ctx.state.put(restApis, ctx, api.apiId, api);
    return describeApi(api);
  },
});

export const DeleteRestApi = operation<DeleteRestApiCommandInput, DeleteRestApiCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', `/restapis/${input.restApiId}`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    for (const table of [resources, authorizers, requestValidators, models, gatewayResponses, deployments, stages])
      for (const { id } of entriesOf<object>(ctx.state, table, ctx, apiId)) ctx.state.delete<object>(table, ctx, id);
    for (const { id, value } of ctx.state.list(usagePlans, ctx))
      if (value.stages.some((stage) => stage.apiId === apiId))
        ctx.state.put(usagePlans, ctx, id, {
          ...value,
          stages: value.stages.filter((stage) => stage.apiId !== apiId),
        });
    ctx.state.delete(restApis, ctx, apiId);
    return {};
  },
});
