import type { EndpointRequest, EndpointResponse } from '../../context.ts';

/** CORS settings of function URLs and HTTP APIs, which mean the same. */
export interface CorsRules {
  allowCredentials?: boolean;
  allowHeaders?: readonly string[];
  allowMethods?: readonly string[];
  allowOrigins?: readonly string[];
  exposeHeaders?: readonly string[];
  maxAge?: number;
}

const originAllowed = (rules: CorsRules, origin: string): boolean =>
  (rules.allowOrigins ?? []).some((allowed) => {
    if (allowed === '*') return true;
    if (allowed.endsWith('://*')) return origin.startsWith(allowed.slice(0, -1));
    return allowed.toLowerCase() === origin.toLowerCase();
  });

/** The headers that an answer to this request gets; they replace what the function says of CORS. */
export function corsHeaders(rules: CorsRules, request: EndpointRequest): Record<string, string> {
  const origin = request.headers.origin;
  if (!origin || !originAllowed(rules, origin)) return {};
  const any = rules.allowOrigins!.includes('*') && !rules.allowCredentials;
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(any ? {} : { vary: 'Origin' }),
    ...(rules.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(rules.exposeHeaders?.length ? { 'access-control-expose-headers': rules.exposeHeaders.join(',') } : {}),
  };
}

/** The answer to a preflight, which never reaches the function; undefined when the request is none. */
export function preflight(rules: CorsRules, request: EndpointRequest, status: number): EndpointResponse | undefined {
  if (request.method !== 'OPTIONS' || !request.headers.origin || !request.headers['access-control-request-method'])
    return undefined;
  const headers = corsHeaders(rules, request);
  if (headers['access-control-allow-origin'])
    Object.assign(headers, {
      ...(rules.allowMethods?.length ? { 'access-control-allow-methods': rules.allowMethods.join(',') } : {}),
      ...(rules.allowHeaders?.length ? { 'access-control-allow-headers': rules.allowHeaders.join(',') } : {}),
      ...(rules.maxAge !== undefined ? { 'access-control-max-age': String(rules.maxAge) } : {}),
    });
  return { status, headers, body: Buffer.alloc(0) };
}
