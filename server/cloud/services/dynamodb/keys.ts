import { createHash } from 'node:crypto';
import { invalidValues, validation } from './errors.ts';
import { orderedNumber } from './numbers.ts';
import { hashName, type IndexRecord, type KeyElement, rangeName, type TableRecord } from './tables-store.ts';
import { contentOf, type Item, typeOf, type Value } from './values.ts';

/**
 * The id of a partition among a table's items. Scans go through partitions in the order of a digest, as they do in
 * AWS, and through the items of a partition in the order of their sort keys.
 */
export function partitionId(value: Value): string {
  return createHash('sha256')
    .update(`${typeOf(value)}:${String(contentOf(value))}`)
    .digest('hex')
    .slice(0, 32);
}

/** Behind every id of a partition. */
export const afterPartition = (partition: string): string => `${partition}h`;

/** A text that stands in the order of the sort keys. */
function sortId(value: Value | undefined): string {
  if (value === undefined) return '';
  if ('N' in value) return orderedNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64').toString('hex');
  return Buffer.from(String(contentOf(value))).toString('hex');
}

/** The id of an item in its table. The key must have been checked. */
export function itemId(table: TableRecord, item: Item): string {
  const range = rangeName(table.key);
  return partitionId(item[hashName(table.key)]!) + sortId(range === undefined ? undefined : item[range]);
}

/** An index holds the items that have all of its key. */
export function isIn(index: IndexRecord, item: Item): boolean {
  for (const { name } of index.key) if (!Object.hasOwn(item, name)) return false;
  return true;
}

/**
 * Where an item stands among those of one partition of an index: equal sort keys stand in the table's order.
 * @param id the item's in its table
 */
export function indexOrder(index: IndexRecord, item: Item, id: string): string {
  const range = rangeName(index.key);
  // A space sorts before all that sort keys are made of.
  return `${sortId(range === undefined ? undefined : item[range])} ${id}`;
}

const most: Record<KeyElement['type'], number> = { HASH: 2048, RANGE: 1024 };

function checkKeyValue(element: KeyElement, value: Value, index?: string): void {
  const content = contentOf(value);
  if ('N' in value) return;
  const size = Buffer.byteLength(content as string, 'B' in value ? 'base64' : 'utf8');
  if (size === 0)
    throw invalidValues(
      index === undefined
        ? `The AttributeValue for a key attribute cannot contain an empty ${'B' in value ? 'binary' : 'string'} value. Key: ${element.name}`
        : `The AttributeValue for a key attribute cannot contain an empty ${'B' in value ? 'binary' : 'string'} value. IndexName: ${index}, IndexKey: ${element.name}`,
    );
  if (size > most[element.type])
    throw invalidValues(
      element.type === 'HASH'
        ? 'Size of hashkey has exceeded the maximum size limit of2048 bytes'
        : 'Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
    );
}

/** The key that a request names an item by. @throws AwsError ValidationException */
export function readKey(table: TableRecord, key: Item): Item {
  if (Object.keys(key).length !== table.key.length)
    throw validation('The provided key element does not match the schema');
  for (const element of table.key) {
    const value = Object.hasOwn(key, element.name) ? key[element.name]! : undefined;
    if (!value || typeOf(value) !== table.attributes[element.name])
      throw validation('The provided key element does not match the schema');
    checkKeyValue(element, value);
  }
  return key;
}

/** The key attributes of an item. */
export function keyOf(table: TableRecord, item: Item): Item {
  return Object.fromEntries(table.key.map(({ name }) => [name, item[name]!]));
}

/** An item must have its key, and what is a key of an index must be of the right type. @throws AwsError ValidationException */
export function checkItemKeys(table: TableRecord, item: Item): void {
  for (const element of table.key) {
    const value = Object.hasOwn(item, element.name) ? item[element.name]! : undefined;
    if (!value) throw invalidValues(`Missing the key ${element.name} in the item`);
    const expected = table.attributes[element.name];
    if (typeOf(value) !== expected)
      throw invalidValues(`Type mismatch for key ${element.name} expected: ${expected} actual: ${typeOf(value)}`);
    checkKeyValue(element, value);
  }
  checkIndexKeys(table, item);
}

export function checkIndexKeys(table: TableRecord, item: Item): void {
  for (const index of table.indexes)
    for (const element of index.key) {
      if (!Object.hasOwn(item, element.name)) continue;
      const value = item[element.name]!;
      const expected = table.attributes[element.name];
      if (typeOf(value) !== expected)
        throw invalidValues(
          `Type mismatch for Index Key ${element.name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.name}`,
        );
      checkKeyValue(element, value, index.name);
    }
}
