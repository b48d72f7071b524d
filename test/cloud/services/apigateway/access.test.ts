import { createSign, generateKeyPairSync } from 'node:crypto';
import * as sdk from '@aws-sdk/client-api-gateway';
import { HttpRequest } from '@smithy/protocol-http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleCaller } from '../../../../server/cloud/gateway/callers.ts';
import { eventsOf, logGroups, logStreams, newGroup } from '../../../../server/cloud/services/logs/store.ts';
import { signed } from '../../gateway/sign.ts';
import { ATTACKER, createTestCloud, OWN, PARTNER, REGION, rootKeys } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';
import { addMethod, ask, type Built, createApi, deploy, failure, gateway, lambdaUri } from './kit.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let cloud: Cloud;
let clock: MovableClock;
let api: sdk.APIGatewayClient;
let built: Built;

beforeEach(async () => {
  const json = (value: object) => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(value)) });
  ({ cloud, clock } = createTestCloud({
    hosts: () => [
      {
        name: `cognito-idp.${REGION}.amazonaws.com`,
        port: 443,
        place: { kind: 'internet' },
        http: (_ctx, { url }) =>
          url.endsWith('/keys')
            ? json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] })
            : json({ jwks_uri: `https://cognito-idp.${REGION}.amazonaws.com/pool/keys` }),
      },
      {
        name: 'pets.example',
        port: 443,
        place: { kind: 'internet' },
        http: (_ctx, { method, url, headers }) => json({ method, url, key: headers['x-key'] ?? null }),
      },
    ],
  }));
  api = gateway(cloud);
  built = await createApi(api, { endpointConfiguration: { types: ['REGIONAL'] } });
});

const replace = (path: string, value: string) => ({ op: 'replace' as const, path, value });

async function setPolicy(...statements: object[]): Promise<void> {
  const value = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const patchOperations = [replace('/policy', value)];
  await api.send(new sdk.UpdateRestApiCommand({ restApiId: built.restApiId, patchOperations }));
  await deploy(api, built);
}

const invoke = (Effect: string, members: object = {}) => ({
  Effect,
  Principal: '*',
  Action: 'execute-api:Invoke',
  Resource: 'execute-api:/*',
  ...members,
});

const hidden = `arn:aws:execute-api:${REGION}:********${OWN.slice(-4)}`;

describe('paths', () => {
  it.each<[string, number, string]>([
    ['/prod/pets', 200, 'GET /pets'],
    ['/prod/pets/', 200, 'GET /pets'],
    ['/prod/pets/7', 200, 'GET /pets/{id}'],
    ['/prod/pets/7/photo/big', 200, 'GET /pets/{id}/photo/{proxy+}'],
    ['/prod/any/thing', 200, 'ANY /{proxy+}'],
    ['/prod/', 403, 'Missing Authentication Token'],
    ['/prod', 403, 'Missing Authentication Token'],
    ['/test/pets', 403, 'Forbidden'],
    ['/', 403, 'Forbidden'],
  ])('%s gives %i %s', async (url, status, said) => {
    for (const route of ['GET /pets', 'GET /pets/{id}', 'GET /pets/{id}/photo/{proxy+}', 'ANY /{proxy+}']) {
      const resourceId = await addMethod(api, built, route);
      const place = { restApiId: built.restApiId, resourceId, httpMethod: route.split(' ')[0]!, statusCode: '200' };
      const patchOperations = [replace('/responseTemplates/application~1json', route)];
      await api.send(new sdk.UpdateIntegrationResponseCommand({ ...place, patchOperations }));
    }
    await deploy(api, built);
    const answer = await ask(cloud, built.host, url);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(said)]);
  });

  it('of a resource without the method are not handed on to a greedy one', async () => {
    await addMethod(api, built, 'GET /pets');
    await addMethod(api, built, 'ANY /{proxy+}');
    await deploy(api, built);
    expect(await ask(cloud, built.host, '/prod/pets', { method: 'DELETE' })).toMatchObject({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
    });
    const bearer = await ask(cloud, built.host, '/prod/pets', {
      method: 'PUT',
      headers: { authorization: 'Bearer x' },
    });
    expect(bearer.text).toContain('Invalid key=value pair (missing equal-sign) in Authorization header');
    expect(bearer.headers['x-amzn-errortype']).toBe('IncompleteSignatureException');
  });
});

