import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalidValues, validation } from './errors.ts';
import { compareNumbers, normaliseNumber } from './numbers.ts';

/** An attribute's value as records keep it: DynamoDB's own JSON, with bytes in base64 and numbers in canonical form. */
export type Value =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { M: Item }
  | { L: Value[] }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] };

export type Item = { readonly [name: string]: Value };
export type TypeName = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'BS';

export const typeOf = (value: Value): TypeName => Object.keys(value)[0] as TypeName;
export const contentOf = (value: Value): unknown => Object.values(value)[0];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes */
const deepest = 32;

/** What a client sent, as a value. @throws AwsError ValidationException */
export function readValue(input: AttributeValue, depth = 1): Value {
  const set = Object.entries(input ?? {}).filter(([, content]) => content !== undefined);
  if (set.length === 0)
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  if (set.length > 1)
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  if (depth > deepest) throw validation('Nesting Levels have exceeded supported limits');
  const [type, content] = set[0]!;
  switch (type) {
    case 'S':
      return { S: content as string };
    case 'N':
      return { N: normaliseNumber(content as string) };
    case 'B':
      return { B: base64(content) };
    case 'BOOL':
      return { BOOL: content as boolean };
    case 'NULL':
      if (content !== true) throw invalidValues('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'M':
      return { M: readItem(content as Record<string, AttributeValue>, depth + 1) };
    case 'L':
      return { L: (content as AttributeValue[]).map((each) => readValue(each, depth + 1)) };
    case 'SS':
      if ((content as string[]).includes(''))
        throw invalidValues('An string set may not have a empty string as a member');
      return { SS: distinct(content as string[], 'An string set  may not be empty') };
    case 'NS':
      return { NS: distinct((content as string[]).map(normaliseNumber), 'An number set  may not be empty') };
    case 'BS':
      return { BS: distinct((content as unknown[]).map(base64), 'Binary sets should not be empty') };
    default:
      throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
}

export function readItem(input: Record<string, AttributeValue>, depth = 1): Item {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readValue(value, depth)]));
}

/** An item that is written as records keep it, with its numbers in canonical form. @throws AwsError ValidationException */
export const normaliseItem = (item: Item): Item => readItem(item as Record<string, never>);

/** A value as clients of the SDK's types see it: bytes stay base64, which the wire takes too. */
export const asOutput = (item: Item): Record<string, AttributeValue> => item as Record<string, never>;

const base64 = (content: unknown): string =>
  typeof content === 'string' ? content : Buffer.from(content as Uint8Array).toString('base64');

function distinct(members: string[], empty: string): string[] {
  if (members.length === 0) throw invalidValues(empty);
  if (new Set(members).size < members.length)
    throw invalidValues(`Input collection [${members.join(', ').slice(0, 500)}] contains duplicates.`);
  return members;
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
const binaryBytes = (text: string): number => Buffer.byteLength(text, 'base64');
const numberBytes = (text: string): number =>
  Math.ceil(text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length / 2) + 1 + (text.startsWith('-') ? 1 : 0);

function sum<T>(all: readonly T[], size: (each: T) => number): number {
  return all.reduce((total, each) => total + size(each), 0);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function valueSize(value: Value): number {
  const content = contentOf(value);
  switch (typeOf(value)) {
    case 'S':
      return bytesOf(content as string);
    case 'N':
      return numberBytes(content as string);
    case 'B':
      return binaryBytes(content as string);
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'M':
      return 3 + itemSize(content as Item) + Object.keys(content as Item).length;
    case 'L':
      return 3 + sum(content as Value[], (each) => valueSize(each) + 1);
    case 'SS':
      return sum(content as string[], bytesOf);
    case 'NS':
      return sum(content as string[], numberBytes);
    case 'BS':
      return sum(content as string[], binaryBytes);
  }
}

export function itemSize(item: Item): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) size += bytesOf(name) + valueSize(value);
  return size;
}

/** Equal as DynamoDB compares: sets without order, documents to the bottom. */
export function equal(a: Value, b: Value): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  const [one, other] = [contentOf(a), contentOf(b)];
  switch (type) {
    case 'M': {
      const [left, right] = [one as Item, other as Item];
      const names = Object.keys(left);
      return (
        names.length === Object.keys(right).length &&
        names.every((name) => Object.hasOwn(right, name) && equal(left[name]!, right[name]!))
      );
    }
    case 'L': {
      const [left, right] = [one as Value[], other as Value[]];
      return left.length === right.length && left.every((each, i) => equal(each, right[i]!));
    }
    case 'SS':
    case 'NS':
    case 'BS': {
      const right = new Set(other as string[]);
      return (one as string[]).length === right.size && (one as string[]).every((each) => right.has(each));
    }
    default:
      return one === other;
  }
}

/** Order of two values of one ordered type; undefined for all others. Strings and bytes compare by their bytes. */
export function compare(a: Value, b: Value): number | undefined {
  if ('N' in a && 'N' in b) return compareNumbers(a.N, b.N);
  if ('S' in a && 'S' in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if ('B' in a && 'B' in b) return Buffer.compare(Buffer.from(a.B, 'base64'), Buffer.from(b.B, 'base64'));
  return undefined;
}

/** AWS's words for types in messages. */
export const typeWords: Record<TypeName, string> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  M: 'MAP',
  L: 'LIST',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
};

/** A value as messages show it: `{S:abc}`. */
export function shown(value: Value): string {
  return `{${typeOf(value)}:${String(contentOf(value)).slice(0, 100)}}`;
}
