import { anonymousCaller } from '../../callers.ts';
import type { Cloud } from '../../cloud.ts';
import type { Caller, EndpointRequest, EndpointResponse } from '../../context.ts';
import type { AwsError } from '../../errors.ts';
import { uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { writeLogLine } from '../apigatewayv2/access-log.ts';
import { matchRoute } from '../apigatewayv2/match.ts';
import { checkApiKey, checkThrottle } from './api-key-check.ts';
import { authorizeCall, unsigned } from './authorize-call.ts';
import { faultResponse } from './fault-response.ts';
import { faults, GatewayFault } from './faults.ts';
import { integrate } from './integrate.ts';
import { type DeploymentRecord, deployments, restApis, type StageRecord, stages } from './records.ts';
import { contextValues, type RestCall } from './rest-call.ts';
import { own } from './shared.ts';
import { validateRequest } from './validate-request.ts';

const hostForm = /^([a-z0-9]{10})\.execute-api\.([a-z0-9-]{1,30})\.(?:amazonaws\.com|localhost)(?::\d{1,5})?$/;

/** API Gateway takes no larger body. */
const mostBytes = 10 * 1024 * 1024;

/** Answers requests to hosts of REST APIs; undefined when the host is none of this cloud's. */
export function serveRestApi(
  cloud: Cloud,
  request: EndpointRequest,
  caller: Caller | undefined,
  refused: AwsError | undefined,
): Promise<EndpointResponse> | undefined {
  const match = hostForm.exec(request.host.toLowerCase());
  const found =
    match && cloud.state.all(restApis).find(({ id, scope }) => id === match[1] && scope.region === match[2]);
  if (!found) return undefined;
  return answer(cloud, found.scope, found.id, request, caller ?? anonymousCaller({ ip: request.sourceIp }), refused);
}

interface Begun {
  scope: Scope;
  apiId: string;
  requestId: string;
  extendedRequestId: string;
}

async function answer(
  cloud: Cloud,
  scope: Scope,
  apiId: string,
  request: EndpointRequest,
  caller: Caller,
  refused: AwsError | undefined,
): Promise<EndpointResponse> {
  const begun: Begun = {
    scope,
    apiId,
    requestId: uuid(cloud.random),
    extendedRequestId: `${cloud.random.bytes(11).toString('base64').slice(0, 15)}=`,
  };
  let call: RestCall | undefined;
  let response: EndpointResponse;
  try {
    const place = findStage(cloud, begun, request, caller);
    const found = findMethod(place.deployment, request.method, place.path);
    if (!found) throw unsignedAt(cloud, begun, place, request, caller);
    call = makeCall(cloud, begun, place, found, request, caller, refused);
    response = await run(call);
  } catch (error) {
    if (!(error instanceof GatewayFault || error instanceof Located)) throw error;
    if (error instanceof Located) call = error.call;
    response = faultResponse(error instanceof Located ? error.fault : error, call);
  }
  response.headers['x-amzn-requestid'] = begun.requestId;
  response.headers['x-amz-apigw-id'] = begun.extendedRequestId;
  if (call) writeAccessLog(call, response);
  return response;
}

/** A fault before there is a method, at a stage that may have responses of its own. */
class Located extends Error {
  readonly fault: GatewayFault;
  readonly call: RestCall;

  constructor(fault: GatewayFault, call: RestCall) {
    super(fault.message);
    this.fault = fault;
    this.call = call;
  }
}

interface Place {
  stage: StageRecord;
  deployment: DeploymentRecord;
  path: string;
}

/** The first segment of a path is the stage. @throws GatewayFault Forbidden, where there is none, or no way to it */
function findStage(cloud: Cloud, { scope, apiId }: Begun, request: EndpointRequest, caller: Caller): Place {
  const question = request.url.indexOf('?');
  const whole = question < 0 ? request.url : request.url.slice(0, question);
  const first = whole.split('/', 2)[1] ?? '';
  const stage = cloud.state.get(stages, scope, `${apiId}:${first}`);
  const deployment = stage && cloud.state.get(deployments, scope, `${apiId}:${stage.deploymentId}`);
  if (!stage || !deployment) throw faults.forbidden();
  const { disableExecuteApiEndpoint, endpointType } = deployment.api;
  const { vpceId } = caller.source;
  // A private API is reached through an endpoint for execute-api only, any other by none.
  if (disableExecuteApiEndpoint || (endpointType === 'PRIVATE') !== (vpceId !== undefined)) throw faults.forbidden();
  return { stage, deployment, path: whole.slice(first.length + 1) || '/' };
}

interface Found {
  resource: DeploymentRecord['resources'][number];
  methodName: string;
  pathParameters: Record<string, string>;
}

/** The most specific resource, then its method: a resource without the method hands nothing on to a greedy one. */
function findMethod(deployment: DeploymentRecord, verb: string, path: string): Found | undefined {
  const routes = deployment.resources
    .filter(({ methods }) => Object.keys(methods).length)
    .map((resource) => ({ routeKey: `ANY ${resource.path}`, resource }));
  // "trailing slashes are ignored"
  const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
  // A greedy variable stands for something: the root is nobody's but its own.
  const fitting = bare === '/' ? routes.filter(({ resource }) => resource.path === '/') : routes;
  const match = matchRoute(fitting, verb, bare);
  if (!match) return undefined;
  const { resource } = match.route;
  const methodName = own(resource.methods, verb) ? verb : 'ANY';
  return own(resource.methods, methodName) ? { resource, methodName, pathParameters: match.pathParameters } : undefined;
}

/** What no resource answers: AWS looks for a signature first, and says so. */
function unsignedAt(cloud: Cloud, begun: Begun, place: Place, request: EndpointRequest, caller: Caller): Located {
  const root = { apiId: begun.apiId, resourceId: '', path: place.path, methods: {} };
  const found: Found = { resource: root, methodName: request.method, pathParameters: {} };
  return new Located(unsigned({ request }), makeCall(cloud, begun, place, found, request, caller, undefined));
}

function makeCall(
  cloud: Cloud,
  { scope, apiId, requestId, extendedRequestId }: Begun,
  { stage, deployment, path }: Place,
  { resource, methodName, pathParameters }: Found,
  request: EndpointRequest,
  caller: Caller,
  refused: AwsError | undefined,
): RestCall {
  const question = request.url.indexOf('?');
  return {
    cloud,
    scope,
    stage,
    deployment,
    request,
    caller,
    ...(refused ? { refused } : {}),
    source: caller.source,
    requestId,
    extendedRequestId,
    domain: `${apiId}.execute-api.${scope.region}.amazonaws.com`,
    path,
    resource,
    methodName,
    method: own(resource.methods, methodName) ?? { authorizationType: 'NONE', apiKeyRequired: false, responses: {} },
    pathParameters,
    query: new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)),
    hops: caller.source.hops,
  };
}

/** The visible list of steps. @throws GatewayFault */
async function run(call: RestCall): Promise<EndpointResponse> {
  if (call.request.body.length > mostBytes) throw faults.tooLarge();
  const authorized = await authorizeCall(call);
  checkApiKey(call, authorized.usageKey);
  checkThrottle(call);
  validateRequest(call);
  return integrate(call, authorized);
}

function writeAccessLog(call: RestCall, response: EndpointResponse): void {
  const { cloud, scope, stage, deployment } = call;
  const { destinationArn, format } = stage.accessLog;
  if (!destinationArn || !format) return;
  const values = {
    ...contextValues(call),
    status: String(response.status),
    responseLength: String(response.body.length),
    'error.message': response.status >= 400 ? String(response.headers['x-amzn-errortype'] ?? '-') : '-',
  };
  writeLogLine(cloud, scope, { destinationArn, format }, `${deployment.apiId}_${stage.name}`, values, call.hops);
}
