import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type CheckContext, fail, type Outcome, pass, signedHttp } from '../../../server/kit.ts';
import { onSale, parameters, plant, published } from '../shop.ts';

const isWeb = (address: string): boolean => /^https?:/.test(address) && URL.canParse(address);

/** A customer sees what is for sale, without any credentials. */
export async function customersSeeTheShop(ctx: CheckContext): Promise<Outcome> {
  const bouquet = await plant(ctx);
  const base = await published(ctx, parameters.shop);
  if (!isWeb(base)) return fail(`the parameter ${parameters.shop} names no address`);
  for (const path of ['/bouquets', `/bouquets/${bouquet.id}`]) {
    const { status, text } = await ctx.http(`${base}${path}`, { as: 'a customer' });
    if (status !== 200 || !text.includes(bouquet.name) || !text.includes(String(bouquet.cents)))
      return fail(`GET ${path} at ${base} does not show a bouquet that is for sale: ${status} ${text.slice(0, 120)}`);
  }
  return pass('customers see the list of bouquets, and each bouquet');
}

/** The owner takes one bouquet off sale, and no other. */
export async function theOwnerTakesOffSale(ctx: CheckContext): Promise<Outcome> {
  const [old, other] = [await plant(ctx), await plant(ctx)];
  const noor = ctx.user('noor');
  const read = await ctx.attempt(() =>
    noor.client(SSMClient).send(new GetParameterCommand({ Name: parameters.admin })),
  );
  if (!read.ok) return fail(`the user noor cannot read ${parameters.admin}: ${read.code}`);
  const base = read.value.Parameter!.Value!.replace(/\/+$/, '');
  if (!isWeb(base)) return fail(`the parameter ${parameters.admin} names no address`);
  const { status, text } = await signedHttp(ctx, noor, `${base}/admin/bouquets/${old.id}`, { method: 'DELETE' });
  if (onSale(ctx, old))
    return fail(`a signed DELETE by the user noor took no bouquet off sale: ${status} ${text.slice(0, 160)}`);
  if (!onSale(ctx, other)) return fail('a signed DELETE by the user noor took other bouquets off sale, too');
  return pass('a signed DELETE by the user noor took one bouquet off sale');
}