describe('IAM authorization', () => {
  const arn = (path: string) => `arn:aws:execute-api:${REGION}:${OWN}:${built.restApiId}/prod/${path}`;

  function caller(account: string, allowed: string | undefined) {
    putRole(cloud, 'client', allowed ? [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: allowed }] : [], {
      account,
    });
    return roleCaller(cloud, account, 'client', 's', { ip: '198.51.100.7' });
  }

  beforeEach(async () => {
    await addMethod(api, built, 'GET /a', { authorizationType: 'AWS_IAM' });
    await addMethod(api, built, 'DELETE /a', { authorizationType: 'AWS_IAM' });
    await deploy(api, built);
  });

  it('asks for execute-api:Invoke on the method', async () => {
    expect(await ask(cloud, built.host, '/prod/a')).toMatchObject({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
    });
    const client = caller(OWN, arn('GET/a'));
    expect((await ask(cloud, built.host, '/prod/a', { caller: client })).status).toBe(200);
    const refused = await ask(cloud, built.host, '/prod/a', { method: 'DELETE', caller: client });
    expect([refused.status, refused.json().Message]).toEqual([
      403,
      `User: arn:aws:sts::${OWN}:assumed-role/client/s is not authorized to perform: execute-api:Invoke on resource: ${hidden}:${built.restApiId}/prod/DELETE/a because no identity-based policy allows the execute-api:Invoke action`,
    ]);
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, tables A and B
  it.each<[string, boolean, string | undefined, number]>([
    [OWN, true, undefined, 200],
    [OWN, true, 'Allow', 200],
    [OWN, true, 'Deny', 403],
    [OWN, false, 'Allow', 200],
    [OWN, false, undefined, 403],
    [PARTNER, true, 'Allow', 200],
    [PARTNER, true, undefined, 403],
    [PARTNER, false, 'Allow', 403],
    [PARTNER, true, 'Deny', 403],
  ])('account %s, its policy %s, the resource policy %s: %i', async (account, identity, effect, status) => {
    if (effect) await setPolicy(invoke(effect));
    const answer = await ask(cloud, built.host, '/prod/a', {
      caller: caller(account, identity ? arn('*') : undefined),
    });
    expect(answer.status).toBe(status);
  });
});

describe('a resource policy alone', () => {
  beforeEach(async () => {
    await addMethod(api, built, 'GET /a');
  });

  it('must allow, and knows the address', async () => {
    await setPolicy(invoke('Allow', { Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } }));
    expect((await ask(cloud, built.host, '/prod/a')).status).toBe(200);
    await setPolicy(invoke('Allow', { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }));
    const answer = await ask(cloud, built.host, '/prod/a');
    expect([answer.status, answer.json().Message]).toEqual([
      403,
      expect.stringContaining(
        `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${hidden}:${built.restApiId}/prod/GET/a`,
      ),
    ]);
  });

  it('does not know who signed where nobody is asked to', async () => {
    await setPolicy(invoke('Allow', { Principal: { AWS: `arn:aws:iam::${ATTACKER}:root` } }));
    putRole(cloud, 'client', [{ Effect: 'Allow', Action: '*', Resource: '*' }], { account: ATTACKER });
    const signed = roleCaller(cloud, ATTACKER, 'client', 's', { ip: '198.51.100.7' });
    expect((await ask(cloud, built.host, '/prod/a', { caller: signed })).status).toBe(403);
  });

  it('names stages and methods in its short form', async () => {
    await addMethod(api, built, 'POST /a');
    await setPolicy(invoke('Allow', { Resource: 'execute-api:/prod/GET/*' }));
    expect((await ask(cloud, built.host, '/prod/a')).status).toBe(200);
    expect((await ask(cloud, built.host, '/prod/a', { method: 'POST' })).status).toBe(403);
  });
});

