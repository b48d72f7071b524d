import type { ApiCall } from './api-call.ts';

/** What an authorizer says of a request. */
export type Verdict =
  /** `authorizer` goes into the event's request context. */
  { allowed: true; authorizer?: object } | { allowed: false; status: number; message: string };

export const unauthorized: Verdict = { allowed: false, status: 401, message: 'Unauthorized' };
export const forbidden: Verdict = { allowed: false, status: 403, message: 'Forbidden' };

/** The ARN that execute-api policies are asked about: the request's own path. */
export function methodArn({ scope, api, stage, request, rawPath }: ApiCall): string {
  const path =
    stage.name !== '$default' && rawPath.startsWith(`/${stage.name}`) ? rawPath.slice(stage.name.length + 1) : rawPath;
  return `arn:aws:execute-api:${scope.region}:${scope.account}:${api.apiId}/${stage.name}/${request.method}${path}`;
}

/** The value of an identity source such as `$request.header.Authorization`; undefined when the request has none. */
export function identityValue({ request, stage, requestId }: ApiCall, source: string): string | undefined {
  const [kind, ...rest] = source.slice(1).split('.');
  const own = (record: Record<string, string>, key: string): string | undefined =>
    Object.hasOwn(record, key) ? record[key] : undefined;
  if (kind === 'stageVariables') return own(stage.variables, rest.join('.'));
  if (kind === 'context') return rest.join('.') === 'requestId' ? requestId : undefined;
  const name = rest.slice(1).join('.');
  if (rest[0] === 'header') return own(request.headers, name.toLowerCase()) || undefined;
  const question = request.url.indexOf('?');
  return new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)).get(name) || undefined;
}
