import { invalidParameter } from './errors.ts';
import { compileRule, isScalar, type Rule, type Scalar } from './filter-rules.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** A message attribute as Publish takes it; binary values in base64. */
export interface Attribute {
  Type: string;
  Value: string;
}

/** Does this message pass? */
export type MessageFilter = (message: string, attributes: Readonly<Record<string, Attribute>>) => boolean;

type Node =
  | { kind: 'all'; children: { key: string; node: Node }[]; either: Node[][] }
  | { kind: 'leaf'; rules: Rule[] };

const fault = (what: string) => invalidParameter(`FilterPolicy: ${what}`);
const deepest = 30;

/**
 * Compiles a filter policy: every key must match, any rule of a key is enough, `$or` takes one of several.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 * @throws InvalidParameterException as SetSubscriptionAttributes would
 */
export function compileFilterPolicy(text: string, scope: FilterScope): MessageFilter {
  if (Buffer.byteLength(text) > 262_144) throw fault('Filter policy is too large');
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw fault('failed to parse JSON.');
  }
  if (!isObject(policy)) throw fault('Filter policy must be a JSON object');
  const count = { keys: 0, combinations: 1 };
  const root = compileNode(policy, scope, 0, count);
  if (count.keys > 5) throw fault('Filter policy can not have more than 5 keys');
  if (count.combinations > 150) throw fault('Filter policy is too complex');
  if (scope === 'MessageBody')
    return (message) => {
      let body: unknown;
      try {
        body = JSON.parse(message);
      } catch {
        return false;
      }
      return isObject(body) && matchNode(root, [body]);
    };
  return (_message, attributes) => matchNode(root, [valuesOf(attributes)]);
}

function compileNode(
  policy: Record<string, unknown>,
  scope: FilterScope,
  depth: number,
  count: { keys: number; combinations: number },
): Node {
  if (depth > deepest) throw fault('Filter policy is nested too deeply');
  const children: { key: string; node: Node }[] = [];
  const either: Node[][] = [];
  for (const [key, value] of Object.entries(policy)) {
    if (key === '$or' && Array.isArray(value) && value.length >= 2 && value.every(isObject)) {
      either.push(value.map((branch) => compileNode(branch as Record<string, unknown>, scope, depth + 1, count)));
      continue;
    }
    if (Array.isArray(value)) {
      if (value.length === 0) throw fault('Empty arrays are not allowed');
      count.keys++;
      // Each level of nesting multiplies once more.
      count.combinations = Math.min(1e9, count.combinations * value.length * (depth + 1));
      children.push({ key, node: { kind: 'leaf', rules: value.map(compileRule) } });
    } else if (isObject(value)) {
      if (scope === 'MessageAttributes')
        throw fault('Filter policy scope MessageAttributes does not support nested filter policy');
      if (Object.keys(value).length === 0) throw fault('Empty objects are not allowed');
      children.push({ key, node: compileNode(value, scope, depth + 1, count) });
    } else throw fault(`"${key}" must be an object or an array`);
  }
  return { kind: 'all', children, either };
}

/** `places`: what stands where the node looks; arrays in a body give several. */
function matchNode(node: Node, places: readonly unknown[]): boolean {
  if (node.kind === 'leaf') return matchLeaf(node.rules, places);
  const objects = places.filter(isObject);
  return (
    node.children.every(({ key, node: child }) =>
      matchNode(
        child,
        objects.filter((object) => Object.hasOwn(object, key)).flatMap((object) => flatten(object[key])),
      ),
    ) && node.either.every((branches) => branches.some((branch) => matchNode(branch, places)))
  );
}

function matchLeaf(rules: readonly Rule[], places: readonly unknown[]): boolean {
  const values: Scalar[] = places.filter(isScalar);
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

function valuesOf(attributes: Readonly<Record<string, Attribute>>): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, { Type, Value }] of Object.entries(attributes)) {
    if (Type === 'Number' || Type.startsWith('Number.')) out[name] = Number(Value);
    else if (Type === 'String.Array') {
      try {
        out[name] = JSON.parse(Value);
      } catch {
        out[name] = Value;
      }
    } else if (!Type.startsWith('Binary')) out[name] = Value;
  }
  return out;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
