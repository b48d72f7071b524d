import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetIntegrationsCommand,
  UpdateIntegrationCommand,
} from '@aws-sdk/client-apigatewayv2';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  ListEventSourceMappingsCommand,
  PublishLayerVersionCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type SubmissionContext, zipFiles } from '../../../server/kit.ts';
import { lambda, real, rewritten } from './code.ts';

/** Another version of the layer for both functions, with the link that readers use. */
export async function relayer(ctx: SubmissionContext, files: Record<string, string>): Promise<void> {
  const { LayerVersionArn } = await lambda(ctx).send(
    new PublishLayerVersionCommand({
      LayerName: 'reports',
      Content: { ZipFile: zipFiles(files, [], { 'reports/latest': '2026/11' }) },
    }),
  );
  for (const FunctionName of ['download', 'deliver'])
    await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: [LayerVersionArn!] }));
}

/** A new function behind the address and the queue, made of both. */
export async function oneForBoth(ctx: SubmissionContext): Promise<void> {
  const FunctionName = 'reports';
  const { Configuration } = await lambda(ctx).send(new GetFunctionCommand({ FunctionName: 'deliver' }));
  const { FunctionArn } = await lambda(ctx).send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Timeout: 10,
      Role: Configuration!.Role!,
      Layers: Configuration!.Layers!.map(({ Arn }) => Arn!),
      Environment: { Variables: Configuration!.Environment!.Variables! },
      Code: {
        ZipFile: ctx.zip({
          'index.mjs': `import { handler as deliver } from './deliver.mjs';
import { handler as download } from './download.mjs';
export const handler = (event) => (event.Records ? deliver(event) : download(event));
`,
          'deliver.mjs': rewritten(ctx, 'deliver', real),
          'download.mjs': rewritten(ctx, 'download', real),
        }),
      },
    }),
  );
  const { EventSourceMappings } = await lambda(ctx).send(
    new ListEventSourceMappingsCommand({ FunctionName: 'deliver' }),
  );
  await lambda(ctx).send(new UpdateEventSourceMappingCommand({ UUID: EventSourceMappings![0]!.UUID!, FunctionName }));
  const gateway = ctx.admin.client(ApiGatewayV2Client);
  const ApiId = (await gateway.send(new GetApisCommand({}))).Items![0]!.ApiId!;
  const { Items } = await gateway.send(new GetIntegrationsCommand({ ApiId }));
  await gateway.send(
    new UpdateIntegrationCommand({ ApiId, IntegrationId: Items![0]!.IntegrationId!, IntegrationUri: FunctionArn! }),
  );
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'reports-api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ApiId}/*/GET/report`,
    }),
  );
  for (const old of ['download', 'deliver']) await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: old }));
}

/** The function as it was, under another name, at an address of its own. */
export async function keepOld(ctx: SubmissionContext): Promise<void> {
  const FunctionName = 'download-old';
  const { Configuration } = await lambda(ctx).send(new GetFunctionCommand({ FunctionName: 'download' }));
  await lambda(ctx).send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: Configuration!.Role!,
      Layers: Configuration!.Layers!.map(({ Arn }) => Arn!),
      Environment: { Variables: Configuration!.Environment!.Variables! },
      Code: { ZipFile: ctx.zip('function/download') },
    }),
  );
  await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }));
  for (const more of [
    { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' as const },
    { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
  ])
    await lambda(ctx).send(
      new AddPermissionCommand({ FunctionName, StatementId: more.Action.slice(7), Principal: '*', ...more }),
    );
}
