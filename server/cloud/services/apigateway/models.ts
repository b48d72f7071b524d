import type {
  CreateModelCommandInput,
  CreateModelCommandOutput,
  DeleteModelCommandInput,
  DeleteModelCommandOutput,
  GetModelCommandInput,
  GetModelCommandOutput,
  GetModelsCommandInput,
  GetModelsCommandOutput,
  Model,
  UpdateModelCommandInput,
  UpdateModelCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { checkSchema } from './json-schema.ts';
import { patched, textRule } from './patch.ts';
import { type ModelRecord, models, resources } from './records.ts';
import {
  badRequest,
  childrenOf,
  conflict,
  getApi,
  getChild,
  newId,
  pageOf,
  restAccess,
  shown,
  withinQuota,
} from './shared.ts';

const describe = (record: ModelRecord): Model =>
  shown<Model>({
    id: record.modelId,
    name: record.name,
    description: record.description,
    schema: record.schema,
    contentType: record.contentType,
  });

function checked(record: ModelRecord): ModelRecord {
  if (!/^[a-zA-Z0-9]{1,255}$/.test(record.name))
    throw badRequest(`Model name must be alphanumeric: ${record.name.slice(0, 100)}`);
  if (!/^[^\s/]{1,128}\/[^\s/]{1,128}$/.test(record.contentType)) throw badRequest('Invalid content type specified');
  if (record.schema !== undefined && record.contentType.includes('json')) checkSchema(record.schema);
  return record;
}

/** A new model, stored. */
export function makeModel(
  ctx: CallContext,
  apiId: string,
  input: Omit<CreateModelCommandInput, 'restApiId'>,
): ModelRecord {
  const all = childrenOf(ctx.state, models, ctx, apiId);
  if (all.some(({ name }) => name === input.name)) throw conflict('Model name already exists for this REST API');
  withinQuota(all.length, 'models', 'Models for this API');
  const record = checked({
    apiId,
    modelId: newId(ctx, 6),
    name: input.name!,
    ...(input.description !== undefined ? { description: input.description } : {}),
    ...(input.schema !== undefined ? { schema: input.schema } : {}),
    contentType: input.contentType!,
  });
  ctx.state.put(models, ctx, `${apiId}:${record.name}`, record);
  return record;
}

export const CreateModel = operation<CreateModelCommandInput, CreateModelCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', `/restapis/${input.restApiId}/models`),
  run: (ctx, input) => describe(makeModel(ctx, getApi(ctx.state, ctx, input.restApiId!).apiId, input)),
});

interface Place {
  restApiId?: string | undefined;
  modelName?: string | undefined;
}

const get = (ctx: CallContext, { restApiId, modelName }: Place): ModelRecord =>
  getChild(ctx, models, `Invalid model name specified: ${modelName?.slice(0, 100)}`, restApiId!, modelName!);

const path = (place: Place): string => `/restapis/${place.restApiId}/models/${place.modelName}`;

export const GetModel = operation<GetModelCommandInput, GetModelCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describe(get(ctx, input)),
});

export const GetModels = operation<GetModelsCommandInput, GetModelsCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/models`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const { page, next } = pageOf(childrenOf(ctx.state, models, ctx, apiId), ({ name }) => name, input);
    return { items: page.map(describe), ...next };
  },
});

export const UpdateModel = operation<UpdateModelCommandInput, UpdateModelCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const record = checked(
      patched<ModelRecord>(get(ctx, input), input.patchOperations, {
        '/description': textRule('description'),
        '/schema': textRule('schema'),
      }),
    );
    ctx.state.put(models, ctx, `${record.apiId}:${record.name}`, record);
    return describe(record);
  },
});

export const DeleteModel = operation<DeleteModelCommandInput, DeleteModelCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { apiId, name } = get(ctx, input);
    const used = childrenOf(ctx.state, resources, ctx, apiId).some(({ methods }) =>
      Object.values(methods).some(
        (method) =>
          Object.values(method.requestModels ?? {}).includes(name) ||
          Object.values(method.responses).some(({ responseModels }) =>
            Object.values(responseModels ?? {}).includes(name),
          ),
      ),
    );
    if (used) throw conflict(`Cannot delete model '${name}', is referenced in a method`);
    ctx.state.delete(models, ctx, `${apiId}:${name}`);
    return {};
  },
});
