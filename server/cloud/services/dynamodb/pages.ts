import type { StateReader } from '../../state/account-state.ts';
import { validation } from './errors.ts';
import type { Condition } from './expressions/ast.ts';
import { meets } from './expressions/evaluate.ts';
import type { KeyRange } from './key-condition.ts';
import { afterPartition, indexOrder, isIn, itemId, partitionId } from './keys.ts';
import { projectedInto } from './projection.ts';
import { hashName, type IndexRecord, itemScope, items, type TablePlace, type TableRecord } from './tables-store.ts';
import { equal, type Item, itemSize, typeOf } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html: a page reads at most 1 MB */
const pageBytes = 1024 * 1024;
// differs from AWS: a page ends earlier where its filter has very many operators, so that no filter holds the server up
const pageWork = 16 * pageBytes;

export interface PageRequest {
  place: TablePlace;
  table: TableRecord;
  index: IndexRecord | undefined;
  range: KeyRange | undefined;
  filter: Condition | undefined;
  limit: number | undefined;
  start: Item | undefined;
  segment: { number: number; total: number } | undefined;
  backwards: boolean;
}

export interface PageResult {
  /** As the table, or the index, holds them. */
  items: Item[];
  /** The whole items behind them: what a query of a local index can fetch. */
  whole: Item[];
  scanned: number;
  bytes: number;
  /** The key to go on behind, where there is more. */
  last: Item | undefined;
}

/** Reads one page of a table or an index. */
export function readPage(state: StateReader, request: PageRequest): PageResult {
  const { table, index, filter, limit, range } = request;
  const cost = filter ? operatorsIn(filter) : 0;
  const out: PageResult = { items: [], whole: [], scanned: 0, bytes: 0, last: undefined };
  let work = 0;
  let previous: Item | undefined;
  for (const item of entries(state, request)) {
    if (range?.sort && !meets(item, range.sort)) continue;
    if ((limit !== undefined && out.scanned >= limit) || out.bytes >= pageBytes || work >= pageWork) {
      out.last = startKey(table, index, previous!);
      return out;
    }
    const seen = index ? projectedInto(table, index, item) : item;
    const size = itemSize(seen);
    out.scanned++;
    out.bytes += size;
    work += size * cost;
    previous = item;
    if (filter && !meets(seen, filter)) continue;
    out.items.push(seen);
    out.whole.push(item);
  }
  // AWS looks no further than the limit: a page that is full says that there may be more.
  if (limit !== undefined && out.scanned === limit && previous) out.last = startKey(table, index, previous);
  return out;
}

/** The key that ExclusiveStartKey takes: the table's, and the index's. */
function startKey(table: TableRecord, index: IndexRecord | undefined, item: Item): Item {
  const names = [...(index?.key ?? []), ...table.key].map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, item[name]!]));
}

export function checkStartKey(table: TableRecord, index: IndexRecord | undefined, start: Item): void {
  const names = new Set([...(index?.key ?? []), ...table.key].map(({ name }) => name));
  const right =
    Object.keys(start).length === names.size &&
    [...names].every((name) => Object.hasOwn(start, name) && typeOf(start[name]!) === table.attributes[name]);
  if (!right) throw validation('The provided starting key is invalid');
}

function* entries(state: StateReader, request: PageRequest): Generator<Item> {
  const { place, table, index, range, start, backwards, segment } = request;
  const scope = itemScope(place, table);
  if (index?.kind === 'global' || (index && !range)) return yield* indexEntries(state, request);
  const partition = range && partitionId(range.partition);
  if (index) return yield* indexEntries(state, request, partition);
  const from = partition ?? (segment ? segmentStart(segment.number, segment.total) : undefined);
  const to = partition
    ? afterPartition(partition)
    : segment && segment.number + 1 < segment.total
      ? segmentStart(segment.number + 1, segment.total)
      : undefined;
  const behind = start && itemId(table, start);
  const part =
    behind === undefined
      ? { from, to }
      : backwards
        ? { from, to: behind }
        : { from: from !== undefined && from > behind ? from : `${behind} `, to };
  for (const { value } of state.range(items, scope, { ...part, reverse: backwards })) yield value;
}

/** Partitions are dealt out to segments by their digests. */
function segmentStart(number: number, total: number): string {
  return Math.floor((number / total) * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
}

/** The items of an index in its order. An index is no record of its own: it is sorted out of the table when it is asked. */
function* indexEntries(state: StateReader, request: PageRequest, partition?: string): Generator<Item> {
  const { place, table, range, start, backwards, segment } = request;
  const index = request.index!;
  const hash = hashName(index.key);
  const part = partition === undefined ? {} : { from: partition, to: afterPartition(partition) };
  // Digests of partitions, once each.
  const digests = new Map<unknown, string>();
  const positionOf = (item: Item, id: string): string => {
    const content = Object.values(item[hash]!)[0];
    let digest = digests.get(content);
    if (digest === undefined) digests.set(content, (digest = partitionId(item[hash]!)));
    return digest + indexOrder(index, item, id);
  };
  const behind = start && positionOf(start, itemId(table, start));
  const found: [string, Item][] = [];
  for (const { id, value } of state.range(items, itemScope(place, table), part)) {
    if (!isIn(index, value) || (range && !equal(value[hash]!, range.partition))) continue;
    const position = positionOf(value, id);
    if (behind !== undefined && (backwards ? position >= behind : position <= behind)) continue;
    if (
      segment &&
      Math.floor((Number.parseInt(position.slice(0, 12), 16) / 2 ** 48) * segment.total) !== segment.number
    )
      continue;
    found.push([position, value]);
  }
  found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (backwards) found.reverse();
  for (const [, item] of found) yield item;
}

function operatorsIn(condition: Condition): number {
  if (condition.op === 'and' || condition.op === 'or')
    return operatorsIn(condition.left) + operatorsIn(condition.right);
  if (condition.op === 'not') return operatorsIn(condition.of);
  return condition.op === 'in' ? condition.list.length : 1;
}
