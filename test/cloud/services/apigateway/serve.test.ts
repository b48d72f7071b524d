import * as sdk from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { createTestCloud, OWN, REGION } from '../../test-cloud.ts';
import { createFunction, putRole, startRuntime } from '../lambda/kit.ts';
import { addMethod, ask, type Built, createApi, deploy, failure, gateway, permit, toLambda } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let api: sdk.APIGatewayClient;
let built: Built;

// One cloud for all: functions stay warm. Each test has an API of its own.
beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
  ({ cloud } = createTestCloud({ runtime, id: 'rest' }));
  api = gateway(cloud);
  for (const [name, code] of [
    ['app', app],
    ['guard', guard],
  ] as const) {
    await createFunction(cloud, name, code);
    await permit(cloud, name, `arn:aws:execute-api:${REGION}:${OWN}:*`);
  }
});
afterAll(() => dispose());
beforeEach(async () => {
  built = await createApi(api, { endpointConfiguration: { types: ['REGIONAL'] } });
});

/** One function for all of a test's routes; what it answers is chosen by the path. */
const app = `
export const handler = async (event) => {
  const at = event.path ?? '';
  if (at.endsWith('/bare')) return { a: 1 };
  if (at.endsWith('/empty')) return {};
  if (at.endsWith('/throw')) throw new Error('Not today');
  if (at.endsWith('/png')) return { statusCode: 200, headers: { 'content-type': 'image/png' }, body: 'iVBORw==', isBase64Encoded: true };
  if (at.endsWith('/headers')) return { statusCode: 201, headers: { 'X-One': 1, Server: 'mine' }, multiValueHeaders: { 'X-Two': ['a', 'b'] }, body: 'text' };
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

const guard = `
let calls = 0;
export const handler = async (event) => {
  const token = event.authorizationToken ?? event.headers['X-Token'];
  if (token === 'unauthorized') throw new Error('Unauthorized');
  if (token === 'broken') throw new Error('oops');
  if (token === 'nothing') return {};
  const Effect = token === 'deny' ? 'Deny' : 'Allow';
  const Resource = token === 'one' ? event.methodArn : token === 'elsewhere' ? event.methodArn.replace('prod', 'test') : event.methodArn.split('/')[0] + '/*';
  return {
    principalId: 'me',
    policyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }] },
    context: { calls: ++calls, admin: true },
  };
};`;

describe('a Lambda proxy', () => {
  it('hands its function the event of AWS, and its answer on', async () => {
    await addMethod(api, built, 'ANY /pets/{proxy+}', {}, toLambda('app'));
    await api.send(
      new sdk.UpdateRestApiCommand({
        restApiId: built.restApiId,
        patchOperations: [{ op: 'add', path: '/binaryMediaTypes/image~1png' }],
      }),
    );
    const { id } = await deploy(api, built, 'prod', { variables: { color: 'blue' } });
    const answer = await ask(cloud, built.host, '/prod/pets/a%2Fb/c?x=1&x=2&y=', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-two': '1, 2', 'user-agent': 'curl/8' },
      rawHeaders: [
        ['host', built.host],
        ['Content-Type', 'application/json'],
        ['X-Two', '1'],
        ['X-Two', '2'],
        ['user-agent', 'curl/8'],
      ],
      body: '{"a":1}',
    });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    const event = answer.json();
    expect(event).toMatchObject({
      resource: '/pets/{proxy+}',
      path: '/pets/a%2Fb/c',
      httpMethod: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Host: `${built.restApiId}.execute-api.${REGION}.amazonaws.com`,
        'User-Agent': 'curl/8',
        'X-Two': '2',
        'X-Forwarded-For': '198.51.100.7',
        'X-Forwarded-Proto': 'https',
      },
      multiValueHeaders: { 'X-Two': ['1', '2'] },
      queryStringParameters: { x: '2', y: '' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      pathParameters: { proxy: 'a/b/c' },
      stageVariables: { color: 'blue' },
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: OWN,
        apiId: built.restApiId,
        deploymentId: id,
        stage: 'prod',
        path: '/prod/pets/a%2Fb/c',
        resourcePath: '/pets/{proxy+}',
        httpMethod: 'POST',
        protocol: 'HTTP/1.1',
        identity: { sourceIp: '198.51.100.7', userAgent: 'curl/8', userArn: null, accountId: null },
      },
    });
    expect(event.version).toBeUndefined();
    expect(event.requestContext.authorizer).toBeUndefined();
    const none = (await ask(cloud, built.host, '/prod/pets/x')).json();
    expect([none.body, none.queryStringParameters, none.multiValueQueryStringParameters]).toEqual([null, null, null]);

    // Binary media types: bodies arrive as base64, and leave as bytes where the client accepts them.
    const sent = await ask(cloud, built.host, '/prod/pets/up', {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: Buffer.from([137, 80]),
    });
    expect(sent.json()).toMatchObject({ body: 'iVA=', isBase64Encoded: true });
    expect((await ask(cloud, built.host, '/prod/pets/png')).text).toBe('iVBORw==');
    expect((await ask(cloud, built.host, '/prod/pets/png', { headers: { accept: 'image/png' } })).text).toBe(
      Buffer.from('iVBORw==', 'base64').toString(),
    );

    const malformed = { status: 502, text: '{"message":"Internal server error"}' };
    expect(await ask(cloud, built.host, '/prod/pets/bare')).toMatchObject(malformed);
    expect(await ask(cloud, built.host, '/prod/pets/throw')).toMatchObject(malformed);
    expect(await ask(cloud, built.host, '/prod/pets/empty')).toMatchObject({ status: 200, text: '' });
    expect(await ask(cloud, built.host, '/prod/pets/headers')).toMatchObject({
      status: 201,
      text: 'text',
      headers: { 'x-one': '1', 'x-two': ['a', 'b'], 'x-amzn-remapped-server': 'mine' },
    });
  });

  it('needs a permission for its route, or a role that may invoke', async () => {
    await createFunction(cloud, 'other', app);
    await addMethod(api, built, 'GET /open', {}, toLambda('other'));
    const roleArn = putRole(cloud, 'invoker', [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }], {
      service: 'apigateway.amazonaws.com',
    });
    await addMethod(api, built, 'GET /role', {}, { ...toLambda('other'), credentials: roleArn });
    await deploy(api, built);
    const refused = { status: 500, text: '{"message":"Internal server error"}' };
    expect(await ask(cloud, built.host, '/prod/open')).toMatchObject(refused);
    expect((await ask(cloud, built.host, '/prod/role')).status).toBe(200);
    await permit(cloud, 'other', `arn:aws:execute-api:${REGION}:${OWN}:${built.restApiId}/*/POST/open`, 'a');
    expect(await ask(cloud, built.host, '/prod/open')).toMatchObject(refused);
    await permit(cloud, 'other', `arn:aws:execute-api:${REGION}:${OWN}:${built.restApiId}/prod/GET/open`, 'b');
    expect((await ask(cloud, built.host, '/prod/open')).status).toBe(200);
  });

  it('follows stage variables to an alias, and serves what was deployed', async () => {
    await addMethod(api, built, 'GET /a', {}, toLambda('${stageVariables.fn}'));
    await deploy(api, built, 'prod', { variables: { fn: 'app' } });
    await addMethod(api, built, 'GET /b', {}, toLambda('app'));
    expect((await ask(cloud, built.host, '/prod/a')).status).toBe(200);
    expect(await ask(cloud, built.host, '/prod/b')).toMatchObject({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    });
    await deploy(api, built);
    expect((await ask(cloud, built.host, '/prod/b')).status).toBe(200);
  });

  it('ends at its timeout', async () => {
    await createFunction(cloud, 'slow', 'export const handler = () => new Promise((done) => setTimeout(done, 1000));');
    await permit(cloud, 'slow', `arn:aws:execute-api:${REGION}:${OWN}:*`);
    await addMethod(api, built, 'GET /slow', {}, { ...toLambda('slow'), timeoutInMillis: 50 });
    await deploy(api, built);
    expect(await ask(cloud, built.host, '/prod/slow')).toMatchObject({
      status: 504,
      text: '{"message":"Endpoint request timed out"}',
    });
  });

  it('can be tried out, past all authorization', async () => {
    const resourceId = await addMethod(api, built, 'GET /pets/{id}', { authorizationType: 'AWS_IAM' }, toLambda('app'));
    const place = { restApiId: built.restApiId, resourceId, httpMethod: 'GET' };
    const told = await api.send(new sdk.TestInvokeMethodCommand({ ...place, pathWithQueryString: '/pets/7?a=1' }));
    expect(told.status).toBe(200);
    expect(JSON.parse(told.body!)).toMatchObject({
      pathParameters: { id: '7' },
      queryStringParameters: { a: '1' },
      requestContext: { stage: 'test-invoke-stage' },
    });
    expect(told.log).toContain('HTTP Method: GET, Resource Path: /pets/7');
  });
});

it('makes events and responses by templates, without a proxy', async () => {
  await createFunction(
    cloud,
    'orders',
    `export const handler = async (event) => { if (event.id === '0') throw new Error('[404] no order'); return { order: event }; };`,
  );
  await permit(cloud, 'orders', `arn:aws:execute-api:${REGION}:${OWN}:${built.restApiId}/*`);
  const resourceId = await addMethod(
    api,
    built,
    'POST /orders/{id}',
    {},
    {
      ...toLambda('orders'),
      type: 'AWS',
      requestTemplates: { 'application/json': `{"id": "$input.params('id')", "item": $input.json('$.item')}` },
    },
  );
  const place = { restApiId: built.restApiId, resourceId, httpMethod: 'POST' };
  for (const [statusCode, selectionPattern, template] of [
    ['200', undefined, undefined],
    ['404', '\\[404\\].*', `{"error": $input.json('$.errorMessage')}`],
  ] as const) {
    const responseParameters = { 'method.response.header.X-Stage': true };
    await api.send(new sdk.PutMethodResponseCommand({ ...place, statusCode, responseParameters }));
    await api.send(
      new sdk.PutIntegrationResponseCommand({
        ...place,
        statusCode,
        selectionPattern,
        responseParameters: { 'method.response.header.X-Stage': 'context.stage' },
        ...(template ? { responseTemplates: { 'application/json': template } } : {}),
      }),
    );
  }
  await deploy(api, built);
  const post = (id: string) =>
    ask(cloud, built.host, `/prod/orders/${id}`, { method: 'POST', body: '{"item":{"n":1}}' });
  const good = await post('7');
  expect([good.status, good.json(), good.headers['x-stage']]).toEqual([
    200,
    { order: { id: '7', item: { n: 1 } } },
    'prod',
  ]);
  expect(await post('0')).toMatchObject({ status: 404, text: '{"error": "[404] no order"}' });
});

describe('a Lambda authorizer', () => {
  async function guarded(members: object = {}): Promise<string> {
    const { id: authorizerId } = await api.send(
      new sdk.CreateAuthorizerCommand({
        restApiId: built.restApiId,
        name: 'guard',
        type: 'TOKEN',
        authorizerUri: toLambda('guard').uri,
        ...members,
      }),
    );
    for (const route of ['GET /a', 'GET /b'])
      await addMethod(api, built, route, { authorizationType: 'CUSTOM', authorizerId }, toLambda('app'));
    await deploy(api, built);
    return authorizerId!;
  }

  const get = (path: string, authorization?: string) =>
    ask(cloud, built.host, `/prod${path}`, authorization ? { headers: { authorization } } : {});

  it('decides by its policy, which is remembered', async () => {
    const authorizerId = await guarded({ identityValidationExpression: '[a-z]+' });
    expect(await get('/a')).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' });
    expect((await get('/a', 'NO LETTERS')).status).toBe(401);
    expect(await get('/a', 'unauthorized')).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(await get('/a', 'broken')).toMatchObject({ status: 500, text: '{"message":null}' });
    expect(await get('/a', 'nothing')).toMatchObject({ status: 500, text: '{"message":null}' });
    expect((await get('/a', 'deny')).text).toBe(
      '{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}',
    );
    expect(await get('/a', 'elsewhere')).toMatchObject({
      status: 403,
      text: '{"Message":"User is not authorized to access this resource"}',
    });
    const { requestContext } = (await get('/a', 'all')).json();
    expect(requestContext.authorizer).toMatchObject({ principalId: 'me', admin: 'true' });
    // A policy that names one method is remembered for the other one, too.
    expect((await get('/a', 'one')).status).toBe(200);
    expect((await get('/b', 'one')).status).toBe(403);
    await api.send(new sdk.FlushStageAuthorizersCacheCommand({ restApiId: built.restApiId, stageName: 'prod' }));
    expect((await get('/b', 'one')).status).toBe(200);
    const tested = await api.send(
      new sdk.TestInvokeAuthorizerCommand({
        restApiId: built.restApiId,
        authorizerId,
        headers: { Authorization: 'all' },
      }),
    );
    expect(tested).toMatchObject({ clientStatus: 200, principalId: 'me' });
  });

  it('of type REQUEST gets the request, and a resource policy counts with it by Table A', async () => {
    await guarded({
      type: 'REQUEST',
      identitySource: 'method.request.header.X-Token',
      authorizerResultTtlInSeconds: 0,
    });
    const call = async (token: string) =>
      (await ask(cloud, built.host, '/prod/a', { headers: { 'x-token': token }, rawHeaders: [['X-Token', token]] }))
        .status;
    const withPolicy = async (...statements: object[]) => {
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      const patchOperations = [{ op: 'replace' as const, path: '/policy', value: policy }];
      await api.send(new sdk.UpdateRestApiCommand({ restApiId: built.restApiId, patchOperations }));
      await deploy(api, built);
    };
    const statement = (Effect: string, ip: string) => ({
      Effect,
      Principal: '*',
      Action: 'execute-api:Invoke',
      Resource: 'execute-api:/*',
      Condition: { IpAddress: { 'aws:SourceIp': ip } },
    });
    expect([await call('all'), await call('elsewhere'), await call('deny')]).toEqual([200, 403, 403]);
    await withPolicy(statement('Allow', '203.0.113.0/24'));
    expect([await call('all'), await call('elsewhere')]).toEqual([200, 403]);
    await withPolicy(statement('Allow', '198.51.100.0/24'));
    expect([await call('all'), await call('elsewhere'), await call('deny')]).toEqual([200, 200, 403]);
    await withPolicy(statement('Allow', '0.0.0.0/0'), statement('Deny', '198.51.100.0/24'));
    // Refused before the authorizer is even asked.
    expect([await call('all'), await call('broken')]).toEqual([403, 403]);
  });
});

it('does not say more than AWS of an API without methods', async () => {
  expect((await failure(deploy(api, built)))[2]).toBe("The REST API doesn't contain any methods");
  expect(await ask(cloud, built.host, '/prod/')).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
});
