import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { Caller } from '../../../../server/cloud/context.ts';
import { roleCaller } from '../../../../server/cloud/gateway/callers.ts';
import { handle } from '../../../../server/cloud/gateway/handle.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { eventsOf, logGroups, logStreams, newGroup } from '../../../../server/cloud/services/logs/store.ts';
import { createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createFunction, putRole, startRuntime } from '../lambda/kit.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(() => {
  const json = (value: object) => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(value)) });
  ({ cloud } = createTestCloud({
    runtime,
    id: `apis${++serial}`,
    hosts: () => [
      {
        name: 'login.example',
        port: 443,
        place: { kind: 'internet' },
        http: (_ctx, { url }) =>
          url === '/keys'
            ? json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] })
            : json({ jwks_uri: 'https://login.example/keys' }),
      },
    ],
  }));
});

const call = <O = Record<string, string>>(operation: string, input: object) =>
  cloud.call<O>(root(), 'apigatewayv2', operation, input);

interface Deployed {
  ApiId: string;
  host: string;
  IntegrationId: string;
}

async function deploy(code: string, api: object = {}, format = '2.0'): Promise<Deployed> {
  await createFunction(cloud, 'app', code);
  const { ApiId = '' } = await call('CreateApi', { Name: 'api', ProtocolType: 'HTTP', ...api });
  const { IntegrationId = '' } = await call('CreateIntegration', {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: `arn:aws:lambda:${REGION}:${OWN}:function:app`,
    PayloadFormatVersion: format,
  });
  await call('CreateStage', { ApiId, StageName: '$default', AutoDeploy: true });
  await permit(`arn:aws:execute-api:${REGION}:${OWN}:${ApiId}/*/*`);
  return { ApiId, IntegrationId, host: `${ApiId}.execute-api.us-east-1.localhost` };
}

const permit = (SourceArn: string) =>
  cloud.call(root(), 'lambda', 'AddPermission', {
    FunctionName: 'app',
    StatementId: `s${++serial}`,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn,
  });

const route = ({ ApiId, IntegrationId }: Deployed, RouteKey: string, members: object = {}) =>
  call('CreateRoute', { ApiId, RouteKey, Target: `integrations/${IntegrationId}`, ...members });

async function get(
  host: string,
  url: string,
  members: { method?: string; headers?: Record<string, string>; caller?: Caller } = {},
) {
  const { method = 'GET', headers = {}, caller } = members;
  const request = { method, url, host, headers: { host, ...headers }, body: Buffer.alloc(0), sourceIp: '198.51.100.7' };
  // A token of another kind than AWS's goes to the service itself: what the gateway makes of it is the gateway's test.
  const answer =
    caller || headers.authorization
      ? await services.apigatewayv2!.endpoint!(cloud, request, caller)
      : await handle(cloud, request, { ip: '198.51.100.7' });
  return { status: answer!.status, headers: answer!.headers, text: answer!.body.toString() };
}

const echo = 'export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });';

