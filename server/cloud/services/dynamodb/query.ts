import type {
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Access, type CallContext, operation } from '../../context.ts';
import { selectOf, tableAccess } from './access.ts';
import { consumed, readUnits, type Units } from './capacity.ts';
import { invalidValues, validation } from './errors.ts';
import { type KeyRange, keyRange, partitionValue } from './key-condition.ts';
import { checkStartKey, readPage } from './pages.ts';
import { projectedNames } from './projection.ts';
import { type ReadRequest, readQuery, readScan } from './query-requests.ts';
import { projectedItem } from './read-requests.ts';
import { findTable, getIndex, getTable, hashName, type IndexRecord, type TableRecord } from './tables-store.ts';
import { asOutput, equal, itemSize, type Value } from './values.ts';

function readAccess(ctx: CallContext, action: string, request: ReadRequest, wanted: string | undefined): Access {
  const table = findTable(ctx, request.place);
  return tableAccess(ctx, action, request.place, {
    // A Scan names no partition: the key is absent from its request, so that ForAllValues does not hold it back.
    keys: table && request.keyCondition ? partitionOf(table, request) : [],
    attributes: request.attributes,
    select: selectOf(request.select, request.paths !== undefined, request.index),
    returnConsumedCapacity: wanted ?? 'NONE',
    index: request.index,
  });
}

function partitionOf(table: TableRecord, request: ReadRequest): Value[] {
  const key = table.indexes.find(({ name }) => name === request.index)?.key ?? table.key;
  const value = partitionValue(key, request.keyCondition!);
  return value ? [value] : [];
}

/** What of an index can be asked for. @throws AwsError ValidationException */
function checkProjection(table: TableRecord, index: IndexRecord | undefined, request: ReadRequest): void {
  const held = index && projectedNames(table, index);
  if (!index || index.kind === 'local' || !held) return;
  if (request.select === 'ALL_ATTRIBUTES')
    throw invalidValues(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  const missing = (request.paths ?? []).map(([name]) => name).filter((name) => !held.has(name));
  if (missing.length)
    throw invalidValues(`Global secondary index ${index.name} does not project [${[...new Set(missing)].join(', ')}]`);
}

function read(
  ctx: CallContext,
  request: ReadRequest,
  wanted: string | undefined,
): Omit<QueryCommandOutput, '$metadata'> {
  const table = getTable(ctx, request.place);
  const index = request.index === undefined ? undefined : getIndex(table, request.index);
  if (index?.kind === 'global' && request.consistent)
    throw validation('Consistent reads are not supported on global secondary indexes');
  checkProjection(table, index, request);
  if (request.start) checkStartKey(table, index, request.start);
  const range = request.keyCondition && rangeOf(table, index, request, request.keyCondition);
  if (range && request.start && !equal(request.start[hashName(index?.key ?? table.key)]!, range.partition))
    throw validation('The provided starting key is outside query boundaries based on provided conditions');
  // A query of a local index fetches from the table what the index does not hold.
  const held = index && projectedNames(table, index);
  const fetches =
    index?.kind === 'local' &&
    (request.select === 'ALL_ATTRIBUTES' || (request.paths ?? []).some(([name]) => held && !held.has(name)));
  const page = readPage(ctx.state, { ...request, table, index, range });
  const shown = fetches ? page.whole : page.items;
  const units: Units = new Map([[index?.name ?? '', readUnits(page.bytes, request.consistent)]]);
  if (fetches)
    units.set(
      '',
      page.whole.reduce((sum, item) => sum + readUnits(itemSize(item), request.consistent), 0),
    );
  const capacity = consumed(wanted, table, units);
  return {
    ...(request.select === 'COUNT' ? {} : { Items: shown.map((item) => asOutput(projectedItem(item, request.paths))) }),
    Count: page.items.length,
    ScannedCount: page.scanned,
    ...(page.last ? { LastEvaluatedKey: asOutput(page.last) } : {}),
    ...(capacity ? { ConsumedCapacity: capacity } : {}),
  };
}

function rangeOf(
  table: TableRecord,
  index: IndexRecord | undefined,
  request: ReadRequest,
  condition: NonNullable<ReadRequest['keyCondition']>,
): KeyRange {
  const key = index?.key ?? table.key;
  for (const { name } of key)
    if (request.filterAttributes.has(name))
      throw validation(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
  const range = keyRange(table, key, condition);
  const content = Object.values(range.partition)[0];
  if (content === '')
    throw invalidValues(
      `The AttributeValue for a key attribute cannot contain an empty string value. Key: ${hashName(key)}`,
    );
  return range;
}

export const Query = operation<QueryCommandInput, QueryCommandOutput>({
  access: (ctx, input) => readAccess(ctx, 'Query', readQuery(ctx, input), input.ReturnConsumedCapacity),
  run: (ctx, input) => read(ctx, readQuery(ctx, input), input.ReturnConsumedCapacity),
});

export const Scan = operation<ScanCommandInput, ScanCommandOutput>({
  access: (ctx, input) => readAccess(ctx, 'Scan', readScan(ctx, input), input.ReturnConsumedCapacity),
  run: (ctx, input) => read(ctx, readScan(ctx, input), input.ReturnConsumedCapacity),
});
