import type { GlobPart } from './glob.ts';
import { compileParts, matchGlob } from './glob.ts';
import { cidrContains, readBoolean, readCidr, readDate, readNumber } from './values.ts';
import { plain } from './variables.ts';

/** Does a value of the request match this value of the policy? Negation is the caller's. */
export type Matcher = (value: string) => boolean;

/** A comparison without its negation, its set form and `IfExists`. */
export interface Operator {
  /** AWS's spelling. */
  readonly name: string;
  readonly negated: boolean;
  /** Policy variables are filled in only in values of string, ARN and boolean comparisons. */
  readonly variables: boolean;
  readonly matcher: (value: readonly GlobPart[]) => Matcher;
}

const never: Matcher = () => false;
const text = (parts: readonly GlobPart[]) => parts.map(plain).join('');

const stringEquals = (parts: readonly GlobPart[]): Matcher => {
  const wanted = text(parts);
  return (value) => value === wanted;
};
const stringEqualsIgnoreCase = (parts: readonly GlobPart[]): Matcher => {
  const wanted = text(parts).toLowerCase();
  return (value) => value.toLowerCase() === wanted;
};
const stringLike = (parts: readonly GlobPart[]): Matcher => {
  const glob = compileParts(parts);
  return (value) => matchGlob(glob, value);
};

function typed<T>(read: (value: string) => T | undefined, compare: (value: T, wanted: T) => boolean) {
  return (parts: readonly GlobPart[]): Matcher => {
    const wanted = read(text(parts));
    if (wanted === undefined) return never;
    return (value) => {
      const got = read(value);
      return got !== undefined && compare(got, wanted);
    };
  };
}

const number = (compare: (a: number, b: number) => boolean) => typed(readNumber, compare);
const date = (compare: (a: number, b: number) => boolean) => typed(readDate, compare);
const equal = (a: unknown, b: unknown) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;
const address = typed(readCidr, (value, range) => cidrContains(range, value));

/** Each of an ARN's six components is compared for itself, so a `*` does not cross a colon before the sixth. */
const arnLike = (parts: readonly GlobPart[]): Matcher => {
  const components = splitParts(parts);
  // "Each of the six colon-delimited components of the ARN is checked separately": with fewer there is nothing to check.
  if (components.length < 6) return never;
  const globs = components.map(compileParts);
  return (value) => {
    const got = splitArn(value);
    return got !== undefined && globs.every((glob, i) => matchGlob(glob, got[i]!));
  };
};

/** The six components of an ARN; the sixth keeps its colons. */
export function splitArn(arn: string): string[] | undefined {
  const found: string[] = [];
  let from = 0;
  for (let i = 0; i < 5; i++) {
    const colon = arn.indexOf(':', from);
    if (colon < 0) return undefined;
    found.push(arn.slice(from, colon));
    from = colon + 1;
  }
  found.push(arn.slice(from));
  return found[0] === 'arn' ? found : undefined;
}

/** As `splitArn`, on a filled template; colons inside a variable's value separate too. */
function splitParts(parts: readonly GlobPart[]): GlobPart[][] {
  const components: GlobPart[][] = [[]];
  for (const part of parts) {
    const literal = 'literal' in part;
    let rest = plain(part);
    while (components.length < 6) {
      const colon = rest.indexOf(':');
      if (colon < 0) break;
      const piece = rest.slice(0, colon);
      components[components.length - 1]!.push(literal ? { literal: piece } : { pattern: piece });
      components.push([]);
      rest = rest.slice(colon + 1);
    }
    components[components.length - 1]!.push(literal ? { literal: rest } : { pattern: rest });
  }
  return components;
}

const table: [string, boolean, boolean, (parts: readonly GlobPart[]) => Matcher][] = [
  ['StringEquals', false, true, stringEquals],
  ['StringNotEquals', true, true, stringEquals],
  ['StringEqualsIgnoreCase', false, true, stringEqualsIgnoreCase],
  ['StringNotEqualsIgnoreCase', true, true, stringEqualsIgnoreCase],
  ['StringLike', false, true, stringLike],
  ['StringNotLike', true, true, stringLike],
  ['NumericEquals', false, false, number(equal)],
  ['NumericNotEquals', true, false, number(equal)],
  ['NumericLessThan', false, false, number(less)],
  ['NumericLessThanEquals', false, false, number(lessOrEqual)],
  ['NumericGreaterThan', false, false, number(greater)],
  ['NumericGreaterThanEquals', false, false, number(greaterOrEqual)],
  ['DateEquals', false, false, date(equal)],
  ['DateNotEquals', true, false, date(equal)],
  ['DateLessThan', false, false, date(less)],
  ['DateLessThanEquals', false, false, date(lessOrEqual)],
  ['DateGreaterThan', false, false, date(greater)],
  ['DateGreaterThanEquals', false, false, date(greaterOrEqual)],
  ['Bool', false, true, typed(readBoolean, equal)],
  ['BinaryEquals', false, false, stringEquals],
  ['IpAddress', false, false, address],
  ['NotIpAddress', true, false, address],
  ['ArnEquals', false, true, arnLike],
  ['ArnLike', false, true, arnLike],
  ['ArnNotEquals', true, true, arnLike],
  ['ArnNotLike', true, true, arnLike],
  // `Null` looks at presence, not at values: `conditions.ts` does it.
  ['Null', false, false, typed(readBoolean, equal)],
];

/** Operators by their name in lower case. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  table.map(([name, negated, variables, matcher]) => [name.toLowerCase(), { name, negated, variables, matcher }]),
);

/** An operator as written in a Condition block: set form, comparison, `IfExists`. */
export interface WrittenOperator {
  readonly operator: Operator;
  readonly set: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
}

/** Reads `ForAllValues:StringLikeIfExists`; names are taken in any case. Undefined for an operator that is none. */
export function readOperator(written: string): WrittenOperator | undefined {
  let name = written.toLowerCase();
  let set: WrittenOperator['set'];
  if (name.startsWith('forallvalues:')) set = 'all';
  else if (name.startsWith('foranyvalue:')) set = 'any';
  if (set) name = name.slice(name.indexOf(':') + 1);
  const exact = operators.get(name);
  if (exact) return { operator: exact, set, ifExists: false };
  const operator = name.endsWith('ifexists') ? operators.get(name.slice(0, -8)) : undefined;
  // "You can add IfExists to the end of any condition operator name except the Null condition."
  return operator && operator.name !== 'Null' ? { operator, set, ifExists: true } : undefined;
}
