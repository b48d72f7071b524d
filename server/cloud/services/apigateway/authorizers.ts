import type {
  Authorizer,
  CreateAuthorizerCommandInput,
  CreateAuthorizerCommandOutput,
  DeleteAuthorizerCommandInput,
  DeleteAuthorizerCommandOutput,
  GetAuthorizerCommandInput,
  GetAuthorizerCommandOutput,
  GetAuthorizersCommandInput,
  GetAuthorizersCommandOutput,
  UpdateAuthorizerCommandInput,
  UpdateAuthorizerCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { checkCredentials, checkPattern, functionOf } from './check-integration.ts';
import { type PatchRules, patched, patchNumber, textRule, valueAt } from './patch.ts';
import { type AuthorizerRecord, authorizers, resources } from './records.ts';
import {
  badRequest,
  childrenOf,
  conflict,
  getApi,
  getChild,
  missing,
  newId,
  pageOf,
  restAccess,
  shown,
  withinQuota,
} from './shared.ts';

const describe = (record: AuthorizerRecord): Authorizer =>
  shown<Authorizer>({
    id: record.authorizerId,
    name: record.name,
    type: record.type,
    providerARNs: record.providerArns && [...record.providerArns],
    authType: record.authType ?? (record.type === 'COGNITO_USER_POOLS' ? 'cognito_user_pools' : 'custom'),
    authorizerUri: record.uri,
    authorizerCredentials: record.credentials,
    identitySource: record.identitySource,
    identityValidationExpression: record.validationExpression,
    authorizerResultTtlInSeconds: record.ttlSeconds,
  });

const sourceForm =
  /^(?:method\.request\.(?:header|querystring)\.[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}|stageVariables\.[A-Za-z0-9_]{1,128}|context\.[A-Za-z0-9.]{1,128})$/;

/** The identity sources of an authorizer, one by one. */
export const sourcesOf = (record: AuthorizerRecord): string[] =>
  (record.identitySource ?? '')
    .split(',')
    .map((source) => source.trim())
    .filter(Boolean);

/** Refuses what no authorizer can be. */
export function checkAuthorizer(ctx: CallContext, record: AuthorizerRecord): AuthorizerRecord {
  const { type, ttlSeconds } = record;
  if (!/^.{1,128}$/.test(record.name)) throw badRequest('Invalid authorizer name specified');
  if (!['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS'].includes(type))
    throw badRequest('Invalid authorizer type specified. Valid values are TOKEN, REQUEST, COGNITO_USER_POOLS');
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > 3600)
    throw badRequest('Authorizer result TTL must be between 0 and 3600 seconds');
  if (record.credentials) checkCredentials(ctx, record.credentials);
  const sources = sourcesOf(record);
  if (!sources.every((source) => sourceForm.test(source)))
    throw badRequest('Invalid mapping expression specified: identity source');
  if (type === 'COGNITO_USER_POOLS') {
    const arns = record.providerArns ?? [];
    if (
      !arns.length ||
      !arns.every((arn) => /^arn:aws:cognito-idp:[a-z0-9-]{1,30}:\d{12}:userpool\/[\w-]{1,64}$/.test(arn))
    )
      throw badRequest('Invalid Cognito user pool ARN specified');
  } else {
    if (functionOf(record.uri) === undefined)
      throw badRequest(
        `Invalid Authorizer URI: ${(record.uri ?? 'null').slice(0, 300)}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
      );
    if (type === 'REQUEST' && ttlSeconds > 0 && sources.length === 0)
      throw badRequest('Identity source is required when caching is enabled');
    if (type === 'TOKEN' && (sources.length > 1 || (sources[0] && !sources[0].startsWith('method.request.header.'))))
      throw badRequest(
        'Invalid mapping expression specified: a TOKEN authorizer has one header as its identity source',
      );
  }
  if (record.validationExpression) checkPattern(record.validationExpression);
  return record;
}

/** A new authorizer, not yet stored. */
export function makeAuthorizer(
  ctx: CallContext,
  apiId: string,
  input: Omit<CreateAuthorizerCommandInput, 'restApiId'>,
): AuthorizerRecord {
  const all = childrenOf(ctx.state, authorizers, ctx, apiId);
  if (all.some(({ name }) => name === input.name))
    throw conflict('Authorizer name must be unique. Authorizer already exists');
  withinQuota(all.length, 'authorizers', 'Authorizers for this API');
  const source = input.identitySource ?? (input.type === 'REQUEST' ? undefined : 'method.request.header.Authorization');
  return checkAuthorizer(ctx, {
    apiId,
    authorizerId: newId(ctx, 6),
    name: input.name!,
    type: input.type!,
    ...(input.providerARNs?.length ? { providerArns: [...input.providerARNs] } : {}),
    ...(input.authType !== undefined ? { authType: input.authType } : {}),
    ...(input.authorizerUri !== undefined ? { uri: input.authorizerUri } : {}),
    ...(input.authorizerCredentials ? { credentials: input.authorizerCredentials } : {}),
    ...(source !== undefined ? { identitySource: source } : {}),
    ...(input.identityValidationExpression ? { validationExpression: input.identityValidationExpression } : {}),
    ttlSeconds: input.authorizerResultTtlInSeconds ?? 300,
  });
}

const requested = (type: string | undefined, uri: string | undefined): ConditionContext => ({
  ...(type ? { 'apigateway:Request/AuthorizerType': [type] } : {}),
  ...(uri ? { 'apigateway:Request/AuthorizerUri': [uri] } : {}),
});

export const CreateAuthorizer = operation<CreateAuthorizerCommandInput, CreateAuthorizerCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'POST', `/restapis/${input.restApiId}/authorizers`, requested(input.type, input.authorizerUri)),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const record = makeAuthorizer(ctx, apiId, input);
    ctx.state.put(authorizers, ctx, `${apiId}:${record.authorizerId}`, record);
    return describe(record);
  },
});

interface Place {
  restApiId?: string | undefined;
  authorizerId?: string | undefined;
}

/** @throws AwsError NotFoundException */
export const getAuthorizer = (ctx: CallContext, place: Place): AuthorizerRecord =>
  getChild(ctx, authorizers, missing.authorizer, place.restApiId!, place.authorizerId!);

export const authorizerPath = (place: Place): string =>
  `/restapis/${place.restApiId}/authorizers/${place.authorizerId}`;

function context(ctx: CallContext, place: Place): ConditionContext {
  const found = ctx.state.get(authorizers, ctx, `${place.restApiId}:${place.authorizerId}`);
  return {
    ...(found ? { 'apigateway:Resource/AuthorizerType': [found.type] } : {}),
    ...(found?.uri ? { 'apigateway:Resource/AuthorizerUri': [found.uri] } : {}),
  };
}

export const GetAuthorizer = operation<GetAuthorizerCommandInput, GetAuthorizerCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', authorizerPath(input), context(ctx, input)),
  run: (ctx, input) => describe(getAuthorizer(ctx, input)),
});

export const GetAuthorizers = operation<GetAuthorizersCommandInput, GetAuthorizersCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/authorizers`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const { page, next } = pageOf(
      childrenOf(ctx.state, authorizers, ctx, apiId),
      ({ authorizerId }) => authorizerId,
      input,
    );
    return { items: page.map(describe), ...next };
  },
});

