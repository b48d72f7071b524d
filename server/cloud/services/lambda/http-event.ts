import type { Caller, EndpointRequest, EndpointResponse } from '../../context.ts';

/** What differs between function URLs and HTTP APIs in an event of payload format 2.0. */
export interface HttpEventPlace {
  accountId: string;
  apiId: string;
  domainName: string;
  domainPrefix: string;
  stage: string;
  routeKey: string;
  requestId: string;
  /** Milliseconds. */
  now: number;
  /** The path without the stage. */
  rawPath: string;
  pathParameters?: Record<string, string>;
  stageVariables?: Record<string, string>;
  authorizer?: object;
}

/**
 * The event of payload format 2.0.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent(request: EndpointRequest, place: HttpEventPlace): object {
  const question = request.url.indexOf('?');
  const rawQueryString = question < 0 ? '' : request.url.slice(question + 1);
  const { cookie, ...headers } = forwardedHeaders(request, place.domainName);
  const query = joined(new URLSearchParams(rawQueryString));
  const text = isText(headers['content-type']);
  return {
    version: '2.0',
    routeKey: place.routeKey,
    rawPath: place.rawPath,
    rawQueryString,
    ...(cookie ? { cookies: cookie.split(';').map((each) => each.trim()) } : {}),
    headers,
    ...(Object.keys(query).length ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: place.accountId,
      apiId: place.apiId,
      ...(place.authorizer ? { authorizer: place.authorizer } : {}),
      domainName: place.domainName,
      domainPrefix: place.domainPrefix,
      http: {
        method: request.method,
        path: place.rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: place.requestId,
      routeKey: place.routeKey,
      stage: place.stage,
      time: clfTime(place.now),
      timeEpoch: place.now,
    },
    ...(place.pathParameters && Object.keys(place.pathParameters).length
      ? { pathParameters: place.pathParameters }
      : {}),
    ...(place.stageVariables && Object.keys(place.stageVariables).length
      ? { stageVariables: place.stageVariables }
      : {}),
    ...(request.body.length ? { body: request.body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: request.body.length > 0 && !text,
  };
}

/** The headers as AWS hands them on: its own host name, and who asked. */
export function forwardedHeaders(request: EndpointRequest, domainName: string): Record<string, string> {
  const before = request.headers['x-forwarded-for'];
  return {
    ...request.headers,
    host: domainName,
    'x-forwarded-for': before ? `${before}, ${request.sourceIp}` : request.sourceIp,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  };
}

/** Repeated names become one, their values with commas between. */
function joined(query: URLSearchParams): Record<string, string> {
  const out = new Map<string, string>();
  for (const [name, value] of query) out.set(name, out.has(name) ? `${out.get(name)},${value}` : value);
  return Object.fromEntries(out);
}

/** Bodies of these types arrive as text, all others as base64 (forms too). */
export function isText(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  return (
    type.startsWith('text/') ||
    ['application/json', 'application/javascript', 'application/xml'].includes(type) ||
    type.endsWith('+json') ||
    type.endsWith('+xml')
  );
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000` */
export function clfTime(now: number): string {
  const iso = new Date(now).toISOString();
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** `requestContext.authorizer` of a signed request. */
export function iamAuthorizer(caller: Caller): object {
  const { principal, accessKeyId, context } = caller;
  const userId = context['aws:userid'];
  return {
    iam: {
      accessKey: accessKeyId ?? null,
      accountId: principal.account,
      callerId: typeof userId === 'string' ? userId : principal.account,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: principal.arn,
      userId: typeof userId === 'string' ? userId : principal.account,
    },
  };
}

/**
 * What a handler's answer means as an HTTP response; undefined when it means nothing. In format 2.0 an answer without
 * `statusCode` is the body itself.
 */
export function httpResponse(payload: Uint8Array, format: '1.0' | '2.0'): EndpointResponse | undefined {
  const text = Buffer.from(payload).toString();
  let answer: unknown;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
  const structured = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
  if (structured) return structuredResponse(answer as Record<string, unknown>);
  if (format === '1.0') return undefined;
  const body = typeof answer === 'string' ? answer : text;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

export function structuredResponse(answer: Record<string, unknown>): EndpointResponse | undefined {
  const status = Number(answer.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(objectOf(answer.headers))) {
    if (!isHeader(name, value)) return undefined;
    headers[name.toLowerCase()] = String(value);
  }
  for (const [name, values] of Object.entries(objectOf(answer.multiValueHeaders))) {
    if (!Array.isArray(values) || !values.every((value) => isHeader(name, value))) return undefined;
    headers[name.toLowerCase()] = values.map(String);
  }
  if (Array.isArray(answer.cookies)) {
    if (!answer.cookies.every((cookie) => isHeader('set-cookie', cookie))) return undefined;
    headers['set-cookie'] = answer.cookies.map(String);
  }
  delete headers['content-length'];
  delete headers['transfer-encoding'];
  delete headers.connection;
  const { body } = answer;
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  headers['content-type'] ??= body === undefined || body === null ? 'application/json' : 'text/plain;charset=UTF-8';
  return { status, headers, body: Buffer.from(body ?? '', answer.isBase64Encoded === true ? 'base64' : 'utf8') };
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A header that fits on one line and breaks out of none. */
const isHeader = (name: string, value: unknown): boolean =>
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/.test(name) &&
  ['string', 'number', 'boolean'].includes(typeof value) &&
  !/[^\t\x20-\x7e\x80-\xff]/.test(String(value));

export const jsonResponse = (status: number, body: object, headers: Record<string, string> = {}): EndpointResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});
