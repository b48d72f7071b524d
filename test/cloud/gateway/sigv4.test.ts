import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import type { EndpointRequest } from '../../../server/cloud/context.ts';
import { AwsError } from '../../../server/cloud/errors.ts';
import { readSignature, verifySignature } from '../../../server/cloud/gateway/sigv4.ts';
import { Sha256 } from './sign.ts';

/** Checks a request as the gateway does; answers the error's code, or 'valid'. */
function check(request: EndpointRequest, secret: string, now: string): string {
  const question = request.url.indexOf('?');
  try {
    const query = new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1));
    const signature = readSignature(request, query);
    if (!signature) return 'unsigned';
    verifySignature(request, signature, secret, [Date.parse(now)]);
    return 'valid';
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
}

function requestOf(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string | Buffer = '',
): EndpointRequest {
  return {
    method,
    url,
    host: headers.host!.replace(/:\d+$/, ''),
    headers,
    body: Buffer.from(body),
    sourceIp: '127.0.0.1',
  };
}

/** Facts that AWS publishes: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and …/sigv4-query-string-auth.html */
describe("AWS's own examples", () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const authorization = (signedHeaders: string, signature: string): string =>
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
  const now = '2013-05-24T00:00:00Z';
  const base = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': empty,
  };

  it.each([
    [
      'GET object',
      requestOf('GET', '/test.txt', {
        ...base,
        range: 'bytes=0-9',
        authorization: authorization(
          'host;range;x-amz-content-sha256;x-amz-date',
          'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
        ),
      }),
    ],
    [
      'PUT object',
      requestOf(
        'PUT',
        '/test%24file.text',
        {
          host: base.host,
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          'x-amz-date': '20130524T000000Z',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
          'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
          authorization: authorization(
            'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
            '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
          ),
        },
        'Welcome to Amazon S3.',
      ),
    ],
    [
      'GET bucket lifecycle',
      requestOf('GET', '/?lifecycle', {
        ...base,
        authorization: authorization(
          'host;x-amz-content-sha256;x-amz-date',
          'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
        ),
      }),
    ],
    [
      'GET bucket (list objects)',
      requestOf('GET', '/?prefix=J&max-keys=2', {
        ...base,
        authorization: authorization(
          'host;x-amz-content-sha256;x-amz-date',
          '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
        ),
      }),
    ],
  ])('%s', (_name, request) => {
    expect(check(request, secret, now)).toBe('valid');
    expect(check(request, `${secret}x`, now)).toBe('SignatureDoesNotMatch');
    expect(check({ ...request, method: 'POST' }, secret, now)).toBe('SignatureDoesNotMatch');
    expect(check({ ...request, url: `${request.url}x` }, secret, now)).toBe('SignatureDoesNotMatch');
  });

  const presigned =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';

  it('a presigned address, and how long it is good', () => {
    const request = requestOf('GET', presigned, { host: 'examplebucket.s3.amazonaws.com' });
    expect(check(request, secret, '2013-05-24T00:00:00Z')).toBe('valid');
    expect(check(request, secret, '2013-05-24T23:59:59Z')).toBe('valid');
    expect(check(request, secret, '2013-05-25T00:00:01Z')).toBe('AccessDenied');
    expect(check(request, secret, '2013-05-23T23:44:00Z')).toBe('AccessDenied');
    const longer = requestOf('GET', presigned.replace('86400', '86401'), { host: 'examplebucket.s3.amazonaws.com' });
    expect(check(longer, secret, now)).toBe('SignatureDoesNotMatch');
    const week = requestOf('GET', presigned.replace('86400', '604801'), { host: 'examplebucket.s3.amazonaws.com' });
    expect(check(week, secret, now)).toBe('IncompleteSignature');
  });

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html and AWS's SigV4 test suite */
  it('IAM ListUsers and the test suite’s get-vanilla', () => {
    const listUsers = requestOf('GET', '/?Action=ListUsers&Version=2010-05-08', {
      host: 'iam.amazonaws.com',
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    });
    const key = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
    expect(check(listUsers, key, '2015-08-30T12:36:00Z')).toBe('valid');
    expect(check(listUsers, key, '2015-08-30T12:41:01Z')).toBe('SignatureDoesNotMatch');
    expect(check(listUsers, key, '2015-08-30T12:30:59Z')).toBe('SignatureDoesNotMatch');
    const vanilla = requestOf('GET', '/', {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    });
    expect(check(vanilla, key, '2015-08-30T12:36:00Z')).toBe('valid');
  });
});

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const now = '2026-01-02T03:04:05Z';
const signer = (service: string): SignatureV4 =>
  new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials,
    // biome-ignore lint/suspicious/noExplicitAny: a hash of our own, in the shape that the signer wants
    sha256: Sha256 as any,
    uriEscapePath: service !== 's3',
    applyChecksum: true,
  });

