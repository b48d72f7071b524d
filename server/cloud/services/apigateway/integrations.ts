import type {
  DeleteIntegrationCommandInput,
  DeleteIntegrationCommandOutput,
  GetIntegrationCommandInput,
  GetIntegrationCommandOutput,
  PutIntegrationCommandInput,
  PutIntegrationCommandOutput,
  UpdateIntegrationCommandInput,
  UpdateIntegrationCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { checkIntegration } from './check-integration.ts';
import { describeIntegration } from './integration-view.ts';
import { getMethod, methodPath, putMethod } from './methods.ts';
import { entryRule, itemRule, type PatchRules, patched, patchNumber, textRule } from './patch.ts';
import type { IntegrationRecord } from './records.ts';
import { badRequest, notFound, restAccess } from './shared.ts';

type Input = Omit<PutIntegrationCommandInput, 'restApiId' | 'resourceId' | 'httpMethod'>;

function typeOf(type: string): IntegrationRecord['type'] {
  if (type === 'AWS' || type === 'AWS_PROXY' || type === 'HTTP_PROXY' || type === 'MOCK') return type;
  if (type === 'HTTP') throw new NotEmulated('integrations of type HTTP (HTTP_PROXY is)');
  throw badRequest('Enumeration value for type is invalid. Valid values are HTTP, HTTP_PROXY, AWS, AWS_PROXY, MOCK');
}

/** A new integration, checked, not yet stored. */
export function makeIntegration(ctx: CallContext, resourceId: string, input: Input): IntegrationRecord {
  if (input.connectionType === 'VPC_LINK' || input.connectionId)
    throw new NotEmulated('integrations through a VPC link');
  if (input.contentHandling) throw new NotEmulated('content handling of integrations');
  if (input.tlsConfig) throw new NotEmulated('TLS settings of integrations');
  if (input.responseTransferMode === 'STREAM') throw new NotEmulated('response streaming through a REST API');
  return checkIntegration(ctx, {
    type: typeOf(input.type!),
    ...(input.integrationHttpMethod !== undefined ? { httpMethod: input.integrationHttpMethod } : {}),
    ...(input.uri !== undefined ? { uri: input.uri } : {}),
    ...(input.credentials ? { credentials: input.credentials } : {}),
    ...(input.requestParameters ? { requestParameters: { ...input.requestParameters } } : {}),
    ...(input.requestTemplates ? { requestTemplates: { ...input.requestTemplates } } : {}),
    passthroughBehavior: (input.passthroughBehavior?.toUpperCase() ??
      'WHEN_NO_MATCH') as IntegrationRecord['passthroughBehavior'],
    timeoutMs: input.timeoutInMillis ?? 29_000,
    cacheNamespace: input.cacheNamespace ?? resourceId,
    cacheKeyParameters: [...(input.cacheKeyParameters ?? [])],
    responses: {},
  });
}

/** @throws AwsError NotFoundException where the method has no integration */
export function getIntegration(ctx: CallContext, place: Parameters<typeof getMethod>[1]) {
  const { resource, method } = getMethod(ctx, place);
  if (!method.integration) throw notFound('No integration defined for method');
  return { resource, method, integration: method.integration };
}

const path = (input: Parameters<typeof methodPath>[0]): string => `${methodPath(input)}/integration`;

export const PutIntegration = operation<PutIntegrationCommandInput, PutIntegrationCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PUT', path(input)),
  run(ctx, input) {
    const { resource, method } = getMethod(ctx, input);
    const integration = makeIntegration(ctx, resource.resourceId, input);
    putMethod(ctx, resource, input.httpMethod!, { ...method, integration });
    return describeIntegration(integration);
  },
});

export const GetIntegration = operation<GetIntegrationCommandInput, GetIntegrationCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describeIntegration(getIntegration(ctx, input).integration),
});

const rules: PatchRules<IntegrationRecord> = {
  '/uri': textRule('uri'),
  '/httpMethod': textRule('httpMethod'),
  '/credentials': textRule('credentials'),
  '/passthroughBehavior': {
    replace: (integration, value) => ({
      ...integration,
      passthroughBehavior: value.toUpperCase() as IntegrationRecord['passthroughBehavior'],
    }),
  },
  '/timeoutInMillis': { replace: (integration, value) => ({ ...integration, timeoutMs: patchNumber(value) }) },
  '/cacheNamespace': textRule('cacheNamespace'),
  '/cacheKeyParameters/*': itemRule('cacheKeyParameters'),
  '/requestParameters/*': entryRule('requestParameters'),
  '/requestTemplates/*': entryRule('requestTemplates'),
};

export const UpdateIntegration = operation<UpdateIntegrationCommandInput, UpdateIntegrationCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const { resource, method, integration: old } = getIntegration(ctx, input);
    const changed = patched(old, input.patchOperations, rules);
    const { credentials, ...rest } = changed;
    const integration = checkIntegration(ctx, credentials ? { ...rest, credentials } : rest);
    putMethod(ctx, resource, input.httpMethod!, { ...method, integration });
    return describeIntegration(integration);
  },
});

export const DeleteIntegration = operation<DeleteIntegrationCommandInput, DeleteIntegrationCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { resource, method } = getIntegration(ctx, input);
    const { integration: _gone, ...rest } = method;
    putMethod(ctx, resource, input.httpMethod!, rest);
    return {};
  },
});
