import {
  type CheckContext,
  digits,
  fail,
  hex,
  inEverySubnet,
  networkOf,
  type Outcome,
  pass,
} from '../../../server/kit.ts';
import { ledgerStop, write } from '../ledger.ts';
import { chargesFor, provider } from '../provider.ts';
import { ask, askAgain, excerpt, functionName, newOrder, placeName } from '../web-shop.ts';

export async function receiptsCanBeRead(ctx: CheckContext): Promise<Outcome> {
  const network = await networkOf(ctx, functionName);
  const receipt = `R-${digits(ctx.random, 8)}`;
  const cents = 100 + Number(digits(ctx.random, 5));
  write(ctx, { receipt, cents, payment: `pay-${hex(ctx.random, 8)}` });
  let proven = false;
  const wrong = await inEverySubnet(ctx, network, async (subnet) => {
    const stop = ledgerStop(ctx, network, subnet);
    // Where the path is clear one real look-up is enough: each starts an environment.
    if (proven && !stop) return undefined;
    const found = await askAgain(ctx, { receipt }, (answer) => Boolean(stop) || answer?.receipt === receipt);
    if (found?.receipt !== receipt || found.cents !== cents)
      return `${functionName} in ${placeName(subnet)} does not find a receipt that is in the ledger: ${excerpt(found)}${stop}`;
    proven = true;
    return undefined;
  });
  return wrong ? fail(wrong) : pass(`${functionName} finds receipts`);
}

export async function senselessChargesAreRefused(ctx: CheckContext): Promise<Outcome> {
  for (const cents of [0, -Number(digits(ctx.random, 4)) - 1, 'twelve', 10.5]) {
    const order = newOrder(ctx);
    const answer = await ask(ctx, { order, cents, card: 'tok_visa' });
    if (answer?.paid === true)
      return fail(`${functionName} answers a charge of ${JSON.stringify(cents)} cents with ${excerpt(answer)}`);
    if (chargesFor(ctx, order).length > 0)
      return fail(`${provider} was asked to charge ${JSON.stringify(cents)} cents`);
  }
  return pass('charges of nothing, of less and of no number are refused, and no card is charged');
}
