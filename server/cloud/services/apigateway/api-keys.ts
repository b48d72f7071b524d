import type {
  ApiKey,
  CreateApiKeyCommandInput,
  CreateApiKeyCommandOutput,
  DeleteApiKeyCommandInput,
  DeleteApiKeyCommandOutput,
  GetApiKeyCommandInput,
  GetApiKeyCommandOutput,
  GetApiKeysCommandInput,
  GetApiKeysCommandOutput,
  UpdateApiKeyCommandInput,
  UpdateApiKeyCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { alphanumeric } from '../../random.ts';
import { resourceTagContext } from '../../tags.ts';
import { booleanRule, type PatchRules, patched, textRule } from './patch.ts';
import { type ApiKeyRecord, apiKeys, usagePlans, usages } from './records.ts';
import { badRequest, conflict, dateOf, newId, notFound, pageOf, restAccess, shown, withinQuota } from './shared.ts';
import { checkTags, tagContext } from './tags.ts';

const describe = (key: ApiKeyRecord, withValue: boolean): ApiKey => ({
  ...shown<ApiKey>({
    id: key.keyId,
    value: withValue ? key.value : undefined,
    name: key.name,
    description: key.description,
    customerId: key.customerId,
    createdDate: dateOf(key.created),
    lastUpdatedDate: dateOf(key.updated),
    tags: { ...key.tags },
  }),
  enabled: key.enabled,
  stageKeys: [],
});

export const CreateApiKey = operation<CreateApiKeyCommandInput, CreateApiKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', '/apikeys', tagContext(input.tags)),
  run(ctx, input) {
    if (input.stageKeys?.length) throw new NotEmulated('stage keys of API keys (usage plans are)');
    const all = ctx.state.list(apiKeys, ctx);
    withinQuota(all.length, 'keys', 'API keys');
    checkTags(input.tags ?? {});
    const value = input.value ?? alphanumeric(ctx.cloud.random, 40);
    if (value.length < 20) throw badRequest('API Key value should be at least 20 characters');
    if (value.length > 128) throw badRequest('API Key value should be at most 128 characters');
    if (all.some((each) => each.value.value === value)) throw conflict('API Key already exists');
    const key: ApiKeyRecord = {
      keyId: newId(ctx, 10),
      value,
      ...(input.name !== undefined ? { name: input.name } : {}),
      ...(input.description !== undefined ? { description: input.description } : {}),
      ...(input.customerId !== undefined ? { customerId: input.customerId } : {}),
      enabled: input.enabled ?? false,
      created: ctx.now,
      updated: ctx.now,
      tags: { ...input.tags },
    };
    ctx.state.put(apiKeys, ctx, key.keyId, key);
    return describe(key, true);
  },
});

/** @throws AwsError NotFoundException */
export function getKey(ctx: CallContext, keyId: string): ApiKeyRecord {
  const found = ctx.state.get(apiKeys, ctx, keyId);
  if (!found) throw notFound('Invalid API Key identifier specified');
  return found;
}

const context = (ctx: CallContext, keyId: string): ConditionContext =>
  resourceTagContext(ctx.state.get(apiKeys, ctx, keyId)?.tags);

export const GetApiKey = operation<GetApiKeyCommandInput, GetApiKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/apikeys/${input.apiKey}`, context(ctx, input.apiKey!)),
  run: (ctx, input) => describe(getKey(ctx, input.apiKey!), input.includeValue ?? false),
});

export const GetApiKeys = operation<GetApiKeysCommandInput, GetApiKeysCommandOutput>({
  access: (ctx) => restAccess(ctx, 'GET', '/apikeys'),
  run(ctx, input) {
    const all = ctx.state
      .list(apiKeys, ctx)
      .map(({ value }) => value)
      .filter(({ name }) => input.nameQuery === undefined || (name ?? '').startsWith(input.nameQuery))
      .filter(({ customerId }) => input.customerId === undefined || customerId === input.customerId);
    const { page, next } = pageOf(all, ({ keyId }) => keyId, input);
    return { items: page.map((key) => describe(key, input.includeValues ?? false)), ...next };
  },
});

const rules: PatchRules<ApiKeyRecord> = {
  '/name': textRule('name'),
  '/description': textRule('description'),
  '/customerId': textRule('customerId'),
  '/enabled': booleanRule('enabled'),
};

export const UpdateApiKey = operation<UpdateApiKeyCommandInput, UpdateApiKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'PATCH', `/apikeys/${input.apiKey}`, context(ctx, input.apiKey!)),
  run(ctx, input) {
    const key = { ...patched(getKey(ctx, input.apiKey!), input.patchOperations, rules), updated: ctx.now };
    ctx.state.put(apiKeys, ctx, key.keyId, key);
    return describe(key, false);
  },
});

export const DeleteApiKey = operation<DeleteApiKeyCommandInput, DeleteApiKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', `/apikeys/${input.apiKey}`, context(ctx, input.apiKey!)),
  run(ctx, input) {
    const { keyId } = getKey(ctx, input.apiKey!);
    for (const { id, value } of ctx.state.list(usagePlans, ctx))
      if (value.keyIds.includes(keyId)) {
        ctx.state.put(usagePlans, ctx, id, { ...value, keyIds: value.keyIds.filter((each) => each !== keyId) });
        ctx.state.delete(usages, ctx, `${id}:${keyId}`);
      }
    ctx.state.delete(apiKeys, ctx, keyId);
    return {};
  },
});
