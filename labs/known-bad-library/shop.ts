import {
  alphanumeric,
  type CheckContext,
  fail,
  type Outcome,
  putTableRows,
  type Random,
  readJson,
  tableRow,
} from '../../server/kit.ts';

/** The orders of the shop, and how customers ask. */

export const table = 'orders';
export const functionName = 'returns';

/** Puts a paid order of this grade, and answers its number. */
export function putOrder(ctx: CheckContext, concert: 'on' | 'cancelled'): string {
  const order = `T-${alphanumeric(ctx.random, 8)}`;
  putTableRows(ctx, table, [{ order, concert, price: 80, state: 'paid' }]);
  return order;
}

export const stateOf = (ctx: CheckContext, order: string): unknown => tableRow(ctx, table, { order })?.state;

/** Sends a request for a return, as text: what is in it, JavaScript objects could not always say. */
export async function ask(
  ctx: CheckContext,
  body: string,
): Promise<{ status: number; answer: { [key: string]: unknown }; text: string }> {
  const { status, text } = await ctx.http(ctx.outputs['address of returns']!, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status, answer: readJson(text), text };
}

/** What customers with a cancelled concert and with any other must see. */
export async function returnsAreAnswered(ctx: CheckContext): Promise<Outcome> {
  const height = 41 + (ctx.random.bytes(1)[0]! % 50);
  const language = pick(ctx.random, ['de', 'fr', 'nl', 'pl']);
  for (const concert of ['on', 'cancelled'] as const) {
    const order = putOrder(ctx, concert);
    const wishes = { language, notify: { sms: true } };
    const { status, answer, text } = await ask(ctx, JSON.stringify({ order, wishes, barcode: { height } }));
    const told = text.slice(0, 250);
    if (status !== 200) return fail(`${functionName} answers ${status} to a return: ${told}${ctx.lastFailure()}`);
    const state = concert === 'cancelled' ? 'refunded' : 'waiting';
    if (answer.state !== state || stateOf(ctx, order) !== state)
      return fail(`a return of a concert that is ${concert} is not ${state}: ${told}`);
    if (answer.barcode !== `code128:${height}:${order}`) return fail(`the barcode is not as it was asked for: ${told}`);
    const notify = readJson(JSON.stringify((answer.wishes as { notify?: object })?.notify));
    if (
      (answer.wishes as { language?: unknown })?.language !== language ||
      notify.sms !== true ||
      notify.email !== true
    )
      return fail(`wishes of a customer are not put into the usual ones: ${told}`);
  }
  const plain = putOrder(ctx, 'on');
  const { answer, text } = await ask(ctx, JSON.stringify({ order: plain }));
  return answer.barcode === `code128:40:${plain}`
    ? { passed: true, because: `${functionName} answers customers` }
    : fail(`a return without wishes is not answered with the usual barcode: ${text.slice(0, 250)}`);
}

export const pick = <T>(random: Random, from: readonly T[]): T => from[random.bytes(1)[0]! % from.length]!;
