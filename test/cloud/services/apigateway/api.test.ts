import * as sdk from '@aws-sdk/client-api-gateway';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleCaller } from '../../../../server/cloud/gateway/callers.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { createTestCloud, OWN, REGION } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';
import { addMethod, type Built, createApi, deploy, failure, gateway, lambdaUri } from './kit.ts';

let cloud: Cloud;
let api: sdk.APIGatewayClient;

beforeEach(() => {
  ({ cloud } = createTestCloud());
  api = gateway(cloud);
});

const replace = (path: string, value: string) => ({ op: 'replace' as const, path, value });

describe('an API', () => {
  it('lives', async () => {
    const made = await api.send(
      new sdk.CreateRestApiCommand({
        name: 'shop',
        tags: { team: 'web' },
        endpointConfiguration: { types: ['REGIONAL'] },
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' }],
        }),
      }),
    );
    const restApiId = made.id!;
    expect(made).toMatchObject({
      name: 'shop',
      apiKeySource: 'HEADER',
      endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'ipv4' },
      disableExecuteApiEndpoint: false,
      tags: { team: 'web' },
    });
    // As in AWS, with its quotes escaped, and its resource in full.
    const policy = JSON.parse(JSON.parse(`"${made.policy}"`));
    expect(policy.Statement[0].Resource).toBe(`arn:aws:execute-api:${REGION}:${OWN}:${restApiId}/*`);
    const changed = await api.send(
      new sdk.UpdateRestApiCommand({
        restApiId,
        patchOperations: [
          replace('/name', 'store'),
          replace('/policy', ''),
          { op: 'add', path: '/binaryMediaTypes/image~1png' },
          replace('/disableExecuteApiEndpoint', 'true'),
        ],
      }),
    );
    expect(changed).toMatchObject({ name: 'store', binaryMediaTypes: ['image/png'], disableExecuteApiEndpoint: true });
    expect(changed.policy).toBeUndefined();
    expect((await api.send(new sdk.GetRestApisCommand({}))).items).toHaveLength(1);
    expect((await api.send(new sdk.GetModelsCommand({ restApiId }))).items?.map(({ name }) => name)).toEqual([
      'Empty',
      'Error',
    ]);
    await api.send(new sdk.DeleteRestApiCommand({ restApiId }));
    expect(await failure(api.send(new sdk.GetRestApiCommand({ restApiId })))).toEqual([
      'NotFoundException',
      404,
      `Invalid API identifier specified ${OWN}:${restApiId}`,
    ]);
  });

  it('lists by pages', async () => {
    for (let i = 0; i < 3; i++) await createApi(api, { name: `api ${i}` });
    const first = await api.send(new sdk.GetRestApisCommand({ limit: 2 }));
    const second = await api.send(new sdk.GetRestApisCommand({ limit: 2, position: first.position! }));
    expect([first.items!.length, second.items!.length, second.position]).toEqual([2, 1, undefined]);
    expect(await failure(api.send(new sdk.GetRestApisCommand({ position: 'x' })))).toEqual([
      'BadRequestException',
      400,
      'Invalid position parameter',
    ]);
  });

  it.each<[string, sdk.PatchOperation, string]>([
    [
      'an unknown path',
      replace('/nome', 'x'),
      "Invalid patch path  '/nome' specified for op 'replace'. Must be one of:",
    ],
    ['an operation that is not for it', { op: 'remove', path: '/name' }, 'Please choose supported operations'],
    ['no value', { op: 'replace', path: '/name' }, 'Must not be null'],
    ['a policy that is none', replace('/policy', '{}'), 'Invalid policy document.'],
    ['a number that is none', replace('/minimumCompressionSize', '-3'), 'Must be a number'],
    ['a type that is none', replace('/endpointConfiguration/types/EDGE', 'HOME'), 'Invalid endpoint type'],
  ])('refuses %s', async (_what, operation, message) => {
    const { restApiId } = await createApi(api);
    const refused = await failure(api.send(new sdk.UpdateRestApiCommand({ restApiId, patchOperations: [operation] })));
    expect(refused).toEqual(['BadRequestException', 400, expect.stringContaining(message)]);
  });

  it('has no more resources than its quota', async () => {
    const built = await createApi(api);
    const scope = { account: OWN, region: REGION };
    const { resources } = await import('../../../../server/cloud/services/apigateway/records.ts');
    const { restApiId: apiId, rootId } = built;
    cloud.transact((state) => {
      for (let i = 0; i < 299; i++)
        state.put(resources, scope, `${apiId}:r${i}`, {
          apiId,
          resourceId: `r${i}`,
          parentId: rootId,
          pathPart: `p${i}`,
          path: `/p${i}`,
          methods: {},
        });
    });
    const refused = await failure(
      api.send(new sdk.CreateResourceCommand({ restApiId: apiId, parentId: rootId, pathPart: 'more' })),
    );
    expect(refused.slice(0, 2)).toEqual(['LimitExceededException', 429]);
  });
});

