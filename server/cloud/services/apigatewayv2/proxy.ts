import { serviceCaller } from '../../callers.ts';
import type { Cloud } from '../../cloud.ts';
import type { Caller, EndpointRequest, EndpointResponse, Hops } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { roleCaller } from '../../gateway/callers.ts';
import type { Scope } from '../../state/table.ts';
import { serviceMayAssume } from '../iam/service-roles.ts';
import { findRoleByArn, parseIamArn } from '../iam/tables.ts';
import { httpEvent, httpResponse, jsonResponse } from '../lambda/http-event.ts';
import { askHost } from '../lambda/network.ts';
import { decodePath } from '../lambda/url-endpoint.ts';
import { type ApiCall, sourceArn } from './api-call.ts';
import { eventV1 } from './event-v1.ts';
import { lambdaArn } from './integrations.ts';

const serverError = (): EndpointResponse => jsonResponse(500, { message: 'Internal Server Error' });
const unavailable = (): EndpointResponse => jsonResponse(503, { message: 'Service Unavailable' });

/** Fills in `${stageVariables.name}`. */
export function withVariables(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\{stageVariables\.([A-Za-z0-9_]{1,128})\}/g, (_whole, name: string) =>
    Object.hasOwn(variables, name) ? variables[name]! : '',
  );
}

/** As whom API Gateway calls: as the role it was given, or as itself for a route of this API. */
export function gatewayCaller(
  cloud: Cloud,
  scope: Scope,
  credentialsArn: string | undefined,
  source: string,
  hops: Hops | undefined,
): Caller | undefined {
  if (credentialsArn === undefined) return serviceCaller('apigateway.amazonaws.com', source, scope.account, hops);
  const role = findRoleByArn(cloud.state, credentialsArn);
  const asking = { cloud, state: cloud.state, region: scope.region } as unknown as Parameters<
    typeof serviceMayAssume
  >[0];
  if (!role || !serviceMayAssume(asking, role, 'apigateway.amazonaws.com', source)) return undefined;
  const { account, name } = parseIamArn(credentialsArn)!;
  return roleCaller(cloud, account, name, 'BackplaneAssumeRoleSession', {
    ip: 'apigateway.amazonaws.com',
    userAgent: 'apigateway.amazonaws.com',
    ...(hops ? { hops } : {}),
  });
}

/** Calls a function with an event and waits at most `limitMs` of real time. */
export async function callFunction(
  cloud: Cloud,
  scope: Scope,
  functionArn: string,
  caller: Caller,
  event: object,
  limitMs: number,
): Promise<{ payload: Uint8Array; failed: boolean } | 'timeout'> {
  const [, , , region, account] = functionArn.split(':');
  const call = cloud.call<{ Payload: Uint8Array; FunctionError?: string }>(
    caller,
    'lambda',
    'Invoke',
    { FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(event)) },
    { region: region ?? scope.region, account: account ?? scope.account },
  );
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), limitMs);
  });
  try {
    const answer = await Promise.race([call, limit]);
    if (answer === 'timeout') {
      // What becomes of the function is no longer this request's matter.
      call.catch(() => {});
      return 'timeout';
    }
    return { payload: answer.Payload, failed: answer.FunctionError !== undefined };
  } finally {
    clearTimeout(timer);
  }
}

export async function callIntegration(call: ApiCall, authorizer: object | undefined): Promise<EndpointResponse> {
  const integration = call.integration!;
  if (integration.type === 'HTTP_PROXY') return callHost(call);
  const { cloud, scope, stage } = call;
  const functionArn = lambdaArn(withVariables(integration.uri, stage.variables));
  const caller = gatewayCaller(cloud, scope, integration.credentialsArn, sourceArn(call), call.caller?.source.hops);
  if (!functionArn || !caller) return serverError();
  const event = integration.payloadFormat === '1.0' ? eventV1(call, authorizer) : eventV2(call, authorizer);
  try {
    const answer = await callFunction(cloud, scope, functionArn, caller, event, integration.timeoutMs);
    if (answer === 'timeout') return unavailable();
    return (answer.failed ? undefined : httpResponse(answer.payload, integration.payloadFormat)) ?? serverError();
  } catch (error) {
    if (error instanceof NotEmulated) return jsonResponse(501, { message: error.message });
    if (!(error instanceof AwsError)) throw error;
    return error.status === 429 ? unavailable() : serverError();
  }
}

export function eventV2(call: ApiCall, authorizer: object | undefined): object {
  const { request, scope, api, stage, domain, route, requestId, cloud, rawPath, pathParameters } = call;
  return httpEvent(request, {
    accountId: scope.account,
    apiId: api.apiId,
    domainName: domain,
    domainPrefix: api.apiId,
    stage: stage.name,
    routeKey: route.routeKey,
    requestId,
    now: cloud.clock.now(),
    rawPath: decodePath(rawPath),
    pathParameters,
    stageVariables: stage.variables,
    ...(authorizer ? { authorizer } : {}),
  });
}

/** An HTTP proxy: only simulated hosts on the internet can be behind it. */
async function callHost(call: ApiCall): Promise<EndpointResponse> {
  const { cloud, request, integration, stage, pathParameters } = call;
  let text = withVariables(integration!.uri, stage.variables);
  for (const [name, value] of Object.entries(pathParameters)) {
    const inPath = value.split('/').map(encodeURIComponent).join('/');
    text = text.replaceAll(`{${name}}`, inPath).replaceAll(`{${name}+}`, inPath);
  }
  if (!URL.canParse(text)) return serverError();
  const url = new URL(text);
  const question = request.url.indexOf('?');
  const method =
    integration!.method === undefined || integration!.method === 'ANY' ? request.method : integration!.method;
  const path = url.pathname + (question < 0 ? url.search : request.url.slice(question));
  return (await proxyToHost(cloud, { ...request, method, url: path }, url)) ?? unavailable();
}

/** Hands a request on to the simulated host on the internet that an address names; undefined where there is none. */
export async function proxyToHost(
  cloud: Cloud,
  request: EndpointRequest,
  url: URL,
): Promise<EndpointResponse | undefined> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const host = cloud
    .hosts()
    .find((each) => each.name === url.hostname && each.port === port && each.place.kind === 'internet');
  if (!host?.http) return undefined;
  const answer = await askHost(cloud, host, {
    ...request,
    host: url.hostname,
    headers: { ...request.headers, host: url.host, forwarded: `for=${request.sourceIp};proto=https` },
  });
  const headers = Object.fromEntries(
    Array.isArray(answer.headers) ? answer.headers : Object.entries(answer.headers),
  ) as EndpointResponse['headers'];
  return { status: answer.status, headers, body: Buffer.from(answer.body ?? '') };
}
