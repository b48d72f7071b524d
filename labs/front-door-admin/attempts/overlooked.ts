import {
  GetResourcesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateFunctionUrlConfigCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { policy, type Submission, trust } from '../../../server/kit.ts';
import { adminFunction, closeTheDoor, gateway, lambda, nameTheRoutes, permit, redeploy } from './account.ts';

const owner = 'the-owner-takes-off-sale';
const strangers = 'strangers-take-nothing-off-sale';
const outsiders = 'no-outsider-may-call';
const otherApis = 'no-other-api-may-call';
const insiders = 'only-the-owner-takes-off-sale';

/** Near-misses by other people: another method, version, function or role. */
export const overlooked: Submission[] = [
  {
    name: 'any-method-on-a-bouquet',
    why: 'the public route takes any method now, DELETE too',
    fails: [strangers, insiders],
    async apply(ctx) {
      const { items } = await gateway(ctx).send(new GetResourcesCommand({ restApiId: ctx.outputs.api! }));
      const resourceId = items!.find(({ path }) => path === '/bouquets/{id}')!.id!;
      const place = { restApiId: ctx.outputs.api!, resourceId, httpMethod: 'ANY' };
      await gateway(ctx).send(new PutMethodCommand({ ...place, authorizationType: 'NONE' }));
      await gateway(ctx).send(
        new PutIntegrationCommand({
          ...place,
          type: 'AWS_PROXY',
          integrationHttpMethod: 'POST',
          uri: `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${ctx.outputs.function}/invocations`,
        }),
      );
      await closeTheDoor(ctx);
      await permit(ctx, 'any', {
        SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ctx.outputs.api}/*/*/bouquets/*`,
      });
    },
  },
  {
    name: 'alias-for-everybody',
    why: 'an alias has a policy of its own, which lets in everybody',
    fails: [strangers, outsiders, otherApis, insiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'shop' }));
      await lambda(ctx).send(new CreateAliasCommand({ FunctionName: 'shop', Name: 'spring', FunctionVersion: '1' }));
      await permit(ctx, 'debug', { Qualifier: 'spring', Principal: '*' });
    },
  },
  {
    name: 'second-function-open',
    why: 'the new function for the owner may be called by any API of any account',
    fails: [strangers, outsiders, otherApis],
    async apply(ctx) {
      await adminFunction(ctx);
      await closeTheDoor(ctx);
      await permit(ctx, 'api', { FunctionName: 'shop-admin', SourceArn: 'arn:aws:execute-api:*:*:*' });
    },
  },
  {
    name: 'partner-account',
    why: 'a foreign account may call the function',
    fails: [outsiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      await permit(ctx, 'partner', { Principal: '444455556666' });
    },
  },
  {
    name: 'public-url',
    why: 'a URL without authorisation was added for the owner',
    fails: [outsiders, insiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName: 'shop', AuthType: 'NONE' }));
      await permit(ctx, 'url', { Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
      await permit(ctx, 'url2', { Principal: '*', InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'policy-without-signature',
    why: 'without AWS_IAM nobody is anybody to the policy of the API, Noor neither',
    fails: [owner],
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
      await redeploy(ctx);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'role-for-everybody',
    why: 'any AWS account may take on the role of the function, which deletes rows by itself',
    fails: [outsiders, insiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      await ctx.admin
        .client(IAMClient)
        .send(new UpdateAssumeRolePolicyCommand({ RoleName: 'shop-role', PolicyDocument: trust('*') }));
    },
  },
  {
    name: 'everybody-may-change-it',
    why: 'nobody else may call the function, and everybody may change its code',
    fails: [outsiders, insiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      await permit(ctx, 'star', { Principal: '*', Action: 'lambda:UpdateFunctionCode' });
    },
  },
];