describe('resources and methods', () => {
  let built: Built;
  beforeEach(async () => {
    built = await createApi(api);
  });

  const child = (parentId: string, pathPart: string) =>
    api.send(new sdk.CreateResourceCommand({ restApiId: built.restApiId, parentId, pathPart }));

  it('make a tree of paths', async () => {
    const { restApiId, rootId } = built;
    const pets = await child(rootId, 'pets');
    const one = await child(pets.id!, '{id}');
    expect([pets.path, one.path]).toEqual(['/pets', '/pets/{id}']);
    expect((await failure(child(pets.id!, '{name}')))[2]).toBe(
      'A sibling ({id}) of this resource already has a variable path part -- only one is allowed',
    );
    expect(await failure(child(rootId, 'pets'))).toEqual([
      'ConflictException',
      409,
      'Another resource with the same parent already has this name: pets',
    ]);
    expect((await failure(child(rootId, 'a/b')))[0]).toBe('BadRequestException');
    const moved = await api.send(
      new sdk.UpdateResourceCommand({
        restApiId,
        resourceId: pets.id!,
        patchOperations: [replace('/pathPart', 'animals')],
      }),
    );
    expect(moved.path).toBe('/animals');
    expect((await api.send(new sdk.GetResourceCommand({ restApiId, resourceId: one.id! }))).path).toBe('/animals/{id}');
    const cycle = [replace('/parentId', one.id!)];
    expect(
      (
        await failure(
          api.send(new sdk.UpdateResourceCommand({ restApiId, resourceId: pets.id!, patchOperations: cycle })),
        )
      )[2],
    ).toBe('Resources cannot be cyclical.');
    await api.send(new sdk.DeleteResourceCommand({ restApiId, resourceId: pets.id! }));
    expect((await api.send(new sdk.GetResourcesCommand({ restApiId }))).items).toHaveLength(1);
  });

  it('have responses and integrations', async () => {
    const { restApiId } = built;
    const resourceId = await addMethod(api, built, 'GET /pets/{id}');
    const place = { restApiId, resourceId, httpMethod: 'GET' };
    const shown = await api.send(new sdk.GetMethodCommand(place));
    expect(shown).toMatchObject({
      authorizationType: 'NONE',
      apiKeyRequired: false,
      methodIntegration: {
        type: 'MOCK',
        passthroughBehavior: 'WHEN_NO_MATCH',
        timeoutInMillis: 29_000,
        cacheNamespace: resourceId,
        integrationResponses: { 200: { statusCode: '200' } },
      },
    });
    const patch = (path: string, value: string) => ({ ...place, patchOperations: [replace(path, value)] });
    expect((await api.send(new sdk.UpdateMethodCommand(patch('/apiKeyRequired', 'true')))).apiKeyRequired).toBe(true);
    expect((await api.send(new sdk.UpdateIntegrationCommand(patch('/timeoutInMillis', '5000')))).timeoutInMillis).toBe(
      5000,
    );
    const ok = { ...place, statusCode: '200' };
    const header = { path: '/responseParameters/method.response.header.X-A', op: 'add' as const };
    await api.send(new sdk.UpdateMethodResponseCommand({ ...ok, patchOperations: [{ ...header, value: 'true' }] }));
    await api.send(
      new sdk.UpdateIntegrationResponseCommand({ ...ok, patchOperations: [{ ...header, value: "'one'" }] }),
    );
    expect((await api.send(new sdk.GetMethodResponseCommand(ok))).responseParameters).toEqual({
      'method.response.header.X-A': true,
    });
    expect((await api.send(new sdk.GetIntegrationResponseCommand(ok))).responseParameters).toEqual({
      'method.response.header.X-A': "'one'",
    });
    expect((await api.send(new sdk.GetIntegrationCommand(place))).type).toBe('MOCK');
    await api.send(new sdk.DeleteIntegrationResponseCommand(ok));
    await api.send(new sdk.DeleteMethodResponseCommand(ok));
    await api.send(new sdk.DeleteIntegrationCommand(place));
    expect(await failure(api.send(new sdk.GetIntegrationCommand(place)))).toEqual([
      'NotFoundException',
      404,
      'No integration defined for method',
    ]);
    expect((await failure(deploy(api, built)))[2]).toBe('No integration defined for method');
    await api.send(new sdk.DeleteMethodCommand(place));
    expect(await failure(api.send(new sdk.GetMethodCommand(place)))).toEqual([
      'NotFoundException',
      404,
      'Invalid Method identifier specified',
    ]);
    expect((await failure(deploy(api, built)))[2]).toBe("The REST API doesn't contain any methods");
  });

  it.each<[string, object, string]>([
    [
      'a function that is none',
      { uri: 'arn:x', integrationHttpMethod: 'POST' },
      'Invalid ARN specified in the request',
    ],
    [
      'another service behind a proxy',
      { uri: `arn:aws:apigateway:${REGION}:sqs:path/x`, integrationHttpMethod: 'POST' },
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    ],
    ['no method', { uri: lambdaUri('f') }, 'Enumeration value for HttpMethod must be non-empty'],
    ['a host that is none', { type: 'HTTP_PROXY', uri: 'x', integrationHttpMethod: 'GET' }, 'Invalid HTTP endpoint'],
    [
      'a timeout of hours',
      { uri: lambdaUri('f'), integrationHttpMethod: 'POST', timeoutInMillis: 9_999_999 },
      'Timeout should be between 50 ms and 29000 ms',
    ],
  ])('refuse an integration with %s', async (_what, integration, message) => {
    const refused = await failure(addMethod(api, built, 'GET /a', {}, integration));
    expect(refused).toEqual(['BadRequestException', 400, expect.stringContaining(message)]);
  });

  it('refuse what is not emulated with 501', async () => {
    for (const integration of [
      { type: 'AWS', uri: `arn:aws:apigateway:${REGION}:sqs:path/${OWN}/q`, integrationHttpMethod: 'POST' },
      { type: 'HTTP', uri: 'https://pay.example/', integrationHttpMethod: 'GET' },
      { type: 'MOCK', requestTemplates: { 'application/json': '#set($a = 1) {"statusCode": 200}' } },
      { type: 'MOCK', requestTemplates: { 'application/json': '{"statusCode": $util.parse("200")}' } },
    ]) {
      const refused = await failure(addMethod(api, await createApi(api), 'GET /a', {}, integration));
      expect(refused.slice(0, 2)).toEqual(['NotEmulatedByLambdaRange', 501]);
    }
  });
});

