import type {
  Api,
  Cors,
  CreateApiCommandInput,
  CreateApiCommandOutput,
  DeleteApiCommandInput,
  DeleteApiCommandOutput,
  DeleteCorsConfigurationCommandInput,
  DeleteCorsConfigurationCommandOutput,
  GetApiCommandInput,
  GetApiCommandOutput,
  GetApisCommandInput,
  GetApisCommandOutput,
  UpdateApiCommandInput,
  UpdateApiCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { requestTagContext } from '../../tags.ts';
import { reachableUrl } from '../lambda/code-location.ts';
import type { CorsRules } from '../lambda/cors.ts';
import { makeIntegration } from './integrations.ts';
import { type ApiRecord, apis, authorizers, deployments, integrations, routes, stages } from './records.ts';
import { checkRouteKey, makeRoute } from './routes.ts';
import { badRequest, getApi, newId, pageOf, pathAccess } from './shared.ts';
import { makeStage, redeploy } from './stages.ts';

function describe(ctx: CallContext, api: ApiRecord): Api {
  const host = `${api.apiId}.execute-api.${ctx.region}`;
  return {
    ApiId: api.apiId,
    // As with function URLs: callers outside get the local address, functions AWS's.
    ApiEndpoint: reachableUrl(ctx, host, 'amazonaws.com', ''),
    Name: api.name,
    ProtocolType: 'HTTP',
    ApiKeySelectionExpression: '$request.header.x-api-key',
    RouteSelectionExpression: '$request.method $request.path',
    CreatedDate: new Date(api.created),
    DisableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    IpAddressType: 'ipv4',
    Tags: { ...api.tags },
    ...(api.description !== undefined ? { Description: api.description } : {}),
    ...(api.version !== undefined ? { Version: api.version } : {}),
    ...(api.cors ? { CorsConfiguration: showCors(api.cors) } : {}),
  };
}

const showCors = (cors: CorsRules): Cors => ({
  ...(cors.allowCredentials !== undefined ? { AllowCredentials: cors.allowCredentials } : {}),
  ...(cors.allowHeaders ? { AllowHeaders: [...cors.allowHeaders] } : {}),
  ...(cors.allowMethods ? { AllowMethods: [...cors.allowMethods] } : {}),
  ...(cors.allowOrigins ? { AllowOrigins: [...cors.allowOrigins] } : {}),
  ...(cors.exposeHeaders ? { ExposeHeaders: [...cors.exposeHeaders] } : {}),
  ...(cors.maxAge !== undefined ? { MaxAge: cors.maxAge } : {}),
});

function readCors(cors: Cors): CorsRules {
  if (cors.AllowCredentials && cors.AllowOrigins?.includes('*'))
    throw badRequest('allow-credentials is not supported when a wildcard (*) is specified for allow-origins.');
  return {
    ...(cors.AllowCredentials !== undefined ? { allowCredentials: cors.AllowCredentials } : {}),
    ...(cors.AllowHeaders ? { allowHeaders: [...cors.AllowHeaders] } : {}),
    ...(cors.AllowMethods ? { allowMethods: [...cors.AllowMethods] } : {}),
    ...(cors.AllowOrigins ? { allowOrigins: [...cors.AllowOrigins] } : {}),
    ...(cors.ExposeHeaders ? { exposeHeaders: [...cors.ExposeHeaders] } : {}),
    ...(cors.MaxAge !== undefined ? { maxAge: cors.MaxAge } : {}),
  };
}

export const CreateApi = operation<CreateApiCommandInput, CreateApiCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'POST', '/apis', { ...requestTagContext(input.Tags), 'apigateway:Request/ApiName': input.Name! }),
  run(ctx, input) {
    if (input.ProtocolType !== 'HTTP') throw new NotEmulated(`APIs of protocol ${input.ProtocolType} (HTTP is)`);
    if (!input.Name || input.Name.length > 128) throw badRequest('Invalid API name specified');
    const api: ApiRecord = {
      apiId: newId(ctx, 10),
      name: input.Name,
      ...(input.Description !== undefined ? { description: input.Description } : {}),
      ...(input.Version !== undefined ? { version: input.Version } : {}),
      ...(input.CorsConfiguration ? { cors: readCors(input.CorsConfiguration) } : {}),
      disableExecuteApiEndpoint: input.DisableExecuteApiEndpoint ?? false,
      created: ctx.now,
      tags: { ...input.Tags },
    };
    ctx.state.put(apis, ctx, api.apiId, api);
    if (input.Target !== undefined) quickCreate(ctx, api, input.Target, input.RouteKey, input.CredentialsArn);
    else if (input.RouteKey !== undefined) throw badRequest('RouteKey can only be specified with Target');
    return describe(ctx, api);
  },
});

