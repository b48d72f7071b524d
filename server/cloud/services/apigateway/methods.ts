import type {
  DeleteMethodCommandInput,
  DeleteMethodCommandOutput,
  GetMethodCommandInput,
  GetMethodCommandOutput,
  Method,
  PutMethodCommandInput,
  PutMethodCommandOutput,
  UpdateMethodCommandInput,
  UpdateMethodCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { describeIntegration } from './integration-view.ts';
import {
  booleanRule,
  entryRule,
  itemRule,
  type PatchRules,
  patchBoolean,
  patched,
  textRule,
  valueAt,
} from './patch.ts';
import {
  authorizers,
  type MethodRecord,
  models,
  type ResourceRecord,
  requestValidators,
  resources,
} from './records.ts';
import { badRequest, conflict, getChild, missing, notFound, own, restAccess, shown, without } from './shared.ts';

export const describeMethod = (httpMethod: string, method: MethodRecord): Method => ({
  ...shown<Method>({
    httpMethod,
    authorizationType: method.authorizationType,
    authorizerId: method.authorizerId,
    authorizationScopes: method.authorizationScopes && [...method.authorizationScopes],
    requestValidatorId: method.requestValidatorId,
    operationName: method.operationName,
    requestParameters: { ...method.requestParameters },
    requestModels: { ...method.requestModels },
    methodResponses: Object.fromEntries(
      Object.entries(method.responses).map(([statusCode, response]) => [
        statusCode,
        shown({
          statusCode,
          responseParameters: { ...response.responseParameters },
          responseModels: { ...response.responseModels },
        }),
      ]),
    ),
    methodIntegration: method.integration && describeIntegration(method.integration),
  }),
  apiKeyRequired: method.apiKeyRequired,
});

interface Place {
  restApiId?: string | undefined;
  resourceId?: string | undefined;
  httpMethod?: string | undefined;
}

export const methodPath = ({ restApiId, resourceId, httpMethod }: Place): string =>
  `/restapis/${restApiId}/resources/${resourceId}/methods/${httpMethod}`;

/** @throws AwsError NotFoundException for the API, the resource or the method */
export function getMethod(ctx: CallContext, place: Place): { resource: ResourceRecord; method: MethodRecord } {
  const resource = getChild(ctx, resources, missing.resource, place.restApiId!, place.resourceId!);
  const method = own(resource.methods, place.httpMethod!);
  if (!method) throw notFound(missing.method);
  return { resource, method };
}

/** Stores a method in its resource. */
export function putMethod(ctx: CallContext, resource: ResourceRecord, name: string, method: MethodRecord): void {
  ctx.state.put(resources, ctx, `${resource.apiId}:${resource.resourceId}`, {
    ...resource,
    methods: { ...resource.methods, [name]: method },
  });
}

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
const parameterForm =
  /^method\.request\.(?:path|querystring|header|multivaluequerystring|multivalueheader)\.[^\s]{1,256}$/;

/** Refuses what no method can be, and brings it into the form that is kept. */
export function checkMethod(ctx: CallContext, apiId: string, method: MethodRecord): MethodRecord {
  const { authorizerId, authorizationScopes, requestValidatorId, ...rest } = method;
  const type = method.authorizationType;
  if (!['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'].includes(type))
    throw badRequest(
      'Invalid authorization type specified. Valid values are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS',
    );
  const authorized = type === 'CUSTOM' || type === 'COGNITO_USER_POOLS';
  if (authorized) {
    const authorizer =
      authorizerId === undefined ? undefined : ctx.state.get(authorizers, ctx, `${apiId}:${authorizerId}`);
    if (!authorizer || (authorizer.type === 'COGNITO_USER_POOLS') !== (type === 'COGNITO_USER_POOLS'))
      throw badRequest(
        'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
      );
  }
  if (requestValidatorId && !ctx.state.get(requestValidators, ctx, `${apiId}:${requestValidatorId}`))
    throw badRequest(missing.validator);
  for (const name of Object.values(method.requestModels ?? {}))
    if (!ctx.state.get(models, ctx, `${apiId}:${name}`))
      throw badRequest(`Invalid model identifier specified: ${name.slice(0, 100)}`);
  const parameters = Object.keys(method.requestParameters ?? {});
  if (!parameters.every((name) => parameterForm.test(name))) throw badRequest('Invalid mapping expression specified');
  if (new Set(parameters.map((name) => name.split('.').slice(3).join('.'))).size !== parameters.length)
    throw badRequest('Parameter names must be unique across querystring, header and path');
  return {
    ...rest,
    ...(requestValidatorId ? { requestValidatorId } : {}),
    ...(authorized && authorizerId ? { authorizerId } : {}),
    ...(authorized && authorizationScopes?.length ? { authorizationScopes } : {}),
  };
}

const requested = (input: {
  authorizationType?: string | undefined;
  apiKeyRequired?: boolean | undefined;
}): ConditionContext => ({
  ...(input.authorizationType
    ? { 'apigateway:Request/RouteAuthorizationType': [input.authorizationType.toUpperCase()] }
    : {}),
  ...(input.apiKeyRequired !== undefined
    ? { 'apigateway:Request/ApiKeyRequired': [String(input.apiKeyRequired)] }
    : {}),
});

/** The keys of a method that is there. */
export function methodContext(ctx: CallContext, place: Place): ConditionContext {
  const resource = ctx.state.get(resources, ctx, `${place.restApiId}:${place.resourceId}`);
  const method = own(resource?.methods, place.httpMethod ?? '');
  return method
    ? {
        'apigateway:Resource/RouteAuthorizationType': [method.authorizationType],
        'apigateway:Resource/ApiKeyRequired': [String(method.apiKeyRequired)],
      }
    : {};
}

export const PutMethod = operation<PutMethodCommandInput, PutMethodCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PUT', methodPath(input), requested(input)),
  run(ctx, input) {
    const resource = getChild(ctx, resources, missing.resource, input.restApiId!, input.resourceId!);
    const name = input.httpMethod!;
    if (!verbs.includes(name))
      throw badRequest('Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY');
    if (own(resource.methods, name)) throw conflict('Method already exists for this resource');
    const method = checkMethod(ctx, resource.apiId, {
      authorizationType: input.authorizationType!.toUpperCase() as MethodRecord['authorizationType'],
      apiKeyRequired: input.apiKeyRequired ?? false,
      ...(input.authorizerId !== undefined ? { authorizerId: input.authorizerId } : {}),
      ...(input.authorizationScopes ? { authorizationScopes: [...input.authorizationScopes] } : {}),
      ...(input.operationName !== undefined ? { operationName: input.operationName } : {}),
      ...(input.requestParameters ? { requestParameters: { ...input.requestParameters } } : {}),
      ...(input.requestModels ? { requestModels: { ...input.requestModels } } : {}),
      ...(input.requestValidatorId ? { requestValidatorId: input.requestValidatorId } : {}),
      responses: {},
    });
    putMethod(ctx, resource, name, method);
    return describeMethod(name, method);
  },
});

