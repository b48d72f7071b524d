import type { CheckContext } from './check-context.ts';

/** A text that somebody could read, and where. */
export interface ReadableText {
  /** `variable DB_PASSWORD of orders:3`, `index.mjs of orders` */
  where: string;
  text: string;
}

/** What a call answers, as one text; nothing when it is refused. */
export async function answerOf(ctx: CheckContext, where: string, ask: () => Promise<unknown>): Promise<ReadableText[]> {
  const answer = await ctx.attempt(ask);
  if (!answer.ok) return [];
  const { $metadata: _, ...content } = answer.value as { $metadata?: unknown };
  return [{ where, text: JSON.stringify(content) }];
}
