import { type CheckContext, digits, fail, hex, type Outcome, pass, sql } from '../../../server/kit.ts';
import { type Answer, ask } from '../attack.ts';
import { cluster, letters, type Product, shelfOf } from '../shop.ts';

/** What an honest visitor does. The form sends all of its fields, also empty ones. */
export async function theSearchAnswers(ctx: CheckContext): Promise<Outcome> {
  const word = letters(hex(ctx.random, 7));
  const shelf = [
    ...published(ctx),
    ...(await add(ctx, [`Great ${word} jar (0.5 l)`, `Jug ${word.toUpperCase()} 抹茶`])),
  ];
  const limit = [...shelf].sort((a, b) => a.price - b.price)[6]!.price;
  const get = (query: Record<string, string>): Promise<Answer> => ask(ctx, address(ctx), query);
  const everything: Record<string, string>[] = [
    {},
    { q: '', max: '', sort: '' },
    { sort: 'name' },
    { sort: 'name asc' },
    { q: '', max: '500', sort: 'name' },
  ];
  for (const query of everything) {
    const outcome = expectList(query, await get(query), byName(shelf));
    if (outcome) return fail(outcome);
  }
  const lists: [Record<string, string>, Product[]][] = [
    [{ sort: 'name desc' }, byName(shelf).reverse()],
    [{ sort: 'price', max: '' }, byPrice(shelf)],
    [{ sort: 'price desc' }, byPrice(shelf).reverse()],
    [{ max: String(limit) }, byName(shelf.filter(({ price }) => price <= limit))],
    [{ max: '20', sort: 'price asc' }, byPrice(shelf.filter(({ price }) => price <= 20))],
    [{ q: word, max: '100', sort: 'price desc' }, byPrice(shelf.filter(({ name }) => contains(name, word))).reverse()],
    [{ q: `nothing ${word}` }, []],
    [{ max: '0.5' }, []],
  ];
  for (const [query, expected] of lists) {
    const outcome = expectList(query, await get(query), expected);
    if (outcome) return fail(outcome);
  }
  for (const q of [word, '100%', 'DR_20', 'Crème brûlée', '抹茶', '(set of 3)', 'Union', 'hand-select', 'whisk and']) {
    const outcome = expectFound(q, await get({ q }), shelf);
    if (outcome) return fail(outcome);
  }
  return pass('the search finds, limits and sorts published products');
}

/** Names that a careless escape, or a refusal of quotes, would lose. */
export async function namesWithQuotesAreFound(ctx: CheckContext): Promise<Outcome> {
  const surname = `O'${letters(hex(ctx.random, 6))}`;
  const fresh = await add(ctx, [`${surname}'s "Best" rye 12"`]);
  const shelf = [...published(ctx), ...fresh];
  for (const q of ["O'Brien's", "o'brien", '12" with', surname, `${surname}'s "best"`]) {
    const outcome = expectFound(q, await ask(ctx, address(ctx), { q }), shelf);
    if (outcome) return fail(outcome);
  }
  return pass('names with quotes in them are found by these names');
}

const address = (ctx: CheckContext): string => ctx.outputs['search address']!;
const published = (ctx: CheckContext): Product[] =>
  shelfOf(ctx.gradeId).products.filter((product) => product.published === 1);

/** New published products, as the stock system writes them. */
async function add(ctx: CheckContext, names: string[]): Promise<Product[]> {
  const products = names.map(
    (name, i): Product => ({
      sku: `QF-${digits(ctx.random, 6)}`,
      name,
      // No other price ends so: the order by price is one.
      price: Number(`${2 + (ctx.random.bytes(1)[0]! % 40)}.3${i + 1}`),
      cost: 1.01,
      supplier: 'Fresh Ltd',
      published: 1,
    }),
  );
  for (const { sku, name, price, cost, supplier } of products)
    await sql(
      ctx,
      cluster,
      'INSERT INTO products (sku, name, price, cost, supplier, published) VALUES (:sku, :name, :price, :cost, :supplier, 1)',
      { sku, name, price, cost, supplier },
    );
  return products;
}

const contains = (name: string, part: string): boolean => name.toLowerCase().includes(part.toLowerCase());
const byName = (products: Product[]): Product[] => [...products].sort((a, b) => (a.name < b.name ? -1 : 1));
const byPrice = (products: Product[]): Product[] => [...products].sort((a, b) => a.price - b.price);

/** Why an answer is not this list; undefined when it is. */
function expectList(query: Record<string, string>, answer: Answer, expected: Product[]): string | undefined {
  const asked = `GET /products${
    Object.keys(query).length
      ? ` with ${Object.entries(query)
          .map(([name, value]) => `${name}=${value}`)
          .join(' & ')}`
      : ''
  }`;
  if (answer.status !== 200) return `${asked} answers ${answer.status} ${answer.text.slice(0, 120)}`;
  const got = answer.products.map(({ sku }) => String(sku));
  const wanted = expected.map(({ sku }) => sku);
  const missing = expected.find(({ sku }) => !got.includes(sku));
  if (missing) return `${asked} does not list ${missing.name}`;
  const extra = answer.products.find(({ sku }) => !wanted.includes(String(sku)));
  if (extra) return `${asked} lists ${String(extra.name).slice(0, 80)}, which does not belong there`;
  if (got.join() !== wanted.join()) return `${asked} does not list the products in that order`;
  for (const [i, product] of expected.entries()) {
    const { name, price } = answer.products[i]!;
    if (name !== product.name || Number(price) !== product.price)
      return `${asked} answers another name or price for ${product.sku}`;
  }
  return undefined;
}

/** A search may be generous, but finds what contains the text and leaves out most of the rest. */
function expectFound(q: string, answer: Answer, shelf: Product[]): string | undefined {
  if (answer.status !== 200) return `GET /products with q=${q} answers ${answer.status} ${answer.text.slice(0, 120)}`;
  const missing = shelf.find(
    ({ name, sku }) => contains(name, q) && !answer.products.some((each) => each.sku === sku && each.name === name),
  );
  if (missing) return `GET /products with q=${q} does not find ${missing.name}`;
  if (answer.products.length >= shelf.length) return `GET /products with q=${q} lists everything`;
  return undefined;
}
