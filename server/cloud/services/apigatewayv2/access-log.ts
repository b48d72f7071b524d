import type { Cloud } from '../../cloud.ts';
import type { EndpointResponse, Hops } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import { clfTime } from '../lambda/http-event.ts';
import { appendLogs, logGroups } from '../logs/store.ts';
import type { ApiCall } from './api-call.ts';

/** Where a stage's access log goes, and what a line of it is. */
export interface AccessLog {
  destinationArn: string;
  format: string;
}

/**
 * Writes a stage's access log, if it has one, in the stage's own format.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export function writeAccessLog(call: ApiCall, response: EndpointResponse): void {
  const { cloud, stage, scope, api, request, route, requestId, rawPath, domain, caller } = call;
  if (!stage.accessLog) return;
  const now = cloud.clock.now();
  const values: Record<string, string> = {
    accountId: scope.account,
    apiId: api.apiId,
    domainName: domain,
    domainPrefix: api.apiId,
    extendedRequestId: requestId,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': request.headers['user-agent'] ?? '-',
    'identity.userArn': caller && caller.principal.type !== 'anonymous' ? caller.principal.arn : '-',
    path: rawPath,
    protocol: 'HTTP/1.1',
    requestId,
    requestTime: clfTime(now),
    requestTimeEpoch: String(Math.floor(now / 1000)),
    responseLength: String(response.body.length),
    routeKey: route.routeKey,
    stage: stage.name,
    status: String(response.status),
  };
  writeLogLine(cloud, scope, stage.accessLog, `${api.apiId}_${stage.name}`, values, caller?.source.hops);
}

/** One line of an access log, `$context` variables filled in; nothing where its log group is gone. */
export function writeLogLine(
  cloud: Cloud,
  scope: Scope,
  log: AccessLog,
  stream: string,
  values: Record<string, string>,
  hops: Hops | undefined,
): void {
  const group = log.destinationArn.split(':')[6] ?? '';
  if (!cloud.state.get(logGroups, scope, group)) return;
  const now = cloud.clock.now();
  const message = log.format.replace(/\$context\.([A-Za-z.]{1,64})/g, (_whole, name: string) =>
    quoted(Object.hasOwn(values, name) ? values[name]! : '-'),
  );
  cloud.transact((state) => appendLogs(state, scope, group, stream, [{ timestamp: now, message }], now, hops));
}

/** Values stand inside JSON texts and lines: a client must not end either. */
const quoted = (value: string): string => JSON.stringify(value).slice(1, -1);