describe('private APIs', () => {
  it('are reached through endpoints that their policy allows, others not', async () => {
    const types = [replace('/endpointConfiguration/types/REGIONAL', 'PRIVATE')];
    await addMethod(api, built, 'GET /a');
    await deploy(api, built);
    const from = (vpceId?: string) =>
      ask(cloud, built.host, '/prod/a', {
        caller: {
          principal: { type: 'anonymous', account: '', arn: '*' },
          context: {},
          source: { ip: '10.0.0.7', ...(vpceId ? { vpceId, vpcId: 'vpc-1' } : {}) },
        },
      });
    // A public API is reached by no endpoint of its service.
    expect([(await from()).status, (await from('vpce-1')).status]).toEqual([200, 403]);
    await api.send(new sdk.UpdateRestApiCommand({ restApiId: built.restApiId, patchOperations: types }));
    expect((await failure(deploy(api, built)))[2]).toBe(
      "Private REST API doesn't have a resource policy attached to it",
    );
    await setPolicy(invoke('Allow', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }));
    expect((await from('vpce-1')).status).toBe(200);
    expect((await from('vpce-2')).status).toBe(403);
    expect(await from()).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
  });
});

it('a Cognito authorizer takes tokens of its pool', async () => {
  const { id: authorizerId } = await api.send(
    new sdk.CreateAuthorizerCommand({
      restApiId: built.restApiId,
      name: 'pool',
      type: 'COGNITO_USER_POOLS',
      providerARNs: [`arn:aws:cognito-idp:${REGION}:${OWN}:userpool/pool`],
    }),
  );
  const members = { authorizationType: 'COGNITO_USER_POOLS', authorizerId };
  await addMethod(api, built, 'GET /a', members);
  await addMethod(api, built, 'GET /admin', { ...members, authorizationScopes: ['admin'] });
  await deploy(api, built);
  const good = {
    iss: `https://cognito-idp.${REGION}.amazonaws.com/pool`,
    exp: Math.floor(clock.now() / 1000) + 600,
    token_use: 'id',
  };
  const token = (claims: object) => {
    const parts = [{ alg: 'RS256', kid: 'k1' }, claims];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
  };
  const status = async (path: string, claims: object) =>
    (await ask(cloud, built.host, path, { headers: { authorization: token(claims) } })).status;
  expect(await status('/prod/a', good)).toBe(200);
  expect(await status('/prod/a', { ...good, exp: 1 })).toBe(401);
  expect(await status('/prod/a', { ...good, iss: 'https://evil.example' })).toBe(401);
  expect(await status('/prod/admin', { ...good, token_use: 'access', scope: 'admin' })).toBe(200);
  expect(await status('/prod/admin', { ...good, token_use: 'access', scope: 'user' })).toBe(401);
  expect((await ask(cloud, built.host, '/prod/a')).status).toBe(401);
});

