import type { Comparator, Condition, Operand, Path } from '../expressions/ast.ts';
import type { Source } from './source.ts';

const comparators: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** A path of a statement: `a.b[0]`, parts in double quotes or not. `named` hears of the attribute. */
export function readPath(source: Source, named: Set<string>): Path {
  const path: [string, ...(string | number)[]] = [source.name()];
  for (;;)
    if (source.accept('.')) path.push(source.name());
    else if (source.accept('[')) {
      if (source.next.kind === 'number') path.push(Number(source.take().text));
      else if (source.next.kind === 'text') path.push(source.take().text);
      else throw source.unexpected();
      source.expect(']');
    } else break;
  named.add(path[0]);
  return path;
}

/** The condition behind WHERE. @throws AwsError ValidationException */
export function readCondition(source: Source, named: Set<string>): Condition {
  let left = conjunction(source, named);
  while (source.accept('OR')) left = { op: 'or', left, right: conjunction(source, named) };
  return left;
}

function conjunction(source: Source, named: Set<string>): Condition {
  let left = negation(source, named);
  while (source.accept('AND')) left = { op: 'and', left, right: negation(source, named) };
  return left;
}

function negation(source: Source, named: Set<string>): Condition {
  return source.accept('NOT') ? { op: 'not', of: source.nested(() => negation(source, named)) } : test(source, named);
}

function test(source: Source, named: Set<string>): Condition {
  if (source.accept('(')) {
    const inner = source.nested(() => readCondition(source, named));
    source.expect(')');
    return inner;
  }
  const name = source.next.text.toLowerCase();
  if (source.next.kind === 'word' && source.peek(1)?.text === '(' && name !== 'size') return call(source, name, named);
  const of = operand(source, named);
  if (source.accept('BETWEEN')) {
    const low = operand(source, named);
    source.expect('AND');
    return { op: 'between', of, low, high: operand(source, named) };
  }
  if (source.accept('IN')) {
    const close = source.accept('[') ? ']' : source.accept('(') ? ')' : undefined;
    if (!close) throw source.unexpected();
    return { op: 'in', of, list: source.values(close).map((value) => ({ value })) };
  }
  if (source.accept('IS')) return isTest(source, of);
  const op = source.next.kind === 'sign' ? comparators[source.next.text] : undefined;
  if (!op) throw source.unexpected();
  source.take();
  return { op, left: of, right: operand(source, named) };
}

function isTest(source: Source, of: Operand): Condition {
  const not = source.accept('NOT');
  if (!('path' in of)) throw source.unexpected();
  if (source.accept('MISSING')) return { op: not ? 'attribute_exists' : 'attribute_not_exists', path: of.path };
  source.expect('NULL');
  const isNull: Condition = { op: 'attribute_type', path: of.path, type: 'NULL' };
  return not ? { op: 'not', of: isNull } : isNull;
}

function operand(source: Source, named: Set<string>): Operand {
  if (source.isValue()) return { value: source.value() };
  if (source.is('SIZE') && source.peek(1)?.text === '(') {
    source.expect('SIZE', '(');
    const of = source.nested(() => operand(source, named));
    source.expect(')');
    return { size: of };
  }
  return { path: readPath(source, named) };
}

function call(source: Source, name: string, named: Set<string>): Condition {
  if (!['begins_with', 'contains', 'attribute_type'].includes(name)) throw source.unexpected();
  source.take();
  source.expect('(');
  const of = source.nested(() => operand(source, named));
  source.expect(',');
  const second = source.nested(() => operand(source, named));
  source.expect(')');
  if (name !== 'attribute_type') return { op: name as 'contains', of, with: second };
  if (!('path' in of) || !('value' in second) || !('S' in second.value)) throw source.unexpected();
  return { op: 'attribute_type', path: of.path, type: second.value.S };
}
