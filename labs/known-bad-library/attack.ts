import { type CheckContext, fail, type Outcome, pass } from '../../server/kit.ts';
import { ask, functionName, pick, putOrder, stateOf } from './shop.ts';

/** Somebody with a ticket for a concert that takes place wants the money back. */
export async function refundByMerging(ctx: CheckContext): Promise<Outcome> {
  let sent = 0;
  for (const place of ['wishes', 'barcode'])
    for (const key of keys(ctx)) {
      const order = putOrder(ctx, 'on');
      const payload = nested(ctx, key, JSON.stringify({ refund: pick(ctx.random, [true, 1, 'yes', {}]) }));
      sent++;
      await ask(ctx, `{"order": "${order}", "${place}": ${payload}}`);
      if (stateOf(ctx, order) === 'refunded')
        return pass(`${functionName} refunds an order with ${payload} as its ${place}`);
      // What the first request left behind may help the next.
      const next = putOrder(ctx, 'on');
      sent++;
      await ask(ctx, `{"order": "${next}"}`);
      if (stateOf(ctx, next) === 'refunded')
        return pass(`${functionName} refunds whoever comes after a request with ${payload} as its ${place}`);
    }
  return fail(`${functionName} refunded nothing that was not cancelled in ${sent} requests`);
}

/** Ways to the prototype of all objects: `{"<key>": value}` once or twice, and spelt so that no list of words sees it. */
function keys(ctx: CheckContext): ((value: string) => string)[] {
  const spelt = (name: string): string => {
    const at = ctx.random.bytes(1)[0]! % name.length;
    return `"${name.slice(0, at)}\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}${name.slice(at + 1)}"`;
  };
  return [
    (value) => `{"__proto__": ${value}}`,
    (value) => `{${spelt('__proto__')}: ${value}}`,
    (value) => `{"constructor": {"prototype": ${value}}}`,
    (value) => `{${spelt('constructor')}: {${spelt('prototype')}: ${value}}}`,
  ];
}

/** The same on the top, or below a member that is there or is not. */
function nested(ctx: CheckContext, key: (value: string) => string, value: string): string {
  const way = pick(ctx.random, ['', 'notify', 'more']);
  return way === '' ? key(value) : `{"${way}": ${key(value)}}`;
}
