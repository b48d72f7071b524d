import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Actor } from '../grading/actor.ts';

/**
 * An HTTP API with one route, `GET /products`, that calls a function and alone may do so; answers its id.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function createHttpApi(
  admin: Actor,
  Name: string,
  RouteKey: `${string} /${string}`,
  functionArn: string,
): Promise<string> {
  const gateway = admin.client(ApiGatewayV2Client);
  const { ApiId } = await gateway.send(new CreateApiCommand({ Name, ProtocolType: 'HTTP' }));
  const { IntegrationId } = await gateway.send(
    new CreateIntegrationCommand({
      ApiId: ApiId!,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: functionArn,
      PayloadFormatVersion: '2.0',
    }),
  );
  await gateway.send(new CreateRouteCommand({ ApiId: ApiId!, RouteKey, Target: `integrations/${IntegrationId}` }));
  await gateway.send(new CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }));
  const [, , , region, account] = functionArn.split(':');
  await admin.client(LambdaClient).send(
    new AddPermissionCommand({
      FunctionName: functionArn,
      StatementId: `${Name}-api`,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${region}:${account}:${ApiId}/*/${RouteKey.replace(' ', '')}`,
    }),
  );
  return ApiId!;
}
