import type { ConsumedCapacity, ItemCollectionMetrics } from '@aws-sdk/client-dynamodb';
import { constraint } from './errors.ts';
import { isIn } from './keys.ts';
import { projectedInto } from './projection.ts';
import { hashName, type TableRecord } from './tables-store.ts';
import { asOutput, equal, type Item, itemSize } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** Units by index, and '' for the table itself. */
export type Units = Map<string, number>;

/** What a write costs: the larger of the two items, in the table and in every index that changes with it. */
export function unitsOfWrite(table: TableRecord, before: Item | undefined, after: Item | undefined, times = 1): Units {
  const size = (item: Item | undefined): number => (item ? itemSize(item) : 0);
  const units: Units = new Map([['', writeUnits(Math.max(size(before), size(after))) * times]]);
  for (const index of table.indexes) {
    const [old, now] = [before, after].map((item) =>
      item && isIn(index, item) ? projectedInto(table, index, item) : undefined,
    );
    if ((!old && !now) || (old && now && equal({ M: old }, { M: now }))) continue;
    units.set(index.name, writeUnits(Math.max(size(old), size(now))) * times);
  }
  return units;
}

export function addUnits(total: Units, more: Units): void {
  for (const [index, units] of more) total.set(index, (total.get(index) ?? 0) + units);
}

/** ConsumedCapacity as the request asks for it. @throws AwsError ValidationException */
export function consumed(wanted: string | undefined, table: TableRecord, units: Units): ConsumedCapacity | undefined {
  if (wanted === undefined || wanted === 'NONE') return undefined;
  checkReturnConsumed(wanted);
  const sum = [...units.values()].reduce((total, each) => total + each, 0);
  if (wanted === 'TOTAL') return { TableName: table.name, CapacityUnits: sum };
  const of = (kind: 'global' | 'local') => {
    const entries = table.indexes
      .filter((index) => index.kind === kind && units.has(index.name))
      .map((index) => [index.name, { CapacityUnits: units.get(index.name)! }]);
    return entries.length ? Object.fromEntries(entries) : undefined;
  };
  const [global, local] = [of('global'), of('local')];
  return {
    TableName: table.name,
    CapacityUnits: sum,
    Table: { CapacityUnits: units.get('') ?? 0 },
    ...(global ? { GlobalSecondaryIndexes: global } : {}),
    ...(local ? { LocalSecondaryIndexes: local } : {}),
  };
}

export function checkReturnConsumed(wanted: string | undefined): void {
  if (wanted !== undefined && !['NONE', 'TOTAL', 'INDEXES'].includes(wanted))
    throw constraint(wanted, 'returnConsumedCapacity', 'Member must satisfy enum value set: [INDEXES, TOTAL, NONE]');
}

/** Only tables with local indexes have item collections whose size matters. */
export function collectionMetrics(
  wanted: string | undefined,
  table: TableRecord,
  key: Item,
): ItemCollectionMetrics | undefined {
  if (wanted !== 'SIZE' || !table.indexes.some(({ kind }) => kind === 'local')) return undefined;
  const name = hashName(table.key);
  return { ItemCollectionKey: asOutput({ [name]: key[name]! }), SizeEstimateRangeGB: [0, 1] };
}
