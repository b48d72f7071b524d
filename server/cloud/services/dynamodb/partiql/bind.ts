import type { Access, CallContext } from '../../../context.ts';
import { AwsError } from '../../../errors.ts';
import { type Asked, leadingKeys, selectOf, tableAccess } from '../access.ts';
import { conditionFailed, validation } from '../errors.ts';
import type { Condition } from '../expressions/ast.ts';
import { findItem } from '../items-store.ts';
import { checkItemKeys } from '../keys.ts';
import { findTable, type KeyElement, placeOf, type TablePlace, type TableRecord } from '../tables-store.ts';
import type { Item, Value } from '../values.ts';
import { type Write, type Written, workOut } from '../write-requests.ts';
import type { Statement } from './statements.ts';

const actions: Record<Statement['kind'], string> = {
  select: 'PartiQLSelect',
  exists: 'PartiQLSelect',
  insert: 'PartiQLInsert',
  update: 'PartiQLUpdate',
  delete: 'PartiQLDelete',
};

/** The key of what a statement asks: the table's, or its index's. */
export function keyAsked(table: TableRecord, statement: Statement): readonly KeyElement[] {
  return table.indexes.find(({ name }) => name === statement.index)?.key ?? table.key;
}

export function conjuncts(condition: Condition | undefined): Condition[] {
  if (!condition) return [];
  return condition.op === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];
}

/** The values that a WHERE clause holds an attribute to, by `=` or IN; undefined when it does not. */
export function valuesFor(name: string, condition: Condition | undefined): Value[] | undefined {
  for (const part of conjuncts(condition)) {
    if (part.op === '=') {
      const sides = [part.left, part.right];
      const isName = sides.some((side) => 'path' in side && side.path.length === 1 && side.path[0] === name);
      const value = sides.find((side) => 'value' in side);
      if (isName && value && 'value' in value) return [value.value];
    }
    if (part.op === 'in' && 'path' in part.of && part.of.path.length === 1 && part.of.path[0] === name)
      return part.list.flatMap((each) => ('value' in each ? [each.value] : []));
  }
  return undefined;
}

/**
 * The question about a statement: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 * A SELECT that does not hold the partition key to values reads the whole table, and names no leading key.
 */
export function statementAccess(ctx: CallContext, statement: Statement, enclosing?: Asked['enclosing']): Access {
  const place = placeOf(ctx, statement.table);
  const table = findTable(ctx, place);
  const reads = statement.kind === 'select' || statement.kind === 'exists';
  const held = table && valuesFor(keyAsked(table, statement)[0]!.name, statement.where);
  return tableAccess(ctx, actions[statement.kind], place, {
    keys: statement.item ? leadingKeys(table, [statement.item]) : (held ?? []),
    attributes: statement.attributes,
    ...(reads
      ? {
          select: selectOf(undefined, statement.paths !== undefined, statement.index),
          fullTableScan: held === undefined,
          index: statement.index,
        }
      : {}),
    ...(statement.kind === 'update' || statement.kind === 'delete' ? { returnValues: statement.returning } : {}),
    ...(enclosing ? { enclosing } : {}),
  });
}

/** The primary key that a WHERE clause names; undefined when it names none, or more than one. */
export function fullKey(table: TableRecord, where: Condition | undefined): Item | undefined {
  const parts: [string, Value][] = [];
  for (const { name } of table.key) {
    const values = valuesFor(name, where);
    if (values?.length !== 1) return undefined;
    parts.push([name, values[0]!]);
  }
  return Object.fromEntries(parts);
}

/** A writing statement as a write, and how it is worked out. @throws AwsError */
export function bindWrite(
  ctx: CallContext,
  place: TablePlace,
  table: TableRecord,
  statement: Statement,
  returnOnFailure = false,
): { write: Write; work: () => Written } {
  if (statement.item) {
    const { item } = statement;
    const write = writeOf(place, statement, 'put', item, returnOnFailure);
    return {
      write,
      work() {
        checkItemKeys(table, item);
        if (findItem(ctx.state, place, table, item))
          throw new AwsError('DuplicateItemException', 'Duplicate primary key exists in table');
        return workOut(ctx, table, write);
      },
    };
  }
  const key = fullKey(table, statement.where);
  if (!key) throw validation('Where clause does not contain a mandatory equality on all key attributes');
  const kind = statement.kind === 'update' ? 'update' : statement.kind === 'delete' ? 'delete' : 'check';
  const write = writeOf(place, statement, kind, key, returnOnFailure);
  const more = conjuncts(statement.where).length > table.key.length;
  return {
    write,
    work() {
      // Without further conditions a DELETE of nothing is done; an UPDATE needs an item.
      if ((kind !== 'delete' || more) && !findItem(ctx.state, place, table, key)) throw conditionFailed();
      return workOut(ctx, table, kind === 'delete' && !more ? { ...write, condition: undefined } : write);
    },
  };
}

function writeOf(
  place: TablePlace,
  statement: Statement,
  kind: Write['kind'],
  named: Item,
  returnOnFailure: boolean,
): Write {
  return {
    kind,
    place,
    named,
    condition: statement.where,
    update: statement.update,
    attributes: statement.attributes,
    returnValues: statement.returning,
    returnOnFailure,
  };
}
