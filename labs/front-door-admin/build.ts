import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from '@aws-sdk/client-api-gateway';
import type { Actor } from '../../server/kit.ts';

export interface BuiltMethod {
  path: string;
  method: string;
  authorizationType?: 'NONE' | 'AWS_IAM';
  apiKeyRequired?: boolean;
  /** The function behind it, and the role that the API calls it as. */
  functionArn: string;
  credentials?: string;
}

export interface BuiltApi {
  id: string;
  /** `path` → the resource's id. */
  resources: Record<string, string>;
}

/** A REST API with these methods, each in front of a function; deployed to `stages`. */
export async function buildRestApi(
  admin: Actor,
  region: string,
  name: string,
  methods: BuiltMethod[],
  stages: string[],
  policy?: string,
): Promise<BuiltApi> {
  const gateway = admin.client(APIGatewayClient);
  const made = await gateway.send(new CreateRestApiCommand({ name, ...(policy === undefined ? {} : { policy }) }));
  const restApiId = made.id!;
  const resources: Record<string, string> = { '': made.rootResourceId! };
  for (const { path, method, authorizationType = 'NONE', apiKeyRequired, functionArn, credentials } of methods) {
    let parent = '';
    for (const pathPart of path.split('/').slice(1)) {
      const whole = `${parent}/${pathPart}`;
      resources[whole] ??= (
        await gateway.send(new CreateResourceCommand({ restApiId, parentId: resources[parent]!, pathPart }))
      ).id!;
      parent = whole;
    }
    const place = { restApiId, resourceId: resources[path]!, httpMethod: method };
    await gateway.send(
      new PutMethodCommand({ ...place, authorizationType, ...(apiKeyRequired ? { apiKeyRequired } : {}) }),
    );
    await gateway.send(
      new PutIntegrationCommand({
        ...place,
        type: 'AWS_PROXY',
        integrationHttpMethod: 'POST',
        uri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
        ...(credentials ? { credentials } : {}),
      }),
    );
  }
  for (const stageName of stages) await gateway.send(new CreateDeploymentCommand({ restApiId, stageName }));
  return { id: restApiId, resources };
}

/** `https://….execute-api.us-east-1.amazonaws.com/prod` */
export const addressOf = (id: string, region: string, stage: string): string =>
  `https://${id}.execute-api.${region}.amazonaws.com/${stage}`;
