import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, type Outcome, pass } from '../../server/kit.ts';

/** The database of orders, and the function that looks them up. */

export const cluster = 'orders-db';
export const user = 'orders_app';
/** Where the simulated database keeps its rows. */
export const rows = `${cluster} rows`;

/** One order of each grade, which no code can know before, and its state. */
export const orderOf = (ctx: CheckContext): string => `A-${ctx.gradeId.slice(0, 8)}`;
export const stateOf = (ctx: CheckContext): string => `state-${ctx.gradeId.slice(8)}`;

export async function invoke(ctx: CheckContext, event: object): Promise<{ error: boolean; text: string }> {
  const answer = await ctx
    .admin()
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: ctx.outputs.function!, Payload: Buffer.from(JSON.stringify(event)) }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  return answer.FunctionError === undefined ? { error: false, text } : { error: true, text: messageOf(text) };
}

/** Of an error of the function its type and message, without the trace. */
function messageOf(payload: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as Record<string, unknown>;
    return `${errorType ?? 'Error'}: ${errorMessage}`;
  } catch {
    return payload;
  }
}

/** Looks up this grade's own order, which no code can know before. */
export async function lookUp(ctx: CheckContext): Promise<Outcome> {
  const { error, text } = await invoke(ctx, { order: orderOf(ctx) });
  if (error) return fail(`orders fails: ${text.slice(0, 300)}${ctx.lastFailure()}`);
  return text.includes(stateOf(ctx))
    ? pass('orders answers')
    : fail(`orders does not answer the order ${orderOf(ctx)} as the database holds it: ${text.slice(0, 200)}`);
}
