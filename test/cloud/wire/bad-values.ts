import { type Dice, pick } from './dice.ts';

/** What may come in a member's place in JSON; `refused` where no service can take it, whatever the member is. */
export interface BadValue {
  what: string;
  /** Undefined: the member is missing. */
  value: unknown;
  refused: boolean;
}

const deep = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let i = 0; i < levels; i++) value = [value];
  return value;
};
/** Texts that no member means. */
const texts = [
  'no-such-value',
  '',
  '\u0000\u0007\u001b[31m',
  '__proto__',
  'constructor',
  '-1',
  'ü'.repeat(300),
  '../../etc/passwd',
  '*',
  '{"a":',
  'arn:aws:iam::111122223333:role/orders',
  '%00',
  '\ud800',
];
const numbers = [-1, 0, 1e308, 0.5, 2 ** 53, -(2 ** 31) - 1, 'NaN', '-Infinity'];
const long = 'a'.repeat(70_000);
/** Once for each operation. */
export const megabyte = 'a'.repeat(2 ** 20);

/** Bad values in place of a good one, two of them or all. */
export function badValues(good: unknown, roll: Dice, all: boolean): BadValue[] {
  const isTree = typeof good === 'object' && good !== null;
  const wrong: BadValue[] = [
    { what: 'nothing', value: undefined, refused: false },
    { what: 'null', value: null, refused: false },
    isTree ? { what: 'a number', value: 7, refused: true } : { what: 'an object', value: { a: 1 }, refused: true },
    { what: 'deep lists', value: deep(3000), refused: !Array.isArray(good) },
    { what: 'an object of __proto__', value: JSON.parse('{"__proto__":{"__proto__":"x"}}'), refused: !isTree },
  ];
  const others: unknown[] = isTree
    ? Array.isArray(good)
      ? [[], [null], Array(300).fill(good[0] ?? 'x')]
      : [{}, { ...good, 'no-such-member': 1 }, Object.fromEntries(Object.keys(good).map((key) => [key, null]))]
    : typeof good === 'number'
      ? numbers
      : typeof good === 'boolean'
        ? []
        : [...texts, long];
  const list = [...wrong, ...others.map((value) => ({ what: shown(value), value, refused: false }))];
  return all ? list : [pick(roll, wrong), pick(roll, list)];
}

/** Bad texts in place of a good one, one of them or all, where everything is text: forms, headers, labels and XML. */
export function badTexts(roll: Dice, all: boolean, allowed: (text: string) => boolean): string[] {
  const list = [...texts, ...numbers.map(String), 'true', long].filter(allowed);
  return all ? list : [pick(roll, list)];
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 40);
