import type {
  CancellationReason,
  ConsumedCapacity,
  TransactGetItemsCommandInput,
  TransactGetItemsCommandOutput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { leadingKeys, selectOf, tableAccess } from './access.ts';
import { addUnits, checkReturnConsumed, consumed, readUnits, type Units, unitsOfWrite } from './capacity.ts';
import { constraint, validation } from './errors.ts';
import { findItem, writeItem } from './items-store.ts';
import { itemId, readKey } from './keys.ts';
import { projectedItem, readProjection } from './read-requests.ts';
import { findTable, getTable, placeOf, type TablePlace, type TableRecord } from './tables-store.ts';
import { doneBefore } from './tokens.ts';
import { asOutput, itemSize, readItem } from './values.ts';
import { readDelete, readPut, readUpdate, type Write, type Written, workOut } from './write-requests.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const mostItems = 100;
const mostBytes = 4 * 1024 * 1024;

function checkCount(all: readonly unknown[]): void {
  if (all.length < 1) throw constraint('[]', 'transactItems', 'Member must have length greater than or equal to 1');
  if (all.length > mostItems)
    throw constraint('[…]', 'transactItems', `Member must have length less than or equal to ${mostItems}`);
}

function readTransactWrite(ctx: CallContext, item: TransactWriteItem): Write {
  const given = [item.Put, item.Update, item.Delete, item.ConditionCheck].filter((each) => each !== undefined);
  if (given.length !== 1) throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  if (item.Put) return readPut(ctx, { ...item.Put, Item: item.Put.Item ?? {} });
  if (item.Update) return readUpdate(ctx, { ...item.Update, Key: item.Update.Key ?? {} });
  if (item.Delete) return readDelete(ctx, { ...item.Delete, Key: item.Delete.Key ?? {} });
  return readDelete(ctx, { ...item.ConditionCheck!, Key: item.ConditionCheck!.Key ?? {} }, 'check');
}

const actions: Record<Write['kind'], string> = {
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  check: 'ConditionCheckItem',
};

/** "Permissions for Put, Update, Delete, and Get actions are governed by the permissions used for the underlying operations". */
function transactAccess(ctx: CallContext, write: Write, wanted: string | undefined): Access {
  return tableAccess(ctx, actions[write.kind], write.place, {
    keys: leadingKeys(findTable(ctx, write.place), [write.named]),
    attributes: write.attributes,
    // What a failed condition gives back counts as return values: transaction-apis-iam.html, example 4.
    returnValues: write.returnOnFailure ? 'ALL_OLD' : 'NONE',
    returnConsumedCapacity: wanted ?? 'NONE',
    enclosing: 'TransactWriteItems',
  });
}

export function cancelled(reasons: CancellationReason[]): AwsError {
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );
}

/** Errors of single items that cancel a transaction; others refuse the request. */
const reasonCodes: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  ValidationException: 'ValidationError',
  DuplicateItemException: 'DuplicateItem',
};

export function reasonOf(error: unknown): CancellationReason {
  const code = error instanceof AwsError ? reasonCodes[error.code] : undefined;
  if (!(error instanceof AwsError) || !code) throw error;
  return { Code: code, Message: error.message, ...(error.extra.Item ? { Item: error.extra.Item as never } : {}) };
}

