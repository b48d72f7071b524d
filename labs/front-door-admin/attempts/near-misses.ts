import {
  CreateAuthorizerCommand,
  DeleteMethodCommand,
  GetResourcesCommand,
  UpdateMethodCommand,
} from '@aws-sdk/client-api-gateway';
import { allow, createExecutionRole, createFunction, putUserPolicy, type Submission } from '../../../server/kit.ts';
import {
  apiArn,
  closeTheDoor,
  drop,
  gateway,
  nameTheRoutes,
  permit,
  redeploy,
  routes,
  signAdmin,
  upload,
} from './account.ts';

const customers = 'customers-see-the-shop';
const owner = 'the-owner-takes-off-sale';
const strangers = 'strangers-take-nothing-off-sale';
const outsiders = 'no-outsider-may-call';
const otherApis = 'no-other-api-may-call';
const insiders = 'only-the-owner-takes-off-sale';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'not-deployed',
    why: 'the method asks for a signature, and both stages still serve the deployment from before',
    fails: [strangers, insiders],
    async apply(ctx) {
      await signAdmin(ctx);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'preview-forgotten',
    why: 'the stage preview still serves the open method',
    fails: [strangers, insiders],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx, ['prod']);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'api-key',
    why: 'an API key tells customers apart and is no authorisation; the owner signs and has none',
    fails: [owner],
    async apply(ctx) {
      await signAdmin(ctx, [['/apiKeyRequired', 'true']]);
      await redeploy(ctx);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'debug-left',
    why: 'the left-over statement still lets everybody call the function without the API',
    fails: [strangers, outsiders, otherApis, insiders],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx);
      await drop(ctx, ['api']);
      await permit(ctx, 'storefront', { SourceArn: `${apiArn(ctx)}/*/*` });
    },
  },
  {
    name: 'wildcard-left',
    why: 'any API of any account may still call the function',
    fails: [strangers, outsiders, otherApis],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx);
      await drop(ctx, ['debug']);
      for (const [at, route] of routes.entries())
        await permit(ctx, `route-${at}`, { SourceArn: `${apiArn(ctx)}/*/${route}` });
    },
  },
  {
    name: 'own-account',
    why: 'any API of this account may call the function, and others of the company make APIs, too',
    fails: [otherApis],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx);
      await drop(ctx);
      await permit(ctx, 'apis', { SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:*` });
    },
  },
  {
    name: 'account-key-only',
    why: 'the account alone says nothing about which API',
    fails: [otherApis],
    async apply(ctx) {
      await signAdmin(ctx);
      await redeploy(ctx);
      await drop(ctx);
      await permit(ctx, 'apis', { SourceAccount: ctx.account });
    },
  },
  {
    name: 'permissions-only',
    why: 'only the shop may call the function now, and it does so for everybody',
    fails: [strangers, insiders],
    apply: (ctx) => nameTheRoutes(ctx),
  },
  {
    name: 'all-signed',
    why: 'over-fix: customers have no credentials to sign with',
    fails: [customers],
    async apply(ctx) {
      const { items } = await gateway(ctx).send(
        new GetResourcesCommand({ restApiId: ctx.outputs.api!, embed: ['methods'] }),
      );
      for (const { id, resourceMethods } of items ?? [])
        for (const httpMethod of Object.keys(resourceMethods ?? {}))
          await gateway(ctx).send(
            new UpdateMethodCommand({
              restApiId: ctx.outputs.api!,
              resourceId: id!,
              httpMethod,
              patchOperations: [{ op: 'replace', path: '/authorizationType', value: 'AWS_IAM' }],
            }),
          );
      await redeploy(ctx);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'method-deleted',
    why: 'over-fix: the owner takes nothing off sale any more',
    fails: [owner],
    async apply(ctx) {
      await gateway(ctx).send(
        new DeleteMethodCommand({
          restApiId: ctx.outputs.api!,
          resourceId: ctx.outputs['admin method']!,
          httpMethod: 'DELETE',
        }),
      );
      await redeploy(ctx);
      await nameTheRoutes(ctx);
    },
  },
  {
    name: 'courier-may-too',
    why: 'every user of the company got the right to call every route',
    fails: [insiders],
    async apply(ctx) {
      await closeTheDoor(ctx);
      for (const user of ['noor', 'courier'])
        await putUserPolicy(ctx.admin, user, 'api', allow('execute-api:Invoke', '*'));
    },
  },
  {
    name: 'header-in-the-code',
    why: 'the code believes a header that anybody can write, and which the owner does not send',
    fails: [owner, strangers],
    async apply(ctx) {
      await nameTheRoutes(ctx);
      await upload(ctx, (code) =>
        code.replace(
          "if (method === 'DELETE') {",
          "if (method === 'DELETE' && event.headers?.['x-admin'] !== 'true') return answer(403, { message: 'no' });\n  if (method === 'DELETE') {",
        ),
      );
    },
  },
  {
    name: 'authorizer-that-looks',
    why: 'the authorizer looks whether there is a signature, not whose',
    fails: [strangers, insiders],
    async apply(ctx) {
      await nameTheRoutes(ctx);
      const role = await createExecutionRole(ctx.admin, 'looks-role');
      const code = `export const handler = async (event) => ({ principalId: 'x', policyDocument: { Version: '2012-10-17', Statement: [{
  Effect: event.authorizationToken.startsWith('AWS4-HMAC-SHA256 Credential=') ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: event.methodArn }] } });`;
      const arn = await createFunction(ctx.admin, 'looks', role, ctx.zip({ 'index.mjs': code }), {});
      await permit(ctx, 'authorizer', { FunctionName: 'looks', SourceArn: `${apiArn(ctx)}/authorizers/*` });
      const { id } = await gateway(ctx).send(
        new CreateAuthorizerCommand({
          restApiId: ctx.outputs.api!,
          name: 'looks',
          type: 'TOKEN',
          identitySource: 'method.request.header.Authorization',
          authorizerUri: `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
        }),
      );
      await signAdmin(ctx, [
        ['/authorizationType', 'CUSTOM'],
        ['/authorizerId', id!],
      ]);
      await redeploy(ctx);
    },
  },
];
