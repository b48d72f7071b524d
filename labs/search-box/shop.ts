import { type CheckContext, sql, type World } from '../../server/kit.ts';

/** The shop's data, as fixtures: what visitors may see, and what they may not. */

export const cluster = 'shop-db';

export interface Product {
  sku: string;
  name: string;
  price: number;
  cost: number;
  supplier: string;
  published: 0 | 1;
}

export interface Shelf {
  products: Product[];
  customers: { email: string; name: string; phone: string }[];
}

export const schema = `
  CREATE TABLE products (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL,
    cost REAL NOT NULL, supplier TEXT NOT NULL, published INTEGER NOT NULL
  );
  CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL);`;

/** Names and prices of what is published. First letters differ, so that every way of comparing gives one order. */
const range: [name: string, price: number][] = [
  ['Apple butter', 6.4],
  ['Beeswax wraps (set of 3)', 14.5],
  ['Crème brûlée dish', 23.75],
  ['Dish rack DR_20', 31.2],
  ['Earl Grey tin', 9.95],
  ['Hand-selected oolong', 18.3],
  ['Linen towel, 100% flax', 12.5],
  ['Maple spoon', 4.6],
  ["O'Brien's porridge oats", 5.25],
  ['Pan 12" with lid', 49],
  ['Quince TOKEN preserve', 7.8],
  ['Tea bowl 抹茶', 27.4],
  ['Union Jack tray', 16.9],
  ['Whisk and bowl', 21.6],
];

const alphabet = 'bcdfghjklmnpqrst';

/** Hex digits as consonants: a text that is in no other text. */
export function letters(hexDigits: string): string {
  return [...hexDigits].map((digit) => alphabet[Number.parseInt(digit, 16)]).join('');
}

/** A part of one published product's name, which nothing else contains. */
export const tokenOf = (seed: string): string => letters(seed.slice(0, 7));

/** What a customer's address begins with: no answer of the shop may have it. */
export const canaryOf = (seed: string, side: 'before' | 'after' = 'before'): string =>
  `${side === 'before' ? 'c' : 't'}${letters(seed.slice(8, 16))}`;

/**
 * Everything in the database. Published products' public columns follow the seed alone; all that visitors may not see is
 * different `after`: an answer that changes with it has told something.
 */
export function shelfOf(seed: string, side: 'before' | 'after' = 'before'): Shelf {
  const before = side === 'before';
  const token = tokenOf(seed);
  const own = letters(seed.slice(4, 12));
  const products = range.map(([name, price], i): Product => {
    const isProbe = name.includes('TOKEN');
    const rank = before ? (i * 5 + 2) % 14 : ((13 - i) * 3 + 1) % 14;
    return {
      sku: `QF-${100 + i}`,
      name: name.replace('TOKEN', token),
      price,
      cost: isProbe ? (before ? 900.5 : 0.13) : Math.round((0.5 + rank * 0.17) * 100) / 100,
      supplier: isProbe && before ? token : `${alphabet[rank]}${own}${before ? 'x' : 'z'} Ltd`,
      published: 1,
    };
  });
  const secret = letters(seed.slice(before ? 2 : 6, before ? 10 : 14));
  for (const [i, what] of (before ? ['Prototype', 'Recalled'] : ['Sample', 'Kept-back', 'Trial']).entries())
    products.push({
      sku: `QF-${before ? 900 + i : 950 + i}`,
      name: `${what} ${before ? 'x' : 'z'}${secret} kettle`,
      price: 3.3 + i,
      cost: 2.2 + i,
      supplier: `${before ? 'x' : 'z'}${secret} Works`,
      published: 0,
    });
  const canary = canaryOf(seed, side);
  return {
    products,
    customers: ['Noor Hadid', 'River Castle'].map((name, i) => ({
      email: i === 0 ? `${canary}@mail.example` : `${canary}.${i}@post.example`,
      name: `${name} ${canary.slice(0, 1)}`,
      phone: `555-01${before ? 3 : 7}${i}`,
    })),
  };
}

/** Replaces all rows of both tables. Views, indexes, triggers and further columns stay as they are. */
export async function fill(
  owner: Pick<World, 'cloud' | 'account'> | CheckContext,
  { products, customers }: Shelf,
): Promise<void> {
  await sql(
    owner,
    cluster,
    `DELETE FROM products; DELETE FROM customers;
     INSERT INTO products (sku, name, price, cost, supplier, published) VALUES ${products
       .map((p) => `(${text(p.sku)}, ${text(p.name)}, ${p.price}, ${p.cost}, ${text(p.supplier)}, ${p.published})`)
       .join(', ')};
     INSERT INTO customers (id, email, name, phone) VALUES ${customers
       .map(({ email, name, phone }, i) => `(${i + 1}, ${text(email)}, ${text(name)}, ${text(phone)})`)
       .join(', ')};`,
  );
}

/** Changes only what visitors may not see; published products keep their rows. */
export async function changeWhatIsHidden(ctx: CheckContext, seed: string): Promise<void> {
  const { products, customers } = shelfOf(seed, 'after');
  const hidden = products.filter(({ published }) => published === 0);
  await sql(
    ctx,
    cluster,
    `${products
      .filter(({ published }) => published === 1)
      .map((p) => `UPDATE products SET cost = ${p.cost}, supplier = ${text(p.supplier)} WHERE sku = ${text(p.sku)};`)
      .join('\n')}
     DELETE FROM products WHERE published = 0;
     INSERT INTO products (sku, name, price, cost, supplier, published) VALUES ${hidden
       .map((p) => `(${text(p.sku)}, ${text(p.name)}, ${p.price}, ${p.cost}, ${text(p.supplier)}, 0)`)
       .join(', ')};
     DELETE FROM customers;
     INSERT INTO customers (id, email, name, phone) VALUES ${customers
       .map(({ email, name, phone }, i) => `(${i + 1}, ${text(email)}, ${text(name)}, ${text(phone)})`)
       .join(', ')};`,
  );
}

/** Everything that is stored, to see whether a request changed it. */
export async function stored(ctx: CheckContext): Promise<string> {
  const products = await sql(
    ctx,
    cluster,
    'SELECT sku, name, price, cost, supplier, published FROM products ORDER BY sku',
  );
  const customers = await sql(ctx, cluster, 'SELECT id, email, name, phone FROM customers ORDER BY id');
  return JSON.stringify([products, customers]);
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
