import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors.ts';
import type { Condition, Path, SetValue, Update } from '../expressions/ast.ts';
import { checkOverlap } from '../expressions/project.ts';
import { writtenPaths } from '../expressions/update.ts';
import type { Item } from '../values.ts';
import { readCondition, readPath } from './conditions.ts';
import { Source } from './source.ts';

/** A statement, read. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html */
export interface Statement {
  kind: 'select' | 'insert' | 'update' | 'delete' | 'exists';
  table: string;
  index?: string;
  /** Of a SELECT that does not want all. */
  paths?: Path[];
  where?: Condition;
  backwards?: boolean;
  item?: Item;
  update?: Update;
  /** As ReturnValues would say it. */
  returning: string;
  /** Every top-level attribute that the statement names. */
  attributes: ReadonlySet<string>;
}

/** @throws AwsError ValidationException */
export function readStatement(text: string, parameters: readonly AttributeValue[] | undefined): Statement {
  const source = new Source(text, parameters);
  const statement = source.accept('EXISTS', '(') ? exists(source) : anyStatement(source);
  source.end();
  return statement;
}

function exists(source: Source): Statement {
  const statement = select(source);
  source.expect(')');
  return { ...statement, kind: 'exists' };
}

function anyStatement(source: Source): Statement {
  if (source.is('SELECT')) return select(source);
  if (source.accept('INSERT', 'INTO')) return insert(source);
  if (source.accept('UPDATE')) return update(source);
  if (source.accept('DELETE', 'FROM')) return remove(source);
  throw source.unexpected();
}

function readTable(source: Source): Pick<Statement, 'table' | 'index'> {
  const table = source.name();
  return source.accept('.') ? { table, index: source.name() } : { table };
}

function select(source: Source): Statement {
  source.expect('SELECT');
  const attributes = new Set<string>();
  let paths: Path[] | undefined;
  if (!source.accept('*')) {
    paths = [readPath(source, attributes)];
    while (source.accept(',')) paths.push(readPath(source, attributes));
    checkOverlap(paths);
  }
  source.expect('FROM');
  const from = readTable(source);
  const where = source.accept('WHERE') ? readCondition(source, attributes) : undefined;
  let backwards = false;
  if (source.accept('ORDER', 'BY')) {
    readPath(source, attributes);
    backwards = source.accept('DESC');
    if (!backwards) source.accept('ASC');
  }
  return {
    kind: 'select',
    ...from,
    ...(paths ? { paths } : {}),
    ...(where ? { where } : {}),
    backwards,
    returning: 'NONE',
    attributes,
  };
}

function insert(source: Source): Statement {
  const { table } = readTable(source);
  source.expect('VALUE');
  const value = source.value();
  if (!('M' in value)) throw source.unexpected();
  return { kind: 'insert', table, item: value.M, returning: 'NONE', attributes: new Set(Object.keys(value.M)) };
}

function update(source: Source): Statement {
  const { table } = readTable(source);
  const attributes = new Set<string>();
  const tree: Update = { set: [], remove: [], add: [], delete: [] };
  for (;;)
    if (source.accept('SET'))
      do readSet(source, tree, attributes);
      while (source.accept(','));
    else if (source.accept('REMOVE'))
      do tree.remove.push(readPath(source, attributes));
      while (source.accept(','));
    else break;
  const written = writtenPaths(tree);
  if (written.length === 0) throw source.unexpected();
  checkOverlap(written);
  const where = readWhere(source, attributes);
  return { kind: 'update', table, where, update: tree, returning: readReturning(source), attributes };
}

function remove(source: Source): Statement {
  const { table } = readTable(source);
  const attributes = new Set<string>();
  const where = readWhere(source, attributes);
  const returning = readReturning(source);
  if (returning !== 'NONE' && returning !== 'ALL_OLD')
    throw validation('Unsupported returning clause for DELETE: only ALL OLD is supported');
  return { kind: 'delete', table, where, returning, attributes };
}

function readWhere(source: Source, attributes: Set<string>): Condition {
  source.expect('WHERE');
  return readCondition(source, attributes);
}

function readSet(source: Source, tree: Update, attributes: Set<string>): void {
  const path = readPath(source, attributes);
  source.expect('=');
  const name = source.next.text.toLowerCase();
  if ((name === 'set_add' || name === 'set_delete') && source.peek(1)?.text === '(') {
    source.take();
    source.expect('(');
    readPath(source, attributes);
    source.expect(',');
    tree[name === 'set_add' ? 'add' : 'delete'].push({ path, value: source.value() });
    source.expect(')');
  } else tree.set.push({ path, value: readSum(source, attributes) });
}

function readSum(source: Source, attributes: Set<string>): SetValue {
  const left = readTerm(source, attributes);
  if (source.accept('+')) return { plus: [left, readTerm(source, attributes)] };
  if (source.accept('-')) return { minus: [left, readTerm(source, attributes)] };
  return left;
}

function readTerm(source: Source, attributes: Set<string>): SetValue {
  if (source.isValue()) return { value: source.value() };
  if (source.next.kind === 'word' && source.peek(1)?.text === '(') {
    const name = source.take().text.toLowerCase();
    if (name !== 'list_append') throw source.unexpected();
    source.expect('(');
    const first = source.nested(() => readSum(source, attributes));
    source.expect(',');
    const second = source.nested(() => readSum(source, attributes));
    source.expect(')');
    return { listAppend: [first, second] };
  }
  return { path: readPath(source, attributes) };
}

function readReturning(source: Source): string {
  if (!source.accept('RETURNING')) return 'NONE';
  const what = source.accept('ALL') ? 'ALL' : source.accept('MODIFIED') ? 'UPDATED' : undefined;
  const when = source.accept('OLD') ? 'OLD' : source.accept('NEW') ? 'NEW' : undefined;
  if (!what || !when) throw source.unexpected();
  source.expect('*');
  return `${what}_${when}`;
}
