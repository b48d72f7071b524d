import type {
  BatchExecuteStatementCommandInput,
  BatchExecuteStatementCommandOutput,
  BatchStatementResponse,
  ExecuteStatementCommandInput,
  ExecuteStatementCommandOutput,
  ExecuteTransactionCommandInput,
  ExecuteTransactionCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../../context.ts';
import { AwsError } from '../../../errors.ts';
import { checkReturnConsumed, consumed, readUnits, type Units, unitsOfWrite } from '../capacity.ts';
import { constraint, validation } from '../errors.ts';
import { writeItem } from '../items-store.ts';
import { getTable, placeOf, type TablePlace, type TableRecord } from '../tables-store.ts';
import { doneBefore } from '../tokens.ts';
import { capacityByTable, transact } from '../transactions.ts';
import { asOutput, type Item } from '../values.ts';
import { returned } from '../write-requests.ts';
import { bindWrite, fullKey, statementAccess } from './bind.ts';
import { readSelect } from './select.ts';
import { readStatement, type Statement } from './statements.ts';

const mostInBatch = 25;
const mostInTransaction = 100;

interface Done {
  place: TablePlace;
  table: TableRecord;
  items: Item[];
  units: Units;
  last?: Item | undefined;
  next?: string | undefined;
}

/** Does one statement outside of a transaction. */
function execute(
  ctx: CallContext,
  statement: Statement,
  options: { limit?: number | undefined; token?: string | undefined; consistent?: boolean; returnOnFailure?: boolean },
): Done {
  const place = placeOf(ctx, statement.table);
  const table = getTable(ctx, place);
  if (statement.kind === 'exists') throw validation('EXISTS clause is only supported in transactions');
  if (statement.kind === 'select') {
    const { items, bytes, last, next } = readSelect(ctx.state, place, table, statement, options);
    const units: Units = new Map([[statement.index ?? '', readUnits(bytes, options.consistent ?? false)]]);
    return { place, table, items, units, last, next };
  }
  const { write, work } = bindWrite(ctx, place, table, statement, options.returnOnFailure);
  const written = work();
  writeItem(
    { state: ctx.state, now: ctx.now, hops: ctx.caller.source.hops },
    place,
    table,
    written.before,
    written.after,
  );
  const item = returned(write, written);
  return { place, table, items: item ? [item] : [], units: unitsOfWrite(table, written.before, written.after) };
}

export const ExecuteStatement = operation<ExecuteStatementCommandInput, ExecuteStatementCommandOutput>({
  access: (ctx, input) => statementAccess(ctx, readStatement(input.Statement!, input.Parameters)),
  run(ctx, input) {
    checkReturnConsumed(input.ReturnConsumedCapacity);
    if (input.Limit !== undefined && input.Limit < 1)
      throw constraint(input.Limit, 'limit', 'Member must have value greater than or equal to 1');
    const { table, items, units, last, next } = execute(ctx, readStatement(input.Statement!, input.Parameters), {
      limit: input.Limit,
      token: input.NextToken,
      consistent: input.ConsistentRead ?? false,
      returnOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    });
    const capacity = consumed(input.ReturnConsumedCapacity, table, units);
    return {
      Items: items.map(asOutput),
      ...(next ? { NextToken: next } : {}),
      ...(last ? { LastEvaluatedKey: asOutput(last) } : {}),
      ...(capacity ? { ConsumedCapacity: capacity } : {}),
    };
  },
});

const batchCodes: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  ValidationException: 'ValidationError',
  ResourceNotFoundException: 'ResourceNotFound',
  DuplicateItemException: 'DuplicateItem',
  LimitExceededException: 'RequestLimitExceeded',
  AccessDeniedException: 'AccessDenied',
};

function batchError(error: unknown): BatchStatementResponse {
  const code = error instanceof AwsError ? batchCodes[error.code] : undefined;
  if (!(error instanceof AwsError) || !code) throw error;
  const { Item } = error.extra;
  return {
    Error: { Code: code as 'ValidationError', Message: error.message, ...(Item ? { Item: Item as never } : {}) },
  };
}

function readable(input: BatchExecuteStatementCommandInput): Statement[] {
  return input.Statements!.flatMap((each) => {
    try {
      return [readStatement(each.Statement!, each.Parameters)];
    } catch (error) {
      if (error instanceof AwsError) return [];
      throw error;
    }
  });
}