export const GetMethod = operation<GetMethodCommandInput, GetMethodCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', methodPath(input), methodContext(ctx, input)),
  run: (ctx, input) => describeMethod(input.httpMethod!, getMethod(ctx, input).method),
});

const rules: PatchRules<MethodRecord> = {
  '/authorizationType': {
    replace: (method, type) => ({
      ...method,
      authorizationType: type.toUpperCase() as MethodRecord['authorizationType'],
    }),
  },
  '/authorizerId': textRule('authorizerId'),
  '/authorizationScopes': {
    add: (method, scope) => ({ ...method, authorizationScopes: [...(method.authorizationScopes ?? []), scope] }),
    remove: (method, scope) => ({
      ...method,
      authorizationScopes: (method.authorizationScopes ?? []).filter((each) => each !== scope),
    }),
  },
  '/authorizationScopes/*': itemRule('authorizationScopes'),
  '/apiKeyRequired': booleanRule('apiKeyRequired'),
  '/operationName': textRule('operationName'),
  '/requestValidatorId': textRule('requestValidatorId'),
  '/requestParameters/*': entryRule('requestParameters', patchBoolean),
  '/requestModels/*': entryRule('requestModels'),
};

export const UpdateMethod = operation<UpdateMethodCommandInput, UpdateMethodCommandOutput>({
  access(ctx, input) {
    const value = (wanted: string) => valueAt(input.patchOperations, wanted);
    const key = value('/apiKeyRequired');
    return restAccess(ctx, 'PATCH', methodPath(input), {
      ...methodContext(ctx, input),
      ...requested({
        authorizationType: value('/authorizationType'),
        ...(key !== undefined ? { apiKeyRequired: key.toLowerCase() === 'true' } : {}),
      }),
    });
  },
  run(ctx, input) {
    const { resource, method: old } = getMethod(ctx, input);
    const method = checkMethod(ctx, resource.apiId, patched(old, input.patchOperations, rules));
    putMethod(ctx, resource, input.httpMethod!, method);
    return describeMethod(input.httpMethod!, method);
  },
});

export const DeleteMethod = operation<DeleteMethodCommandInput, DeleteMethodCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', methodPath(input), methodContext(ctx, input)),
  run(ctx, input) {
    const { resource } = getMethod(ctx, input);
    ctx.state.put(resources, ctx, `${resource.apiId}:${resource.resourceId}`, {
      ...resource,
      methods: without(resource.methods, input.httpMethod!),
    });
    return {};
  },
});
