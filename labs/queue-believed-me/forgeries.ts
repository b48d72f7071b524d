import { type CheckContext, digits, hex } from '../../server/kit.ts';
import { goodOrder, type Order, one, shopOf } from './shop.ts';

/** Messages that no honest shop would send, by family; new ones in every grade. */

export interface Forgery {
  /** What is wrong with it, as the end of "an order …". */
  family: string;
  body: string;
  /** A text of its own, by which it is found again. */
  mark: string;
}

/** Names that every JavaScript object knows. */
const inherited = ['__proto__', 'constructor', 'toString', 'valueOf'];

/** A good order with members replaced; `undefined` leaves one out. */
function forged(family: string, order: Order, change: { [member: string]: unknown }): Forgery {
  const body = JSON.stringify({ ...order, ...change });
  return { family, body, mark: order.order };
}

/** Groups of at most ten: each is about one thing, so that what breaks on one of them hides no other thing. */
export function forgeries(ctx: CheckContext): Forgery[][] {
  const all = wrongOrders(ctx);
  const from = (family: string): number => all.findIndex((each) => each.family === family);
  const [people, goods] = [from('of a customer who says to be staff'), from('of a negative quantity')];
  return [all.slice(0, people), all.slice(people, goods), all.slice(goods), noOrders(ctx)];
}

/** Orders that are wrong in price, in role and customer, in quantity and product: in this order. */
function wrongOrders(ctx: CheckContext): Forgery[] {
  const { random } = ctx;
  const shop = shopOf(ctx.gradeId);
  const good = () => goodOrder(ctx);
  const cheap = 2 * (1 + (Number(digits(random, 3)) % 300));
  const other = (order: Order) =>
    one(
      random,
      shop.products.filter(({ sku }) => sku !== order.sku),
    ).price;
  const orders: [string, Order, (order: Order) => { [member: string]: unknown }][] = [
    ['with a price of its own', good(), (order) => ({ price: one(random, [cheap, other(order)]) })],
    ['that is one cent too cheap', good(), ({ price }) => ({ price: price - 1 })],
    ['that costs nothing', good(), () => ({ price: 0 })],
    ['with a higher price', good(), ({ price }) => ({ price: price + cheap })],
    ['whose price is a text', good(), ({ price }) => ({ price: `${price}` })],
    ['of a customer who says to be staff', good(), () => ({ role: 'staff' })],
    ['of a customer at half the price', good(), ({ price }) => ({ role: 'staff', price: price / 2 })],
    ['whose role is a list', good(), ({ role }) => ({ role: [role] })],
    ['whose role nobody has', good(), () => ({ role: one(random, ['admin', 'owner', 'Staff', 'STAFF', ' staff']) })],
    ['without a role', good(), () => ({ role: undefined })],
    ['of a stranger', good(), () => ({ customer: `c-${hex(random, 8)}x` })],
    ['of a stranger who says to be staff', good(), () => ({ customer: `c-${hex(random, 8)}x`, role: 'staff' })],
    ['of a stranger without a role', good(), () => ({ customer: `c-${hex(random, 8)}x`, role: undefined })],
    ['of a customer named like a member of every object', good(), () => ({ customer: one(random, inherited) })],
    ['of a negative quantity', good(), ({ quantity }) => ({ quantity: -quantity })],
    ['of none', good(), () => ({ quantity: 0 })],
    ['of a part of one', good(), () => ({ quantity: one(random, [1.01, 1.5, 2.002, 19.5]) })],
    ['of far too many', good(), () => ({ quantity: one(random, [21, 1000, 1e9]) })],
    ['whose quantity is a text', good(), ({ quantity }) => ({ quantity: `${quantity}` })],
    ['of a product that is not sold', good(), () => ({ sku: one(random, [`${hex(random, 6)}-x`, ...inherited]) })],
    [
      'of a product that is not sold, without a price',
      good(),
      () => ({ sku: `${hex(random, 6)}-x`, price: undefined }),
    ],
  ];
  return orders.map(([family, order, change]) => forged(family, order, change(order)));
}

/** Messages that are no order at all. */
function noOrders(ctx: CheckContext): Forgery[] {
  const marked = (family: string, text: (mark: string) => string): Forgery => {
    const mark = `m-${hex(ctx.random, 12)}`;
    return { family, body: text(mark), mark };
  };
  return [
    marked('that is no JSON', (mark) => one(ctx.random, [`{"order":"${mark}","customer":`, mark])),
    marked('that is a JSON text', (mark) => JSON.stringify(mark)),
    marked('in a list', (mark) => JSON.stringify([{ ...goodOrder(ctx), order: mark }])),
    marked('inside another', (mark) => JSON.stringify({ order: { ...goodOrder(ctx), order: mark } })),
  ];
}
