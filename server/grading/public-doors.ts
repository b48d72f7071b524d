import {
  APIGatewayClient,
  GetDeploymentCommand,
  GetRestApisCommand,
  GetStagesCommand as GetRestStagesCommand,
} from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, GetApisCommand, GetRoutesCommand, GetStagesCommand } from '@aws-sdk/client-apigatewayv2';
import { LambdaClient, ListFunctionUrlConfigsCommand } from '@aws-sdk/client-lambda';
import type { CheckContext } from './check-context.ts';
import { functionsOf } from './follow.ts';

/** An address that anyone on the internet may send a GET request to. */
export interface PublicDoor {
  /** `GET /products of shop`, `the URL of search` */
  name: string;
  /** Without a query. */
  url: string;
}

const most = 12;

/**
 * Where the learner's account can be reached by GET without credentials: routes of HTTP APIs, methods of REST APIs, and
 * function URLs without authorisation. Path variables stand for `sample`. A route that asks for authorisation is listed
 * too: it will refuse.
 */
export async function publicDoors(ctx: CheckContext, sample: string): Promise<PublicDoor[]> {
  const doors = [...(await httpDoors(ctx, sample)), ...(await restDoors(ctx, sample)), ...(await urlDoors(ctx))];
  return [...new Map(doors.map((door) => [door.url, door])).values()].slice(0, most);
}

/** The door of a path whose variables stand for `sample`. */
function doorAt(ctx: CheckContext, api: { id: string; name: string }, stage: string, template: string, sample: string) {
  const path = `${stage}${template.replace(/\{[^}]*\}/g, sample)}`;
  return { name: `GET ${path} of ${api.name}`, url: `${ctx.cloud.endpoint}/_range/execute-api/${api.id}${path}` };
}

async function httpDoors(ctx: CheckContext, sample: string): Promise<PublicDoor[]> {
  const doors: PublicDoor[] = [];
  const gateway = ctx.admin().client(ApiGatewayV2Client);
  for (const { ApiId, Name } of (await gateway.send(new GetApisCommand({}))).Items ?? []) {
    const stages = (await gateway.send(new GetStagesCommand({ ApiId: ApiId! }))).Items ?? [];
    const routes = (await gateway.send(new GetRoutesCommand({ ApiId: ApiId! }))).Items ?? [];
    for (const { StageName } of stages)
      for (const { RouteKey } of routes) {
        const [method, template = `/${sample}`] = RouteKey!.split(' ');
        if (!['GET', 'ANY', '$default'].includes(method!)) continue;
        const stage = StageName === '$default' ? '' : `/${StageName}`;
        doors.push(doorAt(ctx, { id: ApiId!, name: Name! }, stage, template, sample));
      }
  }
  return doors;
}

/** What each stage serves is its deployment, whatever the API has become since. */
async function restDoors(ctx: CheckContext, sample: string): Promise<PublicDoor[]> {
  const doors: PublicDoor[] = [];
  const gateway = ctx.admin().client(APIGatewayClient);
  for (const { id, name } of (await gateway.send(new GetRestApisCommand({ limit: 500 }))).items ?? []) {
    const restApiId = id!;
    const stages = (await gateway.send(new GetRestStagesCommand({ restApiId }))).item ?? [];
    for (const { stageName, deploymentId } of stages) {
      const deployed = new GetDeploymentCommand({ restApiId, deploymentId: deploymentId!, embed: ['apisummary'] });
      for (const [path, methods] of Object.entries((await gateway.send(deployed)).apiSummary ?? {}))
        if ('GET' in methods || 'ANY' in methods)
          doors.push(doorAt(ctx, { id: restApiId, name: name! }, `/${stageName}`, path, sample));
    }
  }
  return doors;
}

async function urlDoors(ctx: CheckContext): Promise<PublicDoor[]> {
  const doors: PublicDoor[] = [];
  const lambda = ctx.admin().client(LambdaClient);
  for (const FunctionName of new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))) {
    const urls = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionUrl, AuthType } of urls.FunctionUrlConfigs ?? [])
      if (AuthType === 'NONE')
        doors.push({ name: `the URL of ${FunctionName.split(':')[6]}`, url: FunctionUrl!.replace(/\/$/, '') });
  }
  return doors;
}