export const BatchExecuteStatement = operation<BatchExecuteStatementCommandInput, BatchExecuteStatementCommandOutput>({
  // Statements are refused one by one, in the answer.
  // differs from AWS: a batch of which nothing is allowed is refused as a whole
  access(ctx, input) {
    const count = input.Statements!.length;
    if (count < 1 || count > mostInBatch)
      throw constraint('[…]', 'statements', `Member must have length between 1 and ${mostInBatch}`);
    const statements = readable(input);
    if (statements.some(({ kind }) => kind === 'select') && statements.some(({ kind }) => kind !== 'select'))
      throw validation('Batch statements must be either all reads or all writes');
    const asked = statements.map((statement) => statementAccess(ctx, statement));
    const allowed = asked.filter((access) => ctx.allows(access));
    return allowed.length ? allowed : asked;
  },
  run(ctx, input) {
    const used: Done[] = [];
    const Responses = input.Statements!.map((each): BatchStatementResponse => {
      let tableName: string | undefined;
      try {
        const statement = readStatement(each.Statement!, each.Parameters);
        tableName = statement.table;
        ctx.authorize(statementAccess(ctx, statement));
        if (statement.kind === 'select') {
          const table = getTable(ctx, placeOf(ctx, statement.table));
          if (!fullKey(table, statement.where))
            throw validation(
              'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
            );
        }
        const done = execute(ctx, statement, {
          consistent: each.ConsistentRead ?? false,
          returnOnFailure: each.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
        });
        used.push(done);
        const [item] = done.items;
        return { TableName: statement.table, ...(item ? { Item: asOutput(item) } : {}) };
      } catch (error) {
        return { ...batchError(error), ...(tableName === undefined ? {} : { TableName: tableName }) };
      }
    });
    const capacity = capacityByTable(input.ReturnConsumedCapacity, used);
    return { Responses, ...(capacity ? { ConsumedCapacity: capacity } : {}) };
  },
});

function readTransaction(input: ExecuteTransactionCommandInput): Statement[] {
  const count = input.TransactStatements!.length;
  if (count < 1 || count > mostInTransaction)
    throw constraint('[…]', 'transactStatements', `Member must have length between 1 and ${mostInTransaction}`);
  const statements = input.TransactStatements!.map((each) => readStatement(each.Statement!, each.Parameters));
  if (statements.some(({ kind }) => kind === 'select') && statements.some(({ kind }) => kind !== 'select'))
    throw validation('Transaction statements must be either all reads or all writes');
  return statements;
}

export const ExecuteTransaction = operation<ExecuteTransactionCommandInput, ExecuteTransactionCommandOutput>({
  access: (ctx, input) =>
    readTransaction(input).map((statement) => statementAccess(ctx, statement, 'ExecuteTransaction')),
  run(ctx, input) {
    const bound = readTransaction(input).map((statement) => {
      const place = placeOf(ctx, statement.table);
      return { statement, place, table: getTable(ctx, place) };
    });
    if (bound[0]!.statement.kind === 'select') {
      const read = bound.map(({ statement, place, table }) => {
        if (!fullKey(table, statement.where))
          throw validation(
            'Select statements within ExecuteTransaction must specify the primary key in the where clause.',
          );
        return { place, table, ...readSelect(ctx.state, place, table, statement) };
      });
      const capacity = capacityByTable(
        input.ReturnConsumedCapacity,
        read.map(({ place, table, bytes }) => ({ place, table, units: new Map([['', readUnits(bytes, true) * 2]]) })),
      );
      return {
        Responses: read.map(({ items: [item] }) => (item ? { Item: asOutput(item) } : {})),
        ...(capacity ? { ConsumedCapacity: capacity } : {}),
      };
    }
    if (doneBefore(ctx, input.ClientRequestToken, input.TransactStatements)) return { Responses: [] };
    const writes = bound.map(({ statement, place, table }, i) => ({
      table,
      ...bindWrite(
        ctx,
        place,
        table,
        statement,
        input.TransactStatements![i]!.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
      ),
    }));
    const results = transact(ctx, writes);
    const capacity = capacityByTable(
      input.ReturnConsumedCapacity,
      writes.map(({ write, table }, i) => ({
        place: write.place,
        table,
        units: unitsOfWrite(table, results[i]!.before, results[i]!.after, 2),
      })),
    );
    return { Responses: writes.map(() => ({})), ...(capacity ? { ConsumedCapacity: capacity } : {}) };
  },
});
