import type {
  DeleteIntegrationResponseCommandInput,
  DeleteIntegrationResponseCommandOutput,
  GetIntegrationResponseCommandInput,
  GetIntegrationResponseCommandOutput,
  PutIntegrationResponseCommandInput,
  PutIntegrationResponseCommandOutput,
  UpdateIntegrationResponseCommandInput,
  UpdateIntegrationResponseCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { checkResponse } from './check-integration.ts';
import { describeResponse } from './integration-view.ts';
import { getIntegration } from './integrations.ts';
import { methodPath, putMethod } from './methods.ts';
import { entryRule, type PatchRules, patched, textRule } from './patch.ts';
import type { IntegrationRecord, IntegrationResponseRecord, MethodRecord } from './records.ts';
import { badRequest, missing, notFound, own, restAccess, without } from './shared.ts';

type Place = Parameters<typeof methodPath>[0] & { statusCode?: string | undefined };

const path = (input: Place): string => `${methodPath(input)}/integration/responses/${input.statusCode}`;

function getResponse(ctx: CallContext, place: Place) {
  const found = getIntegration(ctx, place);
  const response = own(found.integration.responses, place.statusCode!);
  if (!response) throw notFound(missing.status);
  return { ...found, response };
}

/** Stores an integration whose responses changed. */
function store(ctx: CallContext, place: Place, responses: IntegrationRecord['responses']): void {
  const { resource, method, integration } = getIntegration(ctx, place);
  putMethod(ctx, resource, place.httpMethod!, { ...method, integration: { ...integration, responses } });
}

/** A response must be one that the method has. */
export function checkAgainst(method: MethodRecord, statusCode: string, record: IntegrationResponseRecord) {
  const declared = own(method.responses, statusCode);
  if (!declared) throw notFound(missing.status);
  return checkResponse(record, declared.responseParameters ?? {});
}

export const PutIntegrationResponse = operation<
  PutIntegrationResponseCommandInput,
  PutIntegrationResponseCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'PUT', path(input)),
  run(ctx, input) {
    const { method, integration } = getIntegration(ctx, input);
    const statusCode = input.statusCode!;
    if (!/^[1-5]\d\d$/.test(statusCode)) throw badRequest(missing.status);
    if (input.contentHandling) throw new NotEmulated('content handling of integrations');
    const response = checkAgainst(method, statusCode, {
      ...(input.selectionPattern !== undefined ? { selectionPattern: input.selectionPattern } : {}),
      ...(input.responseParameters ? { responseParameters: { ...input.responseParameters } } : {}),
      ...(input.responseTemplates ? { responseTemplates: { ...input.responseTemplates } } : {}),
    });
    store(ctx, input, { ...integration.responses, [statusCode]: response });
    return describeResponse(statusCode, response);
  },
});

export const GetIntegrationResponse = operation<
  GetIntegrationResponseCommandInput,
  GetIntegrationResponseCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describeResponse(input.statusCode!, getResponse(ctx, input).response),
});

const rules: PatchRules<IntegrationResponseRecord> = {
  '/selectionPattern': textRule('selectionPattern'),
  '/responseParameters/*': entryRule('responseParameters'),
  '/responseTemplates/*': entryRule('responseTemplates'),
};

export const UpdateIntegrationResponse = operation<
  UpdateIntegrationResponseCommandInput,
  UpdateIntegrationResponseCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const { method, integration, response: old } = getResponse(ctx, input);
    const response = checkAgainst(method, input.statusCode!, patched(old, input.patchOperations, rules));
    store(ctx, input, { ...integration.responses, [input.statusCode!]: response });
    return describeResponse(input.statusCode!, response);
  },
});

export const DeleteIntegrationResponse = operation<
  DeleteIntegrationResponseCommandInput,
  DeleteIntegrationResponseCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { integration } = getResponse(ctx, input);
    store(ctx, input, without(integration.responses, input.statusCode!));
    return {};
  },
});
