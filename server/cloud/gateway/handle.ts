import { anonymousCaller } from '../callers.ts';
import type { Cloud } from '../cloud.ts';
import type { Caller, CallSource, EndpointRequest, EndpointResponse, Service } from '../context.ts';
import { AwsError, NotEmulated } from '../errors.ts';
import { secureRandom, uuid } from '../random.ts';
import { services } from '../services/index.ts';
import { encodeError, NotEmulatedAnswer } from '../wire/encode-error.ts';
import { encodeResponse } from '../wire/encode-response.ts';
import { type Dialect, decodeRequest, dialectOf, type WireRequest } from '../wire/protocol.ts';
import type { WireService } from '../wire/services.ts';
import { escapeXml } from '../wire/xml.ts';
import { authenticate, inDialect, missingToken } from './authenticate.ts';
import { unwrapChunked } from './aws-chunked.ts';
import { locate } from './locate.ts';
import { type RangePath, readRangePath, toOwnHost } from './range-path.ts';
import { readSignature, type Signature } from './sigv4.ts';

export interface HandleOptions {
  /** Why this caller, whoever they are in AWS's terms, may not use the cloud now; undefined where they may. */
  refuses?: (caller: Caller) => string | undefined;
  /** The caller, where the process itself knows who calls; else the signature says it. */
  caller?: Caller;
  /** The service as a signature would name it, with `caller`. */
  service?: string;
}

/**
 * The gateway: one HTTP request to a cloud. The steps stand here in their order: a service's own host (function URLs,
 * HTTP APIs) → service → signature → decode → authorise, operate, commit, record (`Cloud.call`) → encode.
 * It always answers; a fault of ours is a 500 that says nothing more.
 */
export async function handle(
  cloud: Cloud,
  request: EndpointRequest,
  source: CallSource,
  { refuses = () => undefined, caller: known, service: meant }: HandleOptions = {},
): Promise<EndpointResponse> {
  const requestId = uuid(cloud.random);
  const from: CallSource = {
    ...source,
    ...(request.headers['user-agent'] ? { userAgent: request.headers['user-agent'].slice(0, 512) } : {}),
    ...(request.headers.referer ? { referer: request.headers.referer.slice(0, 2048) } : {}),
  };
  const { path, query } = parts(request.url);
  let service: WireService | undefined;
  let dialect: Dialect = 'rest-json';
  let signature: Signature | undefined;
  try {
    await cloud.fresh();
    const range = readRangePath(request);
    signature = range && !signedByAws(range, request) ? undefined : readSignature(request, query);
    const own = range && (await ownHost(cloud, request, range, signature, from, refuses));
    if (own) return own;
    const located = locate(request, signature?.service ?? meant);
    if (!located)
      throw new NotEmulated(
        signature ? `the service "${signature.service.slice(0, 60)}"` : `the host ${request.host.slice(0, 100)}`,
      );
    service = located.service;
    if (!takesPackages.has(service.id) && request.body.length > maxDocument)
      throw new AwsError('RequestEntityTooLarge', `The request body is larger than ${maxDocument} bytes.`, 413);
    const wire = wireRequest(request, service, path, query, located.bucket);
    dialect = dialectOf(service, wire);
    const caller = known ? { ...known, source: from } : authenticate(cloud, request, signature, from);
    const because = refuses(caller);
    if (because !== undefined) throw new AwsError('AccessDenied', because, 403);
    if (caller.principal.type === 'anonymous' && !allowsAnonymous.has(service.id)) throw missingToken();
    const emulated = (services as Record<string, Service>)[service.id]!;
    const decoded = decodeRequest(service, wire, (name) => Object.hasOwn(emulated.operations, name));
    const output = await cloud.call(caller, service.id, decoded.operation.name, decoded.input, {
      region: signature?.region && service.id !== 'iam' && service.id !== 'sts' ? signature.region : cloud.region,
      requestId,
      http: { method: request.method, url: request.url, headers: request.headers, body: wire.body },
    });
    return finish(request, encodeResponse(service, decoded, output, requestId));
  } catch (error) {
    return finish(request, answer(cloud, request, service, dialect, error, requestId, signature?.service));
  }
}

/**
 * The answer to a request that no cloud can be found for, in the form of the service that was meant.
 * @param service the name in the signature's scope, where one could be read
 */
export function refuse(request: EndpointRequest, error: AwsError, service?: string): EndpointResponse {
  const requestId = uuid(secureRandom);
  const located = locate(request, service);
  if (!located) return finish(request, encodeUnlocated(request, error, requestId, service));
  const { path, query } = parts(request.url);
  const dialect = dialectOf(located.service, { ...request, rawPath: path, query });
  return finish(
    request,
    encodeError(located.service, dialect, inDialect(error, located.service.id, dialect), requestId),
  );
}

/** Bodies of these may be whole objects and zips; any other service's is a document. */
const takesPackages = new Set(['s3', 'lambda']);
const maxDocument = 10 * 1024 * 1024;

