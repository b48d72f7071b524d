import type { Random } from '../../server/kit.ts';
import { letters } from './shop.ts';

/**
 * What attackers type into a search. Each text, where it is taken for SQL, shows something at first sight or makes the
 * answer depend on data that visitors may not see; where it is taken for data, it can do neither.
 */
export interface Payload {
  /** What kind of attack it is, for the verdict. */
  family: string;
  /** Parameters of the request; an array is the same parameter several times. */
  query: Record<string, string | string[]>;
  /** Looks like an ordinary answer at first; only asking again after the change shows whether it was an error that decided. */
  again?: true;
}

interface Words {
  random: Random;
  /** Part of a published product's name; before the change its supplier is called so too, and its cost is above 900. */
  token: string;
  /** First letter of the first customer's address before the change. */
  first: string;
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.bytes(1)[0]! % from.length]!;
/** `uNiOn` */
const mixed = (random: Random, word: string): string =>
  [...word].map((letter) => (random.bytes(1)[0]! % 2 ? letter.toUpperCase() : letter.toLowerCase())).join('');
const nothing = (random: Random): string => letters(Buffer.from(random.bytes(4)).toString('hex'));
const truth = (random: Random): string => {
  const n = 2 + (random.bytes(1)[0]! % 90);
  return pick(random, [`${n}=${n}`, `${n}<${n + 3}`, `${n + 1}>${n}`, `'${n}'='${n}'`]);
};
/** True before the change, false after it. */
const aboutCustomers = (first: string): string => `(select count(*) from customers where email like '${first}%')>0`;

/** For the quoted search text. `%` closes the pattern that is there already. */
export function textPayloads({ random, token, first }: Words): Payload[] {
  const none = nothing(random);
  const yes = truth(random);
  const gap = pick(random, ['/**/', '\t', '\n', '\x0c']);
  const mix = (word: string): string => mixed(random, word);
  const forms: [family: string, q: string | string[]][] = [
    ['a condition that is always true', `${none}' or ${yes} or '`],
    ['a condition that is always true', `${none}' or name>'' or '`],
    ['a condition of words and quotes alone', `${none}' or ${random.bytes(1)[0]! + 1} or '`],
    ['a condition without spaces', `${none}'or(${random.bytes(1)[0]! + 1})or'`],
    ['a condition between odd white space', `${none}'${gap}${mix('or')}${gap}published=0${gap}${mix('or')}${gap}'`],
    ['a comment that cuts the rest off', `${none}' or ${yes}--`],
    ['a comment that cuts the rest off', `${none}') or ${yes}/*`],
    ['a condition on a hidden column', `${token}%' and supplier='${token}' and '%'='`],
    ['a hidden column joined to the text', "'||supplier||'"],
    ['a hidden column joined to the text', `'||${mix('lower')}(${mix('Supplier')})||'`],
    ['a condition on a hidden column', `${token}%' and cost>${400 + random.bytes(1)[0]!} and '%'='`],
    ["a question about customers' addresses", `${token}%' and ${aboutCustomers(first)} and '%'='`],
    [
      "a question about customers' addresses",
      `${token}%'/**/${mix('and')}/**/${mix('exists')}(${mix('select')}/**/1/**/${mix('from')}/**/customers/**/${mix('where')}/**/email/**/${mix('like')}/**/'${first}%')/**/${mix('and')}/**/'%'='`,
    ],
    ['a second query', `${none}' union select email, email, 1 from customers--`],
    ['a second query', `${none}' union all select email, email, 1, 1 from customers--`],
    ['a second query with doubled keywords', `${none}' ununionion selselectect email, email, 1 frfromom customers-- `],
    ['doubled keywords', `${none}' oorr ${yes}----`],
    [
      'a parameter given several times',
      [`${none}' union select email`, 'email', `${1 + (random.bytes(1)[0]! % 9)} from customers--`],
    ],
    ['a backslash before the quote', `${none}\\' or ${yes}--`],
    ['text that is encoded twice', encodeURIComponent(`${none}' or ${yes}--`).replaceAll("'", '%27')],
    ['a quote in another form', `${none}＇ or published=0 or ＇`],
    ['a quote in another form', `${none}\u02bc or ${yes}--`],
    ['a quote as an entity', `${none}&#39; or ${yes}--`],
    ['a second statement', `${none}'; ${mix('update')} products set price=0--`],
    ['a second statement', `${none}'; delete from customers; --`],
  ];
  return forms.map(([family, q]) => ({ family, query: { q } }));
}

