import type {
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Access, type CallContext, operation } from '../../context.ts';
import { leadingKeys, selectOf, tableAccess } from './access.ts';
import { checkReturnConsumed, collectionMetrics, consumed, readUnits, unitsOfWrite } from './capacity.ts';
import { findItem } from './items-store.ts';
import { keyOf, readKey } from './keys.ts';
import { type Projected, projectedItem, readProjection } from './read-requests.ts';
import { findTable, getTable, placeOf } from './tables-store.ts';
import { asOutput, itemSize, readItem } from './values.ts';
import { doWrite, readDelete, readPut, readUpdate, returned, type Write } from './write-requests.ts';

function writeAccess(ctx: CallContext, action: string, write: Write, wanted: string | undefined): Access {
  return tableAccess(ctx, action, write.place, {
    keys: leadingKeys(findTable(ctx, write.place), [write.named]),
    attributes: write.attributes,
    returnValues: write.returnValues,
    returnConsumedCapacity: wanted ?? 'NONE',
  });
}

function runWrite(
  ctx: CallContext,
  write: Write,
  input: Pick<PutItemCommandInput, 'ReturnConsumedCapacity' | 'ReturnItemCollectionMetrics'>,
): Omit<PutItemCommandOutput, '$metadata'> {
  const table = getTable(ctx, write.place);
  const written = doWrite(ctx, table, write);
  const attributes = returned(write, written);
  const capacity = consumed(input.ReturnConsumedCapacity, table, unitsOfWrite(table, written.before, written.after));
  const metrics = collectionMetrics(input.ReturnItemCollectionMetrics, table, keyOf(table, write.named));
  return {
    ...(attributes ? { Attributes: asOutput(attributes) } : {}),
    ...(capacity ? { ConsumedCapacity: capacity } : {}),
    ...(metrics ? { ItemCollectionMetrics: metrics } : {}),
  };
}

export const PutItem = operation<PutItemCommandInput, PutItemCommandOutput>({
  access: (ctx, input) => writeAccess(ctx, 'PutItem', readPut(ctx, input), input.ReturnConsumedCapacity),
  run: (ctx, input) => runWrite(ctx, readPut(ctx, input), input),
});

export const UpdateItem = operation<UpdateItemCommandInput, UpdateItemCommandOutput>({
  access: (ctx, input) => writeAccess(ctx, 'UpdateItem', readUpdate(ctx, input), input.ReturnConsumedCapacity),
  run: (ctx, input) => runWrite(ctx, readUpdate(ctx, input), input),
});

export const DeleteItem = operation<DeleteItemCommandInput, DeleteItemCommandOutput>({
  access: (ctx, input) => writeAccess(ctx, 'DeleteItem', readDelete(ctx, input), input.ReturnConsumedCapacity),
  run: (ctx, input) => runWrite(ctx, readDelete(ctx, input), input),
});

function readGet(ctx: CallContext, input: GetItemCommandInput): Projected & { place: ReturnType<typeof placeOf> } {
  checkReturnConsumed(input.ReturnConsumedCapacity);
  return { place: placeOf(ctx, input.TableName!), ...readProjection(input) };
}

export const GetItem = operation<GetItemCommandInput, GetItemCommandOutput>({
  access(ctx, input) {
    const { place, paths, attributes } = readGet(ctx, input);
    const key = readItem(input.Key!);
    return tableAccess(ctx, 'GetItem', place, {
      keys: leadingKeys(findTable(ctx, place), [key]),
      attributes: [...Object.keys(key), ...attributes],
      select: selectOf(undefined, paths !== undefined),
      returnConsumedCapacity: input.ReturnConsumedCapacity ?? 'NONE',
    });
  },
  run(ctx, input) {
    const { place, paths } = readGet(ctx, input);
    const table = getTable(ctx, place);
    const item = findItem(ctx.state, place, table, readKey(table, readItem(input.Key!)));
    const units = new Map([['', readUnits(item ? itemSize(item) : 0, input.ConsistentRead ?? false)]]);
    const capacity = consumed(input.ReturnConsumedCapacity, table, units);
    return {
      ...(item ? { Item: asOutput(projectedItem(item, paths)) } : {}),
      ...(capacity ? { ConsumedCapacity: capacity } : {}),
    };
  },
});
