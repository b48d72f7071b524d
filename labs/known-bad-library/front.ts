import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Actor } from '../../server/kit.ts';

/** An HTTP API whose `POST /returns` calls the function; answers its id. */
export async function createFront(admin: Actor, region: string, account: string, target: string): Promise<string> {
  const gateway = admin.client(ApiGatewayV2Client);
  const { ApiId } = await gateway.send(new CreateApiCommand({ Name: 'tickets', ProtocolType: 'HTTP' }));
  const { IntegrationId } = await gateway.send(
    new CreateIntegrationCommand({
      ApiId: ApiId!,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: target,
      PayloadFormatVersion: '2.0',
    }),
  );
  await gateway.send(
    new CreateRouteCommand({ ApiId: ApiId!, RouteKey: 'POST /returns', Target: `integrations/${IntegrationId}` }),
  );
  await gateway.send(new CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }));
  await admin.client(LambdaClient).send(
    new AddPermissionCommand({
      FunctionName: target,
      StatementId: 'tickets-api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${region}:${account}:${ApiId}/*/POST/returns`,
    }),
  );
  return ApiId!;
}
