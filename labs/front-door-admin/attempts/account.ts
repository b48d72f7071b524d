import {
  APIGatewayClient,
  CreateDeploymentCommand,
  DeleteStageCommand,
  GetStagesCommand,
  UpdateMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  LambdaClient,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  createExecutionRole,
  createFunction,
  putRolePolicy,
  type SubmissionContext,
} from '../../../server/kit.ts';
import { parameters, table } from '../shop.ts';

/** The account as a learner changes it: what more than one submission does. */

export const gateway = (ctx: SubmissionContext) => ctx.admin.client(APIGatewayClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const apiArn = (ctx: SubmissionContext, id = ctx.outputs.api): string =>
  `arn:aws:execute-api:${ctx.region}:${ctx.account}:${id}`;

// --- the API

/** The admin method asks for a signature; whoever calls still sees the old deployment. */
export async function signAdmin(
  ctx: SubmissionContext,
  operations: [path: string, value: string][] = [],
): Promise<void> {
  await gateway(ctx).send(
    new UpdateMethodCommand({
      restApiId: ctx.outputs.api!,
      resourceId: ctx.outputs['admin method']!,
      httpMethod: 'DELETE',
      patchOperations: (operations.length ? operations : [['/authorizationType', 'AWS_IAM'] as const]).map(
        ([path, value]) => ({ op: 'replace', path, value }),
      ),
    }),
  );
}

/** What the API is now becomes what these stages serve. */
export async function redeploy(ctx: SubmissionContext, stages = ['prod', 'preview']): Promise<void> {
  for (const stageName of stages)
    await gateway(ctx).send(new CreateDeploymentCommand({ restApiId: ctx.outputs.api!, stageName }));
}

export async function dropStage(ctx: SubmissionContext, stageName: string): Promise<void> {
  await gateway(ctx).send(new DeleteStageCommand({ restApiId: ctx.outputs.api!, stageName }));
}

export async function dropStages(ctx: SubmissionContext): Promise<void> {
  const { item } = await gateway(ctx).send(new GetStagesCommand({ restApiId: ctx.outputs.api! }));
  for (const { stageName } of item ?? []) await dropStage(ctx, stageName!);
}

export async function publish(ctx: SubmissionContext, Value: string, names = Object.values(parameters)): Promise<void> {
  for (const Name of names)
    await ctx.admin.client(SSMClient).send(new PutParameterCommand({ Name, Value, Overwrite: true }));
}

// --- who may call the function

export async function drop(ctx: SubmissionContext, statements = ['api', 'debug']): Promise<void> {
  for (const StatementId of statements)
    await lambda(ctx).send(new RemovePermissionCommand({ FunctionName: 'shop', StatementId }));
}

export async function permit(
  ctx: SubmissionContext,
  StatementId: string,
  more: Partial<AddPermissionCommandInput>,
): Promise<void> {
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: 'shop',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      ...more,
    }),
  );
}

export const routes = ['GET/bouquets', 'GET/bouquets/*', 'DELETE/admin/bouquets/*'];

/** The function's policy names the routes of the shop's API, each by itself. */
export async function nameTheRoutes(ctx: SubmissionContext, stage = '*'): Promise<void> {
  await drop(ctx);
  for (const [at, route] of routes.entries())
    await permit(ctx, `route-${at}`, { SourceArn: `${apiArn(ctx)}/${stage}/${route}` });
}

/** The right fix: the method asks for a signature, both stages serve it so, and only the API's routes may call. */
export async function closeTheDoor(ctx: SubmissionContext): Promise<void> {
  await signAdmin(ctx);
  await redeploy(ctx);
  await nameTheRoutes(ctx);
}

// --- functions

export async function upload(ctx: SubmissionContext, change: (code: string) => string): Promise<void> {
  const code = change(ctx.file('function/index.mjs'));
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'shop', ZipFile: ctx.zip({ 'index.mjs': code }) }),
  );
}

/** A second function with the shop's code, for the owner alone. */
export async function adminFunction(
  ctx: SubmissionContext,
  change: (code: string) => string = (code) => code,
): Promise<string> {
  const role = await createExecutionRole(ctx.admin, 'admin-role');
  const rows = `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${table}`;
  await putRolePolicy(ctx.admin, 'admin-role', 'bouquets', allow('dynamodb:DeleteItem', rows));
  return createFunction(
    ctx.admin,
    'shop-admin',
    role,
    ctx.zip({ 'index.mjs': change(ctx.file('function/index.mjs')) }),
    { TABLE: table },
  );
}
