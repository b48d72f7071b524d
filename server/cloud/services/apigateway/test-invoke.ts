import type {
  TestInvokeAuthorizerCommandInput,
  TestInvokeAuthorizerCommandOutput,
  TestInvokeMethodCommandInput,
  TestInvokeMethodCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { anonymousCaller } from '../../callers.ts';
import { type CallContext, type EndpointResponse, operation } from '../../context.ts';
import { matchRoute } from '../apigatewayv2/match.ts';
import { authorizerPath, getAuthorizer } from './authorizers.ts';
import { faultResponse } from './fault-response.ts';
import { GatewayFault } from './faults.ts';
import { integrate } from './integrate.ts';
import { getIntegration } from './integrations.ts';
import { testAuthorizer } from './lambda-authorizer.ts';
import { methodContext, methodPath } from './methods.ts';
import {
  authorizers,
  type DeploymentRecord,
  gatewayResponses,
  type MethodRecord,
  models,
  type ResourceRecord,
  requestValidators,
  resources,
} from './records.ts';
import type { RestCall } from './rest-call.ts';
import { badRequest, childrenOf, getApi, restAccess } from './shared.ts';
import { validateRequest } from './validate-request.ts';

interface Given {
  pathWithQueryString?: string | undefined;
  body?: string | undefined;
  headers?: Record<string, string> | undefined;
  multiValueHeaders?: Record<string, string[]> | undefined;
  stageVariables?: Record<string, string> | undefined;
}

/** A request that comes from nowhere, to the API as it is now. */
function testCall(
  ctx: CallContext,
  apiId: string,
  given: Given,
  resource: ResourceRecord,
  methodName: string,
  method: MethodRecord,
): RestCall {
  const url = given.pathWithQueryString ?? resource.path;
  if (!/^\/[^\s]{0,8192}$/.test(url)) throw badRequest('Invalid path specified');
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const raw = [
    ...Object.entries(given.headers ?? {}),
    ...Object.entries(given.multiValueHeaders ?? {}).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  ];
  const caller = anonymousCaller({
    ip: 'test-invoke-source-ip',
    userAgent: 'test',
    hops: ctx.caller.source.hops ?? {},
  });
  const list = <T extends { apiId: string }>(table: Parameters<typeof childrenOf<T>>[1]) =>
    childrenOf<T>(ctx.state, table, ctx, apiId);
  const deployment: DeploymentRecord = {
    apiId,
    deploymentId: 'test-invoke-deployment',
    created: ctx.now,
    api: getApi(ctx.state, ctx, apiId),
    resources: list(resources),
    authorizers: list(authorizers),
    validators: list(requestValidators),
    models: list(models),
    gatewayResponses: list(gatewayResponses),
  };
  return {
    cloud: ctx.cloud,
    scope: { account: ctx.account, region: ctx.region },
    stage: {
      apiId,
      name: 'test-invoke-stage',
      deploymentId: deployment.deploymentId,
      cacheClusterEnabled: false,
      variables: { ...given.stageVariables },
      tracingEnabled: false,
      accessLog: {},
      methodSettings: {},
      tags: {},
      created: ctx.now,
      updated: ctx.now,
    },
    deployment,
    request: {
      method: methodName === 'ANY' ? 'GET' : methodName,
      url,
      host: 'testPrefix.testDomainName',
      headers: Object.fromEntries(raw.map(([name, value]) => [name.toLowerCase(), value])),
      rawHeaders: raw,
      body: Buffer.from(given.body ?? ''),
      sourceIp: 'test-invoke-source-ip',
    },
    caller,
    source: caller.source,
    requestId: ctx.requestId,
    extendedRequestId: `${ctx.cloud.random.bytes(11).toString('base64').slice(0, 15)}=`,
    domain: 'testPrefix.testDomainName',
    path,
    resource,
    methodName,
    method,
    pathParameters: matchRoute([{ routeKey: `ANY ${resource.path}` }], 'GET', path)?.pathParameters ?? {},
    query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
    hops: ctx.caller.source.hops,
    test: true,
  };
}

/** No authorization is asked, nothing is counted: who may test a method calls what is behind it. */
export const TestInvokeMethod = operation<TestInvokeMethodCommandInput, TestInvokeMethodCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', methodPath(input), methodContext(ctx, input)),
  async run(ctx, input) {
    const { resource, method } = getIntegration(ctx, input);
    const call = testCall(ctx, resource.apiId, input, resource, input.httpMethod!, method);
    const started = ctx.cloud.clock.now();
    const response = await answered(call);
    const headers = Object.entries(response.headers).map(([name, value]): [string, string[]] => [name, [value].flat()]);
    return {
      status: response.status,
      body: response.body.toString(),
      headers: Object.fromEntries(headers.map(([name, values]) => [name, values.at(-1)!])),
      multiValueHeaders: Object.fromEntries(headers),
      log: `Execution log for request ${ctx.requestId}\n${new Date(started).toUTCString()} : Starting execution for request: ${ctx.requestId}\n${new Date(started).toUTCString()} : HTTP Method: ${call.request.method}, Resource Path: ${call.path}\n${new Date(ctx.cloud.clock.now()).toUTCString()} : Method completed with status: ${response.status}\n`,
      latency: Math.max(0, Math.round(ctx.cloud.clock.now() - started)),
    };
  },
});

async function answered(call: RestCall): Promise<EndpointResponse> {
  try {
    validateRequest(call);
    return await integrate(call, {});
  } catch (error) {
    if (error instanceof GatewayFault) return faultResponse(error, call);
    throw error;
  }
}

/** Asks an authorizer once, past its memory. */
export const TestInvokeAuthorizer = operation<TestInvokeAuthorizerCommandInput, TestInvokeAuthorizerCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', authorizerPath(input)),
  async run(ctx, input) {
    const authorizer = getAuthorizer(ctx, input);
    const root = childrenOf(ctx.state, resources, ctx, authorizer.apiId).find(
      ({ parentId }) => parentId === undefined,
    )!;
    const method: MethodRecord = { authorizationType: 'CUSTOM', apiKeyRequired: false, responses: {} };
    const call = testCall(ctx, authorizer.apiId, input, root, 'GET', method);
    const started = ctx.cloud.clock.now();
    const told = await testAuthorizer(call, authorizer);
    return {
      ...told,
      log: `Execution log for request ${ctx.requestId}\n`,
      latency: Math.max(0, Math.round(ctx.cloud.clock.now() - started)),
    };
  },
});