describe('API keys', () => {
  it('open methods that require one, within their plan', async () => {
    const { restApiId } = built;
    await addMethod(api, built, 'GET /a', { apiKeyRequired: true });
    await deploy(api, built);
    const key = await api.send(new sdk.CreateApiKeyCommand({ name: 'partner', enabled: true }));
    const keyId = key.id!;
    expect((await failure(api.send(new sdk.CreateApiKeyCommand({ value: 'short' }))))[2]).toBe(
      'API Key value should be at least 20 characters',
    );
    const get = (value?: string) => ask(cloud, built.host, '/prod/a', value ? { headers: { 'x-api-key': value } } : {});
    const forbidden = { status: 403, text: '{"message":"Forbidden"}' };
    expect(await get()).toMatchObject(forbidden);
    expect(await get(key.value!)).toMatchObject(forbidden);
    const plan = await api.send(
      new sdk.CreateUsagePlanCommand({
        name: 'small',
        apiStages: [{ apiId: restApiId, stage: 'prod' }],
        quota: { limit: 2, period: 'DAY' },
      }),
    );
    const usagePlanId = plan.id!;
    await api.send(new sdk.CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
    expect((await get(key.value!)).status).toBe(200);
    expect((await get('x'.repeat(30))).status).toBe(403);
    expect((await get(key.value!)).status).toBe(200);
    expect(await get(key.value!)).toMatchObject({ status: 429, text: '{"message":"Limit Exceeded"}' });
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    const usage = await api.send(new sdk.GetUsageCommand({ usagePlanId, startDate: today, endDate: today }));
    expect(usage.items).toEqual({ [keyId]: [[2, 0]] });
    const more = [replace('/remaining', '1')];
    await api.send(new sdk.UpdateUsageCommand({ usagePlanId, keyId, patchOperations: more }));
    expect([(await get(key.value!)).status, (await get(key.value!)).status]).toEqual([200, 429]);
    clock.advance(86_400_000);
    expect((await get(key.value!)).status).toBe(200);
    await api.send(
      new sdk.UpdateUsagePlanCommand({
        usagePlanId,
        patchOperations: [{ op: 'remove', path: '/quota' }, replace('/throttle/burstLimit', '0')],
      }),
    );
    expect(await get(key.value!)).toMatchObject({ status: 429, text: '{"message":"Too Many Requests"}' });

    expect((await api.send(new sdk.GetUsagePlanKeysCommand({ usagePlanId }))).items).toHaveLength(1);
    expect((await api.send(new sdk.GetUsagePlanKeyCommand({ usagePlanId, keyId }))).name).toBe('partner');
    expect((await api.send(new sdk.GetUsagePlansCommand({ keyId }))).items).toHaveLength(1);
    expect((await api.send(new sdk.GetApiKeysCommand({}))).items![0]!.value).toBeUndefined();
    expect((await api.send(new sdk.GetApiKeyCommand({ apiKey: keyId, includeValue: true }))).value).toBe(key.value);
    const off = [replace('/enabled', 'false')];
    await api.send(new sdk.UpdateApiKeyCommand({ apiKey: keyId, patchOperations: off }));
    expect(await get(key.value!)).toMatchObject(forbidden);
    expect((await failure(api.send(new sdk.DeleteUsagePlanCommand({ usagePlanId }))))[0]).toBe('BadRequestException');
    await api.send(new sdk.DeleteUsagePlanKeyCommand({ usagePlanId, keyId }));
    const stage = [{ op: 'remove' as const, path: '/apiStages', value: `${restApiId}:prod` }];
    await api.send(new sdk.UpdateUsagePlanCommand({ usagePlanId, patchOperations: stage }));
    expect((await api.send(new sdk.GetUsagePlanCommand({ usagePlanId }))).apiStages).toEqual([]);
    await api.send(new sdk.DeleteUsagePlanCommand({ usagePlanId }));
    await api.send(new sdk.DeleteApiKeyCommand({ apiKey: keyId }));
    expect((await failure(api.send(new sdk.GetApiKeyCommand({ apiKey: keyId }))))[0]).toBe('NotFoundException');
  });
});

it('a validator asks for parameters and bodies', async () => {
  const { restApiId } = built;
  const { id: requestValidatorId } = await api.send(
    new sdk.CreateRequestValidatorCommand({ restApiId, validateRequestBody: true, validateRequestParameters: true }),
  );
  await api.send(
    new sdk.CreateModelCommand({
      restApiId,
      name: 'Pet',
      contentType: 'application/json',
      schema: JSON.stringify({
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, pattern: '^[a-z]+$' },
          age: { type: 'integer', minimum: 0 },
          kind: { enum: ['cat', 'dog'] },
          tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
        },
      }),
    }),
  );
  await addMethod(api, built, 'POST /pets', {
    requestValidatorId,
    requestParameters: { 'method.request.querystring.shop': true },
    requestModels: { 'application/json': 'Pet' },
  });
  await deploy(api, built);
  const post = async (url: string, body: string) => {
    const { status, text } = await ask(cloud, built.host, url, { method: 'POST', body });
    return [status, text];
  };
  const good = '{"name":"tom","age":3,"kind":"cat","tags":["a"]}';
  expect(await post('/prod/pets?shop=1', good)).toEqual([200, '"ok"']);
  expect(await post('/prod/pets', good)).toEqual([400, '{"message":"Missing required request parameters: [shop]"}']);
  for (const bad of [
    '',
    '[]',
    '{}',
    '{"name":"T"}',
    '{"name":"a","age":1.5}',
    '{"name":"a","x":1}',
    '{"name":"a","kind":"cow"}',
    '{"name":"a","tags":["a","b","c"]}',
  ])
    expect(await post('/prod/pets?shop=1', bad), bad).toEqual([400, '{"message":"Invalid request body"}']);
});