describe('stages', () => {
  it('serve deployments, and have settings', async () => {
    const built = await createApi(api);
    const { restApiId } = built;
    await addMethod(api, built, 'GET /a');
    const first = await deploy(api, built, 'prod', { variables: { color: 'blue' }, description: 'one' });
    const summary = await api.send(
      new sdk.GetDeploymentCommand({ restApiId, deploymentId: first.id!, embed: ['apisummary'] }),
    );
    expect(summary.apiSummary).toEqual({ '/a': { GET: { authorizationType: 'NONE', apiKeyRequired: false } } });
    const second = await deploy(api, built);
    expect((await api.send(new sdk.GetDeploymentsCommand({ restApiId }))).items).toHaveLength(2);
    const stage = { restApiId, stageName: 'prod' };
    expect(await api.send(new sdk.GetStageCommand(stage))).toMatchObject({
      deploymentId: second.id,
      variables: { color: 'blue' },
      cacheClusterStatus: 'NOT_AVAILABLE',
    });
    await api.send(new sdk.CreateStageCommand({ restApiId, stageName: 'test', deploymentId: first.id! }));
    expect((await api.send(new sdk.GetStagesCommand({ restApiId }))).item?.map(({ stageName }) => stageName)).toEqual([
      'prod',
      'test',
    ]);
    expect(
      (await api.send(new sdk.GetStagesCommand({ restApiId, deploymentId: first.id! }))).item?.map(
        (one) => one.stageName,
      ),
    ).toEqual(['test']);
    expect(await failure(api.send(new sdk.DeleteDeploymentCommand({ restApiId, deploymentId: first.id! })))).toEqual([
      'BadRequestException',
      400,
      'Active stages pointing to this deployment must be moved or deleted',
    ]);
    const change = (...patchOperations: sdk.PatchOperation[]) =>
      api.send(new sdk.UpdateStageCommand({ ...stage, patchOperations }));
    const changed = await change(
      replace('/deploymentId', first.id!),
      replace('/variables/color', 'red'),
      replace('/*/*/throttling/rateLimit', '5'),
      replace('/~1a/GET/metrics/enabled', 'true'),
    );
    expect(changed).toMatchObject({
      deploymentId: first.id,
      variables: { color: 'red' },
      methodSettings: { '*/*': { throttlingRateLimit: 5 }, 'a/GET': { metricsEnabled: true } },
    });
    expect((await failure(change(replace('/deploymentId', 'none'))))[2]).toBe('Deployment id does not exist');
    expect((await failure(change(replace('/*/*/logging/loglevel', 'INFO'))))[2]).toBe(
      'CloudWatch Logs role ARN must be set in account settings to enable logging',
    );
    expect((await failure(change(replace('/canarySettings/percentTraffic', '5')))).slice(0, 2)).toEqual([
      'NotEmulatedByLambdaRange',
      501,
    ]);
    await api.send(new sdk.FlushStageCacheCommand(stage));
    await api.send(new sdk.FlushStageAuthorizersCacheCommand(stage));
    await api.send(new sdk.DeleteStageCommand(stage));
    await api.send(new sdk.DeleteDeploymentCommand({ restApiId, deploymentId: second.id! }));
    const described = [replace('/description', 'two')];
    const update = { restApiId, deploymentId: first.id!, patchOperations: described };
    expect((await api.send(new sdk.UpdateDeploymentCommand(update))).description).toBe('two');
    expect(await failure(api.send(new sdk.GetStageCommand(stage)))).toEqual([
      'NotFoundException',
      404,
      'Invalid Stage identifier specified',
    ]);
  });

  it('write logs with a role that trusts API Gateway', async () => {
    expect(await api.send(new sdk.GetAccountCommand({}))).toMatchObject({
      throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    });
    const stranger = putRole(cloud, 'stranger', []);
    const set = (roleArn: string) =>
      api.send(new sdk.UpdateAccountCommand({ patchOperations: [replace('/cloudwatchRoleArn', roleArn)] }));
    expect((await failure(set(stranger)))[2]).toContain('The role ARN does not have required permissions configured.');
    const logs = putRole(cloud, 'logs', [], { service: 'apigateway.amazonaws.com' });
    expect((await set(logs)).cloudwatchRoleArn).toBe(logs);
  });
});

