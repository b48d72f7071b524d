import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { answerWithin, type CheckContext, digits, type PlacedSubnet } from '../../server/kit.ts';

/** The web shop, which calls the function for a customer. */

export const functionName = 'charge-card';
/** What the web shop waits for an answer, in milliseconds. */
const patience = 5000;
/** The same where the network is known to be in order, and what is slow may be the grader's own machine. */
const longPatience = 8000;
/** How often somebody asks again who would be answered if the machine were not busy. */
const mostAgain = 2;

export const newOrder = (ctx: CheckContext): string => `A-${digits(ctx.random, 8)}`;
export const placeName = (subnet: PlacedSubnet | undefined): string => subnet?.name ?? 'no VPC';

/** The web shop calls the function and waits as long as it does. Undefined: no answer that it could read. */
export async function ask(ctx: CheckContext, event: object, wait = patience): Promise<Answer | undefined> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('web-shop')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }));
    const result = await answerWithin(wait, call);
    if (!result) return { reason: `no answer within ${wait / 1000} seconds` };
    const body: unknown = JSON.parse(Buffer.from(result.Payload ?? []).toString() || 'null');
    return typeof body === 'object' && body !== null ? (body as Answer) : undefined;
  });
  const body = answer.ok ? answer.value : { reason: answer.message };
  ctx.note('the answer to the web shop', body?.paid === true || body?.cents ? 'succeeded' : 'answered', excerpt(body));
  return body;
}

/**
 * As `ask`, and again when the answer is not the wanted one: a machine that is busy with the grades of others makes a
 * function's own time limits run out, and turns nobody away.
 */
export async function askAgain(
  ctx: CheckContext,
  event: object,
  wanted: (answer: Answer | undefined) => boolean,
): Promise<Answer | undefined> {
  let answer = await ask(ctx, event);
  for (let again = 0; again < mostAgain && !wanted(answer); again++) answer = await ask(ctx, event, longPatience);
  return answer;
}

export interface Answer {
  paid?: unknown;
  receipt?: unknown;
  cents?: unknown;
  reason?: unknown;
  errorMessage?: unknown;
}

/** What the function answered; of an error only its message. */
export const excerpt = (answer: Answer | undefined): string => {
  const shown = answer?.errorMessage === undefined ? answer : { error: answer.errorMessage };
  return (JSON.stringify(shown) ?? 'nothing').slice(0, 200);
};