/** Texts that are a product's name only when a database computes them; `other` is the same for a text that nothing has. */
export function computedTexts(random: Random, token: string): { family: string; text: string; other: string }[] {
  const none = nothing(random).slice(0, token.length);
  const codes = (word: string): string => `'||char(${[...word].map((letter) => letter.charCodeAt(0)).join(',')})||'`;
  const bytes = (word: string): string => `'||x'${Buffer.from(word).toString('hex')}'||'`;
  return [
    { family: 'an expression in place of text', text: codes(token), other: codes(none) },
    { family: 'an expression in place of text', text: bytes(token), other: bytes(none) },
  ];
}

/** For the number. */
export function numberPayloads({ random, token, first }: Words): Payload[] {
  const yes = truth(random);
  const mix = (word: string): string => mixed(random, word);
  const forms: [family: string, max: string][] = [
    ['a condition that is always true', `0 or ${yes}`],
    ['a condition without spaces', `0/**/${mix('or')}/**/published=0`],
    ['a condition in parentheses', '0) or (published=0'],
    ['a condition on a line of its own', `${1 + (random.bytes(1)[0]! % 9)}\nor published=0`],
    ['a condition in quotes', `0' or ${yes}--`],
    ['a condition in quotes', "0' or published=0 or '0"],
    ['a hidden column in place of the number', 'cost'],
    ['a hidden column in place of the number', `(${mix('cost')})`],
    ['a hidden column behind a number', '0+cost'],
    ['a hidden column behind a number', `0 or supplier='${token}'`],
    ['an expression over a hidden column', `iif(cost>${400 + random.bytes(1)[0]!},99,0)`],
    ["a question about customers' addresses", `case when ${aboutCustomers(first)} then 8 else 0 end`],
    ["a question about customers' addresses", `0+8*(${aboutCustomers(first)})`],
    ['a second query', '0 union select email, email, 1 from customers'],
    ['a second query', `0 ${mix('union')} all ${mix('select')} email, email, 1, 1 ${mix('from')} customers--`],
    ['a second query with doubled keywords', '0 ununionion selselectect email, email, 1 frfromom customers'],
    ['text that is encoded twice', encodeURIComponent(`0 or ${yes}`).replaceAll("'", '%27')],
    ['a second statement', '0; delete from customers'],
    ['a second statement', `0; ${mix('update')} products set price=0`],
  ];
  return forms.map(([family, max]) => ({ family, query: { max } }));
}

/** For the order. */
export function orderPayloads({ random, token, first }: Words): Payload[] {
  const mix = (word: string): string => mixed(random, word);
  const forms: [family: string, sort: string][] = [
    ['a hidden column', 'cost'],
    ['a hidden column', `${mix('cost')} desc`],
    ['a hidden column', pick(random, ['cost asc', '-cost', 'cost-', 'cost,name'])],
    ['a hidden column', 'supplier'],
    ['a hidden column under another name', pick(random, ['products.cost', '"cost"', '[cost]', '`cost`', '(cost)'])],
    ['an expression over a hidden column', 'price*0+cost'],
    ['an expression over a hidden column', `iif(supplier='${token}',0,1), name`],
    ['an expression over a hidden column', `name like '%'||supplier||'%' desc, name`],
    ["a question about customers' addresses", `case when ${aboutCustomers(first)} then abs(price-20) else price end`],
    [
      "a question about customers' addresses",
      `price*(${mix('select')}/**/max(email/**/${mix('like')}/**/'${first}%')/**/${mix('from')}/**/customers)%7`,
    ],
    [
      'a question with doubled keywords',
      `abs(price-20*(selselectect count(*) frfromom customers where email like '${first}%'))`,
    ],
    ['text behind an allowed column', pick(random, ['price *0+cost', 'price *0+cost*1'])],
    ['text behind an allowed column', 'price\n*0+cost'],
    ['text behind an allowed column', `name limit ${aboutCustomers(first)}--`],
    ['text behind an allowed column', 'price*0, cost'],
    ['text that is encoded twice', encodeURIComponent('price*0+cost')],
    ['a second statement', 'name; delete from customers'],
    ['a second statement', `price; ${mix('update')} products set price=0`],
  ];
  const crash = 'abs(-9223372036854775807-1)';
  return [
    ...forms.map(([family, sort]) => ({ family, query: { sort } })),
    {
      family: 'a question that ends in an error or not',
      query: { sort: `price,case when ${aboutCustomers(first)} then 1 else ${crash} end` },
      again: true,
    },
  ];
}
