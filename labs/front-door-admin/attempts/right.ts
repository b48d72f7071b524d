import {
  DeleteMethodCommand,
  DeleteRestApiCommand,
  PutIntegrationCommand,
  UpdateRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateFunctionUrlConfigCommand, PutResourcePolicyCommand } from '@aws-sdk/client-lambda';
import {
  allow,
  policy,
  putRolePolicy,
  putUserPolicy,
  type Submission,
  type SubmissionContext,
  trust,
} from '../../../server/kit.ts';
import { addressOf, buildRestApi } from '../build.ts';
import { parameters } from '../shop.ts';
import {
  adminFunction,
  apiArn,
  closeTheDoor,
  drop,
  dropStage,
  gateway,
  lambda,
  nameTheRoutes,
  permit,
  publish,
  redeploy,
  signAdmin,
} from './account.ts';

const shopArn = (ctx: SubmissionContext): string => ctx.outputs.function!;

const integrate = (ctx: SubmissionContext, resourceId: string, functionArn: string, credentials?: string) =>
  gateway(ctx).send(
    new PutIntegrationCommand({
      restApiId: ctx.outputs.api!,
      resourceId,
      httpMethod: 'DELETE',
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
      ...(credentials ? { credentials } : {}),
    }),
  );

/** A role that API Gateway calls a function as. */
async function apiRole(ctx: SubmissionContext, functionArn: string): Promise<string> {
  const { Role } = await ctx.admin.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: 'storefront-role',
      AssumeRolePolicyDocument: trust({ Service: 'apigateway.amazonaws.com' }),
    }),
  );
  await putRolePolicy(ctx.admin, 'storefront-role', 'call', allow('lambda:InvokeFunction', functionArn));
  return Role!.Arn!;
}

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the admin method asks for a signature in both stages, and the policy names the routes',
    fails: [],
    apply: closeTheDoor,
  },
  {
    name: 'whole-api',
    why: 'any route of the one API may call; the stage that nobody needs is gone',
    fails: [],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx, ['prod']);
      await dropStage(ctx, 'preview');
      await drop(ctx);
      await permit(ctx, 'storefront', { SourceArn: `${apiArn(ctx)}/*/*`, SourceAccount: ctx.account });
    },
  },
  {
    name: 'admin-function',
    why: 'a second function, called as a role by the signed method alone, takes bouquets off sale',
    fails: [],
    async apply(ctx) {
      const arn = await adminFunction(ctx);
      await integrate(ctx, ctx.outputs['admin method']!, arn, await apiRole(ctx, arn));
      await closeTheDoor(ctx);
    },
  },
  {
    name: 'resource-policy',
    why: 'the policy of the API lets everybody read, and the owner delete',
    fails: [],
    async apply(ctx) {
      const value = policy(
        { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*/GET/*' },
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ctx.account}:user/noor` },
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/*/DELETE/admin/*',
        },
      );
      await gateway(ctx).send(
        new UpdateRestApiCommand({
          restApiId: ctx.outputs.api!,
          patchOperations: [{ op: 'replace', path: '/policy', value }],
        }),
      );
      await closeTheDoor(ctx);
    },
  },
  {
    name: 'new-api-as-a-role',
    why: 'another REST API calls the function as a role; the old API and the policy of the function are gone',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      await gateway(ctx).send(new DeleteRestApiCommand({ restApiId: ctx.outputs.api! }));
      const behind = { functionArn: shopArn(ctx), credentials: await apiRole(ctx, shopArn(ctx)) };
      const api = await buildRestApi(
        ctx.admin,
        ctx.region,
        'storefront-2',
        [
          { path: '/bouquets', method: 'GET', ...behind },
          { path: '/bouquets/{id}', method: 'GET', ...behind },
          { path: '/admin/bouquets/{id}', method: 'DELETE', authorizationType: 'AWS_IAM', ...behind },
        ],
        ['live'],
      );
      await publish(ctx, addressOf(api.id, ctx.region, 'live'));
    },
  },
  {
    name: 'http-api',
    why: 'an HTTP API with an IAM route in place of the REST API',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      await gateway(ctx).send(new DeleteRestApiCommand({ restApiId: ctx.outputs.api! }));
      const api = ctx.admin.client(ApiGatewayV2Client);
      const { ApiId, ApiEndpoint } = await api.send(new CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP' }));
      const { IntegrationId } = await api.send(
        new CreateIntegrationCommand({
          ApiId: ApiId!,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: shopArn(ctx),
          PayloadFormatVersion: '2.0',
        }),
      );
      for (const RouteKey of ['GET /bouquets', 'GET /bouquets/{id}', 'DELETE /admin/bouquets/{id}'])
        await api.send(
          new CreateRouteCommand({
            ApiId: ApiId!,
            RouteKey,
            Target: `integrations/${IntegrationId}`,
            AuthorizationType: RouteKey.startsWith('DELETE') ? 'AWS_IAM' : 'NONE',
          }),
        );
      await api.send(new CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }));
      await permit(ctx, 'http', { SourceArn: `${apiArn(ctx, ApiId!)}/*/*` });
      await publish(ctx, ApiEndpoint!);
    },
  },
  {
    name: 'url-for-the-owner',
    why: 'the owner deletes through a signed URL of a second function, and the API has no such route any more',
    fails: [],
    async apply(ctx) {
      const place = { restApiId: ctx.outputs.api!, resourceId: ctx.outputs['admin method']!, httpMethod: 'DELETE' };
      await gateway(ctx).send(new DeleteMethodCommand(place));
      await redeploy(ctx);
      await nameTheRoutes(ctx);
      const FunctionName = await adminFunction(ctx, (code) =>
        code.replace('event.pathParameters?.id', "event.rawPath.split('/').at(-1)"),
      );
      const { FunctionUrl } = await lambda(ctx).send(
        new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM' }),
      );
      const both = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];
      await putUserPolicy(ctx.admin, 'noor', 'url', allow(both, FunctionName));
      await publish(ctx, FunctionUrl!, [parameters.admin]);
    },
  },
  {
    name: 'deny-all-but-the-api',
    why: 'old statements stay, a deny keeps out whatever does not come from the API',
    fails: [],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx);
      const Action = 'lambda:InvokeFunction';
      await lambda(ctx).send(
        new PutResourcePolicyCommand({
          ResourceArn: shopArn(ctx),
          Policy: policy(allow(Action, shopArn(ctx), { Principal: '*' }), {
            Effect: 'Deny',
            Principal: '*',
            Action,
            Resource: shopArn(ctx),
            Condition: { ArnNotLike: { 'aws:SourceArn': `${apiArn(ctx)}/*` } },
          }),
        }),
      );
    },
  },
];
