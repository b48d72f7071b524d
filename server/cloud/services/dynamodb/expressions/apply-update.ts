import { invalidValues, validation } from '../errors.ts';
import { addNumbers } from '../numbers.ts';
import { type Item, typeOf, type Value } from '../values.ts';
import type { Path, SetValue, Update } from './ast.ts';
import { valueAt } from './evaluate.ts';

const missing = (): Error =>
  validation('The provided expression refers to an attribute that does not exist in the item');
const wrongType = (): Error => validation('An operand in the update expression has an incorrect data type');
const wrongPath = (): Error => validation('The document path provided in the update expression is invalid for update');

/** The item after an update. All right sides see the item as it was before. @throws AwsError ValidationException */
export function applyUpdate(item: Item, update: Update): Item {
  let out = item;
  const values = update.set.map(({ value }) => resolve(item, value));
  update.set.forEach(({ path }, i) => {
    out = write(out, path, values[i]!);
  });
  for (const { path, value } of update.add) out = write(out, path, added(valueAt(item, path), value));
  for (const { path, value } of update.delete) {
    const before = valueAt(item, path);
    if (before === undefined) continue;
    const left = without(before, value);
    out = left ? write(out, path, left) : erase(out, path);
  }
  // From the back of each list to its front, so that positions stay what they were.
  const removals = [...update.remove].sort(byPosition);
  for (const path of removals) out = erase(out, path);
  return out;
}

function byPosition(a: Path, b: Path): number {
  const at = a.findIndex((step, i) => step !== b[i]);
  const [one, other] = [a[at], b[at]];
  return typeof one === 'number' && typeof other === 'number' ? other - one : 0;
}

function resolve(item: Item, value: SetValue): Value {
  if ('value' in value) return value.value;
  if ('path' in value) {
    const found = valueAt(item, value.path);
    if (!found) throw missing();
    return found;
  }
  if ('ifNotExists' in value) return valueAt(item, value.ifNotExists[0]) ?? resolve(item, value.ifNotExists[1]);
  if ('listAppend' in value) {
    const [first, second] = value.listAppend.map((each) => resolve(item, each)) as [Value, Value];
    if (!('L' in first && 'L' in second)) throw wrongType();
    return { L: [...first.L, ...second.L] };
  }
  if ('size' in value) throw wrongType();
  const [left, right] = ('plus' in value ? value.plus : value.minus).map((each) => resolve(item, each)) as [
    Value,
    Value,
  ];
  if (!('N' in left && 'N' in right)) throw wrongType();
  return { N: addNumbers(left.N, right.N, 'minus' in value) };
}

/** ADD: a number grows, a set takes members. */
export function added(before: Value | undefined, value: Value): Value {
  if (before === undefined) return value;
  if (typeOf(before) !== typeOf(value)) throw wrongType();
  if ('N' in before && 'N' in value) return { N: addNumbers(before.N, value.N) };
  return merged(before, value, (one, other) => [...new Set([...one, ...other])])!;
}

/** DELETE: members leave a set; undefined when none is left. */
export function without(before: Value, value: Value): Value | undefined {
  if (typeOf(before) !== typeOf(value)) throw wrongType();
  return merged(before, value, (one, other) => {
    const leaving = new Set(other);
    return one.filter((each) => !leaving.has(each));
  });
}

function merged(a: Value, b: Value, merge: (one: string[], other: string[]) => string[]): Value | undefined {
  const make = (one: string[], other: string[]): string[] | undefined => {
    const members = merge(one, other);
    return members.length ? members : undefined;
  };
  if ('SS' in a && 'SS' in b) return wrap('SS', make(a.SS, b.SS));
  if ('NS' in a && 'NS' in b) return wrap('NS', make(a.NS, b.NS));
  if ('BS' in a && 'BS' in b) return wrap('BS', make(a.BS, b.BS));
  throw wrongType();
}

const wrap = (type: 'SS' | 'NS' | 'BS', members: string[] | undefined): Value | undefined =>
  members && ({ [type]: members } as { SS: string[] });

function write(item: Item, [name, ...rest]: Path, value: Value): Item {
  const before = Object.hasOwn(item, name) ? item[name] : undefined;
  return { ...item, [name]: writeBelow(before, rest, value) };
}

function writeBelow(before: Value | undefined, path: readonly (string | number)[], value: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (before === undefined) throw wrongPath();
  if (typeof step === 'number') {
    if (!('L' in before)) throw wrongPath();
    const list = [...before.L];
    // Beyond the end means at the end.
    const at = Math.min(step, list.length);
    list[at] = writeBelow(list[at], rest, value);
    return { L: list };
  }
  if (!('M' in before)) throw wrongPath();
  const inner = Object.hasOwn(before.M, step) ? before.M[step] : undefined;
  return { M: { ...before.M, [step]: writeBelow(inner, rest, value) } };
}

function erase(item: Item, path: Path): Item {
  const erased = eraseBelow({ M: item }, path);
  return 'M' in erased ? erased.M : item;
}

function eraseBelow(before: Value, path: readonly (string | number)[]): Value {
  const [step, ...rest] = path as [string | number, ...(string | number)[]];
  if (typeof step === 'number') {
    if (!('L' in before)) throw wrongPath();
    if (step >= before.L.length) return before;
    if (rest.length === 0) return { L: before.L.filter((_, i) => i !== step) };
    return { L: before.L.map((each, i) => (i === step ? eraseBelow(each, rest) : each)) };
  }
  if (!('M' in before)) throw wrongPath();
  if (!Object.hasOwn(before.M, step)) {
    if (rest.length) throw wrongPath();
    return before;
  }
  return {
    M: Object.fromEntries(
      Object.entries(before.M).flatMap(([name, value]) =>
        name !== step ? [[name, value]] : rest.length ? [[name, eraseBelow(value, rest)]] : [],
      ),
    ),
  };
}

/** Only what is no part of the key may be written. @throws AwsError ValidationException */
export function checkKeyUntouched(keyNames: readonly string[], paths: readonly Path[]): void {
  for (const [name] of paths)
    if (keyNames.includes(name))
      throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`);
}
