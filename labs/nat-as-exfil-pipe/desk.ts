import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { answerWithin, type CheckContext, digits, type PlacedSubnet } from '../../server/kit.ts';

/** The claims desk, which calls the function for each claim. */

export const functionName = 'register-claim';
export const table = 'claims';
export const queue = 'payouts';
export const secretName = 'claims/signing-key';
/** What the function calls, as VPC endpoints name it. */
export const services = ['dynamodb', 'secretsmanager', 'sqs'];
/** What the claims desk waits for an answer, in milliseconds. */
export const patience = 8000;

export interface Claim {
  claim: string;
  cents: number;
  iban: string;
}

export interface Answer {
  registered?: unknown;
  reason?: unknown;
  errorMessage?: unknown;
}

/** A fresh claim; what is expensive is what interests thieves. */
export const newClaim = (ctx: CheckContext, dear: boolean): Claim => ({
  claim: `C-${digits(ctx.random, 9)}`,
  cents: (dear ? 600_000 : 1000) + Number(digits(ctx.random, 5)),
  iban: `DE${digits(ctx.random, 20)}`,
});

export const placeName = (subnet: PlacedSubnet | undefined): string => subnet?.name ?? 'no VPC';

/** The desk sends a claim and waits so long. Undefined: no answer that it could read. */
export async function send(ctx: CheckContext, claim: object, wait = patience): Promise<Answer | undefined> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('claims-desk')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(claim)) }));
    const result = await answerWithin(wait, call);
    if (!result) return { reason: `no answer within ${wait / 1000} seconds` };
    const body: unknown = JSON.parse(Buffer.from(result.Payload ?? []).toString() || 'null');
    return typeof body === 'object' && body !== null ? (body as Answer) : undefined;
  });
  const body = answer.ok ? answer.value : { reason: answer.message };
  ctx.note('the answer to the claims desk', body?.registered === true ? 'succeeded' : 'answered', excerpt(body));
  return body;
}

/** What the function answered; of an error only its message. */
export const excerpt = (answer: Answer | undefined): string => {
  const shown = answer?.errorMessage === undefined ? answer : { error: answer.errorMessage };
  return (JSON.stringify(shown) ?? 'nothing').slice(0, 200);
};
