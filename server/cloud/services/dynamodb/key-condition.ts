import { validation } from './errors.ts';
import type { Condition, Operand } from './expressions/ast.ts';
import { hashName, type KeyElement, rangeName, type TableRecord } from './tables-store.ts';
import { typeOf, type Value } from './values.ts';

/** What a key condition says: one partition, and perhaps a part of its sort keys. */
export interface KeyRange {
  partition: Value;
  sort: Condition | undefined;
}

const unsupported = (): Error => validation('Query key condition not supported');

/**
 * Reads a condition as one on the key of a table or an index.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
 * @throws AwsError ValidationException
 */
export function keyRange(table: TableRecord, key: readonly KeyElement[], condition: Condition): KeyRange {
  const parts = conjuncts(condition);
  const byName = new Map<string, Condition>();
  for (const part of parts) {
    const name = nameIn(part);
    if (name === undefined) throw unsupported();
    if (byName.has(name)) throw validation('KeyConditionExpressions must only contain one condition per key');
    byName.set(name, part);
  }
  const [hash, range] = [hashName(key), rangeName(key)];
  const onHash = byName.get(hash);
  if (!onHash) throw validation(`Query condition missed key schema element: ${hash}`);
  if (onHash.op !== '=') throw unsupported();
  if (byName.size > 2) throw validation('Conditions can be of length 1 or 2 only');
  const sort = range === undefined ? undefined : byName.get(range);
  if (byName.size === 2 && !sort)
    throw validation(
      range === undefined ? unsupported().message : `Query condition missed key schema element: ${range}`,
    );
  if (sort && !['=', '<', '<=', '>', '>=', 'between', 'begins_with'].includes(sort.op)) throw unsupported();
  const partition = [onHash.left, onHash.right].find((side) => 'value' in side);
  if (!partition || !('value' in partition)) throw unsupported();
  for (const part of byName.values()) checkTypes(table, nameIn(part)!, part);
  return { partition: partition.value, sort };
}

/** The partition's value, for who only wants to know that; undefined where the condition names none. */
export function partitionValue(key: readonly KeyElement[], condition: Condition): Value | undefined {
  for (const part of conjuncts(condition)) {
    if (part.op !== '=' || nameIn(part) !== hashName(key)) continue;
    for (const side of [part.left, part.right]) if ('value' in side) return side.value;
  }
  return undefined;
}

function conjuncts(condition: Condition): Condition[] {
  if (condition.op === 'and') return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  if (condition.op === 'or')
    throw validation('Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR');
  if (condition.op === 'not')
    throw validation('Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: NOT');
  if (condition.op === 'in')
    throw validation('Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: IN');
  return [condition];
}

function operands(condition: Condition): Operand[] {
  if ('left' in condition && 'right' in condition && !('op' in condition.left))
    return [condition.left, condition.right as Operand];
  if (condition.op === 'between') return [condition.of, condition.low, condition.high];
  if (condition.op === 'begins_with') return [condition.of, condition.with];
  return [];
}

/** The attribute that a simple condition is about. */
function nameIn(condition: Condition): string | undefined {
  const paths = operands(condition).filter((side) => 'path' in side);
  return paths.length === 1 && paths[0]!.path.length === 1 ? paths[0]!.path[0] : undefined;
}

function checkTypes(table: TableRecord, name: string, condition: Condition): void {
  const expected = table.attributes[name];
  for (const side of operands(condition))
    if ('value' in side && expected !== undefined && typeOf(side.value) !== expected)
      throw validation(
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      );
}
