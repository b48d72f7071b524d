import { typeOf, typeWords, type Value } from '../values.ts';
import type { Path, SetValue, Update } from './ast.ts';
import type { Parsed } from './condition.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';
import { checkOverlap } from './project.ts';

const sections = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

/** Reads an update expression. @throws AwsError ValidationException */
export function parseUpdate(text: string, placeholders: Placeholders): Parsed<Update> {
  const parser = new Parser('UpdateExpression', text, placeholders);
  const tree: Update = { set: [], remove: [], add: [], delete: [] };
  const seen = new Set<string>();
  do {
    const section = sections.find((name) => parser.is(name));
    if (!section) throw parser.syntaxError();
    if (seen.has(section))
      throw parser.invalid(`The "${section}" section can only be used once in an update expression;`);
    seen.add(section);
    parser.take();
    do readAction(parser, tree, section);
    while (parser.accept(','));
  } while (parser.next.kind !== 'end');
  checkOverlap(writtenPaths(tree), (message) => parser.invalid(message));
  return { tree, attributes: parser.attributes };
}

function readAction(parser: Parser, tree: Update, section: (typeof sections)[number]): void {
  const path = parser.path();
  parser.count();
  if (section === 'SET') {
    parser.expect('=');
    tree.set.push({ path, value: readSum(parser) });
  } else if (section === 'REMOVE') tree.remove.push(path);
  else {
    const value = parser.value();
    const allowed = section === 'ADD' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
    if (!allowed.includes(typeOf(value)))
      throw parser.invalid(
        `Incorrect operand type for operator or function; operator: ${section}, operand type: ${typeWords[typeOf(value)]}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
      );
    tree[section === 'ADD' ? 'add' : 'delete'].push({ path, value });
  }
}

function readSum(parser: Parser): SetValue {
  const left = readTerm(parser);
  for (const [sign, name] of [
    ['+', 'plus'],
    ['-', 'minus'],
  ] as const)
    if (parser.accept(sign)) {
      parser.count();
      const right = readTerm(parser);
      for (const side of [left, right]) if ('value' in side) mustBe(parser, sign, side.value, 'N');
      return { [name]: [left, right] } as { plus: [SetValue, SetValue] };
    }
  return left;
}

function readTerm(parser: Parser): SetValue {
  if (parser.is('(')) {
    parser.take();
    const inner = parser.nested(() => readSum(parser));
    parser.expect(')');
    return inner;
  }
  if (parser.next.kind !== 'word' || parser.peek(1)?.text !== '(') return parser.simpleOperand();
  const name = parser.take().text;
  parser.count();
  const [first, second, ...more] = parser.nested(() => {
    parser.expect('(');
    const out = [readSum(parser)];
    while (parser.accept(',')) out.push(readSum(parser));
    parser.expect(')');
    return out;
  });
  if (name !== 'if_not_exists' && name !== 'list_append') {
    if (
      ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains', 'size'].includes(name)
    )
      throw parser.invalid(`The function is not allowed in an update expression; function: ${name}`);
    throw parser.invalid(`Invalid function name; function: ${name}`);
  }
  if (!second || more.length) throw parser.wrongCount(name, (second ? 2 : 1) + more.length);
  if (name === 'if_not_exists') {
    if (!first || !('path' in first))
      throw parser.invalid(`Operator or function requires a document path; operator or function: ${name}`);
    return { ifNotExists: [first.path, second] };
  }
  for (const side of [first!, second]) if ('value' in side) mustBe(parser, name, side.value, 'L');
  return { listAppend: [first!, second] };
}

function mustBe(parser: Parser, name: string, value: Value, type: 'N' | 'L'): void {
  if (typeOf(value) !== type) throw parser.wrongType(name, value);
}

/** Every path that an update writes to. */
export function writtenPaths(update: Update): Path[] {
  return [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);
}
