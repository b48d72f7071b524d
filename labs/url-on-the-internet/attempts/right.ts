import {
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Submission,
} from '../../../server/kit.ts';
import { maker, table } from '../report.ts';
import {
  analystArn,
  behindHttpApi,
  behindRestApi,
  deleteUrl,
  dropPublic,
  lambda,
  lambdaArn,
  letAnalyst,
  onlyTheAnalyst,
  permit,
  publish,
  setPolicy,
  signedUrl,
  throughUrl,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the URL asks for a signature, the role has both permissions',
    fails: [],
    apply: onlyTheAnalyst,
  },
  {
    name: 'resource-policy',
    why: "the function's own policy names the role, for both actions",
    fails: [],
    async apply(ctx) {
      await signedUrl(ctx);
      await dropPublic(ctx);
      const Principal = analystArn(ctx);
      await permit(ctx, 'url', { Principal, Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' });
      await permit(ctx, 'invoke', { Principal, InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'conditioned-statements-left',
    why: 'the public statements hold for URLs without authorisation only, and there is none any more',
    fails: [],
    async apply(ctx) {
      await signedUrl(ctx);
      await letAnalyst(ctx, ...throughUrl(lambdaArn(ctx)));
    },
  },
  {
    name: 'direct-invoke',
    why: 'no URL; the analyst calls the function by its ARN',
    fails: [],
    async apply(ctx) {
      await deleteUrl(ctx);
      await dropPublic(ctx);
      await letAnalyst(ctx, allow('lambda:InvokeFunction', lambdaArn(ctx)));
      await publish(ctx, lambdaArn(ctx));
    },
  },
  {
    name: 'http-api',
    why: 'a route of an HTTP API with IAM authorisation in place of the URL',
    fails: [],
    async apply(ctx) {
      const api = await behindHttpApi(ctx, 'AWS_IAM');
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/$default/GET/margins`));
    },
  },
  {
    name: 'rest-api',
    why: 'a method of a REST API with IAM authorisation in place of the URL',
    fails: [],
    async apply(ctx) {
      const api = await behindRestApi(ctx, { authorizationType: 'AWS_IAM' });
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/prod/GET/margins`));
    },
  },
  {
    name: 'everybody-who-is-the-role',
    why: 'one free-form policy: anybody, if they are the role',
    fails: [],
    async apply(ctx) {
      await signedUrl(ctx);
      await setPolicy(
        ctx,
        allow(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], lambdaArn(ctx), {
          Principal: '*',
          Condition: { ArnEquals: { 'aws:PrincipalArn': analystArn(ctx) } },
        }),
      );
    },
  },
  {
    name: 'front-function',
    why: 'an API with IAM calls a second function, which calls margins',
    fails: [],
    async apply(ctx) {
      const api = await behindHttpApi(ctx, 'AWS_IAM', { front: true });
      await letAnalyst(ctx, allow('execute-api:Invoke', `${api}/*`));
    },
  },
  {
    name: 'deny-everybody-else',
    why: 'public statements stay, a deny keeps out whoever is not the role',
    fails: [],
    async apply(ctx) {
      await signedUrl(ctx);
      const both = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];
      await setPolicy(ctx, allow(both, lambdaArn(ctx), { Principal: '*' }), {
        Effect: 'Deny',
        Principal: '*',
        Action: both,
        Resource: lambdaArn(ctx),
        Condition: { StringNotEquals: { 'aws:PrincipalArn': analystArn(ctx) } },
      });
    },
  },
  {
    name: 'rest-api-policy',
    why: 'a REST API whose resource policy names the role',
    fails: [],
    async apply(ctx) {
      await behindRestApi(
        ctx,
        { authorizationType: 'AWS_IAM' },
        policy({
          Effect: 'Allow',
          Principal: { AWS: analystArn(ctx) },
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/prod/GET/margins',
        }),
      );
    },
  },
  {
    name: 'alias-url',
    why: 'a new URL hangs on an alias, the old one is gone',
    fails: [],
    async apply(ctx) {
      await deleteUrl(ctx);
      await dropPublic(ctx);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: maker }));
      const { AliasArn } = await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: maker, Name: 'live', FunctionVersion: Version! }),
      );
      const { FunctionUrl } = await lambda(ctx).send(
        new CreateFunctionUrlConfigCommand({ FunctionName: maker, Qualifier: 'live', AuthType: 'AWS_IAM' }),
      );
      await letAnalyst(ctx, ...throughUrl(AliasArn!));
      await publish(ctx, FunctionUrl!);
    },
  },
  {
    name: 'another-function',
    why: 'a new function with a URL of its own makes the report, the old one is gone',
    fails: [],
    async apply(ctx) {
      const role = await createExecutionRole(ctx.admin, 'report-role');
      const rows = `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${table}`;
      await putRolePolicy(ctx.admin, 'report-role', 'read', allow('dynamodb:Scan', rows));
      const arn = await createFunction(ctx.admin, 'internal-report', role, ctx.zip('function'), { TABLE: table });
      const { FunctionUrl } = await lambda(ctx).send(
        new CreateFunctionUrlConfigCommand({
          FunctionName: arn,
          AuthType: 'AWS_IAM',
          Cors: { AllowOrigins: ['https://analysts.kestrelway.example'], AllowMethods: ['GET'] },
        }),
      );
      await letAnalyst(ctx, ...throughUrl(arn));
      await publish(ctx, FunctionUrl!);
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: maker }));
    },
  },
];
