import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type CheckContext,
  escalationOf,
  fail,
  firstAllowed,
  functionsOf,
  furtherSessions,
  type GivenSession,
  type Outcome,
  pass,
  type TableEffect,
  tableQuestions,
} from '../../../server/kit.ts';
import { ownerOf, sessionIn, sessionOf, type Tenant, tableOf, tenants } from '../bookings.ts';

/** No tenant's session, nor whatever it can become, is allowed a call that reaches items of others. */
export async function onlyOwnItems(ctx: CheckContext, effect: TableEffect): Promise<Outcome> {
  let asked = 0;
  for (const tenant of tenants) {
    const session = await sessionOf(ctx, tenant);
    if (typeof session === 'string') return fail(session);
    const questions = await tableQuestions(ctx, effect, ownerOf(ctx, tenant));
    for (const each of await becomes(ctx, tenant, session)) {
      const escalation = escalationOf(ctx, each);
      if (escalation) {
        return fail(
          `${each.who} may call ${escalation.action} on ${escalation.resource}, and so give itself any right`,
        );
      }
      const found = firstAllowed(ctx, each.caller, tableOf(ctx), questions);
      asked += questions.length;
      ctx.evidence.push({
        title: found ? found.call : `${questions.length} calls that reach items of others`,
        as: each.who,
        outcome: found ? 'succeeded' : 'denied',
        ...(found ? { detail: found.because } : {}),
      });
      if (found) return fail(`${each.who} may call ${found.call}, by ${found.by}`);
    }
  }
  return pass(`the sessions of ${tenants.join(', ')} are refused all ${asked} calls that would reach items of others`);
}

/** A tenant's session, those it can take on from there, and those that a function gives it. */
async function becomes(ctx: CheckContext, tenant: Tenant, session: GivenSession): Promise<GivenSession[]> {
  const others = tenants.filter((each) => each !== tenant);
  const shapes = others.flatMap((name) => {
    const tagged: Record<string, string>[] = [{ tenant: name }, {}];
    return tagged.map((tags) => ({ name, tags }));
  });
  const given = [...(await givenByFunctions(ctx, session, others)), session];
  const further = await Promise.all(given.map((each) => furtherSessions(ctx, each, shapes)));
  return [...given, ...further.flat()];
}

async function givenByFunctions(ctx: CheckContext, session: GivenSession, others: Tenant[]): Promise<GivenSession[]> {
  const found: GivenSession[] = [];
  for (const { name, arn } of await functionsOf(ctx))
    for (const tenant of others) {
      if (ctx.cloud.probe(session.caller, 'lambda', 'Invoke', { FunctionName: arn }).decision !== 'allowed') continue;
      const answer = await ctx.attempt(() =>
        ctx
          .holder(session.who, session.credentials)
          .client(LambdaClient)
          .send(new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(JSON.stringify({ tenant })) })),
      );
      const text = answer.ok ? Buffer.from(answer.value.Payload ?? []).toString() : '';
      const got = sessionIn(ctx, `whatever ${name} gives to ${session.who}`, text);
      if (got) found.push(got);
    }
  return found;
}
