import * as sdk from '@aws-sdk/client-api-gateway';
import { APIGatewayClient, type APIGatewayServiceException } from '@aws-sdk/client-api-gateway';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { Caller } from '../../../../server/cloud/context.ts';
import { handle } from '../../../../server/cloud/gateway/handle.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { client, OWN, REGION, root } from '../../test-cloud.ts';

export const lambdaUri = (name: string, qualifier = ''): string =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${OWN}:function:${name}${qualifier}/invocations`;

export const gateway = (cloud: Cloud): APIGatewayClient => client(APIGatewayClient, cloud);

/** The name, status and message of a call's error. */
export async function failure(promise: Promise<unknown>): Promise<[string, number, string]> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as APIGatewayServiceException;
    return [name, $metadata?.httpStatusCode ?? 0, message];
  }
  throw new Error('the call succeeded');
}

export interface Built {
  restApiId: string;
  rootId: string;
  host: string;
}

/** An API without methods. */
export async function createApi(api: APIGatewayClient, members: object = {}): Promise<Built> {
  const made = await api.send(new sdk.CreateRestApiCommand({ name: 'shop', ...members }));
  return {
    restApiId: made.id!,
    rootId: made.rootResourceId!,
    host: `${made.id}.execute-api.${REGION}.localhost`,
  };
}

/** A resource below the root, or the root for `/`; its id. */
export async function resourceAt(api: APIGatewayClient, { restApiId, rootId }: Built, path: string): Promise<string> {
  let id = rootId;
  for (const pathPart of path.split('/').filter(Boolean)) {
    const { items = [] } = await api.send(new sdk.GetResourcesCommand({ restApiId, limit: 500 }));
    const found = items.find((each) => each.parentId === id && each.pathPart === pathPart);
    id = found?.id ?? (await api.send(new sdk.CreateResourceCommand({ restApiId, parentId: id, pathPart }))).id!;
  }
  return id;
}

/** A method with an integration: by default a mock that answers 200 `ok`. */
export async function addMethod(
  api: APIGatewayClient,
  built: Built,
  route: string,
  members: object = {},
  integration: object | undefined = undefined,
): Promise<string> {
  const [httpMethod = '', path = ''] = route.split(' ');
  const resourceId = await resourceAt(api, built, path);
  const place = { restApiId: built.restApiId, resourceId, httpMethod };
  await api.send(new sdk.PutMethodCommand({ ...place, authorizationType: 'NONE', ...members }));
  if (integration) await api.send(new sdk.PutIntegrationCommand({ ...place, type: 'AWS_PROXY', ...integration }));
  else {
    const requestTemplates = { 'application/json': '{"statusCode": 200}' };
    await api.send(new sdk.PutIntegrationCommand({ ...place, type: 'MOCK', requestTemplates }));
    await api.send(new sdk.PutMethodResponseCommand({ ...place, statusCode: '200' }));
    const responseTemplates = { 'application/json': '"ok"' };
    await api.send(new sdk.PutIntegrationResponseCommand({ ...place, statusCode: '200', responseTemplates }));
  }
  return resourceId;
}

export const toLambda = (name: string, qualifier = '') => ({
  integrationHttpMethod: 'POST',
  uri: lambdaUri(name, qualifier),
});

export const deploy = (api: APIGatewayClient, { restApiId }: Built, stageName = 'prod', members: object = {}) =>
  api.send(new sdk.CreateDeploymentCommand({ restApiId, stageName, ...members }));

/** Lets API Gateway invoke a function. */
export const permit = (cloud: Cloud, FunctionName: string, SourceArn: string, StatementId = 'gateway') =>
  cloud.call(root(), 'lambda', 'AddPermission', {
    FunctionName,
    StatementId,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn,
  });

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  caller?: Caller;
  rawHeaders?: [string, string][];
}

/** One request to an API, through the gateway; with a caller, as if their signature was verified. */
export async function ask(cloud: Cloud, host: string, url: string, asked: Asked = {}) {
  const { method = 'GET', headers = {}, body = '', caller, rawHeaders } = asked;
  const request = {
    method,
    url,
    host,
    headers: { host, ...headers },
    ...(rawHeaders ? { rawHeaders } : {}),
    body: Buffer.from(body),
    sourceIp: '198.51.100.7',
  };
  const answer = caller
    ? await services.apigateway!.endpoint!(cloud, request, caller)
    : await handle(cloud, request, { ip: '198.51.100.7' });
  const text = answer!.body.toString();
  return { status: answer!.status, headers: answer!.headers, text, json: () => JSON.parse(text) };
}
