import * as sdk from '@aws-sdk/client-apigatewayv2';
import { beforeEach, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleCaller } from '../../../../server/cloud/gateway/callers.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';

const lambdaUri = `arn:aws:lambda:us-east-1:${OWN}:function:app`;
let cloud: Cloud;
let api: sdk.ApiGatewayV2Client;

beforeEach(() => {
  ({ cloud } = createTestCloud());
  api = client(sdk.ApiGatewayV2Client, cloud);
});

async function failure(promise: Promise<unknown>): Promise<[string, number]> {
  try {
    await promise;
  } catch (error) {
    const { name, $metadata } = error as sdk.ApiGatewayV2ServiceException;
    return [name, $metadata.httpStatusCode ?? 0];
  }
  throw new Error('the call succeeded');
}

it('keeps an API through its whole life', async () => {
  const made = await api.send(
    new sdk.CreateApiCommand({
      Name: 'shop',
      ProtocolType: 'HTTP',
      Tags: { team: 'web' },
      CorsConfiguration: { AllowOrigins: ['https://a.example'], MaxAge: 5 },
    }),
  );
  const ApiId = made.ApiId!;
  expect(made.ApiEndpoint).toBe(`http://${ApiId}.execute-api.us-east-1.localhost:4566`);
  expect((await api.send(new sdk.GetApisCommand({}))).Items).toHaveLength(1);
  expect((await api.send(new sdk.UpdateApiCommand({ ApiId, Name: 'store' }))).Name).toBe('store');
  await api.send(new sdk.DeleteCorsConfigurationCommand({ ApiId }));
  expect(await api.send(new sdk.GetApiCommand({ ApiId }))).toMatchObject({ Name: 'store', Tags: { team: 'web' } });
  expect((await api.send(new sdk.GetApiCommand({ ApiId }))).CorsConfiguration).toBeUndefined();

  const { IntegrationId } = await api.send(
    new sdk.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: lambdaUri,
      PayloadFormatVersion: '2.0',
    }),
  );
  expect(
    (await api.send(new sdk.UpdateIntegrationCommand({ ApiId, IntegrationId, TimeoutInMillis: 5000 }))).TimeoutInMillis,
  ).toBe(5000);
  expect((await api.send(new sdk.GetIntegrationCommand({ ApiId, IntegrationId }))).IntegrationUri).toBe(lambdaUri);
  expect((await api.send(new sdk.GetIntegrationsCommand({ ApiId }))).Items).toHaveLength(1);
  expect(
    await failure(
      api.send(new sdk.CreateIntegrationCommand({ ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: lambdaUri })),
    ),
  ).toEqual(['BadRequestException', 400]);

  const { AuthorizerId } = await api.send(
    new sdk.CreateAuthorizerCommand({
      ApiId,
      Name: 'tokens',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: ['a'], Issuer: 'https://login.example' },
    }),
  );
  expect((await api.send(new sdk.UpdateAuthorizerCommand({ ApiId, AuthorizerId, Name: 'jwt' }))).Name).toBe('jwt');
  expect((await api.send(new sdk.GetAuthorizerCommand({ ApiId, AuthorizerId }))).JwtConfiguration?.Issuer).toBe(
    'https://login.example',
  );
  expect((await api.send(new sdk.GetAuthorizersCommand({ ApiId }))).Items).toHaveLength(1);

  const Target = `integrations/${IntegrationId}`;
  const { RouteId } = await api.send(new sdk.CreateRouteCommand({ ApiId, RouteKey: 'GET /pets/{id}', Target }));
  expect(await failure(api.send(new sdk.CreateRouteCommand({ ApiId, RouteKey: 'GET /pets/{id}', Target })))).toEqual([
    'ConflictException',
    409,
  ]);
  expect(await failure(api.send(new sdk.CreateRouteCommand({ ApiId, RouteKey: 'pets', Target })))).toEqual([
    'BadRequestException',
    400,
  ]);
  expect(
    (await api.send(new sdk.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'JWT', AuthorizerId })))
      .AuthorizationType,
  ).toBe('JWT');
  expect((await api.send(new sdk.GetRouteCommand({ ApiId, RouteId }))).AuthorizerId).toBe(AuthorizerId);
  expect((await api.send(new sdk.GetRoutesCommand({ ApiId }))).Items).toHaveLength(1);
  expect(await failure(api.send(new sdk.DeleteIntegrationCommand({ ApiId, IntegrationId })))).toEqual([
    'ConflictException',
    409,
  ]);

  await api.send(new sdk.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  const first = (await api.send(new sdk.GetStageCommand({ ApiId, StageName: '$default' }))).DeploymentId;
  expect(first).toBeDefined();
  await api.send(new sdk.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'NONE' }));
  expect((await api.send(new sdk.GetStageCommand({ ApiId, StageName: '$default' }))).DeploymentId).not.toBe(first);
  await api.send(new sdk.CreateStageCommand({ ApiId, StageName: 'dev' }));
  const { DeploymentId } = await api.send(new sdk.CreateDeploymentCommand({ ApiId, StageName: 'dev' }));
  expect(
    (await api.send(new sdk.UpdateStageCommand({ ApiId, StageName: 'dev', StageVariables: { a: 'b' } })))
      .StageVariables,
  ).toEqual({ a: 'b' });
  expect((await api.send(new sdk.GetStagesCommand({ ApiId }))).Items?.map(({ StageName }) => StageName)).toEqual([
    '$default',
    'dev',
  ]);
  expect((await api.send(new sdk.GetDeploymentCommand({ ApiId, DeploymentId }))).DeploymentStatus).toBe('DEPLOYED');
  expect((await api.send(new sdk.GetDeploymentsCommand({ ApiId }))).Items).toHaveLength(2);
  expect(await failure(api.send(new sdk.DeleteDeploymentCommand({ ApiId, DeploymentId })))).toEqual([
    'BadRequestException',
    400,
  ]);
  await api.send(new sdk.DeleteStageCommand({ ApiId, StageName: 'dev' }));
  await api.send(new sdk.DeleteDeploymentCommand({ ApiId, DeploymentId }));

  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  await api.send(new sdk.TagResourceCommand({ ResourceArn, Tags: { cost: '1' } }));
  await api.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  expect((await api.send(new sdk.GetTagsCommand({ ResourceArn }))).Tags).toEqual({ cost: '1' });

  await api.send(new sdk.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
  await api.send(new sdk.DeleteRouteCommand({ ApiId, RouteId }));
  await api.send(new sdk.DeleteIntegrationCommand({ ApiId, IntegrationId }));
  await api.send(new sdk.DeleteApiCommand({ ApiId }));
  expect(await failure(api.send(new sdk.GetApiCommand({ ApiId })))).toEqual(['NotFoundException', 404]);
});