describe('an HTTP API', () => {
  it('gives its function events of format 2.0', async () => {
    const api = await deploy(echo);
    await route(api, 'GET /pets/{id}');
    const { status, text } = await get(api.host, '/pets/7?a=1&a=2');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      version: '2.0',
      routeKey: 'GET /pets/{id}',
      rawPath: '/pets/7',
      queryStringParameters: { a: '1,2' },
      pathParameters: { id: '7' },
      requestContext: {
        accountId: OWN,
        apiId: api.ApiId,
        stage: '$default',
        domainName: `${api.ApiId}.execute-api.us-east-1.amazonaws.com`,
        http: { path: '/pets/7', sourceIp: '198.51.100.7' },
      },
    });
    expect(await get(api.host, '/cats')).toMatchObject({ status: 404, text: '{"message":"Not Found"}' });
  });

  it('gives events of format 1.0, which need a structured answer', async () => {
    const api = await deploy(
      'export const handler = async (e) => e.path === "/bare" ? { a: 1 } : { statusCode: 200, body: JSON.stringify(e), multiValueHeaders: { "x-a": ["1", "2"] } };',
      {},
      '1.0',
    );
    await route(api, 'ANY /{proxy+}');
    const { text, headers } = await get(api.host, '/pets?a=1&a=2');
    expect(JSON.parse(text)).toMatchObject({
      version: '1.0',
      resource: '/{proxy+}',
      httpMethod: 'GET',
      multiValueQueryStringParameters: { a: ['1', '2'] },
      pathParameters: { proxy: 'pets' },
      body: null,
    });
    expect(headers['x-a']).toEqual(['1', '2']);
    expect((await get(api.host, '/bare')).status).toBe(500);
  });

  it('needs a permission for the route, by its ARN', async () => {
    const api = await deploy("export const handler = async () => 'ok';");
    await route(api, 'GET /a');
    await route(api, 'GET /b');
    const { Policy } = await cloud.call<{ Policy: string }>(root(), 'lambda', 'GetPolicy', { FunctionName: 'app' });
    const Sid = JSON.parse(Policy).Statement[0].Sid;
    await cloud.call(root(), 'lambda', 'RemovePermission', { FunctionName: 'app', StatementId: Sid });
    expect(await get(api.host, '/a')).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
    await permit(`arn:aws:execute-api:${REGION}:${OWN}:${api.ApiId}/*/GET/a`);
    expect((await get(api.host, '/a')).status).toBe(200);
    expect((await get(api.host, '/b')).status).toBe(500);
  });

  it('answers 500 for failures of the function', async () => {
    const api = await deploy("export const handler = async () => { throw new Error('secret detail'); };");
    await route(api, '$default');
    expect(await get(api.host, '/x')).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
  });

  it('serves a named stage as it was deployed', async () => {
    const api = await deploy(echo);
    const { ApiId } = api;
    await call('CreateStage', { ApiId, StageName: 'prod', StageVariables: { color: 'blue' } });
    await route(api, 'GET /a');
    await call('CreateDeployment', { ApiId, StageName: 'prod' });
    await route(api, 'GET /b');
    const { text } = await get(api.host, '/prod/a');
    expect(JSON.parse(text)).toMatchObject({
      rawPath: '/prod/a',
      stageVariables: { color: 'blue' },
      requestContext: { stage: 'prod' },
    });
    expect((await get(api.host, '/prod/b')).status).toBe(404);
    expect((await get(api.host, '/b')).status).toBe(200);
  });

  it('limits requests where its stage says so', async () => {
    const api = await deploy("export const handler = async () => 'ok';");
    await route(api, '$default');
    await call('UpdateStage', {
      ApiId: api.ApiId,
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingBurstLimit: 0, ThrottlingRateLimit: 0 },
    });
    expect(await get(api.host, '/')).toMatchObject({ status: 429, text: '{"message":"Too Many Requests"}' });
  });

  it('answers preflights itself', async () => {
    const api = await deploy(echo, {
      CorsConfiguration: { AllowOrigins: ['https://a.example'], AllowMethods: ['GET'] },
    });
    const { status, headers } = await get(api.host, '/', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
    });
    expect([status, headers['access-control-allow-methods']]).toEqual([204, 'GET']);
  });

  it('writes access logs that a client cannot forge', async () => {
    const api = await deploy("export const handler = async () => 'ok';");
    await route(api, '$default');
    const scope = { account: OWN, region: REGION };
    cloud.transact((state) => state.put(logGroups, scope, 'access', newGroup('access', 0)));
    await call('UpdateStage', {
      ApiId: api.ApiId,
      StageName: '$default',
      AccessLogSettings: {
        DestinationArn: `arn:aws:logs:${REGION}:${OWN}:log-group:access`,
        Format:
          '{"ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent","status":"$context.status","x":"$context.constructor"}',
      },
    });
    await get(api.host, '/', { headers: { 'user-agent': 'a","status":"999' } });
    const stream = cloud.state.list(logStreams, scope).find(({ value }) => value.group === 'access')!;
    const [event] = eventsOf(cloud.state, scope, stream.value);
    expect(JSON.parse(event!.message)).toEqual({
      ip: '198.51.100.7',
      agent: 'a","status":"999',
      status: '200',
      x: '-',
    });
  });
});

