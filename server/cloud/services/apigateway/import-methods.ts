import type { CallContext } from '../../context.ts';
import { checkAgainst } from './integration-responses.ts';
import { makeIntegration } from './integrations.ts';
import { checkMethod, putMethod } from './methods.ts';
import {
  type Definition,
  modelOf,
  type Part,
  partOf,
  partsOf,
  resolved,
  securityOf,
  textOf,
  textsOf,
} from './openapi.ts';
import {
  authorizers,
  type IntegrationRecord,
  type MethodRecord,
  type MethodResponseRecord,
  type ResourceRecord,
  type RestApiRecord,
  resources,
} from './records.ts';
import { makeResource } from './resources.ts';
import { badRequest, childrenOf, own } from './shared.ts';

/** What operations of a definition refer to by name. */
export interface Known {
  authorizers: ReadonlyMap<string, string>;
  validators: ReadonlyMap<string, string>;
}

const verbs = new Map([
  ...['get', 'put', 'post', 'delete', 'patch', 'options', 'head'].map((verb): [string, string] => [
    verb,
    verb.toUpperCase(),
  ]),
  ['x-amazon-apigateway-any-method', 'ANY'],
]);

/** Makes the resources and methods of a definition's paths. */
export function importMethods(ctx: CallContext, api: RestApiRecord, definition: Definition, known: Known): void {
  for (const [path, item] of Object.entries(partOf(definition.root.paths))) {
    if (!path.startsWith('/')) throw badRequest(`Invalid path specified: ${path.slice(0, 200)}`);
    const { resourceId } = resourceAt(ctx, api, path);
    for (const [key, given] of Object.entries(partOf(item))) {
      const name = verbs.get(key);
      if (name === undefined) continue;
      const shared = partsOf(partOf(item).parameters);
      const resource = ctx.state.get(resources, ctx, `${api.apiId}:${resourceId}`)!;
      putMethod(ctx, resource, name, methodFrom(ctx, resource, definition, partOf(given), shared, known));
    }
  }
}

/** The resource of a path; those that are missing on the way to it are made. */
function resourceAt(ctx: CallContext, api: RestApiRecord, path: string): ResourceRecord {
  const all = childrenOf(ctx.state, resources, ctx, api.apiId);
  let here = all.find(({ resourceId }) => resourceId === api.rootResourceId)!;
  for (const part of path.split('/').filter(Boolean))
    here =
      all.find((each) => each.parentId === here.resourceId && each.pathPart === part) ?? makeResource(ctx, here, part);
  return here;
}

function methodFrom(
  ctx: CallContext,
  { apiId, resourceId }: ResourceRecord,
  definition: Definition,
  given: Part,
  shared: readonly Part[],
  known: Known,
): MethodRecord {
  const parameters = [...shared, ...partsOf(given.parameters)].map((each) => resolved(definition, each));
  const validator =
    textOf(given['x-amazon-apigateway-request-validator']) ??
    textOf(definition.root['x-amazon-apigateway-request-validator']);
  const validatorId = validator === undefined ? undefined : known.validators.get(validator);
  const operationName = textOf(given.operationId);
  const requestModels = modelsOf(definition, given, parameters);
  const requestParameters = Object.fromEntries(
    parameters.flatMap(({ in: place, name, required }) => {
      const kind = { path: 'path', query: 'querystring', header: 'header' }[String(place)];
      return kind && typeof name === 'string' ? [[`method.request.${kind}.${name}`, required === true]] : [];
    }),
  );
  const responses = Object.fromEntries(
    Object.entries(partOf(given.responses))
      .filter(([status]) => /^[1-5]\d\d$/.test(status))
      .map(([status, response]) => [status, responseFrom(definition, resolved(definition, partOf(response)))]),
  );
  const method = checkMethod(ctx, apiId, {
    ...authorizationOf(ctx, apiId, definition, given, known),
    ...(operationName !== undefined ? { operationName } : {}),
    ...(Object.keys(requestParameters).length ? { requestParameters } : {}),
    ...(Object.keys(requestModels).length ? { requestModels } : {}),
    ...(validatorId ? { requestValidatorId: validatorId } : {}),
    responses,
  });
  const extension = given['x-amazon-apigateway-integration'];
  if (extension === undefined) return method;
  return { ...method, ...integrationFrom(ctx, resourceId, method, partOf(extension)) };
}

/** Models of the body by media type: a parameter in Swagger 2, contents of the request's body in OpenAPI 3. */
function modelsOf(definition: Definition, given: Part, parameters: readonly Part[]): Record<string, string> {
  const body = parameters.find((each) => each.in === 'body');
  const contents = Object.entries(partOf(resolved(definition, partOf(given.requestBody)).content));
  const entries: [string, unknown][] = [
    ...(body ? [['application/json', body.schema] as [string, unknown]] : []),
    ...contents.map(([type, content]): [string, unknown] => [type, partOf(content).schema]),
  ];
  return Object.fromEntries(
    entries.flatMap(([type, schema]) => {
      const model = modelOf(schema);
      return model === undefined ? [] : [[type, model]];
    }),
  );
}