it('creates integration, route and stage from a target', async () => {
  const { ApiId } = await api.send(
    new sdk.CreateApiCommand({ Name: 'quick', ProtocolType: 'HTTP', Target: lambdaUri }),
  );
  expect((await api.send(new sdk.GetRoutesCommand({ ApiId }))).Items).toMatchObject([
    { RouteKey: '$default', ApiGatewayManaged: true },
  ]);
  expect((await api.send(new sdk.GetStagesCommand({ ApiId }))).Items).toMatchObject([
    { StageName: '$default', AutoDeploy: true },
  ]);
});

it('asks the policies for methods on paths', async () => {
  const { ApiId } = await api.send(new sdk.CreateApiCommand({ Name: 'quick', ProtocolType: 'HTTP' }));
  putRole(cloud, 'reader', [
    { Effect: 'Allow', Action: 'apigateway:GET', Resource: `arn:aws:apigateway:us-east-1::/apis/${ApiId}` },
  ]);
  const reader = roleCaller(cloud, OWN, 'reader', 's', { ip: '203.0.113.1' });
  await expect(cloud.call(reader, 'apigatewayv2', 'GetApi', { ApiId })).resolves.toMatchObject({ Name: 'quick' });
  await expect(cloud.call(reader, 'apigatewayv2', 'GetRoutes', { ApiId })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  await expect(cloud.call(reader, 'apigatewayv2', 'DeleteApi', { ApiId })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
});

it('has every operation by the name that the SDK has for it', () => {
  const commands = new Set(
    Object.keys(sdk)
      .filter((name) => name.endsWith('Command'))
      .map((name) => name.slice(0, -'Command'.length)),
  );
  expect(Object.keys(services.apigatewayv2!.operations).filter((name) => !commands.has(name))).toEqual([]);
});
