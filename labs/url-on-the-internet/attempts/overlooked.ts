import {
  ApiGatewayV2Client,
  CreateAuthorizerCommand,
  GetApisCommand,
  GetRoutesCommand,
  UpdateRouteCommand,
} from '@aws-sdk/client-apigatewayv2';
import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putUserPolicy,
  type Submission,
  trust,
} from '../../../server/kit.ts';
import {
  analystArn,
  behindHttpApi,
  behindRestApi,
  lambdaArn,
  letAnalyst,
  onlyTheAnalyst,
  permit,
  setPolicy,
  signedUrl,
} from './account.ts';

const strangers = 'strangers-get-no-report';
const outsiders = 'no-outsider-may-call';
const insiders = 'nobody-else-inside-may-call';
const partner = '444455556666';

/** Near-misses that checks once overlooked, or nearly: whom else a policy or a route lets in. */
export const overlooked: Submission[] = [
  {
    name: 'second-route',
    why: 'beside the signed route a greedy one without authorisation',
    fails: [strangers, insiders],
    async apply(ctx) {
      const api = await behindHttpApi(ctx, 'AWS_IAM', { routeKey: 'ANY /{proxy+}', wide: true });
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/*`));
    },
  },
  {
    name: 'rest-api-for-partner',
    why: 'the resource policy of the API also lets a foreign account',
    fails: [outsiders],
    async apply(ctx) {
      const api = await behindRestApi(
        ctx,
        { authorizationType: 'AWS_IAM' },
        policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${partner}:root` },
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/*',
        }),
      );
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/*`));
    },
  },
  {
    name: 'any-account-analyst',
    why: 'a role called analyst can be made in every account',
    fails: [outsiders],
    async apply(ctx) {
      await signedUrl(ctx);
      await setPolicy(
        ctx,
        allow(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], lambdaArn(ctx), {
          Principal: '*',
          Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/analyst' } },
        }),
      );
    },
  },
  {
    name: 'partner-by-condition',
    why: 'the condition lets a foreign account',
    fails: [outsiders],
    async apply(ctx) {
      await onlyTheAnalyst(ctx);
      await setPolicy(
        ctx,
        allow('lambda:InvokeFunction', lambdaArn(ctx), {
          Principal: '*',
          Condition: { StringEquals: { 'aws:PrincipalAccount': partner } },
        }),
      );
    },
  },
  {
    name: 'trainees',
    why: 'analyst* is also analyst-trainee',
    fails: [insiders],
    async apply(ctx) {
      await signedUrl(ctx);
      await setPolicy(
        ctx,
        allow(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], lambdaArn(ctx), {
          Principal: '*',
          Condition: { ArnLike: { 'aws:PrincipalArn': `${analystArn(ctx)}*` } },
        }),
      );
    },
  },
  {
    name: 'authorizer-that-looks',
    why: 'the authorizer looks whether there is a signature, not whose',
    fails: [strangers, insiders],
    async apply(ctx) {
      await behindHttpApi(ctx, 'NONE');
      const role = await createExecutionRole(ctx.admin, 'looks-role');
      const code =
        "export const handler = async (event) => ({ isAuthorized: (event.headers.authorization ?? '').startsWith('AWS4-HMAC-SHA256 Credential=ASIA') });";
      const arn = await createFunction(ctx.admin, 'looks', role, ctx.zip({ 'index.mjs': code }), {});
      const gateway = ctx.admin.client(ApiGatewayV2Client);
      const ApiId = (await gateway.send(new GetApisCommand({}))).Items![0]!.ApiId!;
      await permit(ctx, 'api', {
        FunctionName: 'looks',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ApiId}/*`,
      });
      const { AuthorizerId } = await gateway.send(
        new CreateAuthorizerCommand({
          ApiId,
          Name: 'looks',
          AuthorizerType: 'REQUEST',
          AuthorizerPayloadFormatVersion: '2.0',
          EnableSimpleResponses: true,
          IdentitySource: ['$request.header.Authorization'],
          AuthorizerUri: `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
        }),
      );
      const route = (await gateway.send(new GetRoutesCommand({ ApiId }))).Items![0]!;
      await gateway.send(
        new UpdateRouteCommand({
          ApiId,
          RouteId: route.RouteId!,
          AuthorizationType: 'CUSTOM',
          AuthorizerId: AuthorizerId!,
        }),
      );
    },
  },
  {
    name: 'any-api',
    why: 'the permission for the API takes API Gateways of everybody',
    fails: [outsiders],
    async apply(ctx) {
      const api = await behindHttpApi(ctx, 'AWS_IAM', { source: 'arn:aws:execute-api:*:*:*' });
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/*`));
    },
  },
  {
    name: 'trust-widened',
    why: 'the warehouse may take on the role',
    fails: [insiders],
    async apply(ctx) {
      await onlyTheAnalyst(ctx);
      await ctx.admin
        .client(IAMClient)
        .send(new UpdateAssumeRolePolicyCommand({ RoleName: 'analyst', PolicyDocument: trust({ AWS: ctx.account }) }));
      await putUserPolicy(ctx.admin, 'warehouse', 'roles', allow('sts:AssumeRole', '*'));
    },
  },
];