/** Several writes to different items: all of them or none. @throws AwsError TransactionCanceledException */
export function transact(
  ctx: CallContext,
  writes: readonly { table: TableRecord; write: Write; work?: () => Written }[],
): Written[] {
  const touched = writes.map(({ table, write }) => {
    const key = write.kind === 'put' ? write.named : readKey(table, write.named);
    for (const { name } of table.key)
      if (!Object.hasOwn(key, name))
        throw validation(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    return `${write.place.arn}/${itemId(table, key)}`;
  });
  if (new Set(touched).size < touched.length)
    throw validation('Transaction request cannot include multiple operations on one item');
  const reasons: CancellationReason[] = [];
  const results: Written[] = [];
  for (const { table, write, work } of writes)
    try {
      results.push(work ? work() : workOut(ctx, table, write));
      reasons.push({ Code: 'None' });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  const bytes = results.reduce((sum, { after }) => sum + (after ? itemSize(after) : 0), 0);
  if (bytes > mostBytes)
    throw validation(
      'Transaction size limit exceeded. The aggregate size of the items in the transaction cannot exceed 4 MB',
    );
  writes.forEach(({ table, write }, i) => {
    if (write.kind === 'check') return;
    const { before, after } = results[i]!;
    writeItem({ state: ctx.state, now: ctx.now, hops: ctx.caller.source.hops }, write.place, table, before, after);
  });
  return results;
}

/** One ConsumedCapacity for each table. */
export function capacityByTable(
  wanted: string | undefined,
  used: readonly { place: TablePlace; table: TableRecord; units: Units }[],
): ConsumedCapacity[] | undefined {
  const byTable = new Map<string, { table: TableRecord; units: Units }>();
  for (const { place, table, units } of used) {
    const entry = byTable.get(place.arn) ?? { table, units: new Map() };
    addUnits(entry.units, units);
    byTable.set(place.arn, entry);
  }
  const out = [...byTable.values()].flatMap(({ table, units }) => consumed(wanted, table, units) ?? []);
  return out.length ? out : undefined;
}

export const TransactWriteItems = operation<TransactWriteItemsCommandInput, TransactWriteItemsCommandOutput>({
  access(ctx, input) {
    checkCount(input.TransactItems!);
    checkReturnConsumed(input.ReturnConsumedCapacity);
    return input.TransactItems!.map((item) =>
      transactAccess(ctx, readTransactWrite(ctx, item), input.ReturnConsumedCapacity),
    );
  },
  run(ctx, input) {
    const writes = input.TransactItems!.map((item) => {
      const write = readTransactWrite(ctx, item);
      return { write, table: getTable(ctx, write.place) };
    });
    if (doneBefore(ctx, input.ClientRequestToken, input.TransactItems)) return {};
    const results = transact(ctx, writes);
    const capacity = capacityByTable(
      input.ReturnConsumedCapacity,
      writes.map(({ write, table }, i) => ({
        place: write.place,
        table,
        units: unitsOfWrite(table, results[i]!.before, results[i]!.after, 2),
      })),
    );
    return capacity ? { ConsumedCapacity: capacity } : {};
  },
});

export const TransactGetItems = operation<TransactGetItemsCommandInput, TransactGetItemsCommandOutput>({
  access(ctx, input) {
    checkCount(input.TransactItems!);
    checkReturnConsumed(input.ReturnConsumedCapacity);
    return input.TransactItems!.map(({ Get }) => {
      if (!Get) throw constraint('null', 'transactItems.1.member.get', 'Member must not be null');
      const place = placeOf(ctx, Get.TableName!);
      const key = readItem(Get.Key ?? {});
      const { paths, attributes } = readProjection(Get);
      return tableAccess(ctx, 'GetItem', place, {
        keys: leadingKeys(findTable(ctx, place), [key]),
        attributes: [...Object.keys(key), ...attributes],
        select: selectOf(undefined, paths !== undefined),
        returnConsumedCapacity: input.ReturnConsumedCapacity ?? 'NONE',
        enclosing: 'TransactGetItems',
      });
    });
  },
  run(ctx, input) {
    const found = input.TransactItems!.map(({ Get }) => {
      const place = placeOf(ctx, Get!.TableName!);
      const table = getTable(ctx, place);
      const item = findItem(ctx.state, place, table, readKey(table, readItem(Get!.Key ?? {})));
      return { place, table, item, paths: readProjection(Get!).paths };
    });
    const bytes = found.reduce((sum, { item }) => sum + (item ? itemSize(item) : 0), 0);
    if (bytes > mostBytes)
      throw validation(
        'Transaction size limit exceeded. The aggregate size of the items in the transaction cannot exceed 4 MB',
      );
    const capacity = capacityByTable(
      input.ReturnConsumedCapacity,
      found.map(({ place, table, item }) => ({
        place,
        table,
        units: new Map([['', readUnits(item ? itemSize(item) : 0, true) * 2]]),
      })),
    );
    return {
      Responses: found.map(({ item, paths }) => (item ? { Item: asOutput(projectedItem(item, paths)) } : {})),
      ...(capacity ? { ConsumedCapacity: capacity } : {}),
    };
  },
});