it('hands requests on to hosts, with mapped parameters', async () => {
  await addMethod(
    api,
    built,
    'GET /pets/{id}',
    { requestParameters: { 'method.request.path.id': true } },
    {
      type: 'HTTP_PROXY',
      integrationHttpMethod: 'GET',
      uri: 'https://pets.example/v1/{id}',
      requestParameters: {
        'integration.request.path.id': 'method.request.path.id',
        'integration.request.header.X-Key': "'secret'",
      },
    },
  );
  await addMethod(
    api,
    built,
    'GET /nowhere',
    {},
    {
      type: 'HTTP_PROXY',
      integrationHttpMethod: 'GET',
      uri: 'https://nowhere.example/',
    },
  );
  await deploy(api, built);
  expect((await ask(cloud, built.host, '/prod/pets/a%20b?x=1')).json()).toEqual({
    method: 'GET',
    url: '/v1/a%20b?x=1',
    key: 'secret',
  });
  expect((await ask(cloud, built.host, '/prod/nowhere')).status).toBe(504);
});

it('has responses of its own, limits and logs', async () => {
  const { restApiId } = built;
  await addMethod(api, built, 'GET /a');
  await api.send(
    new sdk.PutGatewayResponseCommand({
      restApiId,
      responseType: 'DEFAULT_4XX',
      responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      responseTemplates: { 'application/json': '{"sorry":$context.error.messageString,"id":"$context.requestId"}' },
    }),
  );
  await deploy(api, built);
  const lost = await ask(cloud, built.host, '/prod/lost');
  expect([lost.status, lost.json().sorry, lost.headers['access-control-allow-origin']]).toEqual([
    403,
    'Missing Authentication Token',
    '*',
  ]);
  expect(lost.json().id).toBe(lost.headers['x-amzn-requestid']);

  const scope = { account: OWN, region: REGION };
  cloud.transact((state) => state.put(logGroups, scope, 'access', newGroup('access', 0)));
  const logs = putRole(cloud, 'logs', [], { service: 'apigateway.amazonaws.com' });
  await api.send(new sdk.UpdateAccountCommand({ patchOperations: [replace('/cloudwatchRoleArn', logs)] }));
  await api.send(
    new sdk.UpdateStageCommand({
      restApiId,
      stageName: 'prod',
      patchOperations: [
        replace('/accessLogSettings/destinationArn', `arn:aws:logs:${REGION}:${OWN}:log-group:access`),
        replace(
          '/accessLogSettings/format',
          '{"path":"$context.resourcePath","agent":"$context.identity.userAgent","status":"$context.status"}',
        ),
        replace('/~1a/GET/throttling/burstLimit', '1'),
        replace('/~1a/GET/throttling/rateLimit', '1'),
      ],
    }),
  );
  const agent = { headers: { 'user-agent': 'a","status":"999' } };
  expect((await ask(cloud, built.host, '/prod/a', agent)).status).toBe(200);
  expect((await ask(cloud, built.host, '/prod/a', agent)).status).toBe(429);
  const stream = cloud.state.list(logStreams, scope).find(({ value }) => value.group === 'access')!;
  const lines = eventsOf(cloud.state, scope, stream.value).map(({ message }) => JSON.parse(message));
  expect(lines.map(({ path, status }) => [path, status])).toEqual([
    ['/a', '200'],
    ['/a', '429'],
  ]);
  expect(lines[0].agent).toBe('a","status":"999');
});

