import type {
  DeleteGatewayResponseCommandInput,
  DeleteGatewayResponseCommandOutput,
  GatewayResponse,
  GetGatewayResponseCommandInput,
  GetGatewayResponseCommandOutput,
  GetGatewayResponsesCommandInput,
  GetGatewayResponsesCommandOutput,
  PutGatewayResponseCommandInput,
  PutGatewayResponseCommandOutput,
  UpdateGatewayResponseCommandInput,
  UpdateGatewayResponseCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { faultStatus, isFaultType } from './faults.ts';
import { entryRule, patched } from './patch.ts';
import { type GatewayResponseRecord, gatewayResponses } from './records.ts';
import { badRequest, childrenOf, getApi, notFound, pageOf, restAccess } from './shared.ts';

/** The template of every response that nobody changed. */
export const usualTemplate = '{"message":$context.error.messageString}';

const describe = (record: GatewayResponseRecord, defaultResponse = false): GatewayResponse => ({
  responseType: record.responseType as NonNullable<GatewayResponse['responseType']>,
  ...(record.statusCode ? { statusCode: record.statusCode } : {}),
  responseParameters: { ...record.responseParameters },
  responseTemplates: { ...record.responseTemplates },
  defaultResponse,
});

const usual = (apiId: string, responseType: string): GatewayResponseRecord => ({
  apiId,
  responseType,
  ...(faultStatus[responseType] ? { statusCode: String(faultStatus[responseType]) } : {}),
  responseParameters: {},
  responseTemplates: { 'application/json': usualTemplate },
});

export function checkGatewayResponse(record: GatewayResponseRecord): GatewayResponseRecord {
  if (!isFaultType(record.responseType)) throw badRequest('Invalid gateway response type specified');
  if (record.statusCode && !/^[1-5]\d\d$/.test(record.statusCode)) throw badRequest('Invalid status code specified');
  for (const [name, value] of Object.entries(record.responseParameters)) {
    const good =
      /^gatewayresponse\.(?:header|path|querystring)\.[^\s]{1,256}$/.test(name) &&
      /^(?:'[^']{0,1024}'|method\.request\.(?:header|path|querystring)\.[^\s]{1,256}|context\.[A-Za-z0-9_.]{1,128}|stageVariables\.[A-Za-z0-9_]{1,128})$/.test(
        value,
      );
    if (!good) throw badRequest(`Invalid mapping expression specified: ${value.slice(0, 200)}`);
  }
  for (const template of Object.values(record.responseTemplates))
    if (template.length > 300 * 1024) throw badRequest('Invalid mapping template specified: it is larger than 300 KB');
  return record;
}

interface Place {
  restApiId?: string | undefined;
  responseType?: string | undefined;
}

const path = (place: Place): string => `/restapis/${place.restApiId}/gatewayresponses/${place.responseType}`;

/** The response of a type: the API's own, or the usual one. */
function get(ctx: CallContext, place: Place): { record: GatewayResponseRecord; own: boolean } {
  const { apiId } = getApi(ctx.state, ctx, place.restApiId!);
  const responseType = place.responseType!;
  if (!isFaultType(responseType)) throw notFound('Invalid gateway response type specified');
  const found = ctx.state.get(gatewayResponses, ctx, `${apiId}:${responseType}`);
  return { record: found ?? usual(apiId, responseType), own: found !== undefined };
}

export const PutGatewayResponse = operation<PutGatewayResponseCommandInput, PutGatewayResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PUT', path(input)),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const fresh = usual(apiId, input.responseType!);
    const record = checkGatewayResponse({
      ...fresh,
      ...(input.statusCode ? { statusCode: input.statusCode } : {}),
      responseParameters: { ...input.responseParameters },
      responseTemplates: { ...(input.responseTemplates ?? fresh.responseTemplates) },
    });
    ctx.state.put(gatewayResponses, ctx, `${apiId}:${record.responseType}`, record);
    return describe(record);
  },
});

export const GetGatewayResponse = operation<GetGatewayResponseCommandInput, GetGatewayResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run(ctx, input) {
    const { record, own } = get(ctx, input);
    return describe(record, !own);
  },
});

export const GetGatewayResponses = operation<GetGatewayResponsesCommandInput, GetGatewayResponsesCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/gatewayresponses`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const mine = new Map(
      childrenOf(ctx.state, gatewayResponses, ctx, apiId).map((record) => [record.responseType, record]),
    );
    const all = Object.keys(faultStatus).map((responseType) => {
      const found = mine.get(responseType);
      return describe(found ?? usual(apiId, responseType), !found);
    });
    const { page, next } = pageOf(all, ({ responseType }) => responseType!, { limit: 500, ...input });
    return { items: page, ...next };
  },
});

export const UpdateGatewayResponse = operation<UpdateGatewayResponseCommandInput, UpdateGatewayResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const record = checkGatewayResponse(
      patched<GatewayResponseRecord>(get(ctx, input).record, input.patchOperations, {
        '/statusCode': { replace: (old, statusCode) => ({ ...old, statusCode }) },
        '/responseParameters/*': entryRule('responseParameters'),
        '/responseTemplates/*': entryRule('responseTemplates'),
      }),
    );
    ctx.state.put(gatewayResponses, ctx, `${record.apiId}:${record.responseType}`, record);
    return describe(record);
  },
});

export const DeleteGatewayResponse = operation<DeleteGatewayResponseCommandInput, DeleteGatewayResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { record, own } = get(ctx, input);
    if (!own) throw notFound('Gateway response type not defined on api');
    ctx.state.delete(gatewayResponses, ctx, `${record.apiId}:${record.responseType}`);
    return {};
  },
});