describe('authorization of a route', () => {
  it('by IAM asks for execute-api:Invoke', async () => {
    const api = await deploy(echo);
    await route(api, 'GET /a', { AuthorizationType: 'AWS_IAM' });
    await route(api, 'GET /b', { AuthorizationType: 'AWS_IAM' });
    expect(await get(api.host, '/a')).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    putRole(cloud, 'client', [
      {
        Effect: 'Allow',
        Action: 'execute-api:Invoke',
        Resource: `arn:aws:execute-api:${REGION}:${OWN}:${api.ApiId}/$default/GET/a`,
      },
    ]);
    const caller = roleCaller(cloud, OWN, 'client', 's', { ip: '198.51.100.7' });
    const { status, text } = await get(api.host, '/a', { caller });
    expect([status, JSON.parse(text).requestContext.authorizer.iam.userArn]).toEqual([
      200,
      `arn:aws:sts::${OWN}:assumed-role/client/s`,
    ]);
    expect((await get(api.host, '/b', { caller })).status).toBe(403);
  });

  it('by a function with simple answers or policies', async () => {
    const api = await deploy(echo);
    const { ApiId } = api;
    await createFunction(
      cloud,
      'guard',
      `export const handler = async (e) => e.identitySource[0] === 'policy'
        ? { principalId: 'p', policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: e.routeArn.replace('/b', '/a') }] } }
        : { isAuthorized: e.identitySource[0] === 'yes', context: { who: 'me' } };`,
    );
    await cloud.call(root(), 'lambda', 'AddPermission', {
      FunctionName: 'guard',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${REGION}:${OWN}:${ApiId}/authorizers/*`,
    });
    const authorizer = async (EnableSimpleResponses: boolean) =>
      (
        await call('CreateAuthorizer', {
          ApiId,
          Name: `a${EnableSimpleResponses}`,
          AuthorizerType: 'REQUEST',
          AuthorizerUri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${OWN}:function:guard/invocations`,
          AuthorizerPayloadFormatVersion: '2.0',
          EnableSimpleResponses,
          IdentitySource: ['$request.header.Authorization'],
        })
      ).AuthorizerId;
    await route(api, 'GET /simple', { AuthorizationType: 'CUSTOM', AuthorizerId: await authorizer(true) });
    const AuthorizerId = await authorizer(false);
    await route(api, 'GET /a', { AuthorizationType: 'CUSTOM', AuthorizerId });
    await route(api, 'GET /b', { AuthorizationType: 'CUSTOM', AuthorizerId });
    expect((await get(api.host, '/simple')).status).toBe(401);
    expect((await get(api.host, '/simple', { headers: { authorization: 'no' } })).status).toBe(403);
    const { status, text } = await get(api.host, '/simple', { headers: { authorization: 'yes' } });
    expect([status, JSON.parse(text).requestContext.authorizer]).toEqual([200, { lambda: { who: 'me' } }]);
    expect((await get(api.host, '/a', { headers: { authorization: 'policy' } })).status).toBe(200);
    expect((await get(api.host, '/b', { headers: { authorization: 'policy' } })).status).toBe(403);
  });

  it('by a signed token', async () => {
    const api = await deploy(echo);
    const { AuthorizerId } = await call('CreateAuthorizer', {
      ApiId: api.ApiId,
      Name: 'jwt',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: ['shop'], Issuer: 'https://login.example' },
    });
    await route(api, 'GET /a', { AuthorizationType: 'JWT', AuthorizerId });
    await route(api, 'GET /admin', { AuthorizationType: 'JWT', AuthorizerId, AuthorizationScopes: ['admin'] });
    const now = Math.floor(cloud.clock.now() / 1000);
    const good = { iss: 'https://login.example', aud: 'shop', exp: now + 600, sub: 'me', scope: 'read' };
    const token = (claims: object, header: object = { alg: 'RS256', kid: 'k1' }) => {
      const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `Bearer ${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
    };
    const status = async (authorization: string, path = '/a') =>
      (await get(api.host, path, { headers: { authorization } })).status;
    expect(await status(token(good))).toBe(200);
    expect(await status(token(good), '/admin')).toBe(403);
    expect(await status(token({ ...good, scope: 'read admin' }), '/admin')).toBe(200);
    expect(await status(token({ ...good, aud: 'other' }))).toBe(401);
    expect(await status(token({ ...good, iss: 'https://evil.example' }))).toBe(401);
    expect(await status(token({ ...good, exp: now - 1 }))).toBe(401);
    expect(await status(token(good, { alg: 'none', kid: 'k1' }))).toBe(401);
    expect(await status(token(good).replace(/\.[^.]+$/, '.AAAA'))).toBe(401);
    expect(await status('Bearer x')).toBe(401);
  });
});
