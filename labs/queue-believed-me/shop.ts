import {
  type CheckContext,
  digits,
  hex,
  jsonAnswer,
  type LabFacts,
  putTableRows,
  type Random,
  readJson,
  remember,
  type SimulatedHost,
  type World,
} from '../../server/kit.ts';

/** The shop: what it sells, who its customers are, what its web server sends, and the warehouse. */

export const warehouse = 'warehouse.example';
export const catalogue = 'catalogue';
export const members = 'members';

/** Sends out and charges what it is told with the company's token. */
export function warehouseOf(facts: LabFacts): SimulatedHost {
  return {
    name: warehouse,
    port: 443,
    place: { kind: 'internet' },
    http(ctx, request) {
      if (request.headers.authorization !== `Bearer ${facts.secrets['warehouse token']}`)
        return jsonAnswer(401, { error: 'unknown company' });
      if (request.method !== 'POST' || request.url !== '/dispatches') return jsonAnswer(404, { error: 'no such page' });
      const { order, customer, sku, quantity, cents } = readJson(request.body.toString());
      const texts = [order, customer, sku].every((each) => typeof each === 'string');
      if (!texts || typeof quantity !== 'number' || typeof cents !== 'number')
        return jsonAnswer(400, { error: 'a dispatch needs order, customer, sku, quantity and cents' });
      remember(ctx, warehouse, { order, customer, sku, quantity, cents });
      return jsonAnswer(201, { accepted: order });
    },
  };
}

export interface Product {
  sku: string;
  shelf: string;
  /** In cents, even. */
  price: number;
}

export interface Shop {
  products: Product[];
  customers: string[];
  staff: string[];
}

const range = ['kettle-steel', 'kettle-copper', 'grinder', 'scale', 'filter-paper', 'tamper'];

/** Of a seed of hex digits: prices and people are other ones in every grade, so that none can be written into code. */
export function shopOf(seed: string): Shop {
  const person = (i: number): string => `c-${seed.slice(i, i + 8)}`;
  return {
    products: range.map((sku, i) => ({
      sku,
      shelf: `${'ABCDEF'[i]}${1 + i * 3}`,
      price: 1200 + 2 * Number.parseInt(seed.slice(i, i + 3), 16) + i * 10_000,
    })),
    customers: [0, 2, 4].map(person),
    staff: [6, 8].map(person),
  };
}

/** Puts both tables in place; other rows of them go. */
export function fill(owner: World | CheckContext, { products, customers, staff }: Shop): void {
  putTableRows(
    owner,
    catalogue,
    products.map((product) => ({ ...product })),
    { alone: true },
  );
  const rows = (people: string[], role: string) => people.map((customer) => ({ customer, role }));
  putTableRows(owner, members, [...rows(customers, 'customer'), ...rows(staff, 'staff')], { alone: true });
}

/** An order as the web server sends it. */
export interface Order {
  order: string;
  customer: string;
  role: string;
  sku: string;
  quantity: number;
  price: number;
}

export const one = <T>(random: Random, from: readonly T[]): T => from[random.bytes(1)[0]! % from.length]!;

/** A good order that nobody has seen before. */
export function goodOrder(ctx: CheckContext, role: 'customer' | 'staff' = 'customer', sku?: string): Order {
  const shop = shopOf(ctx.gradeId);
  const product = sku ? shop.products.find((each) => each.sku === sku)! : one(ctx.random, shop.products);
  return {
    order: `o-${hex(ctx.random, 12)}`,
    customer: one(ctx.random, role === 'staff' ? shop.staff : shop.customers),
    role,
    sku: product.sku,
    quantity: 1 + (Number(digits(ctx.random, 2)) % 20),
    price: product.price,
  };
}

/** What the warehouse must be told about a good order. */
export const centsOf = ({ price, quantity, role }: Order): number => (price * quantity) / (role === 'staff' ? 2 : 1);
