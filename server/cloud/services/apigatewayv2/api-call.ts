import type { Cloud } from '../../cloud.ts';
import type { Caller, EndpointRequest } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import type { ApiRecord, IntegrationRecord, RouteRecord, StageRecord } from './records.ts';

/** One request on its way through an API. */
export interface ApiCall {
  cloud: Cloud;
  scope: Scope;
  api: ApiRecord;
  stage: StageRecord;
  request: EndpointRequest;
  caller: Caller | undefined;
  requestId: string;
  /** `abc123.execute-api.us-east-1.amazonaws.com` */
  domain: string;
  /** With the stage's name in front, where the request named one. */
  rawPath: string;
  route: RouteRecord;
  integration: IntegrationRecord | undefined;
  pathParameters: Record<string, string>;
}

/** `arn:aws:execute-api:us-east-1:111122223333:abc123/$default/GET/pets/{id}`: what permissions of functions name. */
export function sourceArn({ scope, api, stage, route, request }: ApiCall): string {
  const base = `arn:aws:execute-api:${scope.region}:${scope.account}:${api.apiId}/${stage.name}`;
  if (route.routeKey === '$default') return `${base}/$default`;
  return `${base}/${request.method}${route.routeKey.slice(route.routeKey.indexOf(' ') + 1)}`;
}
