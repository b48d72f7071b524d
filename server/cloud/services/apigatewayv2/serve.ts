import type { Cloud } from '../../cloud.ts';
import type { Caller, EndpointRequest, EndpointResponse } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import { corsHeaders, preflight } from '../lambda/cors.ts';
import { jsonResponse } from '../lambda/http-event.ts';
import { writeAccessLog } from './access-log.ts';
import type { ApiCall } from './api-call.ts';
import { authorizeRoute } from './authorize-route.ts';
import { matchRoute } from './match.ts';
import { callIntegration } from './proxy.ts';
import { type ApiRecord, apis, deployments, type StageRecord, stages } from './records.ts';
import { takeToken } from './throttle.ts';

const hostForm = /^([a-z0-9]{10})\.execute-api\.([a-z0-9-]{1,30})\.(?:amazonaws\.com|localhost)(?::\d{1,5})?$/;

/** Answers requests to hosts of HTTP APIs; undefined when the host is none of this cloud's. */
export function serveApi(
  cloud: Cloud,
  request: EndpointRequest,
  caller: Caller | undefined,
): Promise<EndpointResponse> | undefined {
  const match = hostForm.exec(request.host.toLowerCase());
  const found = match && cloud.state.all(apis).find(({ id, scope }) => id === match[1] && scope.region === match[2]);
  if (!found) return undefined;
  return answer(cloud, found.scope, found.value, request, caller);
}

const notFound = (): EndpointResponse => jsonResponse(404, { message: 'Not Found' });

async function answer(
  cloud: Cloud,
  scope: Scope,
  api: ApiRecord,
  request: EndpointRequest,
  caller: Caller | undefined,
): Promise<EndpointResponse> {
  if (api.disableExecuteApiEndpoint) return notFound();
  const early = api.cors && preflight(api.cors, request, 204);
  if (early) return early;
  const requestId = `${cloud.random.bytes(11).toString('base64').slice(0, 15)}=`;
  const question = request.url.indexOf('?');
  const rawPath = question < 0 ? request.url : request.url.slice(0, question);
  const place = findStage(cloud, scope, api, rawPath);
  if (!place) return notFound();
  const { stage, path } = place;
  const deployment = stage.deploymentId
    ? cloud.state.get(deployments, scope, `${api.apiId}:${stage.deploymentId}`)
    : undefined;
  const match = matchRoute(deployment?.routes ?? [], request.method, path);
  if (!match) return notFound();
  const { route, pathParameters } = match;
  const integration = deployment!.integrations.find(
    ({ integrationId }) => route.target === `integrations/${integrationId}`,
  );
  const domain = `${api.apiId}.execute-api.${scope.region}.amazonaws.com`;
  const call: ApiCall = {
    cloud,
    scope,
    api,
    stage,
    request,
    caller,
    requestId,
    domain,
    rawPath,
    route,
    integration,
    pathParameters,
  };
  const response = await run(call);
  response.headers['apigw-requestid'] = requestId;
  if (api.cors) Object.assign(response.headers, corsHeaders(api.cors, request));
  writeAccessLog(call, response);
  return response;
}

/** A first segment that is a stage's name selects that stage; all else belongs to `$default`. */
function findStage(
  cloud: Cloud,
  scope: Scope,
  api: ApiRecord,
  rawPath: string,
): { stage: StageRecord; path: string } | undefined {
  const first = rawPath.split('/', 2)[1] ?? '';
  const named =
    first === '' || first === '$default' ? undefined : cloud.state.get(stages, scope, `${api.apiId}:${first}`);
  if (named) return { stage: named, path: rawPath.slice(first.length + 1) || '/' };
  const stage = cloud.state.get(stages, scope, `${api.apiId}:$default`);
  return stage && { stage, path: rawPath };
}

async function run(call: ApiCall): Promise<EndpointResponse> {
  if (!takeToken(call)) return jsonResponse(429, { message: 'Too Many Requests' });
  const verdict = await authorizeRoute(call);
  if (!verdict.allowed) return jsonResponse(verdict.status, { message: verdict.message });
  if (!call.integration) return jsonResponse(500, { message: 'Internal Server Error' });
  return callIntegration(call, verdict.authorizer);
}
