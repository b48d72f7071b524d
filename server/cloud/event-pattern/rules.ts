import { BlockList, isIP } from 'node:net';
import { compileParts, type GlobPart, matchGlob } from '../policy/glob.ts';

/** A value that a message carries at one place. */
export type Scalar = string | number | boolean | null;

/** Does one value satisfy the rule? `exists` is not asked here, as it is about the place and not a value. */
export type Rule = { kind: 'value'; matches: (value: Scalar) => boolean } | { kind: 'exists'; wanted: boolean };

/** What is wrong with a pattern, in the words of AWS's matcher; each service answers it with an error of its own. */
export class PatternFault extends Error {}

const fault = (what: string) => new PatternFault(what);

/** What the services do differently with one another's language. */
export interface Dialect {
  /** The largest number that `numeric` takes, and the negative of the least. */
  readonly largest: number;
  /** Operators besides literals; absent: all. */
  readonly operators?: ReadonlySet<string>;
}

/**
 * One element of a rule array: a literal, or `{prefix}`, `{suffix}`, `{anything-but}`, `{numeric}`, `{exists}`,
 * `{cidr}`, `{wildcard}`, `{equals-ignore-case}`. Every rule takes time linear in the value's length.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function compileRule(rule: unknown, dialect: Dialect): Rule {
  if (isScalar(rule)) return { kind: 'value', matches: (value) => value === rule };
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    throw fault('Match value must be String, number, true, false, or null');
  const entries = Object.entries(rule);
  if (entries.length !== 1) throw fault('Only one key allowed in match expression');
  const [operator, operand] = entries[0]!;
  if (dialect.operators && !dialect.operators.has(operator)) throw fault(`Unrecognized match type ${operator}`);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw fault('exists match pattern must be either true or false.');
    return { kind: 'exists', wanted: operand };
  }
  if (operator === 'numeric') return { kind: 'value', matches: numeric(operand, dialect.largest) };
  if (operator === 'anything-but') return { kind: 'value', matches: anythingBut(operand) };
  return { kind: 'value', matches: textual(operator, operand) };
}

export const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function textual(operator: string, operand: unknown): (value: Scalar) => boolean {
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'cidr'].includes(operator))
    throw fault(`Unrecognized match type ${operator}`);
  if (operator === 'prefix' || operator === 'suffix') {
    const folded = ignoringCase(operand);
    if (folded !== undefined)
      return (value) =>
        typeof value === 'string' &&
        (operator === 'prefix' ? value.toLowerCase().startsWith(folded) : value.toLowerCase().endsWith(folded));
  }
  if (typeof operand !== 'string') throw fault(`${operator} match pattern must be a string`);
  const onText = (matches: (text: string) => boolean) => (value: Scalar) => typeof value === 'string' && matches(value);
  switch (operator) {
    case 'prefix':
      return onText((text) => text.startsWith(operand));
    case 'suffix':
      return onText((text) => text.endsWith(operand));
    case 'equals-ignore-case': {
      const folded = operand.toLowerCase();
      return onText((text) => text.toLowerCase() === folded);
    }
    case 'wildcard': {
      const glob = compileParts(wildcardParts(operand));
      return onText((text) => matchGlob(glob, text));
    }
    default: {
      const block = cidr(operand);
      return onText((text) => {
        const version = isIP(text);
        return version !== 0 && block.check(text, version === 6 ? 'ipv6' : 'ipv4');
      });
    }
  }
}

/** `{"prefix": {"equals-ignore-case": "…"}}` */
function ignoringCase(operand: unknown): string | undefined {
  if (typeof operand !== 'object' || operand === null || Object.keys(operand).length !== 1) return undefined;
  const text = (operand as Record<string, unknown>)['equals-ignore-case'];
  return typeof text === 'string' ? text.toLowerCase() : undefined;
}

/** `*` is a wildcard, `\*` a star and `\\` a backslash. */
function wildcardParts(text: string): GlobPart[] {
  const parts: GlobPart[] = [];
  let literal = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      if (text[i + 1] !== '*' && text[i + 1] !== '\\') throw fault(`Invalid escape character at pos ${i}`);
      literal += text[++i];
    } else if (text[i] === '*') {
      if (text[i + 1] === '*') throw fault(`Consecutive wildcard characters at pos ${i}`);
      parts.push({ literal }, { pattern: '*' });
      literal = '';
    } else literal += text[i];
  }
  return [...parts, { literal }];
}

function cidr(text: string): BlockList {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const prefix = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
  if (
    version === 0 ||
    rest.length > 0 ||
    !Number.isInteger(prefix) ||
    prefix < 0 ||
    prefix > (version === 6 ? 128 : 32)
  )
    throw fault('Malformed CIDR, one / required');
  const block = new BlockList();
  block.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
  return block;
}

function anythingBut(operand: unknown): (value: Scalar) => boolean {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const entries = Object.entries(operand);
    if (entries.length !== 1) throw fault('Only one key allowed in match expression');
    const [operator, inner] = entries[0]!;
    const rules = (Array.isArray(inner) ? inner : [inner]).map((each) => textual(operator, each));
    if (rules.length === 0) throw fault('Empty arrays are not allowed');
    return (value) => !rules.some((rule) => rule(value));
  }
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw fault('Empty arrays are not allowed');
  if (!list.every((each) => typeof each === 'string' || typeof each === 'number'))
    throw fault('Inside anything but list, start|null|boolean is not supported.');
  const excluded = new Set<Scalar>(list);
  return (value) => !excluded.has(value);
}

function numeric(operand: unknown, largest: number): (value: Scalar) => boolean {
  if (!Array.isArray(operand) || operand.length === 0) throw fault('Value of numeric must be an array.');
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < operand.length; i += 2) {
    const [operator, limit] = [operand[i], operand[i + 1]];
    if (typeof limit !== 'number') throw fault('Value of numeric must be numeric');
    if (Math.abs(limit) > largest) {
      const range = largest.toExponential(1).replace('e+', 'E');
      throw fault(`Value of numeric must be between -${range} and ${range}, inclusive`);
    }
    if (operator === '=') tests.push((value) => value === limit);
    else if (operator === '<') tests.push((value) => value < limit);
    else if (operator === '<=') tests.push((value) => value <= limit);
    else if (operator === '>') tests.push((value) => value > limit);
    else if (operator === '>=') tests.push((value) => value >= limit);
    else throw fault(`Unrecognized numeric range operator: ${String(operator)}`);
  }
  if (tests.length > 2) throw fault('Too many elements in numeric expression');
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}
