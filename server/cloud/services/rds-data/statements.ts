import type {
  BatchExecuteStatementCommandInput,
  BatchExecuteStatementCommandOutput,
  ColumnMetadata,
  ExecuteStatementCommandInput,
  ExecuteStatementCommandOutput,
  Field,
  ResultSetOptions,
} from '@aws-sdk/client-rds-data';
import { type CallContext, operation } from '../../context.ts';
import { authenticate, badRequest, clusterAccess, type Session } from './authenticate.ts';
import { execute } from './databases.ts';
import { bindings, parameterNames } from './parameters.ts';
import { SqlError, type SqlParameters, type SqlResult, type SqlValue } from './sql-engine.ts';
import { executeWithin } from './transactions.ts';

/** "The maximum size of the response is 1 MiB." */
const MOST_RESPONSE = 1024 * 1024;
const MOST_SQL = 65_536;
const MOST_SETS = 1000;

/** Runs one statement; the dialect is SQLite's. */
export const ExecuteStatement = operation<ExecuteStatementCommandInput, ExecuteStatementCommandOutput>({
  access: (ctx, input) => clusterAccess(ctx, 'ExecuteStatement', input.resourceArn!),
  async run(ctx, input) {
    const session = await authenticate(ctx, input);
    const [result] = await statement(ctx, session, input, [bindings(parameterNames(input.sql!), input.parameters)]);
    return describe(result!, session, input);
  },
});

export const BatchExecuteStatement = operation<BatchExecuteStatementCommandInput, BatchExecuteStatementCommandOutput>({
  access: (ctx, input) => clusterAccess(ctx, 'BatchExecuteStatement', input.resourceArn!),
  async run(ctx, input) {
    const session = await authenticate(ctx, input);
    const names = parameterNames(input.sql!);
    const sets = input.parameterSets?.length ? input.parameterSets : [[]];
    if (sets.length > MOST_SETS) throw badRequest(`A batch can have at most ${MOST_SETS} parameter sets.`);
    const results = await statement(
      ctx,
      session,
      input,
      sets.map((set) => bindings(names, set)),
    );
    return { updateResults: results.map((result) => ({ generatedFields: generated(result, session) })) };
  },
});

async function statement(
  ctx: CallContext,
  session: Session,
  input: { sql?: string | undefined; transactionId?: string | undefined },
  sets: SqlParameters[],
): Promise<SqlResult[]> {
  const sql = input.sql!;
  if (sql.length > MOST_SQL) throw badRequest(`The SQL statement exceeds ${MOST_SQL} characters.`);
  if (sql.includes('\0')) throw badRequest('ERROR: invalid byte sequence for encoding "UTF8": 0x00');
  const request = { sql, sets, readOnly: session.login.rights === 'read', most: MOST_RESPONSE };
  try {
    if (input.transactionId === undefined) return await execute(ctx.cloud, session.scope, session.cluster.id, request);
    return await executeWithin(ctx, session, input.transactionId, request);
  } catch (error) {
    throw error instanceof SqlError ? asAwsError(error, session) : error;
  }
}

function asAwsError(error: SqlError, session: Session) {
  if (error.kind === 'multi') return badRequest("Multistatements aren't supported");
  if (error.kind === 'size') return badRequest('Database returned more than the allowed response size limit');
  if (error.kind === 'timeout') return badRequest('Query timed out');
  if (error.kind === 'refused') return badRequest(`ERROR: ${error.message || 'this statement'} is not supported`);
  if (error.message.includes('attempt to write a readonly database'))
    return badRequest(`ERROR: permission denied for user ${session.login.user}`);
  return badRequest(`ERROR: ${error.message}`);
}

function describe(result: SqlResult, session: Session, input: ExecuteStatementCommandInput) {
  const numberOfRecordsUpdated = result.changes;
  if (result.columns.length === 0) return { numberOfRecordsUpdated, generatedFields: generated(result, session) };
  if (input.formatRecordsAs === 'JSON')
    return { numberOfRecordsUpdated, formattedRecords: JSON.stringify(objects(result)) };
  return {
    numberOfRecordsUpdated,
    records: result.rows.map((row) => row.map((value) => field(value, input.resultSetOptions))),
    ...(input.includeResultMetadata ? { columnMetadata: metadata(result) } : {}),
  };
}

/** "generatedFields … this feature is supported for Aurora MySQL": the id of the last row. */
function generated({ keyword, changes, lastId }: SqlResult, { cluster }: Session): Field[] {
  const made = cluster.engine.includes('mysql') && (keyword === 'INSERT' || keyword === 'REPLACE') && changes > 0;
  return made ? [{ longValue: lastId }] : [];
}

function field(value: SqlValue, options: ResultSetOptions | undefined): Field {
  if (value === null) return { isNull: true };
  if (typeof value === 'bigint')
    return options?.longReturnType === 'STRING' ? { stringValue: String(value) } : { longValue: Number(value) };
  if (typeof value === 'number') return { doubleValue: value };
  return typeof value === 'string' ? { stringValue: value } : { blobValue: value };
}

function objects({ columns, rows }: SqlResult): object[] {
  const plain = (value: SqlValue): unknown =>
    typeof value === 'bigint'
      ? Number(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString('base64')
        : value;
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i]!, plain(value)])));
}

/** JDBC's type numbers. differs from AWS: SQLite types values, not columns: the first value that is not null tells. */
function metadata({ columns, rows }: SqlResult): ColumnMetadata[] {
  return columns.map((name, i) => {
    const sample = rows.find((row) => row[i] !== null)?.[i];
    const [type, typeName] =
      typeof sample === 'bigint'
        ? [-5, 'int8']
        : typeof sample === 'number'
          ? [8, 'float8']
          : sample instanceof Uint8Array
            ? [-2, 'bytea']
            : [12, 'text'];
    return {
      name,
      label: name,
      type,
      typeName,
      schemaName: '',
      tableName: '',
      isAutoIncrement: false,
      isSigned: typeof sample === 'bigint' || typeof sample === 'number',
      isCurrency: false,
      isCaseSensitive: typeof sample === 'string',
      nullable: 1,
      precision: 0,
      scale: 0,
      arrayBaseColumnType: 0,
    };
  });
}
