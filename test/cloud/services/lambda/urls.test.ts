import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { handle } from '../../../../server/cloud/gateway/handle.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { createTestCloud, root } from '../../test-cloud.ts';
import { createFunction, invoke, startRuntime } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(() => {
  ({ cloud } = createTestCloud({ runtime, id: `urls${++serial}` }));
});

const call = <O>(operation: string, input: object) => cloud.call<O>(root(), 'lambda', operation, input);

async function web(code: string, members: object = { AuthType: 'NONE' }): Promise<string> {
  await createFunction(cloud, 'web', code);
  const { FunctionUrl } = await call<{ FunctionUrl: string }>('CreateFunctionUrlConfig', {
    FunctionName: 'web',
    ...members,
  });
  return new URL(FunctionUrl).host;
}

const open = async () => {
  await call('AddPermission', {
    FunctionName: 'web',
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    Principal: '*',
    FunctionUrlAuthType: 'NONE',
  });
  await call('AddPermission', {
    FunctionName: 'web',
    StatementId: 'fn',
    Action: 'lambda:InvokeFunction',
    Principal: '*',
    InvokedViaFunctionUrl: true,
  });
};

const get = async (
  host: string,
  url = '/',
  members: { method?: string; headers?: Record<string, string>; body?: string } = {},
) => {
  const { status, headers, body } = await handle(
    cloud,
    {
      method: members.method ?? 'GET',
      url,
      host,
      headers: { host, ...members.headers },
      body: Buffer.from(members.body ?? ''),
      sourceIp: '198.51.100.7',
    },
    { ip: '198.51.100.7' },
  );
  return { status, headers, text: body.toString() };
};

describe('a function URL', () => {
  it('without authentication needs both permissions of the policy', async () => {
    const host = await web("export const handler = async () => 'hello';");
    expect((await get(host)).status).toBe(403);
    await call('AddPermission', {
      FunctionName: 'web',
      StatementId: 'url',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    });
    expect((await get(host)).status).toBe(403);
    await call('AddPermission', {
      FunctionName: 'web',
      StatementId: 'fn',
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
    });
    expect(await get(host)).toMatchObject({ status: 200, text: 'hello' });
    // The permission for the URL is none for the API.
    await expect(
      cloud.call(
        { ...root(), principal: { type: 'anonymous', account: '', arn: '*' } },
        'lambda',
        'Invoke',
        { FunctionName: 'web' },
        { account: root().principal.account },
      ),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('gives events of format 2.0 and reads their answers', async () => {
    const host = await web(
      'export const handler = async (e) => ({ statusCode: 201, headers: { "x-a": 1 }, cookies: ["a=b", "c=d"], body: JSON.stringify(e) });',
    );
    await open();
    const answer = await get(host, '/a%20b?x=1&x=2&y=', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'k=v; l=w', 'user-agent': 'curl' },
      body: '{"a":1}',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'x-a': '1', 'set-cookie': ['a=b', 'c=d'] } });
    const event = JSON.parse(answer.text);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a b',
      rawQueryString: 'x=1&x=2&y=',
      cookies: ['k=v', 'l=w'],
      queryStringParameters: { x: '1,2', y: '' },
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: 'anonymous',
        stage: '$default',
        http: { method: 'POST', sourceIp: '198.51.100.7', userAgent: 'curl' },
      },
    });
    expect(event.headers.cookie).toBeUndefined();
    expect(event.requestContext.domainName).toBe(event.headers.host);
  });

  it('answers 502 when the function fails, and for headers that would break out', async () => {
    const host = await web(
      'export const handler = async (e) => { if (e.rawPath === "/h") return { statusCode: 200, headers: { a: "b\\r\\nc: d" } }; throw new Error("x"); };',
    );
    await open();
    expect((await get(host)).status).toBe(502);
    expect((await get(host, '/h')).status).toBe(502);
  });

  it('with IAM takes signed requests of those who may, and no others', async () => {
    const host = await web(
      'export const handler = async (e) => ({ statusCode: 200, body: e.requestContext.authorizer.iam.userArn });',
      { AuthType: 'AWS_IAM' },
    );
    await open();
    expect((await get(host)).status).toBe(403);
    const request = {
      method: 'GET',
      url: '/',
      host,
      headers: { host },
      body: Buffer.alloc(0),
      sourceIp: '198.51.100.7',
    };
    const answer = await services.lambda!.endpoint!(cloud, request, root());
    expect([answer!.status, answer!.body.toString()]).toEqual([200, root().principal.arn]);
  });

  it('does CORS for the function', async () => {
    const host = await web("export const handler = async () => 'ok';", {
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['https://shop.example'], AllowMethods: ['GET'], MaxAge: 60 },
    });
    await open();
    const preflight = (origin: string) =>
      get(host, '/', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });
    expect((await preflight('https://shop.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-max-age': '60',
    });
    expect((await preflight('https://evil.example')).headers).toEqual({});
    expect(
      (await get(host, '/', { headers: { origin: 'https://shop.example' } })).headers['access-control-allow-origin'],
    ).toBe('https://shop.example');
  });

  it('is reached by other functions under the name that AWS gives it', async () => {
    const host = await web("export const handler = async (e) => e.requestContext.http.method + ' ' + e.rawPath;");
    await open();
    await createFunction(
      cloud,
      'client',
      'export const handler = async ({ url }) => (await fetch(url, { method: "PUT" })).text();',
    );
    const url = `https://${host.split('.')[0]}.lambda-url.us-east-1.on.aws/a/b`;
    expect((await invoke(cloud, 'client', { url })).answer).toBe('PUT /a/b');
  });
});
