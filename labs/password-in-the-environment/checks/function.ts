import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { invoke, lookUp } from '../orders.ts';

export async function ordersAreAnswered(ctx: CheckContext): Promise<Outcome> {
  const answered = await lookUp(ctx);
  if (!answered.passed) return answered;
  const missing = await invoke(ctx, { order: `Z-${hex(ctx.random, 6)}` });
  if (missing.error) return fail(`orders fails on an order that does not exist: ${missing.text.slice(0, 200)}`);
  if (missing.text.includes('"state"')) return fail('orders answers an order that does not exist');
  return pass('orders answers what the database holds');
}

export async function auditorStillAudits(ctx: CheckContext): Promise<Outcome> {
  const auditor = ctx.user('auditor').client(LambdaClient);
  const list = await auditor.send(new ListFunctionsCommand({}));
  if (!list.Functions?.some(({ FunctionName }) => FunctionName === 'orders'))
    return fail('auditor no longer sees orders among the functions');
  const { Code, Configuration } = await auditor.send(new GetFunctionCommand({ FunctionName: 'orders' }));
  if (!Configuration?.Role || !Code?.Location)
    return fail('auditor no longer reads the configuration and code of orders');
  const { status } = await ctx.http(Code.Location, { as: 'auditor' });
  return status === 200
    ? pass('auditor reads the configuration and the code of orders')
    : fail(`auditor no longer gets the code of orders (${status})`);
}
