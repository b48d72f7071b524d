import type {
  CreateUsagePlanKeyCommandInput,
  CreateUsagePlanKeyCommandOutput,
  DeleteUsagePlanKeyCommandInput,
  DeleteUsagePlanKeyCommandOutput,
  GetUsagePlanKeyCommandInput,
  GetUsagePlanKeyCommandOutput,
  GetUsagePlanKeysCommandInput,
  GetUsagePlanKeysCommandOutput,
  UsagePlanKey,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { getKey } from './api-keys.ts';
import { type ApiKeyRecord, apiKeys, usagePlans, usages } from './records.ts';
import { badRequest, conflict, limitExceeded, notFound, pageOf, quotas, restAccess, shown } from './shared.ts';
import { getPlan, planContext } from './usage-plans.ts';

const describe = (key: ApiKeyRecord): UsagePlanKey =>
  shown<UsagePlanKey>({ id: key.keyId, type: 'API_KEY', value: key.value, name: key.name });

interface Place {
  usagePlanId?: string | undefined;
  keyId?: string | undefined;
}

const path = ({ usagePlanId, keyId }: Place): string => `/usageplans/${usagePlanId}/keys/${keyId}`;

/** A key that is in a plan. @throws AwsError NotFoundException */
export function getPlanKey(ctx: CallContext, place: Place): ApiKeyRecord {
  const plan = getPlan(ctx, place.usagePlanId!);
  const key = ctx.state.get(apiKeys, ctx, place.keyId!);
  if (!key || !plan.keyIds.includes(key.keyId)) throw notFound('Invalid API Key identifier specified');
  return key;
}

export const CreateUsagePlanKey = operation<CreateUsagePlanKeyCommandInput, CreateUsagePlanKeyCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'POST', `/usageplans/${input.usagePlanId}/keys`, planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    if (input.keyType !== 'API_KEY') throw badRequest('Invalid key type specified. Must be API_KEY');
    const plan = getPlan(ctx, input.usagePlanId!);
    const key = getKey(ctx, input.keyId!);
    const others = ctx.state.list(usagePlans, ctx).map(({ value }) => value);
    const having = others.filter(({ keyIds }) => keyIds.includes(key.keyId));
    if (plan.keyIds.includes(key.keyId)) throw conflict('Usage Plan Key already exists');
    if (having.length >= quotas.plansOfKey)
      throw limitExceeded(`Maximum number of Usage Plans for this API key has been reached: ${quotas.plansOfKey}`);
    // A stage tells by the key which plan a request belongs to.
    const clash = plan.stages.find(({ apiId, stage }) =>
      having.some(({ stages }) => stages.some((each) => each.apiId === apiId && each.stage === stage)),
    );
    if (clash)
      throw conflict(
        `API Key ${key.keyId} cannot be added to Usage Plan ${plan.planId}: it has another Usage Plan for the stage ${clash.apiId}:${clash.stage}`,
      );
    ctx.state.put(usagePlans, ctx, plan.planId, { ...plan, keyIds: [...plan.keyIds, key.keyId] });
    return describe(key);
  },
});

export const GetUsagePlanKey = operation<GetUsagePlanKeyCommandInput, GetUsagePlanKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input), planContext(ctx, input.usagePlanId)),
  run: (ctx, input) => describe(getPlanKey(ctx, input)),
});

export const GetUsagePlanKeys = operation<GetUsagePlanKeysCommandInput, GetUsagePlanKeysCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'GET', `/usageplans/${input.usagePlanId}/keys`, planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    const keys = getPlan(ctx, input.usagePlanId!)
      .keyIds.flatMap((id) => ctx.state.get(apiKeys, ctx, id) ?? [])
      .filter(({ name }) => input.nameQuery === undefined || (name ?? '').startsWith(input.nameQuery));
    const { page, next } = pageOf(keys, ({ keyId }) => keyId, input);
    return { items: page.map(describe), ...next };
  },
});

export const DeleteUsagePlanKey = operation<DeleteUsagePlanKeyCommandInput, DeleteUsagePlanKeyCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input), planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    const { keyId } = getPlanKey(ctx, input);
    const plan = getPlan(ctx, input.usagePlanId!);
    ctx.state.put(usagePlans, ctx, plan.planId, { ...plan, keyIds: plan.keyIds.filter((each) => each !== keyId) });
    ctx.state.delete(usages, ctx, `${plan.planId}:${keyId}`);
    return {};
  },
});
