import type {
  GetUsageCommandInput,
  GetUsageCommandOutput,
  UpdateUsageCommandInput,
  UpdateUsageCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { patched, patchNumber } from './patch.ts';
import { type UsagePlanRecord, type UsageRecord, usages } from './records.ts';
import { badRequest, own, restAccess } from './shared.ts';
import { getPlanKey } from './usage-plan-keys.ts';
import { getPlan, planContext } from './usage-plans.ts';

const day = 86_400_000;
/** AWS keeps 90 days. */
const mostDays = 90;

export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** The first day of the period that a moment lies in. Weeks begin on Sunday and the offset, months on the 1st and the offset. */
export function periodStart({ period, offset }: NonNullable<UsagePlanRecord['quota']>, now: number): string {
  const date = new Date(now);
  if (period === 'DAY') return dayOf(now);
  if (period === 'WEEK') return dayOf(now - ((date.getUTCDay() - offset + 7) % 7) * day);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1 + offset);
  return dayOf(start <= now ? start : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1 + offset));
}

/** What is left of a plan's quota; undefined where it has none. Below zero never. */
export function remaining(plan: UsagePlanRecord, usage: UsageRecord | undefined, now: number): number | undefined {
  if (!plan.quota) return undefined;
  const start = periodStart(plan.quota, now);
  const used = Object.entries(usage?.days ?? {}).reduce((sum, [date, count]) => sum + (date >= start ? count : 0), 0);
  return Math.max(0, plan.quota.limit + (own(usage?.granted, start) ?? 0) - used);
}

/** One request more. */
export function counted(usage: UsageRecord | undefined, now: number): UsageRecord {
  const today = dayOf(now);
  const oldest = dayOf(now - mostDays * day);
  const days = Object.entries(usage?.days ?? {}).filter(([date]) => date >= oldest);
  return {
    days: { ...Object.fromEntries(days), [today]: (own(usage?.days, today) ?? 0) + 1 },
    granted: usage?.granted ?? {},
  };
}

function daysBetween(startDate: string, endDate: string): string[] {
  const form = /^\d{4}-\d\d-\d\d$/;
  const start = Date.parse(`${startDate}T00:00:00Z`);
  const end = Date.parse(`${endDate}T00:00:00Z`);
  if (!form.test(startDate) || !form.test(endDate) || Number.isNaN(start) || Number.isNaN(end) || end < start)
    throw badRequest('Usage dates must be of the form YYYY-MM-DD, the start date not after the end date');
  if (end - start > mostDays * day) throw badRequest(`Usage can be asked for ${mostDays} days at once`);
  return Array.from({ length: (end - start) / day + 1 }, (_, i) => dayOf(start + i * day));
}

/** For each day: `[used, remaining]`. */
function history(ctx: CallContext, plan: UsagePlanRecord, keyId: string, dates: readonly string[]): number[][] {
  const usage = ctx.state.get(usages, ctx, `${plan.planId}:${keyId}`);
  return dates.map((date) => {
    const days = Object.fromEntries(Object.entries(usage?.days ?? {}).filter(([each]) => each <= date));
    const until = { days, granted: usage?.granted ?? {} };
    return [own(days, date) ?? 0, remaining(plan, until, Date.parse(`${date}T00:00:00Z`)) ?? 0];
  });
}

export const GetUsage = operation<GetUsageCommandInput, GetUsageCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'GET', `/usageplans/${input.usagePlanId}/usage`, planContext(ctx, input.usagePlanId)),
  run(ctx, input) {
    const plan = getPlan(ctx, input.usagePlanId!);
    const dates = daysBetween(input.startDate!, input.endDate!);
    const keys = plan.keyIds.filter((keyId) => input.keyId === undefined || keyId === input.keyId).slice(0, 500);
    return {
      usagePlanId: plan.planId,
      startDate: input.startDate,
      endDate: input.endDate,
      items: Object.fromEntries(keys.map((keyId) => [keyId, history(ctx, plan, keyId, dates)])),
    };
  },
});

export const UpdateUsage = operation<UpdateUsageCommandInput, UpdateUsageCommandOutput>({
  access: (ctx, input) =>
    restAccess(
      ctx,
      'PATCH',
      `/usageplans/${input.usagePlanId}/keys/${input.keyId}/usage`,
      planContext(ctx, input.usagePlanId),
    ),
  run(ctx, input) {
    const plan = getPlan(ctx, input.usagePlanId!);
    const { keyId } = getPlanKey(ctx, input);
    const { quota } = plan;
    if (!quota) throw badRequest('Usage Plan has no quota');
    const id = `${plan.planId}:${keyId}`;
    const old = ctx.state.get(usages, ctx, id) ?? { days: {}, granted: {} };
    const usage = patched<UsageRecord>(old, input.patchOperations, {
      '/remaining': {
        replace(record, value) {
          const start = periodStart(quota, ctx.now);
          const more = patchNumber(value) - (remaining(plan, record, ctx.now) ?? 0);
          // Only the period that is now can be changed: earlier grants are of no use any more.
          return { ...record, granted: { [start]: (own(record.granted, start) ?? 0) + more } };
        },
      },
    });
    ctx.state.put(usages, ctx, id, usage);
    const today = dayOf(ctx.now);
    return {
      usagePlanId: plan.planId,
      startDate: today,
      endDate: today,
      items: { [keyId]: history(ctx, plan, keyId, [today]) },
    };
  },
});
