import type {
  CreateIntegrationCommandInput,
  CreateIntegrationCommandOutput,
  DeleteIntegrationCommandInput,
  DeleteIntegrationCommandOutput,
  GetIntegrationCommandInput,
  GetIntegrationCommandOutput,
  GetIntegrationsCommandInput,
  GetIntegrationsCommandOutput,
  Integration,
  UpdateIntegrationCommandInput,
  UpdateIntegrationCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { passRole } from '../iam/service-roles.ts';
import { type IntegrationRecord, integrations, routes } from './records.ts';
import { badRequest, childrenOf, conflict, getApi, getChild, newId, pageOf, pathAccess } from './shared.ts';
import { redeploy } from './stages.ts';

const describe = (record: IntegrationRecord): Integration => ({
  IntegrationId: record.integrationId,
  IntegrationType: record.type,
  IntegrationUri: record.uri,
  ConnectionType: 'INTERNET',
  PayloadFormatVersion: record.payloadFormat,
  TimeoutInMillis: record.timeoutMs,
  ...(record.method !== undefined ? { IntegrationMethod: record.method } : {}),
  ...(record.description !== undefined ? { Description: record.description } : {}),
  ...(record.credentialsArn !== undefined ? { CredentialsArn: record.credentialsArn } : {}),
  ...(record.managed ? { ApiGatewayManaged: true } : {}),
});

type Input = Omit<UpdateIntegrationCommandInput, 'ApiId' | 'IntegrationId'>;

/** Checks a request's members over what an integration is. */
function apply(ctx: CallContext, old: IntegrationRecord, input: Input): IntegrationRecord {
  const type = input.IntegrationType ?? old.type;
  if (type !== 'AWS_PROXY' && type !== 'HTTP_PROXY') throw new NotEmulated(`integrations of type ${type}`);
  if (input.IntegrationSubtype) throw new NotEmulated(`the integration ${input.IntegrationSubtype}`);
  if (input.ConnectionType === 'VPC_LINK') throw new NotEmulated('integrations through a VPC link');
  if (Object.keys(input.RequestParameters ?? {}).length || Object.keys(input.ResponseParameters ?? {}).length)
    throw new NotEmulated('parameter mapping in integrations');
  const uri = input.IntegrationUri ?? old.uri;
  if (type === 'AWS_PROXY' && lambdaArn(uri) === undefined) throw badRequest('Invalid function ARN or invalid uri');
  if (type === 'HTTP_PROXY' && !/^https?:\/\/[^\s/]{1,253}(?:\/[^\s]{0,1024})?$/.test(uri))
    throw badRequest('Invalid HTTP endpoint specified for URI');
  const payloadFormat = input.PayloadFormatVersion ?? old.payloadFormat;
  if (payloadFormat !== '1.0' && payloadFormat !== '2.0')
    throw badRequest('PayloadFormatVersion should be one of 1.0 or 2.0');
  if (type === 'HTTP_PROXY' && payloadFormat === '2.0')
    throw badRequest('PayloadFormatVersion 2.0 is only valid for AWS_PROXY integrations');
  const timeoutMs = input.TimeoutInMillis ?? old.timeoutMs;
  if (timeoutMs < 50 || timeoutMs > 30_000) throw badRequest('Timeout should be between 50 ms and 30000 ms');
  if (input.CredentialsArn) passRole(ctx, input.CredentialsArn, 'apigateway.amazonaws.com');
  return {
    ...old,
    type,
    uri,
    payloadFormat,
    timeoutMs,
    ...(input.IntegrationMethod !== undefined ? { method: input.IntegrationMethod } : {}),
    ...(input.Description !== undefined ? { description: input.Description } : {}),
    ...(input.CredentialsArn ? { credentialsArn: input.CredentialsArn } : {}),
  };
}

/**
 * The function of an integration: its ARN, or API Gateway's long form around it. Stage variables are filled in when it is
 * called. Undefined for anything else.
 */
export function lambdaArn(uri: string): string | undefined {
  const long = /^arn:aws:apigateway:[a-z0-9-]{1,30}:lambda:path\/2015-03-31\/functions\/(.{1,512})\/invocations$/.exec(
    uri,
  )?.[1];
  const arn = long ?? uri;
  return /^arn:aws:lambda:[a-z0-9-]{1,30}:\d{12}:function:[^\s]{1,256}$/.test(arn) ? arn : undefined;
}

/** A new integration, not yet stored. */
export function makeIntegration(ctx: CallContext, apiId: string, input: Input): IntegrationRecord {
  const fresh: IntegrationRecord = {
    apiId,
    integrationId: newId(ctx, 7),
    type: 'AWS_PROXY',
    uri: '',
    payloadFormat: '1.0',
    timeoutMs: 30_000,
    managed: false,
  };
  const lambda = (input.IntegrationType ?? 'AWS_PROXY') === 'AWS_PROXY';
  if (lambda && input.PayloadFormatVersion === undefined)
    throw badRequest('PayloadFormatVersion is a required parameter for integration');
  return apply(ctx, fresh, { ...input, ...(lambda ? { IntegrationMethod: input.IntegrationMethod ?? 'POST' } : {}) });
}

export const CreateIntegration = operation<CreateIntegrationCommandInput, CreateIntegrationCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'POST', `/apis/${input.ApiId}/integrations`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const record = makeIntegration(ctx, input.ApiId!, input);
    ctx.state.put(integrations, ctx, `${record.apiId}:${record.integrationId}`, record);
    redeploy(ctx, record.apiId);
    return describe(record);
  },
});

export const GetIntegration = operation<GetIntegrationCommandInput, GetIntegrationCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/integrations/${input.IntegrationId}`),
  run: (ctx, input) => describe(getChild(ctx, integrations, 'Integration', input.ApiId!, input.IntegrationId!)),
});

export const GetIntegrations = operation<GetIntegrationsCommandInput, GetIntegrationsCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', `/apis/${input.ApiId}/integrations`),
  run(ctx, input) {
    getApi(ctx.state, ctx, input.ApiId!);
    const all = childrenOf(ctx.state, integrations, ctx, input.ApiId!);
    const { page, next } = pageOf(all, ({ integrationId }) => integrationId, input);
    return { Items: page.map(describe), ...next };
  },
});

export const UpdateIntegration = operation<UpdateIntegrationCommandInput, UpdateIntegrationCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'PATCH', `/apis/${input.ApiId}/integrations/${input.IntegrationId}`),
  run(ctx, input) {
    const record = apply(ctx, getChild(ctx, integrations, 'Integration', input.ApiId!, input.IntegrationId!), input);
    ctx.state.put(integrations, ctx, `${record.apiId}:${record.integrationId}`, record);
    redeploy(ctx, record.apiId);
    return describe(record);
  },
});

export const DeleteIntegration = operation<DeleteIntegrationCommandInput, DeleteIntegrationCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'DELETE', `/apis/${input.ApiId}/integrations/${input.IntegrationId}`),
  run(ctx, input) {
    const { apiId, integrationId } = getChild(ctx, integrations, 'Integration', input.ApiId!, input.IntegrationId!);
    const used = childrenOf(ctx.state, routes, ctx, apiId).find(
      ({ target }) => target === `integrations/${integrationId}`,
    );
    if (used) throw conflict(`Cannot delete Integration. It is being used by route: ${used.routeId}`);
    ctx.state.delete(integrations, ctx, `${apiId}:${integrationId}`);
    redeploy(ctx, apiId);
    return {};
  },
});
