import type { CheckContext, Outcome } from '../../../server/kit.ts';
import { tryComputedTexts, tryPayloads } from '../attack.ts';
import { computedTexts, numberPayloads, orderPayloads, textPayloads } from '../payloads.ts';
import { canaryOf, tokenOf } from '../shop.ts';

const words = (ctx: CheckContext) => ({
  random: ctx.random,
  token: tokenOf(ctx.gradeId),
  first: canaryOf(ctx.gradeId).slice(0, 1),
});

export async function theSearchTextIsData(ctx: CheckContext): Promise<Outcome> {
  const first = await tryPayloads(ctx, 'q', textPayloads(words(ctx)));
  if (!first.passed) return first;
  const second = await tryComputedTexts(ctx, computedTexts(ctx.random, tokenOf(ctx.gradeId)));
  return second.passed ? first : second;
}

export const thePriceLimitIsData = (ctx: CheckContext): Promise<Outcome> =>
  tryPayloads(ctx, 'max', numberPayloads(words(ctx)));

export const theOrderIsAChoice = (ctx: CheckContext): Promise<Outcome> =>
  tryPayloads(ctx, 'sort', orderPayloads(words(ctx)));
