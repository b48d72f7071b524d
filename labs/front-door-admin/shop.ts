import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  type CheckContext,
  digits,
  type HttpDoor,
  httpDoors,
  lowerAlphanumeric,
  putTableRows,
  tableRow,
} from '../../server/kit.ts';

/** The shop, and what is for sale in it. */

export const table = 'bouquets';
/** Where the shop's pages and the owner's tool find their API. */
export const parameters = { shop: '/shop/address', admin: '/shop/admin-address' };

export interface Bouquet {
  id: string;
  name: string;
  cents: number;
}

/** A bouquet that nobody has seen before, put on sale without any question; a table that is gone has none. */
export async function plant(ctx: CheckContext): Promise<Bouquet> {
  const planted = {
    id: `b-${lowerAlphanumeric(ctx.random, 10)}`,
    name: `Bouquet ${lowerAlphanumeric(ctx.random, 8)}`,
    cents: 1000 + Number(digits(ctx.random, 4)),
  };
  await ctx.attempt(async () => putTableRows(ctx, table, [{ ...planted }]));
  return planted;
}

export const onSale = (ctx: CheckContext, { id }: Bouquet): boolean => tableRow(ctx, table, { id }) !== undefined;

/** What a parameter says, as an administrator reads it; '' where it is gone. */
export async function published(ctx: CheckContext, Name: string): Promise<string> {
  const read = await ctx.attempt(() => ctx.admin().client(SSMClient).send(new GetParameterCommand({ Name })));
  return (read.ok ? read.value.Parameter!.Value! : '').replace(/\/+$/, '');
}

/** Most requests that the account is asked over HTTP by one caller. */
const most = 30;

/** Everything in the account that answers over HTTP to something else than GET, as requests for one bouquet. */
export async function requests(ctx: CheckContext, id: string): Promise<HttpDoor[]> {
  const found = new Map<string, HttpDoor>();
  const add = (door: HttpDoor): void => void found.set(`${door.method} ${door.url}`, door);
  for (const door of await httpDoors(ctx, id)) {
    const { base, method } = door;
    add({ ...door, name: `DELETE below ${base}`, method: 'DELETE', url: `${base}/admin/bouquets/${id}` });
    if (['GET', 'HEAD', 'OPTIONS'].includes(method) || door.kind === 'function-url') continue;
    for (const each of ['ANY', '$default'].includes(method) ? ['DELETE', 'POST'] : [method])
      add({ ...door, method: each });
  }
  return [...found.values()].slice(0, most);
}
