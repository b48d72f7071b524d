import { type CheckContext, digits, hex } from '../../server/kit.ts';

/** Names that the partner's programs have, and what freight costs. */

export const functionName = 'quote-freight';
export const alias = 'prod';
export const layerName = 'rate-tables';
/** Of the layer: what the function and the partner use. */
export const layerVersion = 2;
export const partnerRole = 'partner-reports';
export const partnerUser = 'seabright-bot';
export const customer = 'Wexcombe Mills';

export const functionArn = (ctx: Pick<CheckContext, 'account' | 'region'>): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:${functionName}`;

export const layerArn = (ctx: Pick<CheckContext, 'account' | 'region'>, version = layerVersion): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account().id}:layer:${layerName}:${version}`;

/** A customer's contract and a load that nobody has seen before, with the price that is right. */
export function load(ctx: CheckContext) {
  const cents = 10 + Number(digits(ctx.random, 2));
  const kilos = 100 + Number(digits(ctx.random, 3)) * 3;
  return {
    contract: { customer: `Customer ${hex(ctx.random, 6)}`, cents },
    kilos,
    price: cents * kilos + (kilos > 1000 ? 2500 : 900),
  };
}
