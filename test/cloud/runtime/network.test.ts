import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Connection,
  Destination,
  FunctionRuntime,
  HttpRequest,
  HttpResponse,
} from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

const HELPERS = `
  import { execFileSync } from 'node:child_process'; import net from 'node:net'; import dgram from 'node:dgram'; import dns from 'node:dns/promises';
  const attempt = async (f) => { try { return await f() } catch (e) { return (e.cause ?? e).code ?? e.name } };
  const curl = (...args) => { try { return execFileSync('curl', ['-sS', ...args], { stdio: 'pipe' }).toString() } catch (e) { return 'exit ' + e.status } };
  const tcp = (port, host, timeout = 3_000) => new Promise((resolve) => { const s = net.connect(port, host); s.setTimeout(timeout, () => { s.destroy(); resolve('silent') });
    s.on('connect', () => resolve('connected')); s.on('error', (e) => resolve(e.code)) });
`;

describe.skipIf(!sandboxed)('network (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime());
  });
  afterAll(() => dispose());

  function http(handle: (request: HttpRequest) => unknown): (d: Destination) => Connection {
    return () => ({
      kind: 'http',
      async handle(request) {
        return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(handle(request)) };
      },
    });
  }

  test('HTTP and TLS end at the server, which is told the destination and not what the Host header claims', async () => {
    const services = host(http(({ body, headers, ...rest }) => ({ ...rest, body: body.toString(), sent: headers })));
    const spec = fn(
      `export const handler = async () => Promise.all(['https', 'http'].map(async (scheme) => (await fetch(scheme + '://payments.example/pay?x=1', { method: 'POST', body: 'abc', headers: { 'X-Mixed': 'Case', host: 'forged.example' } })).json()))`,
    );
    const { json, network } = await call(runtime, spec, services);
    const common = { method: 'POST', url: '/pay?x=1', host: 'payments.example', body: 'abc' };
    expect(json[0]).toMatchObject({ ...common, port: 443, tls: true });
    expect(json[1]).toMatchObject({ ...common, port: 80, tls: false });
    expect(Object.fromEntries(json[0].sent)).toMatchObject({ 'X-Mixed': 'Case' });
    expect(network).toContainEqual({ host: 'payments.example', port: 443, outcome: 'http' });
  });

  test('the SDK reaches AWS by AWS’s names, and its connection is kept for the next invocation', async () => {
    const seen: string[] = [];
    const services = host((destination) => ({
      kind: 'http',
      async handle(request) {
        seen.push(
          `${request.method} ${destination.host} ${request.headers.some(([n]) => n.toLowerCase() === 'authorization')}`,
        );
        return {
          status: 200,
          headers: { 'content-type': 'application/xml' },
          body: '<ListBucketResult><Name>photos</Name></ListBucketResult>',
        };
      },
    }));
    const spec = fn(
      `import { S3Client, ListObjectsV2Command } from '@aws-sdk/client-s3'; const s3 = new S3Client({});
       export const handler = async () => (await s3.send(new ListObjectsV2Command({ Bucket: 'photos' }))).Name`,
    );
    expect((await call(runtime, spec, services)).json).toBe('photos');
    expect((await call(runtime, spec, services)).json).toBe('photos');
    expect(seen).toEqual(Array(2).fill('GET photos.s3.us-east-1.amazonaws.com true'));
    // Once for the connection, and once more because another invocation uses it.
    expect(services.asked).toEqual(Array(2).fill({ host: 'photos.s3.us-east-1.amazonaws.com', port: 443 }));
  });

  test('curl in a blocked event loop reaches the server and trusts its certificate', async () => {
    const spec = fn(`${HELPERS} export const handler = async () => curl('https://payments.example/a')`);
    expect((await call(runtime, spec, host(http((r) => r.url)))).json).toBe('"/a"');
  });

  test('a name that does not exist is ENOTFOUND', async () => {
    const spec = fn(
      `${HELPERS} export const handler = async () => [await attempt(() => fetch('https://x.missing/')), await attempt(() => dns.resolve4('x.missing')), curl('https://x.missing/')]`,
    );
    const { json, network } = await call(runtime, spec);
    expect(json).toEqual(['ENOTFOUND', 'ENOTFOUND', 'exit 6']);
    expect(network).toContainEqual({ host: 'x.missing', port: 0, outcome: 'name-not-found' });
  });

  const verdicts: [Connection['kind'], string][] = [
    ['refused', 'ECONNREFUSED'],
    ['unreachable', 'EHOSTUNREACH'],
    ['timeout', 'silent'],
  ];
  test.each(verdicts)('%s, by name and by literal address, is %s', async (kind, code) => {
    const services = host(() => ({ kind, because: 'rtb-1 has no route' }) as Connection);
    const spec = fn(
      `${HELPERS} export const handler = async (e) => [await tcp(5432, 'db.example', e.ms), await tcp(443, '10.0.1.7', e.ms)]`,
    );
    const { json, network } = await call(runtime, spec, services, { ms: kind === 'timeout' ? 500 : 5_000 });
    expect(json).toEqual([code, code]);
    expect(network).toContainEqual({ host: 'db.example', port: 5432, outcome: kind, because: 'rtb-1 has no route' });
    expect(network).toContainEqual({ host: '10.0.1.7', port: 443, outcome: kind, because: 'rtb-1 has no route' });
    expect(services.asked).toContainEqual({ host: '10.0.1.7', ip: '10.0.1.7', port: 443 });
  });

  test('what goes round Node’s sockets meets the same decisions', async () => {
    const services = host((d) => ({ kind: d.host.startsWith('slow') ? 'timeout' : 'refused', because: 'no' }));
    const spec = fn(
      `${HELPERS} export const handler = async () => [curl('http://10.0.1.7/'), curl('--max-time', '2', 'https://slow.example/')]`,
    );
    const { json, network } = await call(runtime, spec, services);
    expect(json).toEqual([expect.stringMatching(/^exit (7|56)$/), 'exit 28']);
    expect(network.map((e) => e.outcome)).toEqual(['refused', 'timeout']);
  });

  test('a connect timeout of the SDK fires when there is no route', async () => {
    const spec = fn(
      `import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3'; import { NodeHttpHandler } from '@smithy/node-http-handler';
       const s3 = new S3Client({ maxAttempts: 1, requestHandler: new NodeHttpHandler({ connectionTimeout: 150 }) });
       export const handler = async () => s3.send(new ListBucketsCommand({}))`,
    );
    const result = await call(
      runtime,
      spec,
      host(() => ({ kind: 'timeout', because: 'no route' })),
    );
    expect(result.json.errorType).toBe('TimeoutError');
  });

  test('without a route a function without a timeout of its own ends at Lambda’s', async () => {
    const spec = fn(`export const handler = async () => fetch('https://payments.example/')`, { timeoutMs: 2_500 });
    const result = await call(
      runtime,
      spec,
      host(() => ({ kind: 'timeout', because: 'subnet-1 has no route to it' })),
    );
    expect(result.status).toBe('timeout');
    expect(result.network).toEqual([
      { host: 'payments.example', port: 443, outcome: 'timeout', because: 'subnet-1 has no route to it' },
    ]);
  });

  test('a simulated host gets raw bytes', async () => {
    const services = host(() => ({
      kind: 'tcp',
      attach: (socket) => void socket.on('data', (d) => socket.end(`you said ${d}`)),
    }));
    const spec = fn(
      `import net from 'node:net'; export const handler = () => new Promise((resolve) => { const s = net.connect(5432, 'db.internal', () => s.write('hello')); s.on('data', (d) => resolve(String(d))) })`,
    );
    expect((await call(runtime, spec, services)).json).toBe('you said hello');
  });

  test('what is reachable is asked for every connection: a change of the network is noticed while warm', async () => {
    let open = false;
    const services = host((d) => (open ? http(() => 'in')(d) : { kind: 'refused', because: 'closed' }));
    const spec = fn(
      `${HELPERS} export const handler = async () => attempt(async () => (await fetch('https://api.example/')).json())`,
    );
    expect((await call(runtime, spec, services)).json).toBe('ECONNREFUSED');
    open = true;
    expect((await call(runtime, spec, services)).json).toBe('in');
  });

  test('a route that is taken away takes the connections with it that were kept alive', async () => {
    let open = true;
    const services = host((d) => (open ? http(() => 'in')(d) : { kind: 'timeout', because: 'the route is gone' }));
    const spec = fn(
      `${HELPERS} export const handler = async () => attempt(async () => (await fetch('https://api.example/')).json())`,
      {
        timeoutMs: 2_000,
      },
    );
    expect((await call(runtime, spec, services)).json).toBe('in');
    open = false;
    const result = await call(runtime, spec, services);
    expect(result.status).toBe('timeout');
    expect(result.network.at(-1)).toMatchObject({ outcome: 'timeout', because: 'the route is gone' });
  });

  test('nothing of this machine is reachable: its loopback, its other ports, UDP', async () => {
    const spec = fn(
      `${HELPERS} export const handler = async () => [await tcp(22, '127.0.0.1'), await tcp(9999, '10.0.0.1'), await tcp(443, 'localhost'),
        await new Promise((r) => { const s = dgram.createSocket('udp4'); s.on('message', () => r('answered')); s.send('x', 53, '8.8.8.8'); s.on('error', (e) => r(e.code)); setTimeout(() => r('silent'), 200) })]`,
    );
    const services = host(http(() => 'never'));
    const { json } = await call(runtime, spec, services);
    // A port that is not relayed refuses even where the network would allow it.
    expect(json.slice(0, 2)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    expect(['ECONNREFUSED', 'connected', 'ECONNRESET']).toContain(json[2]); // accepted and reset at once, to the kernel
    expect(['silent', 'ECONNREFUSED']).toContain(json[3]);
    expect(services.asked).toEqual([{ host: '10.0.0.1', ip: '10.0.0.1', port: 9999 }]);
  });

  test('a function may serve itself on a port of its own', async () => {
    const spec = fn(
      `import http from 'node:http'; export const handler = async () => { const s = http.createServer((q, r) => r.end('mine')); await new Promise((r) => s.listen(3000, r));
       try { return await (await fetch('http://localhost:3000/')).text() } finally { s.close(); s.closeAllConnections() } }`,
    );
    expect((await call(runtime, spec)).json).toBe('mine');
  });

  test('statuses, headers and bodies pass unchanged', async () => {
    const services = host(() => ({
      kind: 'http',
      handle: ({ method, url }): HttpResponse =>
        url === '/204'
          ? { status: 204, headers: {} }
          : {
              status: 418,
              headers: { 'x-a': ['1', '2'], 'content-length': method === 'HEAD' ? '77' : '9999' },
              body: Buffer.from([0, 255, 128]),
            },
    }));
    const spec = fn(
      `export const handler = async () => { const get = async (p, method) => { const r = await fetch('https://a.example' + p, { method }); return [r.status, r.headers.get('x-a'), r.headers.get('content-length'), [...new Uint8Array(await r.arrayBuffer())]] };
       return [await get('/', 'GET'), await get('/', 'HEAD'), await get('/204', 'GET')] }`,
    );
    expect((await call(runtime, spec, services)).json).toEqual([
      [418, '1, 2', '3', [0, 255, 128]],
      [418, '1, 2', '77', []],
      [204, null, null, []],
    ]);
  });

  test('a handler that throws is a 500, and the runtime lives', async () => {
    const services = host(() => ({ kind: 'http', handle: () => Promise.reject(new Error('ours')) }));
    const spec = fn(`export const handler = async () => (await fetch('https://a.example/')).status`);
    expect((await call(runtime, spec, services)).json).toBe(500);
  });

  test('this process listens nowhere for functions', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connect(9001, '127.0.0.1');
      socket.on('connect', () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(outcome).toBe('ECONNREFUSED');
  });
});
