import type { StateReader, StateWriter } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { notFound } from './errors.ts';
import { findItem as findByKey } from './items-store.ts';
import { checkItemKeys, itemId } from './keys.ts';
import { itemScope, items, sizeOf, sizes, type TableRecord, tables } from './tables-store.ts';
import { type Item, itemSize, normaliseItem } from './values.ts';

export type { Item };

/** Fixtures of labs: what is in a table, without calls, rights or streams. */

function getTable(state: StateReader, scope: Scope, name: string): TableRecord {
  const table = state.get(tables, scope, name);
  if (!table) throw notFound(`Requested resource not found: Table: ${name} not found`);
  return table;
}

/** Puts an item in the place of what has its key. @throws AwsError where the table or its key is another */
export function placeItem(state: StateWriter, scope: Scope, name: string, given: Item): void {
  const table = getTable(state, scope, name);
  const item = normaliseItem(given);
  checkItemKeys(table, item);
  const before = findByKey(state, scope, table, item);
  const size = sizeOf(state, scope, table);
  state.put(items, itemScope(scope, table), itemId(table, item), item);
  state.put(sizes, scope, name, {
    items: size.items + (before ? 0 : 1),
    bytes: size.bytes + itemSize(item) - (before ? itemSize(before) : 0),
  });
}

/** Takes everything out of a table. */
export function emptyTable(state: StateWriter, scope: Scope, name: string): void {
  const table = getTable(state, scope, name);
  for (const { id } of [...state.range(items, itemScope(scope, table))])
    state.delete(items, itemScope(scope, table), id);
  state.put(sizes, scope, name, { items: 0, bytes: 0 });
}

/** All items of a table; none where there is no such table. */
export function itemsIn(state: StateReader, scope: Scope, name: string): Item[] {
  const table = state.get(tables, scope, name);
  return table ? [...state.range(items, itemScope(scope, table))].map(({ value }) => value) : [];
}

/** The item with this key; undefined where there is none, or no such table. */
export function findItem(state: StateReader, scope: Scope, name: string, key: Item): Item | undefined {
  const table = state.get(tables, scope, name);
  return table && findByKey(state, scope, table, normaliseItem(key));
}
