import { type CheckContext, fail, hex, type Outcome, pass, publicDoors } from '../../server/kit.ts';
import { linked, type Payload, paths } from './payloads.ts';
import { delivered, order, readOnline, shown } from './reports.ts';

/** A reader asks for a report that is none: first online, then by an order. */
export async function readTheDesk(ctx: CheckContext): Promise<Outcome> {
  const online = await askOnline(ctx, paths(ctx));
  return online.passed ? online : byOrders(ctx, paths(ctx));
}

export const pathsOnline = (ctx: CheckContext): Promise<Outcome> => askOnline(ctx, paths(ctx));
export const pathsInOrders = (ctx: CheckContext): Promise<Outcome> => byOrders(ctx, paths(ctx));

export async function links(ctx: CheckContext): Promise<Outcome> {
  const online = await askOnline(ctx, linked());
  return online.passed ? online : byOrders(ctx, linked());
}

/** At the published address, and at whatever else of the account anyone may ask. */
async function askOnline(ctx: CheckContext, payloads: Payload[]): Promise<Outcome> {
  const published = ctx.outputs['report address']!;
  const path = (url: string): string => new URL(url).pathname;
  const others = (await publicDoors(ctx, 'report')).filter(({ url }) => path(url) !== path(published));
  for (const { name, url } of [{ name: 'GET /report', url: published }, ...others])
    for (const { family, path: file } of payloads) {
      const encoded = encodeURIComponent(file);
      for (const query of [`file=${encoded}`, `file=${encoded.replaceAll('%2F', '/')}`]) {
        const what = shown(ctx, (await readOnline(ctx, query, url)).text);
        if (what) return pass(`${name} with ${short(query)} (${family}) shows ${what}`);
      }
    }
  return fail(`${payloads.length} paths out of the folder showed nothing online`);
}

async function byOrders(ctx: CheckContext, payloads: Payload[]): Promise<Outcome> {
  const orders = payloads.map((payload) => ({ ...payload, id: `o-${hex(ctx.random, 5)}` }));
  for (const { path, id } of orders) await order(ctx, path, id);
  await ctx.settle();
  for (const { family, path, id } of orders) {
    const what = shown(ctx, (await delivered(ctx, id)) ?? '');
    if (what) return pass(`an order of ${JSON.stringify(short(path))} (${family}) was delivered with ${what}`);
  }
  return fail(`${payloads.length} orders of paths out of the folder were delivered with nothing hidden`);
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
