import { compileRule, type Dialect, isScalar, PatternFault, type Rule, type Scalar } from './rules.ts';

/** What was read of a pattern: how to match it, and what services count of it. */
export interface CompiledPattern {
  matches(event: Readonly<Record<string, unknown>>): boolean;
  /** Fields that have rules. */
  readonly keys: number;
  /** Combinations of rules; each level of nesting multiplies once more. */
  readonly combinations: number;
  readonly nested: boolean;
}

interface Node {
  readonly fields: readonly { key: string; child: Node | readonly Rule[] }[];
  readonly either: readonly (readonly Node[])[];
}

interface Count {
  keys: number;
  combinations: number;
  nested: boolean;
}

const deepest = 30;

/**
 * Compiles the language that EventBridge rules, SNS filter policies and event source mappings share: every field must
 * match, any rule of a field is enough, `$or` takes one of several, and fields under an array must match in the same one
 * of its objects. Every part of an event is looked at once for each field that leads to it.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 * @throws PatternFault
 */
export function compilePattern(pattern: unknown, dialect: Dialect): CompiledPattern {
  if (!isObject(pattern)) throw new PatternFault('Filter is not an object');
  const count: Count = { keys: 0, combinations: 1, nested: false };
  const root = compileNode(pattern, dialect, 0, count);
  return { ...count, matches: (event) => matchNode(root, event) };
}

function compileNode(pattern: Record<string, unknown>, dialect: Dialect, depth: number, count: Count): Node {
  if (depth > deepest) throw new PatternFault('Filter is nested too deeply');
  const fields: { key: string; child: Node | readonly Rule[] }[] = [];
  const either: Node[][] = [];
  for (const [key, value] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(value) && value.length >= 2 && value.every(isObject)) {
      either.push(value.map((branch) => compileNode(branch, dialect, depth + 1, count)));
    } else if (Array.isArray(value)) {
      if (value.length === 0) throw new PatternFault('Empty arrays are not allowed');
      count.keys++;
      count.combinations = Math.min(1e9, count.combinations * value.length * (depth + 1));
      fields.push({ key, child: value.map((rule) => compileRule(rule, dialect)) });
    } else if (isObject(value)) {
      if (Object.keys(value).length === 0) throw new PatternFault('Empty objects are not allowed');
      count.nested = true;
      fields.push({ key, child: compileNode(value, dialect, depth + 1, count) });
    } else throw new PatternFault(`"${key}" must be an object or an array`);
  }
  return { fields, either };
}

function matchNode(node: Node, object: Readonly<Record<string, unknown>>): boolean {
  return (
    node.fields.every(({ key, child }) => {
      const found = Object.hasOwn(object, key) ? flatten(object[key]) : [];
      if (!('fields' in child)) return matchLeaf(child, found.filter(isScalar));
      const objects = found.filter(isObject);
      // What is not there can still be asked to be absent.
      return objects.length === 0 ? matchNode(child, {}) : objects.some((each) => matchNode(child, each));
    }) && node.either.every((branches) => branches.some((branch) => matchNode(branch, object)))
  );
}

function matchLeaf(rules: readonly Rule[], values: readonly Scalar[]): boolean {
  return rules.some((rule) =>
    rule.kind === 'exists' ? rule.wanted === values.length > 0 : values.some((value) => rule.matches(value)),
  );
}

/** An array's elements, however deep; anything else alone. */
function flatten(value: unknown): unknown[] {
  if (!Array.isArray(value)) return [value];
  const out: unknown[] = [];
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    const next = stack.pop();
    if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) stack.push(next[i]);
    else out.push(next);
  }
  return out;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