/** Integration, route and `$default` stage in one: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-examples.html */
function quickCreate(
  ctx: CallContext,
  api: ApiRecord,
  uri: string,
  routeKey = '$default',
  credentialsArn?: string,
): void {
  checkRouteKey(routeKey);
  const lambda = uri.startsWith('arn:');
  const integration = makeIntegration(ctx, api.apiId, {
    IntegrationType: lambda ? 'AWS_PROXY' : 'HTTP_PROXY',
    IntegrationUri: uri,
    ...(lambda ? { PayloadFormatVersion: '2.0' } : { IntegrationMethod: 'ANY' }),
    ...(credentialsArn ? { CredentialsArn: credentialsArn } : {}),
  });
  ctx.state.put(integrations, ctx, `${api.apiId}:${integration.integrationId}`, { ...integration, managed: true });
  const route = makeRoute(ctx, api.apiId, { RouteKey: routeKey, Target: `integrations/${integration.integrationId}` });
  ctx.state.put(routes, ctx, `${api.apiId}:${route.routeId}`, { ...route, managed: true });
  const stage = makeStage(ctx, api.apiId, { StageName: '$default', AutoDeploy: true });
  ctx.state.put(stages, ctx, `${api.apiId}:$default`, { ...stage, managed: true });
  redeploy(ctx, api.apiId);
}

export const GetApi = operation<GetApiCommandInput, GetApiCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}`),
  run: (ctx, input) => describe(ctx, getApi(ctx.state, ctx, input.ApiId!)),
});

export const GetApis = operation<GetApisCommandInput, GetApisCommandOutput>({
  access: (ctx) => pathAccess(ctx, 'GET', '/apis'),
  run(ctx, input) {
    const all = ctx.state.list(apis, ctx).map(({ value }) => value);
    const { page, next } = pageOf(all, ({ apiId }) => apiId, input);
    return { Items: page.map((api) => describe(ctx, api)), ...next };
  },
});

export const UpdateApi = operation<UpdateApiCommandInput, UpdateApiCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'PATCH', `/apis/${input.ApiId}`, input.Name ? { 'apigateway:Request/ApiName': input.Name } : {}),
  run(ctx, input) {
    const old = getApi(ctx.state, ctx, input.ApiId!);
    if (input.Target !== undefined || input.RouteKey !== undefined || input.CredentialsArn !== undefined)
      throw badRequest('Target, RouteKey and CredentialsArn can only be updated on the integration and the route.');
    const api: ApiRecord = {
      ...old,
      name: input.Name ?? old.name,
      ...(input.Description !== undefined ? { description: input.Description } : {}),
      ...(input.Version !== undefined ? { version: input.Version } : {}),
      ...(input.CorsConfiguration ? { cors: readCors(input.CorsConfiguration) } : {}),
      disableExecuteApiEndpoint: input.DisableExecuteApiEndpoint ?? old.disableExecuteApiEndpoint,
    };
    ctx.state.put(apis, ctx, api.apiId, api);
    return describe(ctx, api);
  },
});

export const DeleteCorsConfiguration = operation<
  DeleteCorsConfigurationCommandInput,
  DeleteCorsConfigurationCommandOutput
>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}/cors`),
  run(ctx, input) {
    const { cors: _gone, ...api } = getApi(ctx.state, ctx, input.ApiId!);
    ctx.state.put(apis, ctx, api.apiId, api);
    return {};
  },
});

export const DeleteApi = operation<DeleteApiCommandInput, DeleteApiCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.ApiId!);
    for (const table of [routes, integrations, stages, deployments, authorizers])
      for (const { id } of ctx.state.list<object>(table, ctx))
        if (id.startsWith(`${apiId}:`)) ctx.state.delete<object>(table, ctx, id);
    ctx.state.delete(apis, ctx, apiId);
    return {};
  },
});
