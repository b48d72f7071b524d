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
 * Where the learner's account can be reached by GET without credentials: routes of HTTP APIs, and function URLs without
 * authorisation. Path variables stand for `sample`. A route that asks for authorisation is listed too: it will refuse.
 */
export async function publicDoors(ctx: CheckContext, sample: string): Promise<PublicDoor[]> {
  const doors: PublicDoor[] = [];
  const gateway = ctx.admin().client(ApiGatewayV2Client);
  for (const { ApiId, Name } of (await gateway.send(new GetApisCommand({}))).Items ?? []) {
    const stages = (await gateway.send(new GetStagesCommand({ ApiId: ApiId! }))).Items ?? [];
    const routes = (await gateway.send(new GetRoutesCommand({ ApiId: ApiId! }))).Items ?? [];
    for (const { StageName } of stages)
      for (const { RouteKey } of routes) {
        const [method, template = `/${sample}`] = RouteKey!.split(' ');
        if (!['GET', 'ANY', '$default'].includes(method!)) continue;
        const path = template.replace(/\{[^}]*\}/g, sample);
        const stage = StageName === '$default' ? '' : `/${StageName}`;
        doors.push({
          name: `GET ${stage}${path} of ${Name}`,
          url: `${ctx.cloud.endpoint}/_range/execute-api/${ApiId}${stage}${path}`,
        });
      }
  }
  const lambda = ctx.admin().client(LambdaClient);
  for (const FunctionName of new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))) {
    const urls = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionUrl, AuthType } of urls.FunctionUrlConfigs ?? [])
      if (AuthType === 'NONE')
        doors.push({ name: `the URL of ${FunctionName.split(':')[6]}`, url: FunctionUrl!.replace(/\/$/, '') });
  }
  return [...new Map(doors.map((door) => [door.url, door])).values()].slice(0, most);
}
