import type { Cloud } from '../../cloud.ts';
import type { Caller, CallSource, EndpointRequest, Hops } from '../../context.ts';
import type { AwsError } from '../../errors.ts';
import type { Scope } from '../../state/table.ts';
import { clfTime } from '../lambda/http-event.ts';
import type { DeploymentRecord, MethodRecord, ResourceRecord, StageRecord } from './records.ts';
import { own } from './shared.ts';
import { parsed, type TemplateValues } from './template.ts';

/** One request on its way through a REST API. */
export interface RestCall {
  cloud: Cloud;
  scope: Scope;
  stage: StageRecord;
  /** What the stage serves. */
  deployment: DeploymentRecord;
  request: EndpointRequest;
  /** Who signed the request; anonymous where nobody did, or where the signature is not good. */
  caller: Caller;
  /** Why a signature was not taken: only methods that ask for one mind. */
  refused?: AwsError;
  source: CallSource;
  requestId: string;
  extendedRequestId: string;
  /** `abc123.execute-api.us-east-1.amazonaws.com` */
  domain: string;
  /** Behind the stage's name. */
  path: string;
  resource: ResourceRecord;
  /** `ANY`, or the request's. */
  methodName: string;
  method: MethodRecord;
  pathParameters: Record<string, string>;
  query: URLSearchParams;
  hops: Hops | undefined;
  /** TestInvokeMethod: no authorization, and nothing is counted. */
  test?: boolean;
}

/** The ARN that execute-api policies are asked about: the request's own path. */
export const methodArn = ({ scope, deployment, stage, request, path }: RestCall): string =>
  `arn:aws:execute-api:${scope.region}:${scope.account}:${deployment.apiId}/${stage.name}/${request.method}${path}`;

/** The ARN that permissions of functions name: the resource's path with its variables. */
export const sourceArn = ({ scope, deployment, stage, request, resource }: RestCall): string =>
  `arn:aws:execute-api:${scope.region}:${scope.account}:${deployment.apiId}/${stage.name}/${request.method}${resource.path}`;

/** `$context` variables that templates, headers and logs ask for. */
export function contextValues(call: RestCall): Record<string, string> {
  const { cloud, scope, stage, deployment, request, caller, resource } = call;
  const now = cloud.clock.now();
  const signed = caller.principal.type !== 'anonymous';
  return {
    accountId: scope.account,
    apiId: deployment.apiId,
    domainName: call.domain,
    domainPrefix: deployment.apiId,
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': request.headers['user-agent'] ?? '-',
    'identity.user': signed ? String(caller.context['aws:userid'] ?? '-') : '-',
    'identity.caller': signed ? String(caller.context['aws:userid'] ?? '-') : '-',
    'identity.userArn': signed ? caller.principal.arn : '-',
    'identity.accountId': signed ? caller.principal.account : '-',
    path: `/${stage.name}${call.path}`,
    protocol: 'HTTP/1.1',
    requestId: call.requestId,
    requestTime: clfTime(now),
    requestTimeEpoch: String(now),
    resourceId: resource.resourceId,
    resourcePath: resource.path,
    stage: stage.name,
  };
}

/** What templates may ask for; `body` is the request's or the integration's. */
export function templateValues(call: RestCall, body: string, more: Record<string, string> = {}): TemplateValues {
  const values = { ...contextValues(call), ...more };
  return {
    context: (name) => own(values, name),
    stageVariable: (name) => own(call.stage.variables, name),
    parameter: (name) =>
      own(call.pathParameters, name) ?? call.query.get(name) ?? own(call.request.headers, name.toLowerCase()),
    body,
  };
}

/** The value of a mapped parameter: `'text'`, `method.request.header.X`, `context.x`, `stageVariables.x`. */
export function mappedValue(call: RestCall, source: string): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  const [kind, part, place, ...rest] = source.split('.');
  if (kind === 'context') return own(contextValues(call), source.slice('context.'.length));
  if (kind === 'stageVariables') return own(call.stage.variables, part ?? '');
  if (kind !== 'method' || part !== 'request') return undefined;
  const name = rest.join('.');
  if (place === 'path') return own(call.pathParameters, name);
  if (place === 'querystring' || place === 'multivaluequerystring') return call.query.get(name) ?? undefined;
  if (place === 'header' || place === 'multivalueheader') return own(call.request.headers, name.toLowerCase());
  return bodyPart(call.request.body.toString(), rest);
}

/** `….body.a.b` of a JSON text: texts as they are, all else as JSON. */
export function bodyPart(text: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return text;
  let part = parsed(text);
  for (const name of names)
    part = typeof part === 'object' && part !== null ? own(part as Record<string, unknown>, name) : undefined;
  return part === undefined || typeof part === 'string' ? part : JSON.stringify(part);
}
