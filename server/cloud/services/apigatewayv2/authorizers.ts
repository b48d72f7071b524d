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
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, operation } from '../../context.ts';
import { passRole } from '../iam/service-roles.ts';
import { lambdaArn } from './integrations.ts';
import { type AuthorizerRecord, authorizers, routes } from './records.ts';
import { badRequest, childrenOf, conflict, getApi, getChild, newId, pageOf, pathAccess } from './shared.ts';

const describe = (record: AuthorizerRecord): Authorizer => ({
  AuthorizerId: record.authorizerId,
  Name: record.name,
  AuthorizerType: record.type,
  IdentitySource: [...record.identitySource],
  ...(record.jwt ? { JwtConfiguration: { Audience: [...record.jwt.audience], Issuer: record.jwt.issuer } } : {}),
  ...(record.uri !== undefined
    ? {
        AuthorizerUri: record.uri,
        AuthorizerPayloadFormatVersion: record.payloadFormat ?? '2.0',
        AuthorizerResultTtlInSeconds: record.ttlSeconds,
        EnableSimpleResponses: record.simpleResponses,
      }
    : {}),
  ...(record.credentialsArn !== undefined ? { AuthorizerCredentialsArn: record.credentialsArn } : {}),
});

type Input = Omit<UpdateAuthorizerCommandInput, 'ApiId' | 'AuthorizerId'>;

const sourceForm =
  /^\$(?:request\.(?:header|querystring)\.[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}|context\.[A-Za-z0-9.]{1,128}|stageVariables\.[A-Za-z0-9_]{1,128})$/;

function apply(ctx: CallContext, old: AuthorizerRecord, input: Input): AuthorizerRecord {
  const identitySource = [...(input.IdentitySource ?? old.identitySource)];
  if (!identitySource.every((source) => sourceForm.test(source)))
    throw badRequest('Identity source is not valid. Please provide a valid identity source');
  const base = { ...old, name: input.Name ?? old.name, identitySource };
  if (old.type === 'JWT') {
    const jwt = {
      audience: [...(input.JwtConfiguration?.Audience ?? old.jwt?.audience ?? [])],
      issuer: input.JwtConfiguration?.Issuer ?? old.jwt?.issuer ?? '',
    };
    if (!/^https:\/\/[^\s]{1,512}$/.test(jwt.issuer))
      throw badRequest('Invalid issuer. Issuer must be a valid https URL');
    if (identitySource.length !== 1) throw badRequest('JWT authorizers need exactly one identity source');
    return { ...base, jwt };
  }
  const uri = input.AuthorizerUri ?? old.uri;
  if (uri === undefined || lambdaArn(uri) === undefined) throw badRequest('Invalid Authorizer URI');
  const payloadFormat = input.AuthorizerPayloadFormatVersion ?? old.payloadFormat;
  if (payloadFormat !== '1.0' && payloadFormat !== '2.0')
    throw badRequest('AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer');
  const simpleResponses = input.EnableSimpleResponses ?? old.simpleResponses;
  if (simpleResponses && payloadFormat === '1.0') throw badRequest('Simple responses need payload format version 2.0');
  const ttlSeconds = input.AuthorizerResultTtlInSeconds ?? old.ttlSeconds;
  if (ttlSeconds < 0 || ttlSeconds > 3600) throw badRequest('Authorizer result TTL must be between 0 and 3600 seconds');
  if (ttlSeconds > 0 && identitySource.length === 0)
    throw badRequest('Identity source is required when caching is enabled');
  if (input.AuthorizerCredentialsArn) passRole(ctx, input.AuthorizerCredentialsArn, 'apigateway.amazonaws.com');
  return {
    ...base,
    uri,
    payloadFormat,
    simpleResponses,
    ttlSeconds,
    ...(input.AuthorizerCredentialsArn ? { credentialsArn: input.AuthorizerCredentialsArn } : {}),
  };
}

export const CreateAuthorizer = operation<CreateAuthorizerCommandInput, CreateAuthorizerCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'POST', `/apis/${input.ApiId}/authorizers`, {
      'apigateway:Request/AuthorizerType': input.AuthorizerType!,
    }),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.ApiId!);
    const fresh: AuthorizerRecord = {
      apiId,
      authorizerId: newId(ctx, 6),
      name: input.Name!,
      type: input.AuthorizerType!,
      identitySource: [],
      ttlSeconds: 300,
      simpleResponses: false,
    };
    const { AuthorizerResultTtlInSeconds: ttl, ...rest } = input;
    const record = apply(
      ctx,
      { ...fresh, ttlSeconds: ttl ?? ((input.IdentitySource?.length ?? 0) > 0 ? 300 : 0) },
      rest,
    );
    ctx.state.put(authorizers, ctx, `${apiId}:${record.authorizerId}`, record);
    return describe(record);
  },
});

export const GetAuthorizer = operation<GetAuthorizerCommandInput, GetAuthorizerCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/authorizers/${input.AuthorizerId}`),
  run: (ctx, input) => describe(getChild(ctx, authorizers, 'Authorizer', input.ApiId!, input.AuthorizerId!)),
});

export const GetAuthorizers = operation<GetAuthorizersCommandInput, GetAuthorizersCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/authorizers`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const all = childrenOf(ctx.state, authorizers, ctx, input.ApiId!);
    const { page, next } = pageOf(all, ({ authorizerId }) => authorizerId, input);
    return { Items: page.map(describe), ...next };
  },
});

export const UpdateAuthorizer = operation<UpdateAuthorizerCommandInput, UpdateAuthorizerCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'PATCH', `/apis/${input.ApiId}/authorizers/${input.AuthorizerId}`),
  run(ctx, input) {
    const record = apply(ctx, getChild(ctx, authorizers, 'Authorizer', input.ApiId!, input.AuthorizerId!), input);
    ctx.state.put(authorizers, ctx, `${record.apiId}:${record.authorizerId}`, record);
    return describe(record);
  },
});

export const DeleteAuthorizer = operation<DeleteAuthorizerCommandInput, DeleteAuthorizerCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}/authorizers/${input.AuthorizerId}`),
  run(ctx, input) {
    const { apiId, authorizerId } = getChild(ctx, authorizers, 'Authorizer', input.ApiId!, input.AuthorizerId!);
    if (childrenOf(ctx.state, routes, ctx, apiId).some((route) => route.authorizerId === authorizerId))
      throw conflict('Authorizer cannot be deleted because it is used by a route');
    ctx.state.delete(authorizers, ctx, `${apiId}:${authorizerId}`);
    return {};
  },
});
