import type { Cloud } from '../cloud/cloud.ts';
import { AwsError } from '../cloud/errors.ts';
import { emptyTable, findItem, type Item, itemsIn, placeItem } from '../cloud/services/dynamodb/fixtures.ts';

/** A deploying world or a check's context: both have a cloud and accounts. */
interface Owner {
  cloud: Cloud;
  account(): { id: string };
}

/** A row as the SDK's document client writes it: plain JSON values. */
export type Row = { [name: string]: unknown };

const scopeOf = (owner: Owner) => owner.cloud.scope(owner.account().id);

/**
 * Puts rows into a table of DynamoDB, replacing what has the same key, outside of all authorisation and without a record
 * in its stream: fixtures. With `alone`, nothing else stays in the table.
 * @throws AwsError when the table is gone or has another key: the account's state, not a fault of the check
 */
export function putTableRows(
  owner: Owner,
  table: string,
  rows: readonly Row[],
  options: { alone?: boolean } = {},
): void {
  owner.cloud.transact((state) => {
    if (options.alone) emptyTable(state, scopeOf(owner), table);
    for (const row of rows) placeItem(state, scopeOf(owner), table, marshalled(row));
  });
}

/** What is in a table now, in no particular order; empty where there is none. */
export function tableRows(owner: Owner, table: string): Row[] {
  return itemsIn(owner.cloud.state, scopeOf(owner), table).map(plainRow);
}

/** One row of a table by its key; undefined where there is none. */
export function tableRow(owner: Owner, table: string, key: Row): Row | undefined {
  const found = findItem(owner.cloud.state, scopeOf(owner), table, marshalled(key));
  return found && plainRow(found);
}

function marshalled(row: Row): Item {
  return (value(row) as { M: Item }).M;
}

function value(plain: unknown): Item[string] {
  if (typeof plain === 'string') return { S: plain };
  if (typeof plain === 'number') return { N: String(plain) };
  if (typeof plain === 'boolean') return { BOOL: plain };
  if (plain === null) return { NULL: true };
  if (plain instanceof Uint8Array) return { B: Buffer.from(plain).toString('base64') };
  if (Array.isArray(plain)) return { L: plain.map(value) };
  if (plain instanceof Set) {
    const members = [...plain];
    return typeof members[0] === 'number' ? { NS: members.map(String) } : { SS: members.map(String) };
  }
  if (typeof plain === 'object')
    return { M: Object.fromEntries(Object.entries(plain).map(([name, each]) => [name, value(each)])) };
  throw new AwsError('ValidationException', `a row cannot hold ${typeof plain}`);
}

function plainRow(item: Item): Row {
  return Object.fromEntries(Object.entries(item).map(([name, each]) => [name, plainValue(each)]));
}

function plainValue(each: Item[string]): unknown {
  if ('N' in each) return Number(each.N);
  if ('NULL' in each) return null;
  if ('B' in each) return new Uint8Array(Buffer.from(each.B, 'base64'));
  if ('L' in each) return each.L.map(plainValue);
  if ('M' in each) return plainRow(each.M);
  if ('SS' in each) return new Set(each.SS);
  if ('NS' in each) return new Set(each.NS.map(Number));
  if ('BS' in each) return new Set(each.BS);
  return Object.values(each)[0];
}
