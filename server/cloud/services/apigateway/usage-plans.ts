import type {
  ApiStage,
  CreateUsagePlanCommandInput,
  CreateUsagePlanCommandOutput,
  DeleteUsagePlanCommandInput,
  DeleteUsagePlanCommandOutput,
  GetUsagePlanCommandInput,
  GetUsagePlanCommandOutput,
  GetUsagePlansCommandInput,
  GetUsagePlansCommandOutput,
  QuotaSettings,
  ThrottleSettings,
  UpdateUsagePlanCommandInput,
  UpdateUsagePlanCommandOutput,
  UsagePlan,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { resourceTagContext } from '../../tags.ts';
import { type PatchRules, patched, patchNumber, textRule } from './patch.ts';
import { stages, type Throttle, type UsagePlanRecord, usagePlans, usages } from './records.ts';
import { badRequest, entriesOf, newId, notFound, pageOf, restAccess, shown, withinQuota } from './shared.ts';
import { checkTags, tagContext } from './tags.ts';

const describe = (plan: UsagePlanRecord): UsagePlan => ({
  ...shown<UsagePlan>({
    id: plan.planId,
    name: plan.name,
    description: plan.description,
    productCode: plan.productCode,
    throttle: { ...plan.throttle },
    quota: { ...plan.quota } as QuotaSettings,
    tags: { ...plan.tags },
  }),
  apiStages: plan.stages.map(({ apiId, stage, throttle }) =>
    shown<ApiStage>({ apiId, stage, throttle: { ...throttle } }),
  ),
});

const readThrottle = (settings: ThrottleSettings | undefined): Throttle => ({
  ...(settings?.rateLimit !== undefined ? { rateLimit: settings.rateLimit } : {}),
  ...(settings?.burstLimit !== undefined ? { burstLimit: settings.burstLimit } : {}),
});

function readQuota({ limit, offset = 0, period }: QuotaSettings): NonNullable<UsagePlanRecord['quota']> {
  if (period !== 'DAY' && period !== 'WEEK' && period !== 'MONTH')
    throw badRequest('Invalid quota period specified. Valid values are DAY, WEEK, MONTH');
  if (limit === undefined || !Number.isInteger(limit) || limit < 0)
    throw badRequest('Usage Plan quota limit must be a positive number');
  const most = { DAY: 0, WEEK: 6, MONTH: 27 }[period];
  if (!Number.isInteger(offset) || offset < 0 || offset > most)
    throw badRequest(
      `Usage Plan quota offset must be ${most === 0 ? 'zero' : `between zero and ${most}`} in the ${period} period`,
    );
  return { limit, offset, period };
}

function readStage(ctx: CallContext, given: ApiStage | null): UsagePlanRecord['stages'][number] {
  const { apiId = '', stage = '', throttle } = given ?? {};
  if (!ctx.state.get(stages, ctx, `${apiId}:${stage}`))
    throw notFound(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan`);
  return {
    apiId,
    stage,
    throttle: Object.fromEntries(Object.entries(throttle ?? {}).map(([path, each]) => [path, readThrottle(each)])),
  };
}

const checkName = (name: string): string => {
  if (name === '') throw badRequest('Usage Plan name cannot be blank');
  return name;
};

export const CreateUsagePlan = operation<CreateUsagePlanCommandInput, CreateUsagePlanCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', '/usageplans', tagContext(input.tags)),
  run(ctx, input) {
    withinQuota(ctx.state.list(usagePlans, ctx).length, 'plans', 'Usage Plans');
    checkTags(input.tags ?? {});
    const plan: UsagePlanRecord = {
      planId: newId(ctx, 6),
      name: checkName(input.name!),
      ...(input.description !== undefined ? { description: input.description } : {}),
      ...(input.throttle ? { throttle: readThrottle(input.throttle) } : {}),
      ...(input.quota ? { quota: readQuota(input.quota) } : {}),
      stages: (input.apiStages ?? []).map((stage) => readStage(ctx, stage)),
      keyIds: [],
      tags: { ...input.tags },
    };
    ctx.state.put(usagePlans, ctx, plan.planId, plan);
    return describe(plan);
  },
});

/** @throws AwsError NotFoundException */
export function getPlan(ctx: CallContext, planId: string): UsagePlanRecord {
  const found = ctx.state.get(usagePlans, ctx, planId);
  if (!found) throw notFound('Invalid Usage Plan ID specified');
  return found;
}

/** The tags of a plan that is there. */
export const planContext = (ctx: CallContext, planId: string | undefined): ConditionContext =>
  resourceTagContext(ctx.state.get(usagePlans, ctx, planId ?? '')?.tags);

export const GetUsagePlan = operation<GetUsagePlanCommandInput, GetUsagePlanCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'GET', `/usageplans/${input.usagePlanId}`, planContext(ctx, input.usagePlanId)),
  run: (ctx, input) => describe(getPlan(ctx, input.usagePlanId!)),
});

export const GetUsagePlans = operation<GetUsagePlansCommandInput, GetUsagePlansCommandOutput>({
  access: (ctx) => restAccess(ctx, 'GET', '/usageplans'),
  run(ctx, input) {
    const all = ctx.state
      .list(usagePlans, ctx)
      .map(({ value }) => value)
      .filter(({ keyIds }) => input.keyId === undefined || keyIds.includes(input.keyId));
    const { page, next } = pageOf(all, ({ planId }) => planId, input);
    return { items: page.map(describe), ...next };
  },
});

/** `apiId:stage`, as patches name a stage of a plan. */
function stageNamed(text: string): { apiId: string; stage: string } {
  const [apiId = '', stage = ''] = text.split(':');
  return { apiId, stage };
}

const rules = (ctx: CallContext): PatchRules<UsagePlanRecord> => {
  const limit = (member: keyof Throttle) => ({
    replace: (plan: UsagePlanRecord, value: string) => ({
      ...plan,
      throttle: { ...plan.throttle, [member]: patchNumber(value) },
    }),
  });
  const quota = (member: 'limit' | 'offset' | 'period') => ({
    replace: (plan: UsagePlanRecord, value: string): UsagePlanRecord => ({
      ...plan,
      quota: readQuota({
        ...(plan.quota ?? { limit: 0, period: 'DAY' }),
        [member]: member === 'period' ? value : patchNumber(value),
      }),
    }),
  });
  const ofMethod = (member: keyof Throttle) => ({
    replace: (plan: UsagePlanRecord, value: string, [id = '', path = '', method = '']: string[]) => {
      const { apiId, stage } = stageNamed(id);
      const number = patchNumber(value);
      const key = `${path}/${method}`;
      if (!plan.stages.some((each) => each.apiId === apiId && each.stage === stage))
        throw badRequest(`Invalid API Stage specified: ${id.slice(0, 100)}`);
      return {
        ...plan,
        stages: plan.stages.map((each) =>
          each.apiId === apiId && each.stage === stage
            ? {
                ...each,
                throttle: {
                  ...each.throttle,
                  [key]: { ...(Object.hasOwn(each.throttle, key) ? each.throttle[key] : {}), [member]: number },
                },
              }
            : each,
        ),
      };
    },
  });
  return {
    '/name': { replace: (plan, name) => ({ ...plan, name: checkName(name) }) },
    '/description': textRule('description'),
    '/productCode': textRule('productCode'),
    '/throttle': {
      remove: ({ throttle: _gone, ...plan }) => plan,
    },
    '/throttle/rateLimit': limit('rateLimit'),
    '/throttle/burstLimit': limit('burstLimit'),
    '/quota': {
      remove: ({ quota: _gone, ...plan }) => plan,
    },
    '/quota/limit': quota('limit'),
    '/quota/offset': quota('offset'),
    '/quota/period': quota('period'),
    '/apiStages': {
      add(plan, text) {
        const added = readStage(ctx, stageNamed(text));
        return { ...plan, stages: [...without(plan, text), added] };
      },
      remove: (plan, text) => ({ ...plan, stages: without(plan, text) }),
    },
    '/apiStages/*/throttle/*/*/rateLimit': ofMethod('rateLimit'),
    '/apiStages/*/throttle/*/*/burstLimit': ofMethod('burstLimit'),
  };
};

function without(plan: UsagePlanRecord, text: string): UsagePlanRecord['stages'] {
  const { apiId, stage } = stageNamed(text);
  return plan.stages.filter((each) => each.apiId !== apiId || each.stage !== stage);
}

export const UpdateUsagePlan = operation<UpdateUsagePlanCommandInput, UpdateUsagePlanCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'PATCH', `/usageplans/${input.usagePlanId}`, planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    const plan = patched(getPlan(ctx, input.usagePlanId!), input.patchOperations, rules(ctx));
    ctx.state.put(usagePlans, ctx, plan.planId, plan);
    return describe(plan);
  },
});

export const DeleteUsagePlan = operation<DeleteUsagePlanCommandInput, DeleteUsagePlanCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'DELETE', `/usageplans/${input.usagePlanId}`, planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    const plan = getPlan(ctx, input.usagePlanId!);
    if (plan.stages.length)
      throw badRequest(
        'Cannot delete usage plan because it is associated with API stages. Please remove all API stages from the usage plan first.',
      );
    for (const { id } of entriesOf(ctx.state, usages, ctx, plan.planId)) ctx.state.delete(usages, ctx, id);
    ctx.state.delete(usagePlans, ctx, plan.planId);
    return {};
  },
});