const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function wire(request: HttpRequest): EndpointRequest {
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) =>
      item === null ? rfc3986(name) : `${rfc3986(name)}=${rfc3986(item)}`,
    ),
  );
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return requestOf(
    request.method,
    request.path + (query.length ? `?${query.join('&')}` : ''),
    headers,
    (request.body as string | undefined) ?? '',
  );
}

describe('what @smithy/signature-v4 signs', () => {
  const paths = [
    '/',
    '/bucket/key',
    '/bucket//double//slash/',
    '/bucket/with%20space',
    '/bucket/plus%2Bsign',
    '/bucket/%C3%BCml%C3%A4ut/%F0%9F%98%80',
    '/bucket/percent%2541',
    '/bucket/tilde~dot.dash-under_',
    '/bucket/%27%28%29%2A%21',
    '/bucket/semi%3Bcolon%3D%26',
  ];
  const queries: Record<string, string | string[] | null>[] = [
    {},
    { b: '2', a: '1', A: '0' },
    { list: ['z', 'a', 'm'] },
    { prefix: 'a b+c/ü', delimiter: '/', empty: '', 'key with space': '~*' },
    { acl: '' },
  ];
  const cases = ['s3', 'lambda', 'iam'].flatMap((service) =>
    paths.flatMap((path) => queries.map((query) => ({ service, path, query: JSON.stringify(query) }))),
  );

  it.each(cases)('$service $path $query, by header', async ({ service, path, query }) => {
    const request = new HttpRequest({
      method: 'POST',
      hostname: 'localhost',
      path,
      query: JSON.parse(query),
      headers: { host: 'localhost:4566', 'x-amz-meta-a': '  one   two ', 'content-type': 'text/plain' },
      body: 'the body',
    });
    const signed = (await signer(service).sign(request, { signingDate: new Date(now) })) as HttpRequest;
    expect(check(wire(signed), 'secret', now)).toBe('valid');
    expect(check({ ...wire(signed), body: Buffer.from('another') }, 'secret', now)).not.toBe('valid');
  });

  it.each(cases.filter(({ service }) => service === 's3'))(
    '$path $query, presigned',
    async ({ service, path, query }) => {
      const request = new HttpRequest({
        method: 'GET',
        hostname: 'localhost',
        path,
        query: JSON.parse(query),
        headers: { host: 'localhost:4566', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      });
      const signed = (await signer(service).presign(request, {
        signingDate: new Date(now),
        expiresIn: 60,
      })) as HttpRequest;
      const { 'x-amz-content-sha256': _unsent, ...headers } = signed.headers;
      expect(check(wire(new HttpRequest({ ...signed, headers })), 'secret', now)).toBe('valid');
    },
  );

  it('is refused when any signed header changes, and not when an unsigned one does', async () => {
    const request = new HttpRequest({
      method: 'GET',
      hostname: 'localhost',
      path: '/b/k',
      headers: { host: 'localhost:4566', 'x-amz-meta-a': '1' },
    });
    const sent = wire((await signer('s3').sign(request, { signingDate: new Date(now) })) as HttpRequest);
    expect(check({ ...sent, headers: { ...sent.headers, 'x-amz-meta-a': '2' } }, 'secret', now)).toBe(
      'SignatureDoesNotMatch',
    );
    expect(check({ ...sent, headers: { ...sent.headers, host: 'elsewhere' } }, 'secret', now)).toBe(
      'SignatureDoesNotMatch',
    );
    expect(check({ ...sent, headers: { ...sent.headers, 'x-forwarded-for': 'x' } }, 'secret', now)).toBe('valid');
  });

  it('takes a plus sign in a path for itself, not for a space', async () => {
    const request = new HttpRequest({ method: 'GET', hostname: 'h', path: '/b/a+b', headers: { host: 'h' } });
    const sent = wire((await signer('s3').sign(request, { signingDate: new Date(now) })) as HttpRequest);
    // The signer takes the path as it is; AWS reads it decoded and encodes it anew, so only an encoded plus is signed right.
    expect(check({ ...sent, url: '/b/a%20b' }, 'secret', now)).toBe('SignatureDoesNotMatch');
  });
});

describe('broken signatures', () => {
  const good =
    'AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00';
  const headers = (authorization: string, more: Record<string, string> = {}): Record<string, string> => ({
    host: 'localhost',
    'x-amz-date': '20260102T030405Z',
    authorization,
    ...more,
  });
  it.each([
    ['another scheme', 'Basic dXNlcjpwYXNz', 'IncompleteSignature'],
    ['nothing but the algorithm', 'AWS4-HMAC-SHA256', 'IncompleteSignature'],
    ['no signature', good.replace(/, Signature.*/, ''), 'IncompleteSignature'],
    ['a short scope', good.replace('/aws4_request', ''), 'IncompleteSignature'],
    ['a long scope', good.replace('AKID', 'AK/ID'), 'IncompleteSignature'],
    ['another day in the scope', good.replace('20260102', '20260101'), 'SignatureDoesNotMatch'],
    ['a signature of the wrong length', good, 'SignatureDoesNotMatch'],
    ['a signature that is no hex', good.replace('=00', `=${'é'.repeat(32)}`), 'SignatureDoesNotMatch'],
    ['a host that is not signed', good.replace('host;', ''), 'SignatureDoesNotMatch'],
    ['a megabyte of commas', `AWS4-HMAC-SHA256 ${','.repeat(1_000_000)}`, 'IncompleteSignature'],
  ])('%s', (_name, authorization, code) => {
    expect(check(requestOf('GET', '/', headers(authorization)), 'secret', now)).toBe(code);
  });

  it('a date that is none, or missing', () => {
    expect(check(requestOf('GET', '/', { host: 'h', authorization: good }), 'secret', now)).toBe('IncompleteSignature');
    expect(check(requestOf('GET', '/', headers(good, { 'x-amz-date': '20260199T990000Z' })), 'secret', now)).toBe(
      'SignatureDoesNotMatch',
    );
    expect(check(requestOf('GET', '/', headers(good, { 'x-amz-date': 'yesterday' })), 'secret', now)).toBe(
      'SignatureDoesNotMatch',
    );
  });

  it('a body that is not the one that was hashed', () => {
    const declared = { 'x-amz-content-sha256': '0'.repeat(64) };
    expect(
      check(requestOf('PUT', '/', headers(good.replace('=00', `=${'0'.repeat(64)}`), declared), 'x'), 'secret', now),
    ).toBe('XAmzContentSHA256Mismatch');
  });

  it('presigned queries with members missing, doubled or wrong', () => {
    const query =
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00';
    const of = (text: string): string => check(requestOf('GET', `/b/k?${text}`, { host: 'h' }), 'secret', now);
    expect(of(query)).toBe('SignatureDoesNotMatch');
    for (const name of ['Algorithm', 'Date', 'Expires', 'SignedHeaders', 'Credential'])
      expect(of(query.replace(new RegExp(`X-Amz-${name}=[^&]*&?`), '')), name).toBe('IncompleteSignature');
    for (const wrong of ['0', '-1', '1e3x', '', '9'.repeat(400), '1.5'])
      expect(of(query.replace('Expires=60', `Expires=${wrong}`)), wrong).toBe('IncompleteSignature');
    expect(of(`X-Amz-Signature=00&${'&'.repeat(10_000)}`)).toBe('IncompleteSignature');
  });
});
