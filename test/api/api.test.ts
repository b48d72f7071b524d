import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningRange, runRange } from '../clients/range.ts';

let running: RunningRange;
beforeAll(async () => {
  running = await runRange();
});
afterAll(() => running?.close());

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A request as any program may send it: every header is the caller's own. */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  const { hostname, port } = new URL(running.range.url);
  return new Promise((done, failed) => {
    const call = httpRequest(
      { hostname, port, method, path, headers: { host: `${hostname}:${port}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk));
        response.on('end', () => done({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    call.once('error', failed);
    call.end(body);
  });
}

const signed = (): Record<string, string> => ({ authorization: `Bearer ${running.range.token}` });
const api = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> => send(method, `/api/v1${path}`, { ...signed(), ...headers }, body);
const json = { 'content-type': 'application/json' };

describe('the token', () => {
  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic bG9jYWw6eA==' }],
  ])('is needed by everything: %s', async (_name, headers: Record<string, string>) => {
    for (const [method, path] of [
      ['GET', '/labs'],
      ['GET', '/attempts'],
      ['POST', '/attempts'],
      ['GET', `/attempts/${running.attempt}/environment`],
      ['DELETE', `/attempts/${running.attempt}`],
      ['GET', '/nothing'],
    ] as const) {
      const answer = await send(method, `/api/v1${path}`, headers);
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(JSON.parse(answer.body)).toEqual({
        error: { code: 'learner', message: expect.stringContaining('Bearer') },
      });
    }
  });

  it('is not taken from anywhere else', async () => {
    expect(
      (await send('GET', `/api/v1/labs?token=${running.range.token}&authorization=Bearer%20${running.range.token}`))
        .status,
    ).toBe(401);
    expect((await send('GET', '/api/v1/labs', { cookie: `token=${running.range.token}` })).status).toBe(401);
    expect((await api('GET', '/labs')).status).toBe(200);
  });
});

describe('foreign pages', () => {
  it.each(['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1'])(
    'a Host of %j is refused',
    async (host) => {
      for (const path of ['/', '/api/v1/labs', '/assets/app.css'])
        expect((await send('GET', path, { ...signed(), host })).status, path).toBe(421);
    },
  );

  it.each([
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('a post with %j is refused, to the API and to pages', async (headers: Record<string, string>) => {
    for (const path of ['/api/v1/attempts', `/attempts/${running.attempt}/reset`])
      expect(
        (await send('POST', path, { ...signed(), ...json, ...headers }, '{"lab":"thumbnailer-owns-s3"}')).status,
        path,
      ).toBe(403);
  });

  it('the own origin may post', async () => {
    const answer = await api(
      'POST',
      '/attempts',
      { ...json, origin: running.range.url, 'sec-fetch-site': 'same-origin' },
      '{"lab":"thumbnailer-owns-s3"}',
    );
    expect(answer.status).toBe(201);
  });

  it('no answer may be read by another origin or framed', async () => {
    const answer = await send('GET', '/', { origin: 'http://evil.example' });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('bodies', () => {
  it.each([
    ['broken JSON', '{"lab":', 400],
    ['no object', '[]', 400],
    ['nothing', '', 400],
    ['a number', '{"lab":1}', 400],
    ['more than is known', '{"lab":"thumbnailer-owns-s3","learner":"other"}', 400],
    ['__proto__', '{"__proto__":{"lab":"thumbnailer-owns-s3"}}', 400],
    ['a name of 200 characters', JSON.stringify({ lab: 'x'.repeat(200) }), 400],
    ['a lab that is none', '{"lab":"nope"}', 404],
    ['a path', '{"lab":"../../etc"}', 404],
    ['a name out of Object.prototype', '{"lab":"constructor"}', 404],
    ['200 kB', JSON.stringify({ lab: 'x'.repeat(200_000) }), 413],
    ['deep JSON', '['.repeat(50_000), 400],
  ])('%s', async (_name, body, status) => {
    const answer = await api('POST', '/attempts', json, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(answer.body).not.toContain('/work/');
    expect(answer.body).not.toMatch(/node_modules|at \w+ \(/);
  });

  it('of another type are not read', async () => {
    expect(
      (await api('POST', '/attempts', { 'content-type': 'text/plain' }, '{"lab":"thumbnailer-owns-s3"}')).status,
    ).toBe(400);
  });
});

describe('attempts', () => {
  it('of nobody are 404, in every form', async () => {
    for (const id of ['nope', '..%2f..', '%00', 'constructor', 'a'.repeat(5000), "'or'1'='1"])
      for (const [method, rest] of [
        ['GET', ''],
        ['GET', '/environment'],
        ['POST', '/grades'],
        ['POST', '/hints'],
        ['POST', '/reset'],
        ['GET', '/solution'],
      ] as const) {
        const answer = await api(method, `/attempts/${id}${rest}`);
        expect([400, 404], `${method} ${id.slice(0, 20)}${rest}`).toContain(answer.status);
      }
    expect((await api('GET', '/attempts/%E0%A4%A')).status).toBe(400);
  });

  it('a lab that is started twice at once is one attempt', async () => {
    const body = '{"lab":"anyones-topic"}';
    const answers = await Promise.all([1, 2, 3].map(() => api('POST', '/attempts', json, body)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => JSON.parse(answer.body).attempt)).size).toBe(1);
  });

  it('an account that is put back while calls are under way is the one of the start, also after them', async () => {
    const { SSMClient, PutParameterCommand, DescribeParametersCommand } = await import('@aws-sdk/client-ssm');
    const { env } = running;
    const ssm = new SSMClient({
      region: env.AWS_REGION!,
      endpoint: env.AWS_ENDPOINT_URL!,
      maxAttempts: 1,
      credentials: {
        accessKeyId: env.AWS_ACCESS_KEY_ID!,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
        sessionToken: env.AWS_SESSION_TOKEN!,
      },
    });
    const put = (n: number): Promise<unknown> =>
      ssm.send(new PutParameterCommand({ Name: `/p${n}`, Type: 'String', Value: 'v' })).catch(() => undefined);
    const first = Array.from({ length: 20 }, (_, n) => put(n));
    const reset = api('POST', `/attempts/${running.attempt}/reset`);
    await Promise.all([...first, reset]);
    expect((await reset).status).toBe(200);
    // What memory shows is what the store holds: nothing of the old account came in behind.
    const shown = (await ssm.send(new DescribeParametersCommand({}))).Parameters!.map(({ Name }) => Name).sort();
    const BetterSqlite3 = (await import('better-sqlite3')).default;
    const file = new BetterSqlite3(`${running.folder}/data/range.sqlite`, { readonly: true });
    const stored = file
      .prepare(
        "select distinct json_extract(value, '$.name') as name from records where attempt = ? and tbl = 'ssm.parameters'",
      )
      .all(running.attempt) as { name: string }[];
    file.close();
    expect(stored.map(({ name }) => name).sort()).toEqual(shown);
  });

  it('a path that is none is said in JSON', async () => {
    const answer = await api('PATCH', '/labs');
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body).error.message).toContain('PATCH /labs');
  });

  it('the solution is shown after giving up alone, which then costs the points', async () => {
    expect((await api('GET', `/attempts/${running.attempt}/solution`)).status).toBe(403);
    const given = await api('POST', `/attempts/${running.attempt}/give-up`);
    expect(JSON.parse(given.body).solution).toContain('#');
    expect((await api('GET', `/attempts/${running.attempt}/solution`)).status).toBe(200);
  });

  it('busy ones refuse a second grade and name why', async () => {
    const [one, two] = await Promise.all([
      api('POST', `/attempts/${running.attempt}/grades`),
      api('POST', `/attempts/${running.attempt}/grades`),
    ]);
    expect([one.status, two.status].sort()).toEqual([201, 409]);
    expect((one.status === 409 ? one : two).body).toContain('busy: grading');
  }, 60_000);

  it('ended ones keep their grades and answer no more; their keys are nobody’s', async () => {
    const env = running.env;
    expect((await api('DELETE', `/attempts/${running.attempt}`)).status).toBe(204);
    expect((await api('POST', `/attempts/${running.attempt}/grades`)).status).toBe(409);
    expect(JSON.parse((await api('GET', `/attempts/${running.attempt}`)).body)).toMatchObject({ status: 'expired' });
    const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const sts = new STSClient({
      region: env.AWS_REGION!,
      endpoint: env.AWS_ENDPOINT_URL!,
      maxAttempts: 1,
      credentials: {
        accessKeyId: env.AWS_ACCESS_KEY_ID!,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
        sessionToken: env.AWS_SESSION_TOKEN!,
      },
    });
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});
