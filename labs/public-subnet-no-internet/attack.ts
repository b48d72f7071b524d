import {
  alphanumeric,
  type CheckContext,
  digits,
  fail,
  inEverySubnet,
  networkOf,
  type Outcome,
  pass,
  reachFrom,
  recall,
} from '../../server/kit.ts';
import { ledgerStop } from './ledger.ts';
import { chargesFor, declinedCard, isProvider, provider } from './provider.ts';
import { ask, askAgain, excerpt, functionName, newOrder, placeName } from './web-shop.ts';

/** A customer pays once in each subnet of the function; the outage "succeeds" when one of them is turned away. */
export async function turnCustomersAway(ctx: CheckContext): Promise<Outcome> {
  const found = await ctx.attempt(() => networkOf(ctx, functionName));
  if (!found.ok) return pass(`a customer is turned away: ${found.message}`);
  const network = found.value;
  const away = await inEverySubnet(ctx, network, async (subnet) => {
    const order = newOrder(ctx);
    const cents = 100 + Number(digits(ctx.random, 5));
    const event = { order, cents, card: `tok_${alphanumeric(ctx.random, 10)}` };
    const where = `in ${placeName(subnet)}`;
    let answer = await ask(ctx, event);
    if (answer?.paid !== true) {
      const reach = reachFrom(ctx, network, subnet, ctx.cloud.hosts().find(isProvider)!);
      const why = reach.reachable ? ledgerStop(ctx, network, subnet) : `; ${reach.because}`;
      // Where the network is in order a customer tries again; the provider charges an order once.
      if (!why) answer = await askAgain(ctx, event, (given) => given?.paid === true);
      if (answer?.paid !== true) return `${functionName} ${where} turns a customer away: ${excerpt(answer)}${why}`;
    }
    const charges = chargesFor(ctx, order);
    if (charges.length !== 1 || charges[0]!.cents !== cents)
      return `${functionName} ${where} says paid, but ${provider} has not charged order ${order}`;
    if (!recall(ctx, 'ledger').some((each) => each.receipt === order && each.cents === cents))
      return `${functionName} ${where} says paid, but order ${order} is not in the ledger`;
    const refused = { order: newOrder(ctx), cents, card: declinedCard };
    const declined = await askAgain(ctx, refused, (given) => given?.paid === false);
    if (declined?.paid !== false)
      return `${functionName} ${where} answers a card that ${provider} declines with ${excerpt(declined)}`;
    return undefined;
  });
  if (away) return pass(away);
  return fail(`customers can pay from ${network.subnets.map(({ name }) => name).join(' and ') || 'outside the VPC'}`);
}
