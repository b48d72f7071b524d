import type {
  AttributeValue,
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
  ConsumedCapacity,
  ItemCollectionMetrics,
  KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../context.ts';
import { leadingKeys, selectOf, tableAccess } from './access.ts';
import {
  addUnits,
  checkReturnConsumed,
  collectionMetrics,
  consumed,
  readUnits,
  type Units,
  unitsOfWrite,
} from './capacity.ts';
import { constraint, validation } from './errors.ts';
import { findItem } from './items-store.ts';
import { itemId, keyOf, readKey } from './keys.ts';
import { projectedItem, readProjection } from './read-requests.ts';
import { findTable, getTable, placeOf } from './tables-store.ts';
import { asOutput, type Item, itemSize, readItem } from './values.ts';
import { doWrite, readDelete, readPut, type Write } from './write-requests.ts';

const mostKeys = 100;
const mostWrites = 25;
const mostBytes = 16 * 1024 * 1024;

function checkTables(requested: Record<string, unknown>): void {
  if (Object.keys(requested).length === 0)
    throw constraint('{}', 'requestItems', 'Member must have length greater than or equal to 1');
}

const noDuplicates = (): Error => validation('Provided list of item keys contains duplicates');

export const BatchGetItem = operation<BatchGetItemCommandInput, BatchGetItemCommandOutput>({
  access(ctx, input) {
    checkTables(input.RequestItems!);
    checkReturnConsumed(input.ReturnConsumedCapacity);
    const count = Object.values(input.RequestItems!).reduce((sum, { Keys }) => sum + (Keys?.length ?? 0), 0);
    if (count > mostKeys) throw validation('Too many items requested for the BatchGetItem call');
    return Object.entries(input.RequestItems!).map(([name, wanted]) => {
      if (!wanted.Keys?.length)
        throw constraint(
          '[]',
          `requestItems.${name}.member.keys`,
          'Member must have length greater than or equal to 1',
        );
      const place = placeOf(ctx, name);
      const { paths, attributes } = readProjection(wanted);
      const keys = wanted.Keys.map((key) => readItem(key));
      return tableAccess(ctx, 'BatchGetItem', place, {
        keys: leadingKeys(findTable(ctx, place), keys),
        attributes: [...keys.flatMap((key) => Object.keys(key)), ...attributes],
        select: selectOf(undefined, paths !== undefined),
        returnConsumedCapacity: input.ReturnConsumedCapacity ?? 'NONE',
      });
    });
  },
  run(ctx, input) {
    const responses = new Map<string, Record<string, AttributeValue>[]>();
    const unprocessed = new Map<string, KeysAndAttributes>();
    const capacities: ConsumedCapacity[] = [];
    let bytes = 0;
    for (const [name, wanted] of Object.entries(input.RequestItems!)) {
      const place = placeOf(ctx, name);
      const table = getTable(ctx, place);
      const { paths } = readProjection(wanted);
      const keys = wanted.Keys!.map((key) => readKey(table, readItem(key)));
      if (new Set(keys.map((key) => itemId(table, key))).size < keys.length) throw noDuplicates();
      const found: Item[] = [];
      const left: Record<string, AttributeValue>[] = [];
      const units: Units = new Map();
      for (const key of keys) {
        const item = findItem(ctx.state, place, table, key);
        const size = item ? itemSize(item) : 0;
        if (bytes + size > mostBytes) {
          left.push(asOutput(key));
          continue;
        }
        bytes += size;
        addUnits(units, new Map([['', readUnits(size, wanted.ConsistentRead ?? false)]]));
        if (item) found.push(projectedItem(item, paths));
      }
      responses.set(name, found.map(asOutput));
      if (left.length) unprocessed.set(name, { ...wanted, Keys: left });
      const capacity = consumed(input.ReturnConsumedCapacity, table, units);
      if (capacity) capacities.push(capacity);
    }
    return {
      Responses: Object.fromEntries(responses),
      UnprocessedKeys: Object.fromEntries(unprocessed),
      ...(capacities.length ? { ConsumedCapacity: capacities } : {}),
    };
  },
});

/** The writes to one table of a batch. @throws AwsError ValidationException */
function readWrites(ctx: CallContext, name: string, input: BatchWriteItemCommandInput): Write[] {
  const requests = input.RequestItems![name]!;
  if (requests.length === 0)
    throw constraint('[]', `requestItems.${name}.member`, 'Member must have length greater than or equal to 1');
  return requests.map(({ PutRequest, DeleteRequest }) => {
    if ((PutRequest === undefined) === (DeleteRequest === undefined))
      throw validation(
        PutRequest
          ? 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'
          : 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
      );
    return PutRequest
      ? readPut(ctx, { TableName: name, Item: PutRequest.Item ?? {} })
      : readDelete(ctx, { TableName: name, Key: DeleteRequest?.Key ?? {} });
  });
}

export const BatchWriteItem = operation<BatchWriteItemCommandInput, BatchWriteItemCommandOutput>({
  access(ctx, input) {
    checkTables(input.RequestItems!);
    checkReturnConsumed(input.ReturnConsumedCapacity);
    const count = Object.values(input.RequestItems!).reduce((sum, writes) => sum + writes.length, 0);
    if (count > mostWrites) throw validation('Too many items requested for the BatchWriteItem call');
    return Object.keys(input.RequestItems!).map((name) => {
      const place = placeOf(ctx, name);
      const writes = readWrites(ctx, name, input);
      return tableAccess(ctx, 'BatchWriteItem', place, {
        keys: leadingKeys(
          findTable(ctx, place),
          writes.map(({ named }) => named),
        ),
        attributes: writes.flatMap(({ attributes }) => [...attributes]),
        returnConsumedCapacity: input.ReturnConsumedCapacity ?? 'NONE',
      });
    });
  },
  run(ctx, input) {
    const capacities: ConsumedCapacity[] = [];
    const metrics = new Map<string, ItemCollectionMetrics[]>();
    for (const name of Object.keys(input.RequestItems!)) {
      const table = getTable(ctx, placeOf(ctx, name));
      const writes = readWrites(ctx, name, input);
      const ids = writes.map((write) => {
        // The whole batch is checked before any of it is done.
        const key = write.kind === 'put' ? write.named : readKey(table, write.named);
        for (const { name: part } of table.key)
          if (!Object.hasOwn(key, part)) throw validation('The provided key element does not match the schema');
        return itemId(table, key);
      });
      if (new Set(ids).size < ids.length) throw noDuplicates();
      const units: Units = new Map();
      for (const write of writes) {
        const { before, after } = doWrite(ctx, table, write);
        addUnits(units, unitsOfWrite(table, before, after));
        const measured = collectionMetrics(input.ReturnItemCollectionMetrics, table, keyOf(table, write.named));
        if (measured) metrics.set(name, [...(metrics.get(name) ?? []), measured]);
      }
      const capacity = consumed(input.ReturnConsumedCapacity, table, units);
      if (capacity) capacities.push(capacity);
    }
    return {
      UnprocessedItems: {},
      ...(metrics.size ? { ItemCollectionMetrics: Object.fromEntries(metrics) } : {}),
      ...(capacities.length ? { ConsumedCapacity: capacities } : {}),
    };
  },
});
