import type {
  CreateRequestValidatorCommandInput,
  CreateRequestValidatorCommandOutput,
  DeleteRequestValidatorCommandInput,
  DeleteRequestValidatorCommandOutput,
  GetRequestValidatorCommandInput,
  GetRequestValidatorCommandOutput,
  GetRequestValidatorsCommandInput,
  GetRequestValidatorsCommandOutput,
  RequestValidator,
  UpdateRequestValidatorCommandInput,
  UpdateRequestValidatorCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { booleanRule, patched, textRule } from './patch.ts';
import { type RequestValidatorRecord, requestValidators, resources } from './records.ts';
import { childrenOf, conflict, getApi, getChild, missing, newId, pageOf, restAccess, withinQuota } from './shared.ts';

const describe = (record: RequestValidatorRecord): RequestValidator => ({
  id: record.validatorId,
  validateRequestBody: record.body,
  validateRequestParameters: record.parameters,
  ...(record.name !== undefined ? { name: record.name } : {}),
});

/** A new validator, stored. */
export function makeValidator(
  ctx: CallContext,
  apiId: string,
  input: Omit<CreateRequestValidatorCommandInput, 'restApiId'>,
): RequestValidatorRecord {
  withinQuota(childrenOf(ctx.state, requestValidators, ctx, apiId).length, 'validators', 'Request Validators');
  const record: RequestValidatorRecord = {
    apiId,
    validatorId: newId(ctx, 6),
    ...(input.name !== undefined ? { name: input.name } : {}),
    body: input.validateRequestBody ?? false,
    parameters: input.validateRequestParameters ?? false,
  };
  ctx.state.put(requestValidators, ctx, `${apiId}:${record.validatorId}`, record);
  return record;
}

export const CreateRequestValidator = operation<
  CreateRequestValidatorCommandInput,
  CreateRequestValidatorCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'POST', `/restapis/${input.restApiId}/requestvalidators`),
  run: (ctx, input) => describe(makeValidator(ctx, getApi(ctx.state, ctx, input.restApiId!).apiId, input)),
});

interface Place {
  restApiId?: string | undefined;
  requestValidatorId?: string | undefined;
}

const get = (ctx: CallContext, place: Place): RequestValidatorRecord =>
  getChild(ctx, requestValidators, missing.validator, place.restApiId!, place.requestValidatorId!);

const path = (place: Place): string => `/restapis/${place.restApiId}/requestvalidators/${place.requestValidatorId}`;

export const GetRequestValidator = operation<GetRequestValidatorCommandInput, GetRequestValidatorCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input)),
  run: (ctx, input) => describe(get(ctx, input)),
});

export const GetRequestValidators = operation<GetRequestValidatorsCommandInput, GetRequestValidatorsCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/requestvalidators`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const all = childrenOf(ctx.state, requestValidators, ctx, apiId);
    const { page, next } = pageOf(all, ({ validatorId }) => validatorId, input);
    return { items: page.map(describe), ...next };
  },
});

export const UpdateRequestValidator = operation<
  UpdateRequestValidatorCommandInput,
  UpdateRequestValidatorCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', path(input)),
  run(ctx, input) {
    const record = patched<RequestValidatorRecord>(get(ctx, input), input.patchOperations, {
      '/name': textRule('name'),
      '/validateRequestBody': booleanRule('body'),
      '/validateRequestParameters': booleanRule('parameters'),
    });
    ctx.state.put(requestValidators, ctx, `${record.apiId}:${record.validatorId}`, record);
    return describe(record);
  },
});

export const DeleteRequestValidator = operation<
  DeleteRequestValidatorCommandInput,
  DeleteRequestValidatorCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input)),
  run(ctx, input) {
    const { apiId, validatorId } = get(ctx, input);
    const used = childrenOf(ctx.state, resources, ctx, apiId).some(({ methods }) =>
      Object.values(methods).some((method) => method.requestValidatorId === validatorId),
    );
    if (used) throw conflict('Cannot delete request validator, is referenced in a method');
    ctx.state.delete(requestValidators, ctx, `${apiId}:${validatorId}`);
    return {};
  },
});
