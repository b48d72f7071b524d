import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { EndpointRequest } from '../context.ts';
import { AwsError } from '../errors.ts';

/** What a request says of its signature, before anything is trusted. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
export interface Signature {
  accessKeyId: string;
  /** `20261122` */
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  sessionToken: string | undefined;
  /** `20261122T170000Z` */
  timestamp: string;
  /** Presigned: seconds that the address is good for. */
  expires: number | undefined;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * Reads the signature out of the Authorization header or a presigned query; undefined for an unsigned request.
 * @throws AwsError IncompleteSignature for one that is broken
 */
export function readSignature(request: EndpointRequest, query: URLSearchParams): Signature | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return fromHeader(header, request);
  if (query.has('X-Amz-Signature') || query.has('X-Amz-Credential')) return fromQuery(query);
  return undefined;
}

function fromHeader(header: string, request: EndpointRequest): Signature {
  if (!header.startsWith(algorithm))
    throw incomplete(
      `Unsupported authorization type: ${header.split(' ', 1)[0]!.slice(0, 40)}. Only ${algorithm} is supported.`,
    );
  const parts = new Map(
    header
      .slice(algorithm.length)
      .split(',')
      .map((part) => {
        const equals = part.indexOf('=');
        return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const;
      }),
  );
  for (const name of ['Credential', 'SignedHeaders', 'Signature'])
    if (!parts.get(name)) throw incomplete(`Authorization header requires '${name}' parameter.`);
  const timestamp = request.headers['x-amz-date'] ?? toBasic(request.headers.date);
  if (!timestamp)
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  return {
    ...readScope(parts.get('Credential')!),
    signedHeaders: parts.get('SignedHeaders')!.toLowerCase().split(';'),
    signature: parts.get('Signature')!,
    sessionToken: request.headers['x-amz-security-token'],
    timestamp,
    expires: undefined,
  };
}

function fromQuery(query: URLSearchParams): Signature {
  const get = (name: string): string => {
    const value = query.get(name);
    if (!value) throw incomplete(`AWS query-string parameters must include '${name}'.`);
    return value;
  };
  if (get('X-Amz-Algorithm') !== algorithm) throw incomplete(`Only ${algorithm} is supported.`);
  const expires = Number(get('X-Amz-Expires'));
  if (!Number.isInteger(expires) || expires < 1 || expires > 604_800)
    throw incomplete('X-Amz-Expires must be a number of seconds between 1 and 604800.');
  return {
    ...readScope(get('X-Amz-Credential')),
    signedHeaders: get('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: get('X-Amz-Signature'),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    timestamp: get('X-Amz-Date'),
    expires,
  };
}

function readScope(credential: string): Pick<Signature, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const parts = credential.split('/');
  if (parts.length !== 5 || parts[4] !== 'aws4_request')
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request.',
    );
  return { accessKeyId: parts[0]!, date: parts[1]!, region: parts[2]!, service: parts[3]! };
}

/**
 * Checks the signature with the secret.
 * @param clocks what "now" may be, in milliseconds: the cloud's clock and, for forks, the machine's
 * @throws AwsError SignatureDoesNotMatch, RequestTimeTooSkewed, or AccessDenied for an expired presigned address
 */
export function verifySignature(
  request: EndpointRequest,
  signature: Signature,
  secret: string,
  clocks: number[],
): void {
  const signed = parseBasic(signature.timestamp);
  if (signed === undefined || !signature.timestamp.startsWith(signature.date))
    throw mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP');
  const skew = signature.service === 's3' ? 15 * 60_000 : 5 * 60_000;
  const inTime = clocks.some((now) =>
    signature.expires === undefined
      ? Math.abs(now - signed) <= skew
      : now >= signed - skew && now <= signed + signature.expires * 1000,
  );
  if (!inTime) {
    if (signature.expires !== undefined) throw new AwsError('AccessDenied', 'Request has expired', 403);
    if (signature.service === 's3')
      throw new AwsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        403,
      );
    const now = new Date(clocks[0]!).toISOString().replace(/[-:]|\.\d{3}/g, '');
    throw mismatch(`Signature expired: ${signature.timestamp} is now earlier or later than ${now} by more than 5 min.`);
  }
  if (!signature.signedHeaders.includes('host'))
    throw mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  const expected = sign(request, signature, secret);
  const given = Buffer.from(signature.signature, 'utf8');
  const wanted = Buffer.from(expected, 'utf8');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
}

function sign(request: EndpointRequest, signature: Signature, secret: string): string {
  const question = request.url.indexOf('?');
  const path = question < 0 ? request.url : request.url.slice(0, question);
  const rawQuery = question < 0 ? '' : request.url.slice(question + 1);
  const pairs = rawQuery
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    });
  const canonicalQuery = pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort((a, b) => (a[0] === b[0] ? compare(a[1], b[1]) : compare(a[0], b[0])))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signature.signedHeaders
    .map(
      (name) =>
        `${name}:${(name === 'host' ? (request.headers.host ?? request.host) : (request.headers[name] ?? '')).trim().replace(/ +/g, ' ')}\n`,
    )
    .join('');
  const canonical = [
    request.method,
    canonicalPath(path, signature.service),
    canonicalQuery,
    headers,
    signature.signedHeaders.join(';'),
    payloadHash(request, signature),
  ].join('\n');
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const toSign = [algorithm, signature.timestamp, scope, createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  return createHmac('sha256', signingKey(secret, signature)).update(toSign).digest('hex');
}

const keys = new Map<string, Buffer>();

function signingKey(secret: string, { date, region, service }: Signature): Buffer {
  const name = `${secret}/${date}/${region}/${service}`;
  const known = keys.get(name);
  if (known) return known;
  const key = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  if (keys.size >= 500) keys.delete(keys.keys().next().value!);
  keys.set(name, key);
  return key;
}

/** S3 signs the path as it is, the others encode it once more; dot segments are kept by S3 and by nobody else. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return (
      path
        .split('/')
        // A plus sign in a path is itself; only in a query it is a space.
        .map((segment) => encode(decode(segment, false)))
        .join('/') || '/'
    );
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  const normal = `/${segments.join('/')}${path.endsWith('/') && segments.length > 0 ? '/' : ''}`;
  return normal.split('/').map(encode).join('/');
}

/** The hash that was signed. A literal hash must be the body's: checked here, as the signature alone does not say so. */
function payloadHash(request: EndpointRequest, signature: Signature): string {
  const header = request.headers['x-amz-content-sha256'];
  if (signature.expires !== undefined && signature.service === 's3') return header ?? 'UNSIGNED-PAYLOAD';
  if (header !== undefined && (header === 'UNSIGNED-PAYLOAD' || header.startsWith('STREAMING-'))) return header;
  const actual = createHash('sha256').update(request.body).digest('hex');
  if (header !== undefined && header.toLowerCase() !== actual)
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
    );
  return actual;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function decode(text: string, plusIsSpace = true): string {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll('+', '%20') : text);
  } catch {
    return text;
  }
}

function parseBasic(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, y, mo, d, h, mi, s] = match;
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
}

function toBasic(date: string | undefined): string | undefined {
  if (!date) return undefined;
  const parsed = new Date(date);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignature', message, 400);
}

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', message, 403);
}
