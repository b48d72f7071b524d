import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  type Cors,
  DeleteFunctionUrlConfigCommand,
  LambdaClient,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Statement,
  type SubmissionContext,
} from '../../../server/kit.ts';
import { maker, parameter } from '../report.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const analystArn = (ctx: SubmissionContext): string => ctx.outputs['analyst role']!;
export const lambdaArn = (ctx: SubmissionContext, name = maker): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account}:function:${name}`;

// --- the URL

/** IAM authentication, and no page of anybody may read it, unless `cors` says otherwise. */
export async function signedUrl(ctx: SubmissionContext, Cors: Cors = {}): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionUrlConfigCommand({ FunctionName: maker, AuthType: 'AWS_IAM', Cors }));
}

export const deleteUrl = async (ctx: SubmissionContext): Promise<void> =>
  void (await lambda(ctx).send(new DeleteFunctionUrlConfigCommand({ FunctionName: maker })));

export const publish = async (ctx: SubmissionContext, Value: string): Promise<void> =>
  void (await ctx.admin.client(SSMClient).send(new PutParameterCommand({ Name: parameter, Value, Overwrite: true })));

// --- who may call

const publicStatements = ['FunctionURLAllowPublicAccess', 'FunctionURLInvokeAllowPublicAccess'];

/** Removes the public statements that the lab starts with. */
export async function dropPublic(ctx: SubmissionContext, statements = publicStatements): Promise<void> {
  for (const StatementId of statements)
    await lambda(ctx).send(new RemovePermissionCommand({ FunctionName: maker, StatementId }));
}

export async function permit(
  ctx: SubmissionContext,
  StatementId: string,
  more: Partial<AddPermissionCommandInput>,
): Promise<void> {
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: maker,
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      ...more,
    }),
  );
}

/** A whole policy of the function in place of the one that is there. */
export async function setPolicy(ctx: SubmissionContext, ...statements: Statement[]): Promise<void> {
  await lambda(ctx).send(new PutResourcePolicyCommand({ ResourceArn: lambdaArn(ctx), Policy: policy(...statements) }));
}

/** What a caller of a URL needs since October 2025. */
export const throughUrl = (resource: string): Statement[] => [
  allow('lambda:InvokeFunctionUrl', resource, {
    Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  }),
  allow('lambda:InvokeFunction', resource, { Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } }),
];

export const letAnalyst = (ctx: SubmissionContext, ...statements: Statement[]): Promise<void> =>
  putRolePolicy(ctx.admin, 'analyst', 'report', ...statements);

/** The right fix: the URL asks for a signature, and the role has both permissions. */
export async function onlyTheAnalyst(ctx: SubmissionContext): Promise<void> {
  await signedUrl(ctx);
  await dropPublic(ctx);
  await letAnalyst(ctx, ...throughUrl(lambdaArn(ctx)));
}

/** Another code for the function that makes the report. */
export async function upload(ctx: SubmissionContext, code: string): Promise<void> {
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: maker, ZipFile: ctx.zip({ 'index.mjs': code }) }),
  );
}

// --- APIs in place of the URL

/** The URL goes, an HTTP API comes; answers what `execute-api:Invoke` names. */
export async function behindHttpApi(
  ctx: SubmissionContext,
  AuthorizationType: 'AWS_IAM' | 'NONE',
  more: { source?: string; routeKey?: string; front?: boolean; wide?: boolean } = {},
): Promise<string> {
  await deleteUrl(ctx);
  await dropPublic(ctx);
  const gateway = ctx.admin.client(ApiGatewayV2Client);
  const { ApiId, ApiEndpoint } = await gateway.send(new CreateApiCommand({ Name: 'reports', ProtocolType: 'HTTP' }));
  const { IntegrationId } = await gateway.send(
    new CreateIntegrationCommand({
      ApiId: ApiId!,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: more.front ? await frontFunction(ctx) : lambdaArn(ctx),
      PayloadFormatVersion: '2.0',
    }),
  );
  for (const RouteKey of new Set(['GET /margins', more.routeKey ?? 'GET /margins']))
    await gateway.send(
      new CreateRouteCommand({
        ApiId: ApiId!,
        RouteKey,
        Target: `integrations/${IntegrationId}`,
        AuthorizationType: RouteKey === more.routeKey ? 'NONE' : AuthorizationType,
      }),
    );
  await gateway.send(new CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }));
  const arn = `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ApiId}`;
  await permit(ctx, 'api', {
    ...(more.front ? { FunctionName: 'front' } : {}),
    Principal: 'apigateway.amazonaws.com',
    SourceArn: more.source ?? `${arn}/*/*${more.wide ? '' : '/margins'}`,
  });
  await publish(ctx, `${ApiEndpoint}/margins`);
  return arn;
}

/** A function of the API's, which calls the one that makes the report. */
async function frontFunction(ctx: SubmissionContext): Promise<string> {
  const role = await createExecutionRole(ctx.admin, 'front-role');
  await putRolePolicy(ctx.admin, 'front-role', 'call', allow('lambda:InvokeFunction', lambdaArn(ctx)));
  const code = `import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
const lambda = new LambdaClient({});
export const handler = async () => JSON.parse(Buffer.from((await lambda.send(new InvokeCommand({ FunctionName: '${maker}' }))).Payload).toString());`;
  return createFunction(ctx.admin, 'front', role, ctx.zip({ 'index.mjs': code }), {});
}

/** The URL goes, a REST API comes. */
export async function behindRestApi(
  ctx: SubmissionContext,
  method: { authorizationType: 'AWS_IAM' | 'NONE'; apiKeyRequired?: boolean },
  resourcePolicy?: string,
): Promise<string> {
  await deleteUrl(ctx);
  await dropPublic(ctx);
  const gateway = ctx.admin.client(APIGatewayClient);
  const { id, rootResourceId } = await gateway.send(
    new CreateRestApiCommand({ name: 'reports', ...(resourcePolicy ? { policy: resourcePolicy } : {}) }),
  );
  const restApiId = id!;
  const made = await gateway.send(
    new CreateResourceCommand({ restApiId, parentId: rootResourceId!, pathPart: 'margins' }),
  );
  const place = { restApiId, resourceId: made.id!, httpMethod: 'GET' };
  await gateway.send(new PutMethodCommand({ ...place, ...method }));
  await gateway.send(
    new PutIntegrationCommand({
      ...place,
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${lambdaArn(ctx)}/invocations`,
    }),
  );
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const arn = `arn:aws:execute-api:${ctx.region}:${ctx.account}:${restApiId}`;
  await permit(ctx, 'api', { Principal: 'apigateway.amazonaws.com', SourceArn: `${arn}/prod/GET/margins` });
  await publish(ctx, `https://${restApiId}.execute-api.${ctx.region}.amazonaws.com/prod/margins`);
  return arn;
}
