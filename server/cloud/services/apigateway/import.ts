import type {
  ImportRestApiCommandInput,
  ImportRestApiCommandOutput,
  PutRestApiCommandInput,
  PutRestApiCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type Access, type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { makeAuthorizer } from './authorizers.ts';
import { checkGatewayResponse } from './gateway-responses.ts';
import { importMethods, type Known } from './import-methods.ts';
import { makeModel } from './models.ts';
import {
  type Definition,
  definitionText,
  partOf,
  readDefinition,
  schemasOf,
  securityOf,
  textOf,
  textsOf,
} from './openapi.ts';
import { readPolicy } from './policy.ts';
import {
  authorizers,
  gatewayResponses,
  models,
  type RestApiRecord,
  requestValidators,
  resources,
  restApis,
} from './records.ts';
import { makeValidator } from './request-validators.ts';
import { describeApi, makeApi } from './rest-apis.ts';
import { badRequest, childrenOf, entriesOf, getApi, own, restAccess } from './shared.ts';

const policyOf = ({ root }: Definition): object | undefined => {
  const policy = root['x-amazon-apigateway-policy'];
  return policy === undefined ? undefined : partOf(policy);
};

/** A definition with a policy takes the right to set one. A definition that is none is refused later, by name. */
function withPolicyRight(access: Access, body: unknown): Access[] {
  const brings = definitionText(body).includes('x-amazon-apigateway-policy');
  return brings ? [access, { ...access, action: 'apigateway:UpdateRestApiPolicy' }] : [access];
}

function checkParameters(definition: Definition, parameters: Record<string, string> | undefined): void {
  const mode = parameters?.basepath ?? 'ignore';
  if (mode !== 'ignore' && mode !== 'prepend' && mode !== 'split')
    throw badRequest('Invalid value for basepath parameter. Valid values are ignore, prepend, split');
  const base = textOf(definition.root.basePath) ?? '/';
  if (mode !== 'ignore' && (base !== '/' || definition.version === 3))
    throw new NotEmulated(`imports with basepath=${mode} (ignore is)`);
}

export const ImportRestApi = operation<ImportRestApiCommandInput, ImportRestApiCommandOutput>({
  access: (ctx, input) => withPolicyRight(restAccess(ctx, 'POST', '/restapis'), input.body),
  run(ctx, input) {
    const definition = readDefinition(input.body);
    checkParameters(definition, input.parameters);
    const info = partOf(definition.root.info);
    const types = input.parameters?.endpointConfigurationTypes?.split(',');
    const api = makeApi(ctx, {
      name: textOf(info.title) ?? 'Imported API',
      ...(types ? { endpointConfiguration: { types: types as never } } : {}),
    });
    return describeApi(importInto(ctx, api, definition));
  },
});

export const PutRestApi = operation<PutRestApiCommandInput, PutRestApiCommandOutput>({
  access: (ctx, input) => withPolicyRight(restAccess(ctx, 'PUT', `/restapis/${input.restApiId}`), input.body),
  run(ctx, input) {
    const definition = readDefinition(input.body);
    checkParameters(definition, input.parameters);
    const api = getApi(ctx.state, ctx, input.restApiId!);
    if (input.mode === 'overwrite') clear(ctx, api);
    return describeApi(importInto(ctx, api, definition));
  },
});

/** Overwriting keeps the API's id, stages, deployments and root, and nothing else. */
function clear(ctx: CallContext, { apiId, rootResourceId }: RestApiRecord): void {
  for (const table of [authorizers, requestValidators, models, gatewayResponses])
    for (const { id } of entriesOf<object>(ctx.state, table, ctx, apiId))
      if (id !== `${apiId}:Empty` && id !== `${apiId}:Error`) ctx.state.delete<object>(table, ctx, id);
  for (const each of childrenOf(ctx.state, resources, ctx, apiId)) {
    const id = `${apiId}:${each.resourceId}`;
    if (each.resourceId === rootResourceId) ctx.state.put(resources, ctx, id, { ...each, methods: {} });
    else ctx.state.delete(resources, ctx, id);
  }
}

/**
 * Makes what a definition says, its extensions of API Gateway included.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
function importInto(ctx: CallContext, old: RestApiRecord, definition: Definition): RestApiRecord {
  const api = settings(ctx, old, definition);
  ctx.state.put(restApis, ctx, api.apiId, api);
  const { root } = definition;
  for (const [name, schema] of Object.entries(schemasOf(definition))) importModel(ctx, api.apiId, name, schema);
  for (const [responseType, given] of Object.entries(partOf(root['x-amazon-apigateway-gateway-responses']))) {
    const { statusCode, responseParameters, responseTemplates } = partOf(given);
    const record = checkGatewayResponse({
      apiId: api.apiId,
      responseType,
      ...(statusCode !== undefined ? { statusCode: String(statusCode) } : {}),
      responseParameters: textsOf(responseParameters),
      responseTemplates: textsOf(responseTemplates),
    });
    ctx.state.put(gatewayResponses, ctx, `${api.apiId}:${responseType}`, record);
  }
  const validators = new Map<string, string>();
  for (const [name, given] of Object.entries(partOf(root['x-amazon-apigateway-request-validators']))) {
    const { validateRequestBody, validateRequestParameters } = partOf(given);
    const same = childrenOf(ctx.state, requestValidators, ctx, api.apiId).find((each) => each.name === name);
    const record =
      same ??
      makeValidator(ctx, api.apiId, {
        name,
        validateRequestBody: validateRequestBody === true,
        validateRequestParameters: validateRequestParameters === true,
      });
    validators.set(name, record.validatorId);
  }
  const known: Known = { authorizers: importAuthorizers(ctx, api.apiId, definition), validators };
  importMethods(ctx, api, definition, known);
  return getApi(ctx.state, ctx, api.apiId);
}

function settings(ctx: CallContext, api: RestApiRecord, definition: Definition): RestApiRecord {
  const { root } = definition;
  const info = partOf(root.info);
  const [title, description, version] = [textOf(info.title), textOf(info.description), textOf(info.version)];
  const types = root['x-amazon-apigateway-binary-media-types'];
  const source = textOf(root['x-amazon-apigateway-api-key-source'])?.toUpperCase();
  const endpoint = partOf(root['x-amazon-apigateway-endpoint-configuration']);
  const policy = policyOf(definition);
  return {
    ...api,
    ...(title ? { name: title.slice(0, 1024) } : {}),
    ...(description ? { description } : {}),
    ...(version ? { version } : {}),
    ...(Array.isArray(types) ? { binaryMediaTypes: types.slice(0, 100).map(String) } : {}),
    ...(source === 'HEADER' || source === 'AUTHORIZER' ? { apiKeySource: source } : {}),
    ...(typeof endpoint.disableExecuteApiEndpoint === 'boolean'
      ? { disableExecuteApiEndpoint: endpoint.disableExecuteApiEndpoint }
      : {}),
    ...(Array.isArray(endpoint.vpcEndpointIds) && api.endpointType === 'PRIVATE'
      ? { vpcEndpointIds: endpoint.vpcEndpointIds.map(String) }
      : {}),
    ...(policy ? { policy: readPolicy(ctx, api.apiId, JSON.stringify(policy)) } : {}),
  };
}

/** References among a definition's schemas become those among an API's models. */
function importModel(ctx: CallContext, apiId: string, name: string, schema: unknown): void {
  const text = JSON.stringify(schema).replace(
    /"#\/(?:definitions|components\/schemas)\/([a-zA-Z0-9]{1,255})"/g,
    (_whole, other: string) => `"https://apigateway.amazonaws.com/restapis/${apiId}/models/${other}"`,
  );
  ctx.state.delete(models, ctx, `${apiId}:${name}`);
  makeModel(ctx, apiId, { name, schema: text, contentType: 'application/json' });
}

/** Authorizers by the names of their security schemes. */
function importAuthorizers(ctx: CallContext, apiId: string, definition: Definition): Map<string, string> {
  const made = new Map<string, string>();
  for (const [name, scheme] of Object.entries(securityOf(definition))) {
    const extension = own(partOf(scheme), 'x-amazon-apigateway-authorizer');
    if (extension === undefined) continue;
    const given = partOf(extension);
    const type = (textOf(given.type) ?? 'token').toUpperCase();
    const header = textOf(partOf(scheme).name) ?? 'Authorization';
    const identitySource =
      textOf(given.identitySource) ?? (type === 'REQUEST' ? undefined : `method.request.header.${header}`);
    const before = childrenOf(ctx.state, authorizers, ctx, apiId).find((each) => each.name === name);
    if (before) ctx.state.delete(authorizers, ctx, `${apiId}:${before.authorizerId}`);
    const record = makeAuthorizer(ctx, apiId, {
      name,
      type: type as 'TOKEN',
      authType: textOf(partOf(scheme)['x-amazon-apigateway-authtype']),
      authorizerUri: textOf(given.authorizerUri),
      authorizerCredentials: textOf(given.authorizerCredentials),
      identitySource,
      identityValidationExpression: textOf(given.identityValidationExpression),
      ...(given.authorizerResultTtlInSeconds !== undefined
        ? { authorizerResultTtlInSeconds: Number(given.authorizerResultTtlInSeconds) }
        : {}),
      ...(Array.isArray(given.providerARNs) ? { providerARNs: given.providerARNs.map(String) } : {}),
    });
    const kept = before ? { ...record, authorizerId: before.authorizerId } : record;
    ctx.state.put(authorizers, ctx, `${apiId}:${kept.authorizerId}`, kept);
    made.set(name, kept.authorizerId);
  }
  return made;
}
