import type { IndexRecord, TableRecord } from './tables-store.ts';
import type { Item } from './values.ts';

/** The names that an index holds of each item; undefined: all. */
export function projectedNames(table: TableRecord, index: IndexRecord): ReadonlySet<string> | undefined {
  if (index.projection.type === 'ALL') return undefined;
  const keys = [...table.key, ...index.key].map(({ name }) => name);
  return new Set(index.projection.type === 'INCLUDE' ? [...keys, ...index.projection.attributes] : keys);
}

/** What an index holds of an item. */
export function projectedInto(table: TableRecord, index: IndexRecord, item: Item): Item {
  const names = projectedNames(table, index);
  return names ? Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name))) : item;
}
