import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';

/** On a night without single sign-on, on-call makes itself administrator. */
export async function breakGlassWorks(ctx: CheckContext): Promise<Outcome> {
  const called = await call(ctx, 'on-call', 'break-glass', { user: 'on-call', reason: `outage ${hex(ctx.random, 4)}` });
  if (!called.ok) return fail(`on-call cannot use break-glass: ${called.said}`);
  const powers = ctx.user('on-call').probe('iam', 'CreateUser', { UserName: `u-${hex(ctx.random, 4)}` });
  if (powers.decision !== 'allowed')
    return fail(`break-glass answered ${called.said}, and on-call still may not call ${powers.access.action}`);
  return pass('on-call invoked break-glass:live and is administrator');
}

/** Finance counts the orders. */
export async function exportRuns(ctx: CheckContext): Promise<Outcome> {
  const called = await call(ctx, 'finance', 'orders-export', {});
  if (!called.ok) return fail(`finance cannot run orders-export: ${called.said}`);
  if (!/"orders":[1-9]/.test(called.said)) return fail(`orders-export counts no orders: ${called.said}`);
  return pass(`finance invoked orders-export:live: ${called.said}`);
}

async function call(ctx: CheckContext, user: string, FunctionName: string, event: object) {
  const sent = await ctx.attempt(() =>
    ctx
      .user(user)
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: Buffer.from(JSON.stringify(event)) })),
  );
  if (!sent.ok) return { ok: false, said: `${sent.code}: ${sent.message}` };
  const said = Buffer.from(sent.value.Payload ?? [])
    .toString()
    .slice(0, 200);
  return { ok: sent.value.FunctionError === undefined, said };
}
