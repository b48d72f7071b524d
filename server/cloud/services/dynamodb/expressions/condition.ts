import { compare, shown, typeOf } from '../values.ts';
import { type Comparator, type Condition, type Operand, type Path, pathList, samePath } from './ast.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';

const comparators: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
const functions: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};
const typeNames = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS']);

/** A parsed expression, and the top-level attributes that it names. */
export interface Parsed<T> {
  tree: T;
  attributes: ReadonlySet<string>;
}

/** Reads a condition, filter or key condition expression. @throws AwsError ValidationException */
export function parseCondition(kind: string, text: string, placeholders: Placeholders): Parsed<Condition> {
  const parser = new Parser(kind, text, placeholders);
  const tree = disjunction(parser);
  parser.end();
  return { tree, attributes: parser.attributes };
}

function disjunction(parser: Parser): Condition {
  let left = conjunction(parser);
  while (parser.accept('OR')) {
    parser.count();
    left = { op: 'or', left, right: conjunction(parser) };
  }
  return left;
}

function conjunction(parser: Parser): Condition {
  let left = negation(parser);
  while (parser.accept('AND')) {
    parser.count();
    left = { op: 'and', left, right: negation(parser) };
  }
  return left;
}

function negation(parser: Parser): Condition {
  if (!parser.accept('NOT')) return test(parser);
  parser.count();
  return { op: 'not', of: parser.nested(() => negation(parser)) };
}

function test(parser: Parser): Condition {
  if (parser.is('(')) {
    parser.take();
    const inner = parser.nested(() => disjunction(parser));
    parser.expect(')');
    return inner;
  }
  const name = parser.next.text;
  if (parser.next.kind === 'word' && parser.peek(1)?.text === '(' && name !== 'size') return call(parser, name);
  const of = operand(parser);
  parser.count();
  if (parser.accept('BETWEEN')) {
    const low = operand(parser);
    parser.expect('AND');
    return between(parser, of, low, operand(parser));
  }
  if (parser.accept('IN')) {
    parser.expect('(');
    const list = [operand(parser)];
    while (parser.accept(',')) list.push(operand(parser));
    parser.expect(')');
    if (list.length > 100) throw parser.wrongCount('IN', list.length + 1);
    return { op: 'in', of, list };
  }
  if (!comparators.has(parser.next.text)) throw parser.syntaxError();
  const op = parser.take().text as Comparator;
  const right = operand(parser);
  distinct(parser, op, of, right);
  if (op !== '=' && op !== '<>')
    for (const side of [of, right])
      if ('value' in side && !['S', 'N', 'B'].includes(typeOf(side.value))) throw parser.wrongType(op, side.value);
  return { op, left: of, right };
}

function between(parser: Parser, of: Operand, low: Operand, high: Operand): Condition {
  if ('value' in low && 'value' in high) {
    const order = compare(low.value, high.value);
    if (order === undefined && typeOf(low.value) !== typeOf(high.value))
      throw parser.invalid(
        `The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: ${shown(low.value)}, upper bound operand: AttributeValue: ${shown(high.value)}`,
      );
    if (order === undefined) throw parser.wrongType('BETWEEN', low.value);
    if (order > 0)
      throw parser.invalid(
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: ${shown(low.value)}, upper bound operand: AttributeValue: ${shown(high.value)}`,
      );
  }
  return { op: 'between', of, low, high };
}

function operand(parser: Parser): Operand {
  if (parser.next.kind === 'word' && parser.peek(1)?.text === '(') {
    const name = parser.take().text;
    if (name !== 'size') {
      if (Object.hasOwn(functions, name))
        throw parser.invalid(`The function is not allowed to be used this way in an expression; function: ${name}`);
      throw parser.invalid(`Invalid function name; function: ${name}`);
    }
    const [of, ...more] = parser.nested(() => args(parser));
    if (more.length) throw parser.wrongCount('size', more.length + 1);
    parser.count();
    return { size: of! };
  }
  if (parser.is('(')) {
    parser.take();
    const inner = parser.nested(() => operand(parser));
    parser.expect(')');
    return inner;
  }
  return parser.simpleOperand();
}

function args(parser: Parser): Operand[] {
  parser.expect('(');
  const out = [operand(parser)];
  while (parser.accept(',')) out.push(operand(parser));
  parser.expect(')');
  return out;
}

function call(parser: Parser, name: string): Condition {
  const arity = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (arity === undefined) {
    if (name === 'if_not_exists' || name === 'list_append')
      throw parser.invalid(`The function is not allowed in a condition expression; function: ${name}`);
    throw parser.invalid(`Invalid function name; function: ${name}`);
  }
  parser.take();
  const given = parser.nested(() => args(parser));
  parser.count();
  if (given.length !== arity) throw parser.wrongCount(name, given.length);
  const [first, second] = given as [Operand, Operand];
  const path = (): Path => {
    if ('path' in first) return first.path;
    throw parser.invalid(`Operator or function requires a document path; operator or function: ${name}`);
  };
  if (name === 'attribute_exists' || name === 'attribute_not_exists') return { op: name, path: path() };
  if (name === 'attribute_type') {
    if (!('value' in second) || !('S' in second.value))
      throw parser.invalid(
        `Incorrect operand type for operator or function; operator or function: attribute_type, operand type: ${'value' in second ? typeOf(second.value) : 'PATH'}`,
      );
    if (!typeNames.has(second.value.S))
      throw parser.invalid(
        `Invalid attribute type name found; type: ${second.value.S.slice(0, 100)}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
    return { op: 'attribute_type', path: path(), type: second.value.S };
  }
  distinct(parser, name, first, second);
  if (name === 'begins_with')
    for (const side of given)
      if ('value' in side && !('S' in side.value || 'B' in side.value)) throw parser.wrongType(name, side.value);
  return { op: name as 'begins_with' | 'contains', of: first, with: second };
}

function distinct(parser: Parser, op: string, left: Operand, right: Operand): void {
  if ('path' in left && 'path' in right && samePath(left.path, right.path))
    throw parser.invalid(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${op}, first operand: ${pathList(left.path)}`,
    );
}
