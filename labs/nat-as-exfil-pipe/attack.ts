import { type CheckContext, fail, inEverySubnet, networkOf, type Outcome, pass, reachFrom } from '../../server/kit.ts';
import { functionName, newClaim, placeName, send } from './desk.ts';
import { drop, dropBox, dropped } from './drop.ts';

/** An expensive claim in each subnet of the function; the attackers succeed when one of them reaches their drop box. */
export async function postClaims(ctx: CheckContext): Promise<Outcome> {
  const found = await ctx.attempt(() => networkOf(ctx, functionName));
  if (!found.ok) return fail(`nothing was posted: ${found.message}`);
  const network = found.value;
  const boxes = dropBox(ctx.secrets['address of the drop box']!);
  let stop = '';
  const posted = await inEverySubnet(ctx, network, async (subnet) => {
    const ways = boxes.map((host) => reachFrom(ctx, network, subnet, host));
    const open = ways.some(({ reachable }) => reachable);
    for (const way of ways) if (!way.reachable) stop ||= way.because;
    // What no route carries would only run into the library's own time limits, unseen.
    if (!open) return undefined;
    const claim = newClaim(ctx, true);
    await send(ctx, claim);
    if (!dropped(ctx, claim.iban)) return undefined;
    ctx.note(`${drop} has the claim`, 'succeeded', `IBAN ${claim.iban} and the keys of the function's role`);
    return `${drop} received claim ${claim.claim} with its IBAN and the function's keys from ${placeName(subnet)}`;
  });
  if (posted) return pass(posted);
  return fail(stop ? `nothing reaches ${drop}: ${stop}` : `${functionName} posted nothing to ${drop}`);
}