/** Unsigned calls reach these: buckets may be public, and some STS calls carry their proof inside. */
const allowsAnonymous = new Set(['s3', 'sqs', 'sns', 'lambda']);

/** Applications behind a URL or an API have authorization headers of their own; a code link has a signature of its own kind. */
function signedByAws(range: RangePath, request: EndpointRequest): boolean {
  if (range.kind === 'code') return false;
  const header = request.headers.authorization;
  return header === undefined ? request.url.includes('X-Amz-Signature=') : header.startsWith('AWS4-HMAC-SHA256');
}

async function ownHost(
  cloud: Cloud,
  request: EndpointRequest,
  range: RangePath,
  signature: Signature | undefined,
  source: CallSource,
  refuses: (caller: Caller) => string | undefined,
): Promise<EndpointResponse | undefined> {
  let caller = anonymousCaller(source);
  let refused: AwsError | undefined;
  try {
    caller = authenticate(cloud, request, signature, source);
  } catch (error) {
    // Whether a signature matters at all is the service's question: routes without authorization look at none.
    if (!(error instanceof AwsError)) throw error;
    refused = error;
  }
  const because = refuses(caller);
  if (because !== undefined)
    return {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ message: because })),
    };
  // What was signed is the address that the client used.
  const there = toOwnHost(request, range, cloud.region);
  for (const service of Object.values(services) as Service[]) {
    const response = await service.endpoint?.(cloud, there, caller, refused);
    if (response) return response;
  }
  return { status: 404, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"message":"Not Found"}') };
}

function wireRequest(
  request: EndpointRequest,
  service: WireService,
  path: string,
  query: URLSearchParams,
  hostBucket: string | undefined,
): WireRequest {
  let { body } = request;
  let headers = request.headers;
  if (
    (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-') ||
    (headers['content-encoding'] ?? '').includes('aws-chunked')
  ) {
    const unwrapped = unwrapChunked(body);
    body = unwrapped.body;
    headers = { ...headers, ...unwrapped.trailers, 'content-length': String(body.length) };
    const rest = (headers['content-encoding'] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '' && part !== 'aws-chunked');
    if (rest.length) headers['content-encoding'] = rest.join(',');
    else delete headers['content-encoding'];
  }
  let rawPath = path;
  let bucket = hostBucket;
  if (service.id === 's3' && bucket === undefined) {
    const slash = rawPath.indexOf('/', 1);
    const first = rawPath.slice(1, slash < 0 ? undefined : slash);
    if (first !== '') {
      bucket = decodeBucket(first);
      rawPath = slash < 0 ? '/' : rawPath.slice(slash);
    }
  }
  return { method: request.method, rawPath, query, headers, body, bucket };
}

function decodeBucket(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", 400);
  }
}

function parts(url: string): { path: string; query: URLSearchParams } {
  const question = url.indexOf('?');
  return {
    path: question < 0 ? url : url.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
  };
}

function answer(
  cloud: Cloud,
  request: EndpointRequest,
  service: WireService | undefined,
  dialect: Dialect,
  error: unknown,
  requestId: string,
  signed: string | undefined,
): EndpointResponse {
  let known: AwsError;
  if (error instanceof NotEmulated) known = new NotEmulatedAnswer(error);
  else if (error instanceof AwsError) known = inDialect(error, service?.id ?? '', dialect);
  else {
    cloud.log('a call failed by a fault of ours', {
      error: error instanceof Error ? error.stack : String(error),
      requestId,
    });
    known = new AwsError(
      service?.id === 's3' ? 'InternalError' : 'InternalFailure',
      'We encountered an internal error. Please try again.',
      500,
    );
  }
  if (service) return encodeError(service, dialect, known, requestId);
  return encodeUnlocated(request, known, requestId, signed);
}

/** Services that we do not have, and that speak XML over REST; the others that do not send forms speak JSON. */
const restXmlElsewhere = new Set(['route53', 'cloudfront', 's3express', 's3-outposts']);

/** An error of no service that we know, in the form that its clients most likely read. */
function encodeUnlocated(request: EndpointRequest, error: AwsError, requestId: string, service = ''): EndpointResponse {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const code = escapeXml(error.code);
  const body =
    form || restXmlElsewhere.has(service)
      ? `<ErrorResponse><Error><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`
      : JSON.stringify({ __type: error.code, message: error.message });
  return {
    status: error.status,
    headers: {
      'content-type': body.startsWith('<') ? 'text/xml' : 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: Buffer.from(body),
  };
}

/** An answer to HEAD has no body; header values never break out of their line. */
function finish(request: EndpointRequest, response: EndpointResponse): EndpointResponse {
  for (const [name, value] of Object.entries(response.headers))
    if (typeof value === 'string' && /[^\t\x20-\x7e\x80-\xff]/.test(value)) response.headers[name] = encodeWord(value);
  return request.method === 'HEAD' ? { ...response, body: Buffer.alloc(0) } : response;
}

/** RFC 2047, as S3 answers metadata that is not Latin-1. */
function encodeWord(value: string): string {
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
