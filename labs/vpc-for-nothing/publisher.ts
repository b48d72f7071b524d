import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { answerWithin, type CheckContext, jsonAnswer, type LabFacts, type SimulatedHost } from '../../server/kit.ts';

/** The publisher's functions, and the intranet that one of them needs. */

export const slugger = 'slugify';
export const counter = 'stock';
export const intranet = 'intranet.vellum.example';
export const port = 8080;

/** How many copies the warehouse has of a book: known to its own computer and to graders. */
export const copiesOf = (isbn: string): number => [...isbn].reduce((sum, digit) => (sum * 7 + Number(digit)) % 997, 3);

/** The intranet: the warehouse, and what is nobody's business. Inside, nobody is asked for a name. */
export function intranetHost({ secrets }: Pick<LabFacts, 'secrets'>, region: string): SimulatedHost {
  return {
    name: intranet,
    port,
    place: {
      kind: 'vpc',
      account: secrets.account!,
      region,
      vpcId: secrets.vpc!,
      subnetId: secrets.office!,
      ip: secrets['address of the intranet']!,
      securityGroupIds: [secrets['group of the intranet']!],
    },
    http(_ctx, { url }) {
      const [, page, isbn] = url.split('/');
      if (page === 'stock' && /^\d{13}$/.test(isbn ?? '')) return jsonAnswer(200, { copies: copiesOf(isbn!) });
      if (page === 'payroll') return jsonAnswer(200, { paid: secrets.payroll! });
      return jsonAnswer(404, { error: 'no such page' });
    },
  };
}

/** Calls a function as a user with a stated job; what it answered, or why it did not. */
export async function call(ctx: CheckContext, user: string, FunctionName: string, event: object): Promise<string> {
  const answer = await ctx.attempt(async () => {
    const invoked = ctx
      .user(user)
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }));
    return Buffer.from((await answerWithin(8000, invoked))?.Payload ?? []).toString() || 'nothing';
  });
  const text = (answer.ok ? answer.value : answer.message).slice(0, 600);
  ctx.note(`the answer to ${user}`, 'answered', text);
  return text;
}
