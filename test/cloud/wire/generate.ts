import type { NormalizedSchema } from '@smithy/core/schema';
import { type Constraint, constraintsOf, valuesOf } from '../../../server/cloud/wire/constraints.ts';
import { membersOf } from '../../../server/cloud/wire/schemas.ts';
import type { WireService } from '../../../server/cloud/wire/services.ts';
import { type Dice, pick } from './dice.ts';

/** `all`: every member; `required`: those alone; `some`: each by the toss of a coin; `empty`: every member, as little as can be. */
export type Fill = 'all' | 'required' | 'some' | 'empty';

export interface Plan {
  roll: Dice;
  /** Whose constraints the values keep to. */
  wire: WireService;
  fill: Fill;
  /** Values of members whose text a client or a route reads, by name; undefined: never set. */
  fixed: Readonly<Record<string, unknown>>;
  /** Names in maps. */
  keys: readonly string[];
}

const words = ['x', 'a b', '0', 'true', 'ünïcode ☃ 𝔘', '<&"\'>', 'two\nlines\ttab', '%2F+/=&?#', ' padded ', '', '\\"'];
const headerWords = ['x', 'a b', '0', 'true', '<&"\'>', '%2F+/=&?#', 'one, two', '\\"'];
const pathWords = ['x', 'a b', '0', 'true', '<&"\'>', '%2F+=&?#', 'ünïcode', 'a:b@c'];

/** A value of an input's or output's schema; what holds itself ends after a few levels. */
export function generate(schema: NormalizedSchema, plan: Plan): Record<string, unknown> {
  return structure(schema, plan, 0);
}

function structure(schema: NormalizedSchema, plan: Plan, depth: number): Record<string, unknown> {
  const members = [...membersOf(schema)];
  const simple = members.filter(([, member]) => isSimple(member));
  const chosen = schema.isUnionSchema()
    ? [pick(plan.roll, depth < 4 || simple.length === 0 ? members : simple)]
    : members.filter(
        ([name, member, required]) => required || always(name, member, plan) || wants(plan, depth, member),
      );
  // A structure without a member cannot be told from none in forms and XML.
  if (chosen.length === 0 && depth > 0 && members.length > 0) chosen.push(simple[0] ?? members[0]!);
  const out: Record<string, unknown> = {};
  const constraints = constraintsOf(plan.wire, schema);
  for (const [name, member, required] of chosen) {
    const isFixed = Object.hasOwn(plan.fixed, name) && isSimple(member);
    const made = isFixed ? plan.fixed[name] : value(member, plan, depth + 1, required ? 1 : 0, constraints.get(name));
    if (made !== undefined) out[name] = made;
  }
  return out;
}

/** What the wire or the client gives a value in any case. */
function always(name: string, member: NormalizedSchema, plan: Plan): boolean {
  const traits = member.getMergedTraits();
  return Boolean(
    traits.httpLabel ||
      traits.httpPayload ||
      traits.httpResponseCode ||
      traits.idempotencyToken ||
      (Object.hasOwn(plan.fixed, name) && isSimple(member)),
  );
}

function wants({ fill, roll }: Plan, depth: number, member: NormalizedSchema): boolean {
  if (fill === 'required') return false;
  if (depth > 3) return isSimple(member) && roll() < 0.3;
  return fill !== 'some' || roll() < 0.5;
}

function isSimple(schema: NormalizedSchema): boolean {
  return !schema.isStructSchema() && !schema.isListSchema() && !schema.isMapSchema();
}

function value(
  schema: NormalizedSchema,
  plan: Plan,
  depth: number,
  atLeast: number,
  constraint: Constraint = {},
): unknown {
  const { roll, fill, keys } = plan;
  if (schema.isDocumentSchema()) return fill === 'empty' ? {} : { a: [1, 'x', true, { b: 'ü' }] };
  if (schema.isStructSchema()) return structure(schema, plan, depth);
  const [least, most] = constraint.length ?? [0, null];
  const wanted = fill === 'empty' || depth > 7 ? atLeast : depth > 3 ? 1 : 1 + Math.floor(roll() * 3);
  const count = Math.min(Math.max(wanted, least ?? 0), most ?? Infinity);
  const traits = schema.getMergedTraits();
  const bound = Boolean(traits.httpHeader || traits.httpPrefixHeaders);
  const item = (): unknown => {
    const inner = schema.getValueSchema();
    return isSimple(inner)
      ? scalar(inner, plan, bound, constraint.item)
      : value(inner, plan, depth + 1, 0, constraint.item);
  };
  if (schema.isListSchema()) return Array.from({ length: count }, item);
  if (schema.isMapSchema())
    return Object.fromEntries(
      Array.from({ length: count }, (_, i) => [bound ? `key-${i}` : `${pick(roll, keys)}${i || ''}`, item()]),
    );
  return scalar(schema, plan, bound, constraint);
}

function scalar(schema: NormalizedSchema, plan: Plan, inHeader: boolean, constraint: Constraint = {}): unknown {
  const { enumeration, range, length } = constraint;
  if (enumeration !== undefined) return pick(plan.roll, valuesOf(plan.wire, enumeration));
  const made = anything(schema, plan, inHeader);
  const [least, most] = range ?? length ?? [null, null];
  if (typeof made === 'number') return Math.min(Math.max(made, least ?? made), most ?? Infinity);
  if (typeof made !== 'string' && !(made instanceof Uint8Array)) return made;
  if (made.length >= (least ?? 0) && made.length <= (most ?? made.length)) return made;
  const fitting = 'x'.repeat(least || Math.min(1, most ?? 1));
  return typeof made === 'string' ? fitting : Buffer.from(fitting);
}

function anything(schema: NormalizedSchema, { roll, fill }: Plan, inHeader: boolean): unknown {
  const traits = schema.getMergedTraits();
  if (traits.httpResponseCode) return 202;
  if (schema.isStringSchema()) {
    if (traits.idempotencyToken) return 'token-of-thirty-six-characters-000000';
    if (traits.httpLabel) return pick(roll, pathWords);
    if (inHeader) return pick(roll, headerWords);
    return fill === 'empty' && !traits.httpPayload ? '' : pick(roll, words);
  }
  if (schema.isBooleanSchema()) return fill !== 'empty' && roll() < 0.5;
  if (schema.isNumericSchema() || schema.isBigIntegerSchema())
    return fill === 'empty' ? 0 : pick(roll, [1, -1, 0, 65_536, 2 ** 40]);
  if (schema.isTimestampSchema())
    return new Date(fill === 'empty' ? 0 : (1_700_000_000 + Math.floor(roll() * 1e6)) * 1000);
  if (schema.isBlobSchema())
    return Buffer.from(fill === 'empty' && !traits.httpPayload ? [] : [0, 255, Math.floor(roll() * 256), 10]);
  throw new Error(`no value for ${schema.getName(true)}`);
}
