import type { EndpointRequest } from '../context.ts';

/** A host of a service's own, in the form that needs no name to be resolved: `/_range/<kind>/<id>/path`. */
export interface RangePath {
  kind: 'lambda-url' | 'execute-api' | 'code';
  /** The function URL's or API's id; for code, the account. */
  id: string;
  url: string;
}

const pattern = /^\/_range\/(lambda-url|execute-api|code)\/([a-z0-9]{1,40})(\/[^?]*)?(\?.*)?$/;
const hostPattern = /^(?:([a-z0-9]{1,40})\.(lambda-url|execute-api)\.|awslambda-[a-z0-9-]+-tasks\.)/i;

/** Reads such a path, or the host name that means the same. */
export function readRangePath(request: EndpointRequest): RangePath | undefined {
  const match = pattern.exec(request.url);
  if (match) return { kind: match[1] as RangePath['kind'], id: match[2]!, url: `${match[3] ?? '/'}${match[4] ?? ''}` };
  const host = hostPattern.exec(request.host);
  if (!host) return undefined;
  if (host[1])
    return { kind: host[2]!.toLowerCase() as RangePath['kind'], id: host[1].toLowerCase(), url: request.url };
  return { kind: 'code', id: request.url.split('/')[2] ?? '', url: request.url };
}

/** The request as the service's own host would get it. */
export function toOwnHost(request: EndpointRequest, path: RangePath, region: string): EndpointRequest {
  const host =
    path.kind === 'code' ? `awslambda-${region}-tasks.localhost` : `${path.id}.${path.kind}.${region}.localhost`;
  const url =
    path.kind === 'code' && request.url.startsWith('/_range/') ? `/snapshots/${path.id}${path.url}` : path.url;
  return { ...request, host, url };
}
