import { compare, contentOf, equal, type Item, typeOf, type Value } from '../values.ts';
import type { Condition, Operand, Path } from './ast.ts';
import { includesBytes, includesText } from './includes.ts';

/** The value at a path; undefined where there is none. */
export function valueAt(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = { M: item };
  for (const step of path) {
    if (value === undefined) return undefined;
    value = stepInto(value, step);
  }
  return value;
}

function stepInto(value: Value, step: string | number): Value | undefined {
  if (typeof step === 'number') return 'L' in value ? value.L[step] : undefined;
  return 'M' in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

function operandValue(item: Item, operand: Operand): Value | undefined {
  if ('value' in operand) return operand.value;
  if ('path' in operand) return valueAt(item, operand.path);
  const of = operandValue(item, operand.size);
  const size = of && sizeOf(of);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: Value): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('M' in value) return Object.keys(value.M).length;
  const content = contentOf(value);
  return Array.isArray(content) ? content.length : undefined;
}

/** Does the item meet the condition? What cannot be compared does not. */
export function meets(item: Item, condition: Condition): boolean {
  switch (condition.op) {
    case 'and':
      return meets(item, condition.left) && meets(item, condition.right);
    case 'or':
      return meets(item, condition.left) || meets(item, condition.right);
    case 'not':
      return !meets(item, condition.of);
    case 'attribute_exists':
      return valueAt(item, condition.path) !== undefined;
    case 'attribute_not_exists':
      return valueAt(item, condition.path) === undefined;
    case 'attribute_type': {
      const value = valueAt(item, condition.path);
      return value !== undefined && typeOf(value) === condition.type;
    }
    case 'begins_with':
      return startsWith(operandValue(item, condition.of), operandValue(item, condition.with));
    case 'contains':
      return containsValue(operandValue(item, condition.of), operandValue(item, condition.with));
    case 'between': {
      const of = operandValue(item, condition.of);
      return (
        ordered(operandValue(item, condition.low), of, (order) => order <= 0) &&
        ordered(of, operandValue(item, condition.high), (order) => order <= 0)
      );
    }
    case 'in': {
      const of = operandValue(item, condition.of);
      return of !== undefined && condition.list.some((each) => same(of, operandValue(item, each)));
    }
    case '=':
      return same(operandValue(item, condition.left), operandValue(item, condition.right));
    case '<>': {
      // Of two operands that are not there, or one, `<>` is true as `=` is false.
      return !same(operandValue(item, condition.left), operandValue(item, condition.right));
    }
    case '<':
      return ordered(operandValue(item, condition.left), operandValue(item, condition.right), (order) => order < 0);
    case '<=':
      return ordered(operandValue(item, condition.left), operandValue(item, condition.right), (order) => order <= 0);
    case '>':
      return ordered(operandValue(item, condition.left), operandValue(item, condition.right), (order) => order > 0);
    case '>=':
      return ordered(operandValue(item, condition.left), operandValue(item, condition.right), (order) => order >= 0);
  }
}

const same = (a: Value | undefined, b: Value | undefined): boolean => a !== undefined && b !== undefined && equal(a, b);

function ordered(a: Value | undefined, b: Value | undefined, test: (order: number) => boolean): boolean {
  const order = a && b ? compare(a, b) : undefined;
  return order !== undefined && test(order);
}

function startsWith(value: Value | undefined, prefix: Value | undefined): boolean {
  if (!value || !prefix) return false;
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if ('B' in value && 'B' in prefix) {
    const start = Buffer.from(prefix.B, 'base64');
    return Buffer.from(value.B, 'base64').subarray(0, start.length).equals(start);
  }
  return false;
}

function containsValue(value: Value | undefined, part: Value | undefined): boolean {
  if (!value || !part) return false;
  if ('S' in value) return 'S' in part && includesText(value.S, part.S, part);
  if ('B' in value) return 'B' in part && includesBytes(value.B, part.B, part);
  if ('SS' in value) return 'S' in part && value.SS.includes(part.S);
  if ('NS' in value) return 'N' in part && value.NS.includes(part.N);
  if ('BS' in value) return 'B' in part && value.BS.includes(part.B);
  return 'L' in value && value.L.some((each) => equal(each, part));
}