function responseFrom(definition: Definition, given: Part): MethodResponseRecord {
  const headers = Object.keys(partOf(given.headers)).map((name) => [`method.response.header.${name}`, false]);
  const schemas: [string, unknown][] =
    definition.version === 2
      ? [['application/json', given.schema]]
      : Object.entries(partOf(given.content)).map(([type, content]) => [type, partOf(content).schema]);
  const named = schemas.flatMap(([type, schema]) => {
    const model = modelOf(schema);
    return model === undefined ? [] : [[type, model]];
  });
  return {
    ...(headers.length ? { responseParameters: Object.fromEntries(headers) } : {}),
    ...(named.length ? { responseModels: Object.fromEntries(named) } : {}),
  };
}

/** What an operation's security, or the definition's, asks: an authorizer, a signature, an API key. */
function authorizationOf(
  ctx: CallContext,
  apiId: string,
  definition: Definition,
  given: Part,
  known: Known,
): Pick<MethodRecord, 'authorizationType' | 'authorizerId' | 'authorizationScopes' | 'apiKeyRequired'> {
  const auth = textOf(partOf(given['x-amazon-apigateway-auth']).type)?.toUpperCase();
  const asked = partsOf(given.security ?? definition.root.security).flatMap((each) => Object.entries(each));
  const schemes = securityOf(definition);
  const scheme = (name: string) => partOf(own(schemes, name));
  const isKey = (name: string) =>
    scheme(name).type === 'apiKey' &&
    String(scheme(name).name).toLowerCase() === 'x-api-key' &&
    !known.authorizers.has(name);
  const apiKeyRequired = asked.some(([name]) => isKey(name));
  const signed =
    auth === 'AWS_IAM' ||
    asked.some(([name]) => String(scheme(name)['x-amazon-apigateway-authtype']).toLowerCase() === 'awssigv4');
  if (signed) return { authorizationType: 'AWS_IAM', apiKeyRequired };
  const [name, scopes] = asked.find(([each]) => known.authorizers.has(each)) ?? [];
  const authorizerId = name === undefined ? undefined : known.authorizers.get(name);
  if (auth === 'NONE' || authorizerId === undefined) return { authorizationType: 'NONE', apiKeyRequired };
  const cognito = ctx.state.get(authorizers, ctx, `${apiId}:${authorizerId}`)?.type === 'COGNITO_USER_POOLS';
  return {
    authorizationType: cognito ? 'COGNITO_USER_POOLS' : 'CUSTOM',
    authorizerId,
    ...(Array.isArray(scopes) && scopes.length ? { authorizationScopes: scopes.map(String) } : {}),
    apiKeyRequired,
  };
}

/** The integration, and the method's responses with those that the integration's name added. */
function integrationFrom(
  ctx: CallContext,
  resourceId: string,
  method: MethodRecord,
  given: Part,
): Pick<MethodRecord, 'integration' | 'responses'> {
  const texts = (name: string) => (given[name] === undefined ? undefined : textsOf(given[name]));
  const connection = textOf(given.connectionType)?.toUpperCase();
  const integration = makeIntegration(ctx, resourceId, {
    type: textOf(given.type)?.toUpperCase() as 'AWS',
    integrationHttpMethod: textOf(given.httpMethod)?.toUpperCase(),
    uri: textOf(given.uri),
    credentials: textOf(given.credentials),
    ...(connection === 'VPC_LINK' ? { connectionType: 'VPC_LINK' as const } : {}),
    ...(given.contentHandling !== undefined ? { contentHandling: 'CONVERT_TO_TEXT' as const } : {}),
    requestParameters: texts('requestParameters'),
    requestTemplates: texts('requestTemplates'),
    passthroughBehavior: textOf(given.passthroughBehavior),
    cacheNamespace: textOf(given.cacheNamespace),
    ...(Array.isArray(given.cacheKeyParameters) ? { cacheKeyParameters: given.cacheKeyParameters.map(String) } : {}),
    ...(given.timeoutInMillis !== undefined ? { timeoutInMillis: Number(given.timeoutInMillis) } : {}),
  });
  let responses = method.responses;
  const mapped: [string, IntegrationRecord['responses'][string]][] = [];
  for (const [pattern, response] of Object.entries(partOf(given.responses))) {
    const { statusCode, responseParameters, responseTemplates } = partOf(response);
    const status = String(statusCode ?? '200');
    if (!/^[1-5]\d\d$/.test(status)) throw badRequest('Invalid Response status code specified');
    if (!own(responses, status)) responses = { ...responses, [status]: {} };
    const record = checkAgainst({ ...method, responses }, status, {
      ...(pattern === 'default' ? {} : { selectionPattern: pattern }),
      ...(responseParameters !== undefined ? { responseParameters: textsOf(responseParameters) } : {}),
      ...(responseTemplates !== undefined ? { responseTemplates: textsOf(responseTemplates) } : {}),
    });
    mapped.push([status, record]);
  }
  return { responses, integration: { ...integration, responses: Object.fromEntries(mapped) } };
}
