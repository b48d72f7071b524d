import type {
  DeleteMethodResponseCommandInput,
  DeleteMethodResponseCommandOutput,
  GetMethodResponseCommandInput,
  GetMethodResponseCommandOutput,
  MethodResponse,
  PutMethodResponseCommandInput,
  PutMethodResponseCommandOutput,
  UpdateMethodResponseCommandInput,
  UpdateMethodResponseCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { getMethod, methodPath, putMethod } from './methods.ts';
import { entryRule, type PatchRules, patchBoolean, patched } from './patch.ts';
import { type MethodResponseRecord, models } from './records.ts';
import { badRequest, conflict, missing, notFound, own, restAccess, shown, without } from './shared.ts';

type Place = Parameters<typeof methodPath>[0] & { statusCode?: string | undefined };

const path = (input: Place): string => `${methodPath(input)}/responses/${input.statusCode}`;

const describe = (statusCode: string, record: MethodResponseRecord): MethodResponse =>
  shown({
    statusCode,
    responseParameters: { ...record.responseParameters },
    responseModels: { ...record.responseModels },
  });

function checked(ctx: CallContext, apiId: string, record: MethodResponseRecord): MethodResponseRecord {
  for (const name of Object.keys(record.responseParameters ?? {}))
    if (!/^method\.response\.header\.[^\s]{1,256}$/.test(name))
      throw badRequest(`Invalid mapping expression specified: ${name.slice(0, 200)}`);
  for (const name of Object.values(record.responseModels ?? {}))
    if (!ctx.state.get(models, ctx, `${apiId}:${name}`))
      throw badRequest(`Invalid model identifier specified: ${name.slice(0, 100)}`);
  return record;
}

function getResponse(ctx: CallContext, place: Place) {
  const found = getMethod(ctx, place);
  const response = own(found.method.responses, place.statusCode!);
  if (!response) throw notFound(missing.status);
  return { ...found, response };
}

export const PutMethodResponse = operation<PutMethodResponseCommandInput, PutMethodResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PUT', path(input)),
  run(ctx, input) {
    const { resource, method } = getMethod(ctx, input);
    const statusCode = input.statusCode!;
    if (!/^[1-5]\d\d$/.test(statusCode)) throw badRequest(missing.status);
    if (own(method.responses, statusCode)) throw conflict('Response already exists for this resource');
    const response = checked(ctx, resource.apiId, {
      ...(input.responseParameters ? { responseParameters: { ...input.responseParameters } } : {}),
      ...(input.responseModels ? { responseModels: { ...input.responseModels } } : {}),
    });
    putMethod(ctx, resource, input.httpMethod!, {
      ...method,
      responses: { ...method.responses, [statusCode]: response },
    });
    return describe(statusCode, response);
  },
});

export const GetMethodResponse = operation<GetMethodResponseCommandInput, GetMethodResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describe(input.statusCode!, getResponse(ctx, input).response),
});

const rules: PatchRules<MethodResponseRecord> = {
  '/responseParameters/*': entryRule('responseParameters', patchBoolean),
  '/responseModels/*': entryRule('responseModels'),
};

export const UpdateMethodResponse = operation<UpdateMethodResponseCommandInput, UpdateMethodResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const { resource, method, response: old } = getResponse(ctx, input);
    const response = checked(ctx, resource.apiId, patched(old, input.patchOperations, rules));
    putMethod(ctx, resource, input.httpMethod!, {
      ...method,
      responses: { ...method.responses, [input.statusCode!]: response },
    });
    return describe(input.statusCode!, response);
  },
});

export const DeleteMethodResponse = operation<DeleteMethodResponseCommandInput, DeleteMethodResponseCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { resource, method } = getResponse(ctx, input);
    putMethod(ctx, resource, input.httpMethod!, {
      ...method,
      responses: without(method.responses, input.statusCode!),
    });
    return {};
  },
});
