import { clfTime } from '../lambda/http-event.ts';
import type { RestCall } from './rest-call.ts';

/**
 * The event of a Lambda proxy integration, and what a REQUEST authorizer gets most of.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function restEvent(call: RestCall, authorizer: object | undefined, body: string | null): object {
  const { stage, resource, path, request, pathParameters } = call;
  const headers = eventHeaders(call);
  const multi = new Map<string, string[]>();
  for (const [name, value] of call.query) multi.set(name, [...(multi.get(name) ?? []), value]);
  const last = (map: ReadonlyMap<string, string[]>) =>
    orNull(Object.fromEntries([...map].map(([name, values]) => [name, values.at(-1)!])));
  return {
    resource: resource.path,
    path,
    httpMethod: request.method,
    headers: last(headers),
    multiValueHeaders: orNull(Object.fromEntries(headers)),
    queryStringParameters: last(multi),
    multiValueQueryStringParameters: orNull(Object.fromEntries(multi)),
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stage.variables),
    requestContext: requestContext(call, authorizer),
    body,
    isBase64Encoded: false,
  };
}

const orNull = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | null =>
  Object.keys(record).length ? record : null;

/** `requestContext`; without an authorizer for the authorizer itself. */
export function requestContext(call: RestCall, authorizer: object | undefined): object {
  const { cloud, scope, stage, deployment, request, caller, resource, method } = call;
  const now = cloud.clock.now();
  const signed = method.authorizationType === 'AWS_IAM' && caller.principal.type !== 'anonymous';
  const userId = signed ? (caller.context['aws:userid'] ?? null) : null;
  const key = request.headers['x-api-key'];
  return {
    resourceId: resource.resourceId,
    ...(authorizer ? { authorizer } : {}),
    resourcePath: resource.path,
    httpMethod: request.method,
    extendedRequestId: call.extendedRequestId,
    requestTime: clfTime(now),
    path: call.test ? call.path : `/${stage.name}${call.path}`,
    accountId: scope.account,
    protocol: 'HTTP/1.1',
    stage: stage.name,
    domainPrefix: call.test ? 'testPrefix' : deployment.apiId,
    requestTimeEpoch: now,
    requestId: call.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: signed ? caller.principal.account : null,
      cognitoIdentityId: null,
      caller: userId,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: signed ? (caller.accessKeyId ?? null) : null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: signed ? caller.principal.arn : null,
      userAgent: request.headers['user-agent'] ?? null,
      user: userId,
      ...(method.apiKeyRequired && key !== undefined ? { apiKey: key } : {}),
    },
    domainName: call.domain,
    deploymentId: stage.deploymentId,
    apiId: deployment.apiId,
  };
}

/** These are the connection's own, and go no further. */
const hopByHop = new Set(['content-length', 'connection', 'transfer-encoding', 'keep-alive', 'te', 'upgrade']);

/** The spelling of headers that clients usually send over HTTP/1.1, where nobody kept the client's own. */
const usualSpelling = new Map(
  [
    'Accept',
    'Accept-Encoding',
    'Accept-Language',
    'Authorization',
    'Cache-Control',
    'Content-Encoding',
    'Content-Type',
    'Cookie',
    'Host',
    'If-Match',
    'If-None-Match',
    'Origin',
    'Referer',
    'User-Agent',
    'X-Amz-Date',
    'X-Amz-Security-Token',
    'X-Forwarded-For',
    'X-Forwarded-Port',
    'X-Forwarded-Proto',
  ].map((name) => [name.toLowerCase(), name]),
);

/** The request's headers as functions and hosts behind the API get them. */
export function eventHeaders(call: RestCall): Map<string, string[]> {
  const { request, domain } = call;
  const before = request.headers['x-forwarded-for'];
  const set: Record<string, string> = {
    Host: domain,
    'X-Amzn-Trace-Id': request.headers['x-amzn-trace-id'] ?? traceId(call),
    'X-Forwarded-For': before ? `${before}, ${request.sourceIp}` : request.sourceIp,
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
  };
  const ours = new Set(Object.keys(set).map((name) => name.toLowerCase()));
  const sent = request.rawHeaders ?? Object.entries(request.headers);
  const headers = new Map<string, string[]>();
  for (const [name, value] of sent) {
    const lower = name.toLowerCase();
    if (ours.has(lower) || hopByHop.has(lower) || !Object.hasOwn(request.headers, lower)) continue;
    const shown = spelling(name);
    headers.set(shown, [...(headers.get(shown) ?? []), value]);
  }
  for (const [name, value] of Object.entries(set)) headers.set(name, [value]);
  return new Map([...headers].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
}

/** As the client wrote it; of a name all in small letters the usual spelling, as HTTP libraries change what they are given. */
const spelling = (name: string): string => (name === name.toLowerCase() ? (usualSpelling.get(name) ?? name) : name);

function traceId({ cloud }: RestCall): string {
  const seconds = Math.floor(cloud.clock.now() / 1000).toString(16);
  return `Root=1-${seconds}-${cloud.random.bytes(12).toString('hex')}`;
}
