import { clfTime, forwardedHeaders, isText } from '../lambda/http-event.ts';
import type { ApiCall } from './api-call.ts';

/**
 * The event of payload format 1.0, as HTTP APIs send it.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventV1(call: ApiCall, authorizer: object | undefined): object {
  const { request, scope, api, stage, domain, route, requestId, rawPath, pathParameters, cloud } = call;
  const question = request.url.indexOf('?');
  const multi = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)))
    multi.set(name, [...(multi.get(name) ?? []), value]);
  const headers = forwardedHeaders(request, domain);
  const text = isText(headers['content-type']);
  const resourcePath =
    route.routeKey === '$default' ? '$default' : route.routeKey.slice(route.routeKey.indexOf(' ') + 1);
  const now = cloud.clock.now();
  const orNull = <T>(record: Record<string, T>): Record<string, T> | null =>
    Object.keys(record).length ? record : null;
  return {
    version: '1.0',
    resource: resourcePath,
    path: rawPath,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: orNull(Object.fromEntries([...multi].map(([name, values]) => [name, values.at(-1)!]))),
    multiValueQueryStringParameters: orNull(Object.fromEntries(multi)),
    requestContext: {
      accountId: scope.account,
      apiId: api.apiId,
      authorizer: authorizer ?? { claims: null, scopes: null },
      domainName: domain,
      domainPrefix: api.apiId,
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: headers['user-agent'] ?? '',
        userArn: null,
      },
      path: rawPath,
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: clfTime(now),
      requestTimeEpoch: now,
      resourceId: route.routeKey,
      resourcePath,
      stage: stage.name,
    },
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stage.variables),
    body: request.body.length ? request.body.toString(text ? 'utf8' : 'base64') : null,
    isBase64Encoded: request.body.length > 0 && !text,
  };
}
