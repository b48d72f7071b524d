import {
  APIGatewayClient,
  GetDeploymentCommand,
  GetRestApisCommand,
  GetStagesCommand as GetRestStagesCommand,
} from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, GetApisCommand, GetRoutesCommand, GetStagesCommand } from '@aws-sdk/client-apigatewayv2';
import { LambdaClient, ListFunctionUrlConfigsCommand } from '@aws-sdk/client-lambda';
import type { Access } from '../cloud/context.ts';
import { resourcePolicyOf } from '../cloud/services/apigateway/policy.ts';
import { deployments } from '../cloud/services/apigateway/records.ts';
import type { CheckContext } from './check-context.ts';
import { functionsOf } from './follow.ts';

/** An address and a method that the learner's account answers over HTTP, with or without authorisation. */
export interface HttpDoor {
  /** `GET /prod/products of shop`, `the URL of search` */
  name: string;
  /** As routes say it: `GET`, `ANY`, `$default`; a function URL takes `ANY`. */
  method: string;
  /** Without a query. */
  url: string;
  /** What every path of the stage or the URL begins with; without a slash at its end. */
  base: string;
  kind: 'http-api' | 'rest-api' | 'function-url';
  /** `NONE`, `AWS_IAM`, `CUSTOM`, … */
  authorization: string;
  /** Of an API: what a signed request asks of the policies, with the API's own as it is deployed. */
  access?: Access;
}

/**
 * Everything that the learner's account serves over HTTP: routes of HTTP APIs, methods of REST APIs as they are deployed,
 * and function URLs. Path variables stand for `sample`.
 */
export async function httpDoors(ctx: CheckContext, sample: string): Promise<HttpDoor[]> {
  return [...(await apiDoors(ctx, sample)), ...(await restDoors(ctx, sample)), ...(await urlDoors(ctx))];
}

interface Api {
  id: string;
  name: string;
  kind: HttpDoor['kind'];
  policies?: Access['resourcePolicy'];
}

interface Route {
  method: string;
  stage: string;
  template: string;
  authorization: string | undefined;
}

/** The door of a path whose variables stand for `sample`. */
function doorAt(ctx: CheckContext, { id, name, kind, policies }: Api, route: Route, sample: string): HttpDoor {
  const { method, stage, template, authorization = 'NONE' } = route;
  const path = template.replace(/\{[^}]*\}/g, sample);
  const prefix = stage === '$default' ? '' : `/${stage}`;
  const base = `${ctx.cloud.endpoint}/_range/execute-api/${id}${prefix}`;
  const account = ctx.account().id;
  const asked = ['ANY', '$default'].includes(method) ? 'GET' : method;
  return {
    name: `${method} ${prefix}${path} of ${name}`,
    method,
    url: `${base}${path}`,
    base,
    kind,
    authorization,
    access: {
      action: 'execute-api:Invoke',
      resource: `arn:aws:execute-api:${ctx.region}:${account}:${id}/${stage}/${asked}${path}`,
      resourceAccount: account,
      ...(policies ? { resourcePolicy: policies } : {}),
    },
  };
}

async function apiDoors(ctx: CheckContext, sample: string): Promise<HttpDoor[]> {
  const doors: HttpDoor[] = [];
  const gateway = ctx.admin().client(ApiGatewayV2Client);
  for (const { ApiId, Name } of (await gateway.send(new GetApisCommand({}))).Items ?? []) {
    const stages = (await gateway.send(new GetStagesCommand({ ApiId: ApiId! }))).Items ?? [];
    const routes = (await gateway.send(new GetRoutesCommand({ ApiId: ApiId! }))).Items ?? [];
    for (const { StageName } of stages)
      for (const { RouteKey, AuthorizationType } of routes) {
        const [method, template = `/${sample}`] = RouteKey!.split(' ');
        const route = { method: method!, stage: StageName!, template, authorization: AuthorizationType };
        doors.push(doorAt(ctx, { id: ApiId!, name: Name!, kind: 'http-api' }, route, sample));
      }
  }
  return doors;
}

/** What each stage serves is its deployment, whatever the API has become since. */
async function restDoors(ctx: CheckContext, sample: string): Promise<HttpDoor[]> {
  const doors: HttpDoor[] = [];
  const gateway = ctx.admin().client(APIGatewayClient);
  for (const { id, name } of (await gateway.send(new GetRestApisCommand({ limit: 500 }))).items ?? []) {
    const restApiId = id!;
    const stages = (await gateway.send(new GetRestStagesCommand({ restApiId }))).item ?? [];
    for (const { stageName, deploymentId } of stages) {
      const deployed = ctx.cloud.state.all(deployments).find((each) => each.id === `${restApiId}:${deploymentId}`);
      const policies = deployed && resourcePolicyOf(deployed.value.api);
      const api: Api = { id: restApiId, name: name!, kind: 'rest-api', ...(policies ? { policies } : {}) };
      const summary = new GetDeploymentCommand({ restApiId, deploymentId: deploymentId!, embed: ['apisummary'] });
      for (const [template, methods] of Object.entries((await gateway.send(summary)).apiSummary ?? {}))
        for (const [method, { authorizationType }] of Object.entries(methods))
          doors.push(
            doorAt(ctx, api, { method, stage: stageName!, template, authorization: authorizationType }, sample),
          );
    }
  }
  return doors;
}

async function urlDoors(ctx: CheckContext): Promise<HttpDoor[]> {
  const doors: HttpDoor[] = [];
  const lambda = ctx.admin().client(LambdaClient);
  for (const FunctionName of new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))) {
    const urls = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionArn, FunctionUrl, AuthType } of urls.FunctionUrlConfigs ?? []) {
      const base = FunctionUrl!.replace(/\/$/, '');
      doors.push({
        name: `the URL of ${FunctionArn!.split(':').slice(6).join(':')}`,
        method: 'ANY',
        url: base,
        base,
        kind: 'function-url',
        authorization: AuthType!,
      });
    }
  }
  return doors;
}
