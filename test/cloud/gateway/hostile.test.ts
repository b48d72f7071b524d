import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { CreateRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetBucketTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ListQueuesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { HttpRequest } from '@smithy/protocol-http';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { handle } from '../../../server/cloud/gateway/handle.ts';
import { createGatewayServer } from '../../../server/cloud/gateway/server.ts';
import { client, createTestCloud, OWN, root, rootKeys } from '../../cloud/test-cloud.ts';
import { signed } from './sign.ts';

let cloud: Cloud;
let port: number;
const faults: string[] = [];
let server: ReturnType<typeof createGatewayServer>;

beforeAll(async () => {
  ({ cloud } = createTestCloud({ log: (message, details) => faults.push(`${message} ${JSON.stringify(details)}`) }));
  server = createGatewayServer({
    directory: {
      byId: (id) => (id === cloud.id ? cloud : undefined),
      byAccessKey: (id) => (id === rootKeys(cloud).accessKeyId ? cloud : undefined),
      byRecord: () => undefined,
    },
    maxBodyBytes: 1024 * 1024,
    log: (message, details) => faults.push(`${message} ${JSON.stringify(details)}`),
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function send(method: string, path: string, headers: Record<string, string>, body?: string | Buffer): Promise<Answer> {
  return new Promise((done, failed) => {
    const call = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        done({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    call.once('error', failed);
    call.end(body);
  });
}

/** A signed call of any form, over HTTP. */
async function call(
  service: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Answer> {
  const request = new HttpRequest({
    method: options.method ?? 'POST',
    hostname: '127.0.0.1',
    path: (options.path ?? '/').split('?')[0]!,
    query: Object.fromEntries(new URLSearchParams((options.path ?? '').split('?')[1] ?? '')),
    headers: { host: `127.0.0.1:${port}`, ...options.headers },
    body: options.body,
  });
  const headers = await signed(request, service, rootKeys(cloud));
  return send(request.method, options.path ?? '/', headers, options.body);
}

const json = (target: string, version = '1.1'): Record<string, string> => ({
  'content-type': `application/x-amz-json-${version}`,
  'x-amz-target': target,
});
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

/** The server still does its work. */
async function lives(): Promise<void> {
  const answer = await call('sts', { headers: form, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(`<Account>${OWN}</Account>`) });
}

describe('bodies that cannot be read', () => {
  it.each([
    ['broken JSON', 'ssm', json('AmazonSSM.GetParameter'), '{"Name":', 'SerializationException'],
    ['no object', 'ssm', json('AmazonSSM.GetParameter'), '[1]', 'SerializationException'],
    ['a number for a name', 'ssm', json('AmazonSSM.GetParameter'), '{"Name":7}', 'SerializationException'],
    ['deep JSON', 'ssm', json('AmazonSSM.GetParameter'), '['.repeat(400_000), 'SerializationException'],
    [
      'deep and closed JSON',
      'ssm',
      json('AmazonSSM.GetParameter'),
      `{"Name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      'SerializationException',
    ],
    [
      'bytes that are no UTF-8',
      'kms',
      json('TrentService.ListKeys'),
      Buffer.from([0x7b, 0xff, 0xfe]),
      'SerializationException',
    ],
    ['nothing where a name must be', 'ssm', json('AmazonSSM.GetParameter'), '', 'ValidationException'],
    [
      'an operation that is none',
      'ssm',
      json('AmazonSSM.Get\u0100Parameter'.replace('\u0100', '_')),
      '{}',
      'UnknownOperationException',
    ],
    ['an operation out of Object.prototype', 'ssm', json('AmazonSSM.constructor'), '{}', 'UnknownOperationException'],
    [
      'no operation',
      'logs',
      { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.' },
      '{}',
      'UnknownOperationException',
    ],
  ])('%s', async (_name, service, headers, body, code) => {
    const answer = await call(service, { headers, body });
    expect(JSON.parse(answer.body)).toMatchObject({ __type: code, message: expect.any(String) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it.each([
    ['no action', ''],
    ['an unknown action', 'Action=Nope&Version=2010-05-08'],
    ['an action out of Object.prototype', 'Action=__proto__&Version=2010-05-08'],
    [
      '10,001 parameters',
      `Action=ListRoles&Version=2010-05-08&${Array.from({ length: 10_001 }, (_, i) => `a.${i}=1`).join('&')}`,
    ],
    ['a name nested ten thousand deep', `Action=ListRoles&Version=2010-05-08&${'a.'.repeat(10_000)}b=1`],
    ['a number that is none', 'Action=ListRoles&Version=2010-05-08&MaxItems=many'],
    ['broken percent signs', 'Action=GetRole&Version=2010-05-08&RoleName=%E0%A4%A'],
  ])('a form with %s', async (_name, body) => {
    const answer = await call('iam', { headers: form, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatch(/^<ErrorResponse[\s\S]*<Code>[A-Za-z]+<\/Code>/);
  });

  const laughs = `<!DOCTYPE l [<!ENTITY a0 "lol">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};&a${i};&a${i};">`).join('')}]><Tagging><TagSet><Tag><Key>&a30;</Key><Value>v</Value></Tag></TagSet></Tagging>`;
  it.each([
    ['no XML', 'hello'],
    ['an open element', '<Tagging><TagSet>'],
    ['elements nested a hundred thousand deep', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
    ['a billion laughs', laughs],
    [
      'an external entity',
      '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><Tagging><TagSet><Tag><Key>&x;</Key><Value>v</Value></Tag></TagSet></Tagging>',
    ],
    ['another document', '<Delete><Object><Key>x</Key></Object></Delete>'],
  ])('XML: %s', async (_name, body) => {
    const s3 = client(S3Client, cloud);
    const Bucket = 'hostile-xml';
    await s3.send(new CreateBucketCommand({ Bucket })).catch(() => undefined);
    const answer = await call('s3', { method: 'PUT', path: `/${Bucket}?tagging=`, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toContain('<Code>');
    expect(answer.body).not.toContain('root:');
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchTagSet' });
  });

  it('bodies above the limit, declared or not, are refused before they are read', async () => {
    const declared = await send('POST', '/', { ...form, 'content-length': String(2 * 1024 * 1024) }, 'x').catch(
      (error: Error) => error,
    );
    if (!(declared instanceof Error)) expect(declared.status).toBe(413);
    const undeclared = await send(
      'POST',
      '/',
      { ...form, 'transfer-encoding': 'chunked' },
      Buffer.alloc(2 * 1024 * 1024),
    ).catch((error: Error) => error);
    if (!(undeclared instanceof Error)) expect(undeclared.status).toBe(413);
    await lives();
  });

  it('documents of more than ten megabytes are refused where no package is meant', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1, 'x');
    const headers = { host: 'ssm.us-east-1.amazonaws.com', ...json('AmazonSSM.GetParameter') };
    const answer = await handle(
      cloud,
      { method: 'POST', url: '/', host: headers.host, headers, body, sourceIp: '127.0.0.1' },
      { ip: '127.0.0.1' },
    );
    expect(answer.status).toBe(413);
  });

  it('names out of Object.prototype are names like any other', async () => {
    const answer = await call('sqs', {
      headers: json('AmazonSQS.CreateQueue', '1.0'),
      body: '{"QueueName":"proto","tags":{"__proto__":"a","constructor":"b"},"__proto__":{"QueueName":"polluted"}}',
    });
    expect(answer.status).toBe(200);
    const sqs = client(SQSClient, cloud);
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls?.map((url) => url.split('/').at(-1))).toEqual(['proto']);
    const shown = await call('sqs', {
      headers: json('AmazonSQS.ListQueueTags', '1.0'),
      body: JSON.stringify({ QueueUrl: QueueUrls![0] }),
    });
    expect(shown.body).toContain('"__proto__":"a"');
    expect(({} as Record<string, unknown>).QueueName).toBeUndefined();
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: QueueUrls![0] }))).Tags?.constructor).toBe('b');
  });

  it('of members that come twice the last one counts, in JSON and in forms', async () => {
    const twice = await call('ssm', { headers: json('AmazonSSM.GetParameter'), body: '{"Name":"/a","Name":"/b"}' });
    expect(JSON.parse(twice.body).__type).toBe('ParameterNotFound');
    const roles = await call('iam', {
      headers: form,
      body: 'Action=GetRole&Version=2010-05-08&RoleName=first&RoleName=second',
    });
    expect(roles.body).toContain('second');
  });
});

describe('addresses, headers and methods', () => {
  it('broken percent signs in a path are a client’s error', async () => {
    for (const path of ['/%', '/%E0%A4%A', '/bucket/%ZZ']) {
      const answer = await call('s3', { method: 'GET', path });
      expect([400, 403, 404], path).toContain(answer.status);
    }
    await lives();
  });

  it('what is not emulated says so, with 501 and its name, in each protocol', async () => {
    const ask = async (service: string, options: Parameters<typeof call>[1], name: string): Promise<void> => {
      const answer = await call(service, options);
      expect(answer.status).toBe(501);
      expect(answer.body).toContain(name);
      expect(`${answer.headers['x-amzn-errortype']} ${answer.body}`).toContain('NotEmulatedByLambdaRange');
    };
    await ask(
      'iam',
      { headers: form, body: 'Action=CreateVirtualMFADevice&Version=2010-05-08&VirtualMFADeviceName=x' },
      'CreateVirtualMFADevice',
    );
    await ask(
      'ec2',
      { headers: form, body: 'Action=RunInstances&Version=2016-11-15&MinCount=1&MaxCount=1' },
      'RunInstances',
    );
    await ask('ssm', { headers: json('AmazonSSM.StartSession'), body: '{"Target":"i-1"}' }, 'StartSession');
    await ask('lambda', { method: 'GET', path: '/2031-01-01/anything' }, '/2031-01-01/anything');
    await ask('s3', { method: 'GET', path: '/b?inventory=' }, 'ListBucketInventoryConfigurations');
    await ask('kinesis', { headers: json('Kinesis_20131202.ListStreams', '1.1'), body: '{}' }, 'kinesis');
    await ask('cloudformation', { headers: form, body: 'Action=ListStacks&Version=2010-05-15' }, 'cloudformation');
    await ask('route53', { method: 'GET', path: '/2013-04-01/hostedzone' }, 'route53');
  });

  it('refusals come in the words of each protocol', async () => {
    const stranger = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    const ask = async (service: string, headers: Record<string, string>, body = ''): Promise<Answer> => {
      const request = new HttpRequest({
        method: 'POST',
        hostname: '127.0.0.1',
        path: '/',
        headers: { host: `127.0.0.1:${port}`, ...headers },
        body,
      });
      return send('POST', '/', await signed(request, service, stranger), body);
    };
    expect(await ask('sts', form, 'Action=GetCallerIdentity&Version=2011-06-15')).toMatchObject({
      status: 403,
      body: expect.stringMatching(/<ErrorResponse[\s\S]*<Type>Sender<\/Type><Code>InvalidClientTokenId<\/Code>/),
    });
    expect(await ask('ssm', json('AmazonSSM.GetParameter'), '{}')).toMatchObject({
      status: 400,
      body: expect.stringContaining('"__type":"UnrecognizedClientException"'),
    });
    expect(await ask('s3', {})).toMatchObject({
      status: 403,
      body: expect.stringMatching(/<Error><Code>InvalidAccessKeyId</),
    });
    expect(await ask('ec2', form, 'Action=DescribeVpcs&Version=2016-11-15')).toMatchObject({
      status: 401,
      body: expect.stringMatching(/<Response><Errors><Error><Code>AuthFailure</),
    });
    expect(await ask('lambda', {})).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'UnrecognizedClientException' },
    });
    expect(await send('POST', '/', json('AmazonSSM.GetParameter'), '{}')).toMatchObject({
      status: 400,
      body: expect.stringContaining('MissingAuthenticationTokenException'),
    });
  });

  it('HEAD has no body, whatever it is answered', async () => {
    for (const path of ['/', '/no-such-bucket', '/hostile-xml/none', '/%'])
      expect((await call('s3', { method: 'HEAD', path })).body).toBe('');
    await client(S3Client, cloud).send(new PutObjectCommand({ Bucket: 'hostile-xml', Key: 'k', Body: '12345' }));
    const head = await call('s3', { method: 'HEAD', path: '/hostile-xml/k' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: '' });
  });

  it('a header above 64 kB is refused by the parser; many headers are not a fault', async () => {
    expect((await send('GET', '/', { 'x-big': 'a'.repeat(70_000) })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-amz-meta-${i}`, 'v']));
    expect((await send('GET', '/', many)).status).toBe(403);
    await lives();
  });

  it('a header that comes twice is one value, signed with a bare comma', async () => {
    const request = new HttpRequest({
      method: 'PUT',
      hostname: '127.0.0.1',
      path: '/hostile-xml/twice',
      headers: { host: `127.0.0.1:${port}`, 'x-amz-meta-list': 'one,two' },
      body: 'x',
    });
    const headers = await signed(request, 's3', rootKeys(cloud));
    const twice = { ...headers, 'x-amz-meta-list': ['one', 'two'] } as unknown as Record<string, string>;
    expect((await send('PUT', '/hostile-xml/twice', twice, 'x')).status).toBe(200);
    const head = await call('s3', { method: 'HEAD', path: '/hostile-xml/twice' });
    expect(head.headers['x-amz-meta-list']).toBe('one,two');
  });

  it('metadata cannot break out of its header line', async () => {
    const s3 = client(S3Client, cloud);
    const url = await call('s3', {
      method: 'GET',
      path: '/hostile-xml/k?response-content-type=text%2Fx%0D%0AX-Evil%3A%201',
    });
    expect(url.headers['x-evil']).toBeUndefined();
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'hostile-xml', Key: 'm', Body: '', Metadata: { a: 'b' } })),
    ).resolves.toBeDefined();
  });

  it('a request that never ends its body holds nobody else up, and its end is no fault', async () => {
    const before = faults.length;
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((done) => socket.once('connect', () => done()));
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    await lives();
    const closed = new Promise((done) => socket.once('close', done));
    socket.destroy();
    await closed;
    await lives();
    expect(faults.slice(before)).toEqual([]);
    // Where the client does not go away, Node ends it.
    expect(server.requestTimeout).toBeGreaterThan(0);
    expect(server.requestTimeout).toBeLessThanOrEqual(120_000);
    expect(server.headersTimeout).toBeLessThanOrEqual(30_000);
  });

  it('bytes that are no HTTP are answered with 400', async () => {
    const text = await new Promise<string>((done) => {
      const socket = connect(port, '127.0.0.1', () => socket.end('\u0016\u0003\u0001 not http\r\n\r\n'));
      let out = '';
      socket.on('data', (chunk: Buffer) => (out += chunk));
      socket.once('close', () => done(out));
    });
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    await lives();
  });
});

describe('zips', () => {
  const role = `arn:aws:iam::${OWN}:role/fn`;
  beforeAll(() =>
    client(IAMClient, cloud).send(
      new CreateRoleCommand({
        RoleName: 'fn',
        AssumeRolePolicyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
      }),
    ),
  );

  /** A zip of one entry whose headers say what they like. */
  function lyingZip(name: string, data: Buffer, declared: number): Buffer {
    const deflated = deflateRawSync(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(deflated.length, 18);
    local.writeUInt32LE(declared, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 4);
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(deflated.length, 20);
    central.writeUInt32LE(declared, 24);
    central.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(46 + name.length, 12);
    end.writeUInt32LE(30 + name.length + deflated.length, 16);
    return Buffer.concat([local, Buffer.from(name), deflated, central, Buffer.from(name), end]);
  }

  it.each([
    ['text', Buffer.from('no zip at all')],
    ['nothing', Buffer.alloc(0)],
    [
      'half a zip',
      Buffer.from(zipSync({ 'index.mjs': strToU8('export const handler = () => 1;'.repeat(50)) })).subarray(0, 60),
    ],
    ['300 MB of zeros, declared', Buffer.from(lyingZip('big', Buffer.alloc(300 * 1024 * 1024), 300 * 1024 * 1024))],
    // One that lies about its size is stopped where it is unpacked: test/cloud/runtime/zip.test.ts.
    ['a path that climbs', Buffer.from(zipSync({ '../../etc/x': strToU8('x') }))],
    ['an absolute path', Buffer.from(zipSync({ '/etc/x': strToU8('x') }))],
  ])('%s is refused and leaves no function behind', async (_name, zip) => {
    const functions = client(LambdaClient, cloud);
    await expect(
      functions.send(
        new CreateFunctionCommand({
          FunctionName: 'bad',
          Runtime: 'nodejs20.x',
          Role: role,
          Handler: 'index.handler',
          Code: { ZipFile: zip },
        }),
      ),
    ).rejects.toMatchObject({
      name: expect.stringMatching(
        /InvalidParameterValueException|ValidationException|RequestTooLargeException|CodeStorageExceededException/,
      ),
    });
    expect((await functions.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
  });
});

describe('hostile policies', () => {
  it('wildcards that would blow up a pattern matcher are decided like any other', async () => {
    const iam = client(IAMClient, cloud);
    const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${OWN}:root"},"Action":"sts:AssumeRole"}]}`;
    await iam.send(new CreateRoleCommand({ RoleName: 'hostile', AssumeRolePolicyDocument: trust }));
    const stars = `${'*a'.repeat(2000)}b`;
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'hostile',
        PolicyName: 'stars',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: `arn:aws:s3:::${stars}` }],
        }),
      }),
    );
    const { roleCaller } = await import('../../../server/cloud/gateway/callers.ts');
    const caller = roleCaller(cloud, OWN, 'hostile', 's', root().source);
    const decision = cloud.decide(caller, { action: 's3:GetObject', resource: `arn:aws:s3:::${'a'.repeat(1000)}` });
    // A backtracking matcher needs more steps here than there are atoms; the test would end in its time limit.
    expect(decision.decision).not.toBe('allowed');
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['no policy', '[]'],
    ['a number', '7'],
    ['nothing', '{}'],
    ['a string nested in a string', '"{}"'],
    ['a deep document', `${'{"a":'.repeat(1_400)}1${'}'.repeat(1_400)}`],
    ['an effect that is none', '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}'],
    ['a statement of null', '{"Version":"2012-10-17","Statement":[null]}'],
    ['__proto__', '{"__proto__":{"Version":"2012-10-17","Statement":[]},"Version":"2012-10-17"}'],
    [
      'an operator that is none',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"constructor":{"a":"b"}}}]}',
    ],
  ])('%s is a malformed policy, and nothing is written', async (_name, PolicyDocument) => {
    const iam = client(IAMClient, cloud);
    const before = JSON.stringify([...cloud.state.records()]);
    await expect(
      iam.send(new PutRolePolicyCommand({ RoleName: 'hostile', PolicyName: 'bad', PolicyDocument })),
    ).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    expect(JSON.stringify([...cloud.state.records()])).toBe(before);
  });

  it('patterns of parameters do not run in a regular expression engine that backtracks', async () => {
    const ssm = client(SSMClient, cloud);
    await expect(
      ssm.send(
        new PutParameterCommand({
          Name: '/re',
          Type: 'String',
          Value: `${'a'.repeat(2000)}!`,
          AllowedPattern: '^(a+)+$',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ParameterPatternMismatchException' });
  });
});

it('none of this was a fault of ours', async () => {
  await lives();
  await expect(client(IAMClient, cloud).send(new ListRolesCommand({}))).resolves.toBeDefined();
  await expect(client(SQSClient, cloud).send(new CreateQueueCommand({ QueueName: 'after' }))).resolves.toBeDefined();
  expect(faults).toEqual([]);
});
