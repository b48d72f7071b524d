import type {
  CreateRouteCommandInput,
  CreateRouteCommandOutput,
  DeleteRouteCommandInput,
  DeleteRouteCommandOutput,
  GetRouteCommandInput,
  GetRouteCommandOutput,
  GetRoutesCommandInput,
  GetRoutesCommandOutput,
  Route,
  UpdateRouteCommandInput,
  UpdateRouteCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { authorizers, integrations, type RouteRecord, routes } from './records.ts';
import { badRequest, childrenOf, conflict, getApi, getChild, newId, pageOf, pathAccess } from './shared.ts';
import { redeploy } from './stages.ts';

const describe = (route: RouteRecord): Route => ({
  RouteId: route.routeId,
  RouteKey: route.routeKey,
  ApiKeyRequired: false,
  AuthorizationType: route.authorizationType,
  ...(route.authorizerId !== undefined ? { AuthorizerId: route.authorizerId } : {}),
  ...(route.authorizationScopes.length ? { AuthorizationScopes: [...route.authorizationScopes] } : {}),
  ...(route.operationName !== undefined ? { OperationName: route.operationName } : {}),
  ...(route.target !== undefined ? { Target: route.target } : {}),
  ...(route.managed ? { ApiGatewayManaged: true } : {}),
});

/** `$default`, or a method and a path whose variables fill whole segments; a greedy one only at the end. */
export function checkRouteKey(routeKey: string): void {
  if (routeKey === '$default') return;
  const match = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) (\/.{0,511})$/.exec(routeKey);
  const segments = (match?.[2] ?? '').slice(1).split('/');
  const good = segments.every((segment, i) =>
    segment.startsWith('{')
      ? /^\{[a-zA-Z0-9._:-]{1,128}\}$/.test(segment) ||
        (i === segments.length - 1 && /^\{[a-zA-Z0-9._:-]{1,128}\+\}$/.test(segment))
      : !/[{}\s]/.test(segment),
  );
  if (!match || !good)
    throw badRequest(
      'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
    );
}

type Input = Omit<UpdateRouteCommandInput, 'ApiId' | 'RouteId'>;

function apply(ctx: CallContext, old: RouteRecord, input: Input): RouteRecord {
  const routeKey = input.RouteKey ?? old.routeKey;
  checkRouteKey(routeKey);
  const { apiId } = old;
  if (
    childrenOf(ctx.state, routes, ctx, apiId).some(
      (route) => route.routeKey === routeKey && route.routeId !== old.routeId,
    )
  )
    throw conflict(`Route with key ${routeKey} already exists for this API`);
  const { authorizerId: before, ...rest } = old;
  const authorizationType = input.AuthorizationType ?? old.authorizationType;
  if (!authorizationTypes.has(authorizationType))
    throw badRequest(`Invalid authorization type specified: ${authorizationType.slice(0, 100)}`);
  const authorizerId = input.AuthorizerId ?? before;
  if (authorizationType === 'JWT' || authorizationType === 'CUSTOM') {
    const authorizer =
      authorizerId === undefined ? undefined : ctx.state.get(authorizers, ctx, `${apiId}:${authorizerId}`);
    const type = authorizationType === 'JWT' ? 'JWT' : 'REQUEST';
    if (authorizer?.type !== type)
      throw badRequest(`Authorizer of type ${type} is required for authorization type ${authorizationType}`);
  }
  const target = input.Target ?? old.target;
  const integrationId = target?.startsWith('integrations/') ? target.slice('integrations/'.length) : undefined;
  if (
    target !== undefined &&
    (integrationId === undefined || !ctx.state.get(integrations, ctx, `${apiId}:${integrationId}`))
  )
    throw badRequest(`Invalid integration identifier specified ${target.slice(0, 100)}`);
  return {
    ...rest,
    routeKey,
    authorizationType,
    ...((authorizationType === 'JWT' || authorizationType === 'CUSTOM') && authorizerId ? { authorizerId } : {}),
    authorizationScopes: authorizationType === 'JWT' ? [...(input.AuthorizationScopes ?? old.authorizationScopes)] : [],
    ...(input.OperationName !== undefined ? { operationName: input.OperationName } : {}),
    ...(target !== undefined ? { target } : {}),
  };
}

const authorizationTypes = new Set<string>(['NONE', 'AWS_IAM', 'CUSTOM', 'JWT']);

/** A new route, not yet stored. */
export function makeRoute(ctx: CallContext, apiId: string, input: Input): RouteRecord {
  const fresh: RouteRecord = {
    apiId,
    routeId: newId(ctx, 7),
    routeKey: input.RouteKey!,
    authorizationType: 'NONE',
    authorizationScopes: [],
    managed: false,
  };
  return apply(ctx, fresh, input);
}

const requested = (input: Input): ConditionContext =>
  input.AuthorizationType ? { 'apigateway:Request/RouteAuthorizationType': input.AuthorizationType } : {};

function resource(ctx: CallContext, apiId: string, routeId: string): ConditionContext {
  const type = ctx.state.get(routes, ctx, `${apiId}:${routeId}`)?.authorizationType;
  return type ? { 'apigateway:Resource/RouteAuthorizationType': type } : {};
}

export const CreateRoute = operation<CreateRouteCommandInput, CreateRouteCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'POST', `/apis/${input.ApiId}/routes`, requested(input)),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const route = makeRoute(ctx, input.ApiId!, input);
    ctx.state.put(routes, ctx, `${route.apiId}:${route.routeId}`, route);
    redeploy(ctx, route.apiId);
    return describe(route);
  },
});

export const GetRoute = operation<GetRouteCommandInput, GetRouteCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'GET', `/apis/${input.ApiId}/routes/${input.RouteId}`, resource(ctx, input.ApiId!, input.RouteId!)),
  run: (ctx, input) => describe(getChild(ctx, routes, 'Route', input.ApiId!, input.RouteId!)),
});

export const GetRoutes = operation<GetRoutesCommandInput, GetRoutesCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/routes`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const { page, next } = pageOf(childrenOf(ctx.state, routes, ctx, input.ApiId!), ({ routeId }) => routeId, input);
    return { Items: page.map(describe), ...next };
  },
});

export const UpdateRoute = operation<UpdateRouteCommandInput, UpdateRouteCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'PATCH', `/apis/${input.ApiId}/routes/${input.RouteId}`, {
      ...resource(ctx, input.ApiId!, input.RouteId!),
      ...requested(input),
    }),
  run(ctx, input) {
    const route = apply(ctx, getChild(ctx, routes, 'Route', input.ApiId!, input.RouteId!), input);
    ctx.state.put(routes, ctx, `${route.apiId}:${route.routeId}`, route);
    redeploy(ctx, route.apiId);
    return describe(route);
  },
});

export const DeleteRoute = operation<DeleteRouteCommandInput, DeleteRouteCommandOutput>({
  access: (ctx, input) =>
    pathAccess(
      ctx,
      'DELETE',
      `/apis/${input.ApiId}/routes/${input.RouteId}`,
      resource(ctx, input.ApiId!, input.RouteId!),
    ),
  run(ctx, input) {
    const { apiId, routeId } = getChild(ctx, routes, 'Route', input.ApiId!, input.RouteId!);
    ctx.state.delete(routes, ctx, `${apiId}:${routeId}`);
    redeploy(ctx, apiId);
    return {};
  },
});
