import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  answerWithin,
  type CheckContext,
  fail,
  inEverySubnet,
  networkOf,
  type Outcome,
  pass,
  reachFrom,
  remember,
} from '../../server/kit.ts';
import { asker, cluster, databasesNow, newLoan } from './library.ts';

/** A terminal gives the database's address as a neighbour's, by name or by number, and reads a loan from the answer. */
export async function readALoan(ctx: CheckContext): Promise<Outcome> {
  const found = await ctx.attempt(() => networkOf(ctx, asker));
  if (!found.ok) return fail(`no loan was read: ${found.message}`);
  const network = found.value;
  const loan = newLoan(ctx);
  ctx.cloud.transact((state) =>
    remember({ state, snapshot: ctx.cloud.state, now: ctx.cloud.clock.now() }, cluster, { ...loan }),
  );
  let stop = '';
  const read = await inEverySubnet(ctx, network, async (subnet) => {
    for (const database of databasesNow(ctx)) {
      const way = reachFrom(ctx, network, subnet, database);
      if (!way.reachable) stop ||= way.because;
      // What the network drops would only run into time limits, unseen.
      if (!way.reachable || database.place.kind !== 'vpc') continue;
      const addresses = [database.name, database.place.ip];
      if (ctx.random.bytes(1)[0]! % 2) addresses.reverse();
      for (const library of addresses) {
        const answer = await ask(ctx, { library, port: database.port, ask: `GET ${loan.loan}` });
        if (answer.includes(loan.reader))
          return `a terminal reads who has loan ${loan.loan} from ${cluster}: ${asker} asks ${library}:${database.port} as a neighbour`;
        stop ||= `${asker} answers ${answer}`;
      }
    }
    return undefined;
  });
  return read ? pass(read) : fail(`no loan was read${stop ? `: ${stop}` : ''}`);
}

/** A terminal asks a neighbour; what it was answered. */
export async function ask(ctx: CheckContext, question: object): Promise<string> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('reading-room')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: asker, Payload: Buffer.from(JSON.stringify(question)) }));
    return Buffer.from((await answerWithin(8000, call))?.Payload ?? []).toString() || 'nothing';
  });
  const text = (answer.ok ? answer.value : answer.message).slice(0, 300);
  ctx.note('the answer to the terminal', 'answered', text);
  return text;
}