it('tags, authorizers, validators, models and gateway responses live', async () => {
  const built = await createApi(api);
  const { restApiId } = built;
  const resourceArn = `arn:aws:apigateway:${REGION}::/restapis/${restApiId}`;
  await api.send(new sdk.TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
  await api.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  expect((await api.send(new sdk.GetTagsCommand({ resourceArn }))).tags).toEqual({ b: '2' });

  const authorizer = await api.send(
    new sdk.CreateAuthorizerCommand({ restApiId, name: 'guard', type: 'TOKEN', authorizerUri: lambdaUri('guard') }),
  );
  const authorizerId = authorizer.id!;
  expect(authorizer).toMatchObject({
    authType: 'custom',
    identitySource: 'method.request.header.Authorization',
    authorizerResultTtlInSeconds: 300,
  });
  const ttl = [replace('/authorizerResultTtlInSeconds', '0')];
  const zero = await api.send(new sdk.UpdateAuthorizerCommand({ restApiId, authorizerId, patchOperations: ttl }));
  expect(zero.authorizerResultTtlInSeconds).toBe(0);
  expect((await api.send(new sdk.GetAuthorizersCommand({ restApiId }))).items).toHaveLength(1);
  await addMethod(api, built, 'GET /a', { authorizationType: 'CUSTOM', authorizerId });
  expect((await failure(api.send(new sdk.DeleteAuthorizerCommand({ restApiId, authorizerId }))))[0]).toBe(
    'ConflictException',
  );
  expect((await api.send(new sdk.GetAuthorizerCommand({ restApiId, authorizerId }))).name).toBe('guard');
  expect(
    (await failure(addMethod(api, built, 'POST /a', { authorizationType: 'CUSTOM', authorizerId: 'no' })))[2],
  ).toBe(
    'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
  );
  const spare = await api.send(
    new sdk.CreateAuthorizerCommand({ restApiId, name: 'spare', type: 'TOKEN', authorizerUri: lambdaUri('guard') }),
  );
  await api.send(new sdk.DeleteAuthorizerCommand({ restApiId, authorizerId: spare.id! }));

  const validator = await api.send(new sdk.CreateRequestValidatorCommand({ restApiId, validateRequestBody: true }));
  const requestValidatorId = validator.id!;
  const both = [replace('/validateRequestParameters', 'true')];
  await api.send(new sdk.UpdateRequestValidatorCommand({ restApiId, requestValidatorId, patchOperations: both }));
  expect(await api.send(new sdk.GetRequestValidatorCommand({ restApiId, requestValidatorId }))).toMatchObject({
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  expect((await api.send(new sdk.GetRequestValidatorsCommand({ restApiId }))).items).toHaveLength(1);
  await api.send(new sdk.DeleteRequestValidatorCommand({ restApiId, requestValidatorId }));

  const model = { restApiId, name: 'Pet', contentType: 'application/json', schema: '{"type":"object"}' };
  await api.send(new sdk.CreateModelCommand(model));
  expect((await failure(api.send(new sdk.CreateModelCommand({ ...model, name: 'B', schema: '{' }))))[0]).toBe(
    'BadRequestException',
  );
  const described = [replace('/description', 'a pet')];
  await api.send(new sdk.UpdateModelCommand({ restApiId, modelName: 'Pet', patchOperations: described }));
  expect((await api.send(new sdk.GetModelCommand({ restApiId, modelName: 'Pet' }))).description).toBe('a pet');
  await api.send(new sdk.DeleteModelCommand({ restApiId, modelName: 'Pet' }));

  const responseType = 'THROTTLED' as const;
  await api.send(new sdk.PutGatewayResponseCommand({ restApiId, responseType, statusCode: '503' }));
  await api.send(
    new sdk.UpdateGatewayResponseCommand({ restApiId, responseType, patchOperations: [replace('/statusCode', '420')] }),
  );
  const all = (await api.send(new sdk.GetGatewayResponsesCommand({ restApiId }))).items!;
  expect([all.length, all.filter((one) => !one.defaultResponse).map((one) => one.statusCode)]).toEqual([21, ['420']]);
  await api.send(new sdk.DeleteGatewayResponseCommand({ restApiId, responseType }));
  expect(await api.send(new sdk.GetGatewayResponseCommand({ restApiId, responseType }))).toMatchObject({
    statusCode: '429',
    defaultResponse: true,
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
  });
});

describe('the policies', () => {
  it('are asked for methods on paths', async () => {
    const { restApiId } = await createApi(api, { tags: { team: 'web' } });
    putRole(cloud, 'reader', [
      {
        Effect: 'Allow',
        Action: 'apigateway:GET',
        Resource: `arn:aws:apigateway:${REGION}::/restapis/${restApiId}*`,
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'web' } },
      },
      { Effect: 'Allow', Action: 'apigateway:PATCH', Resource: '*' },
    ]);
    const reader = roleCaller(cloud, OWN, 'reader', 's', { ip: '203.0.113.1' });
    const call = (operation: string, input: object) => cloud.call(reader, 'apigateway', operation, input);
    await expect(call('GetRestApi', { restApiId })).resolves.toMatchObject({ name: 'shop' });
    await expect(call('GetResources', { restApiId })).resolves.toBeDefined();
    await expect(call('GetRestApis', {})).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
    await expect(call('DeleteRestApi', { restApiId })).rejects.toMatchObject({ code: 'AccessDeniedException' });
    const rename = { restApiId, patchOperations: [replace('/name', 'x')] };
    await expect(call('UpdateRestApi', rename)).resolves.toBeDefined();
    // A resource policy takes a right of its own.
    const policy = { restApiId, patchOperations: [replace('/policy', '')] };
    await expect(call('UpdateRestApi', policy)).rejects.toMatchObject({
      message: expect.stringContaining('apigateway:UpdateRestApiPolicy'),
    });
  });

  it('know what a method is to be', async () => {
    const { restApiId, rootId } = await createApi(api);
    putRole(cloud, 'maker', [
      { Effect: 'Allow', Action: 'apigateway:PUT', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'apigateway:*',
        Resource: '*',
        Condition: { 'ForAnyValue:StringEquals': { 'apigateway:Request/RouteAuthorizationType': 'NONE' } },
      },
    ]);
    const maker = roleCaller(cloud, OWN, 'maker', 's', { ip: '203.0.113.1' });
    const put = (httpMethod: string, authorizationType: string) =>
      cloud.call(maker, 'apigateway', 'PutMethod', { restApiId, resourceId: rootId, httpMethod, authorizationType });
    await expect(put('GET', 'AWS_IAM')).resolves.toBeDefined();
    await expect(put('POST', 'NONE')).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('are asked for the role that an integration works with', async () => {
    const built = await createApi(api);
    const roleArn = putRole(cloud, 'powerful', [], { service: 'apigateway.amazonaws.com' });
    putRole(cloud, 'maker', [{ Effect: 'Allow', Action: 'apigateway:*', Resource: '*' }]);
    const maker = roleCaller(cloud, OWN, 'maker', 's', { ip: '203.0.113.1' });
    const resourceId = await addMethod(api, built, 'GET /a');
    await expect(
      cloud.call(maker, 'apigateway', 'PutIntegration', {
        restApiId: built.restApiId,
        resourceId,
        httpMethod: 'GET',
        type: 'AWS_PROXY',
        integrationHttpMethod: 'POST',
        uri: lambdaUri('f'),
        credentials: roleArn,
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('iam:PassRole') });
  });
});

it('has every operation by the name that the SDK has for it; custom domains are not emulated', async () => {
  const commands = new Set(
    Object.keys(sdk)
      .filter((name) => name.endsWith('Command'))
      .map((name) => name.slice(0, -'Command'.length)),
  );
  expect(Object.keys(services.apigateway!.operations).filter((name) => !commands.has(name))).toEqual([]);
  expect((await failure(api.send(new sdk.GetDomainNameCommand({ domainName: 'api.example' })))).slice(0, 2)).toEqual([
    'NotEmulatedByLambdaRange',
    501,
  ]);
});

it('an account has no domain names', async () => {
  expect((await api.send(new sdk.GetDomainNamesCommand({}))).items).toEqual([]);
  expect(await failure(api.send(new sdk.GetDomainNamesCommand({ position: 'nowhere' })))).toEqual([
    'BadRequestException',
    400,
    'Invalid position parameter',
  ]);
});