const rules: PatchRules<AuthorizerRecord> = {
  '/name': textRule('name'),
  '/type': { replace: (record, type) => ({ ...record, type: type as AuthorizerRecord['type'] }) },
  '/authType': textRule('authType'),
  '/authorizerUri': textRule('uri'),
  '/authorizerCredentials': textRule('credentials'),
  '/authorizerResultTtlInSeconds': { replace: (record, value) => ({ ...record, ttlSeconds: patchNumber(value) }) },
  '/identitySource': textRule('identitySource'),
  '/identityValidationExpression': textRule('validationExpression'),
  '/providerARNs': {
    add: (record, arn) => ({ ...record, providerArns: [...(record.providerArns ?? []), arn] }),
    remove: (record, arn) => ({
      ...record,
      providerArns: (record.providerArns ?? []).filter((each) => each !== arn),
    }),
  },
};

export const UpdateAuthorizer = operation<UpdateAuthorizerCommandInput, UpdateAuthorizerCommandOutput>({
  access(ctx, input) {
    const value = (wanted: string) => valueAt(input.patchOperations, wanted);
    return restAccess(ctx, 'PATCH', authorizerPath(input), {
      ...context(ctx, input),
      ...requested(value('/type'), value('/authorizerUri')),
    });
  },
  run(ctx, input) {
    const record = checkAuthorizer(ctx, patched(getAuthorizer(ctx, input), input.patchOperations, rules));
    ctx.state.put(authorizers, ctx, `${record.apiId}:${record.authorizerId}`, record);
    return describe(record);
  },
});

export const DeleteAuthorizer = operation<DeleteAuthorizerCommandInput, DeleteAuthorizerCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', authorizerPath(input), context(ctx, input)),
  run(ctx, input) {
    const { apiId, authorizerId } = getAuthorizer(ctx, input);
    const used = childrenOf(ctx.state, resources, ctx, apiId).some(({ methods }) =>
      Object.values(methods).some((method) => method.authorizerId === authorizerId),
    );
    if (used) throw conflict('Cannot delete authorizer, is referenced in a method');
    ctx.state.delete(authorizers, ctx, `${apiId}:${authorizerId}`);
    return {};
  },
});