it('refuses what is too large', async () => {
  await addMethod(api, built, 'POST /a');
  await deploy(api, built);
  const answer = await ask(cloud, built.host, '/prod/a', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
  expect([answer.status, answer.json()]).toEqual([413, { message: 'HTTP content length exceeded 10485760 bytes.' }]);
});

it('takes a signature of the address that the client used', async () => {
  await addMethod(api, built, 'GET /a', { authorizationType: 'AWS_IAM' });
  await deploy(api, built);
  for (const [hostname, path] of [
    [built.host, '/prod/a'],
    ['127.0.0.1', `/_range/execute-api/${built.restApiId}/prod/a`],
  ] as const) {
    const request = new HttpRequest({ method: 'GET', hostname, path, headers: { host: hostname } });
    const headers = await signed(request, 'execute-api', rootKeys(cloud));
    expect((await ask(cloud, hostname, path, { headers })).status, path).toBe(200);
  }
});

it('looks at no signature where it asks for none', async () => {
  await addMethod(api, built, 'GET /a');
  await addMethod(api, built, 'GET /b', { authorizationType: 'AWS_IAM' });
  await deploy(api, built);
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAUNKNOWNUNKNOWN12/20261126/${REGION}/execute-api/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  const headers = { authorization, 'x-amz-date': '20261126T120000Z' };
  expect((await ask(cloud, built.host, '/prod/a', { headers })).status).toBe(200);
  expect(await ask(cloud, built.host, '/prod/b', { headers })).toMatchObject({
    status: 403,
    text: '{"message":"The security token included in the request is invalid."}',
  });
});

describe('OpenAPI', () => {
  const definition = (uri: string) => ({
    openapi: '3.0.1',
    info: { title: 'pets', version: '2026' },
    paths: {
      '/pets/{id}': {
        get: {
          operationId: 'getPet',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'ok' } },
          security: [{ guard: [] }, { api_key: [] }],
          'x-amazon-apigateway-integration': { type: 'aws_proxy', httpMethod: 'POST', uri },
        },
        delete: {
          security: [{ sigv4: [] }],
          'x-amazon-apigateway-integration': { type: 'aws_proxy', httpMethod: 'POST', uri },
        },
      },
      '/health': {
        'x-amazon-apigateway-any-method': {
          'x-amazon-apigateway-integration': {
            type: 'mock',
            requestTemplates: { 'application/json': '{"statusCode": 204}' },
            responses: { default: { statusCode: 204 } },
          },
        },
      },
    },
    components: {
      schemas: { Pet: { type: 'object', properties: { friend: { $ref: '#/components/schemas/Pet' } } } },
      securitySchemes: {
        guard: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'custom',
          'x-amazon-apigateway-authorizer': { type: 'token', authorizerUri: uri, authorizerResultTtlInSeconds: 60 },
        },
        api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
        sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      },
    },
    'x-amazon-apigateway-policy': { Version: '2012-10-17', Statement: [invoke('Allow')] },
  });

  it('is imported, served and exported', async () => {
    const body = Buffer.from(JSON.stringify(definition(lambdaUri('app'))));
    const { id: restApiId = '' } = await api.send(
      new sdk.ImportRestApiCommand({ body, parameters: { endpointConfigurationTypes: 'REGIONAL' } }),
    );
    const { items = [] } = await api.send(new sdk.GetResourcesCommand({ restApiId, embed: ['methods'] }));
    const pet = items.find(({ path }) => path === '/pets/{id}')!.resourceMethods!;
    expect([pet.GET, pet.DELETE]).toMatchObject([
      { authorizationType: 'CUSTOM', apiKeyRequired: true, operationName: 'getPet' },
      { authorizationType: 'AWS_IAM', apiKeyRequired: false },
    ]);
    const model = await api.send(new sdk.GetModelCommand({ restApiId, modelName: 'Pet' }));
    expect(JSON.parse(model.schema!).properties.friend.$ref).toBe(
      `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Pet`,
    );
    await api.send(new sdk.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
    const host = `${restApiId}.execute-api.${REGION}.localhost`;
    expect((await ask(cloud, host, '/prod/health', { method: 'PUT' })).status).toBe(204);
    expect((await ask(cloud, host, '/prod/pets/1')).status).toBe(401);
    const exported = await api.send(
      new sdk.GetExportCommand({
        restApiId,
        stageName: 'prod',
        exportType: 'oas30',
        parameters: { extensions: 'apigateway' },
      }),
    );
    // What is exported can be imported again, into the same methods.
    const again = await api.send(new sdk.ImportRestApiCommand({ body: exported.body! }));
    const copied = await api.send(new sdk.GetResourcesCommand({ restApiId: again.id!, embed: ['methods'] }));
    const summary = (list: sdk.Resource[]) =>
      list
        .map(({ path, resourceMethods }) => [
          path,
          Object.entries(resourceMethods ?? {}).map(([name, method]) => [
            name,
            method.authorizationType,
            method.apiKeyRequired,
            method.methodIntegration?.uri,
          ]),
        ])
        .sort();
    expect(summary(copied.items!)).toEqual(summary(items));
    const swagger = await api.send(
      new sdk.GetExportCommand({
        restApiId,
        stageName: 'prod',
        exportType: 'swagger',
        parameters: { extensions: 'integrations' },
      }),
    );
    expect(JSON.parse(Buffer.from(swagger.body!).toString())).toMatchObject({ swagger: '2.0', basePath: '/prod' });
  });

  it('overwrites or is merged', async () => {
    const { restApiId } = built;
    await addMethod(api, built, 'GET /old');
    const body = Buffer.from(
      JSON.stringify({ ...definition(lambdaUri('app')), 'x-amazon-apigateway-policy': undefined }),
    );
    const paths = async () => {
      const { items = [] } = await api.send(new sdk.GetResourcesCommand({ restApiId }));
      return items.map(({ path }) => path).sort();
    };
    await api.send(new sdk.PutRestApiCommand({ restApiId, mode: 'merge', body }));
    expect(await paths()).toEqual(['/', '/health', '/old', '/pets', '/pets/{id}']);
    await api.send(new sdk.PutRestApiCommand({ restApiId, mode: 'overwrite', body }));
    expect(await paths()).toEqual(['/', '/health', '/pets', '/pets/{id}']);
  });

  it.each([
    '',
    '[]',
    '{}',
    '{"swagger":"1.0"}',
    '{"openapi":"3.0.0","paths":{"pets":{}}}',
    `{"openapi":"3.0.0","paths":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  ])('refuses %.40s', async (text) => {
    const put = () => api.send(new sdk.PutRestApiCommand({ restApiId: built.restApiId, body: Buffer.from(text) }));
    const outcome = await put().then(
      () => 200,
      (error) => error.$metadata.httpStatusCode,
    );
    // What has no paths is an API without paths.
    expect(text.includes('[[') ? [200, 400] : [400]).toContain(outcome);
  });

  it('names what it does not emulate', async () => {
    const yaml = api.send(new sdk.ImportRestApiCommand({ body: Buffer.from('openapi: 3.0.1\ninfo: {}\n') }));
    expect((await failure(yaml)).slice(0, 2)).toEqual(['NotEmulatedByLambdaRange', 501]);
  });
});
