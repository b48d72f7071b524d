import type {
  CreateTableCommandInput,
  CreateTableCommandOutput,
  DeleteTableCommandInput,
  DeleteTableCommandOutput,
  DescribeTableCommandInput,
  DescribeTableCommandOutput,
  ListTablesCommandInput,
  ListTablesCommandOutput,
  SSESpecification,
  StreamSpecification,
} from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { uuid } from '../../random.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { tableAccess } from './access.ts';
import { describeTable } from './describe-table.ts';
import { constraint, inUse, limitExceeded, validation } from './errors.ts';
import { readPolicy } from './policy-text.ts';
import { closeStream, openStream } from './stream-life.ts';
import { readTable } from './table-input.ts';
import {
  checkName,
  findTable,
  getTable,
  itemScope,
  items,
  placeOf,
  sizes,
  type TablePlace,
  type TableRecord,
  tables,
} from './tables-store.ts';
import { checkTags } from './tags.ts';

// differs from AWS: an account has at most so many tables in a region; there it is 2,500
const mostTables = 100;

/** The ARN of the key that a table is encrypted under; undefined: a key that AWS owns. */
export function readEncryption(ctx: CallContext, given: SSESpecification | undefined): string | undefined {
  if (!given?.Enabled) {
    if (given?.KMSMasterKeyId)
      throw validation(
        'One or more parameter values were invalid: KMSMasterKeyId must not be specified when SSE is not enabled',
      );
    return undefined;
  }
  const id = given.KMSMasterKeyId ?? 'alias/aws/dynamodb';
  return id.startsWith('arn:')
    ? id
    : `arn:aws:kms:${ctx.region}:${ctx.account}:${id.startsWith('alias/') ? id : `key/${id}`}`;
}

export function checkStreamInput(given: StreamSpecification | undefined): void {
  if (!given) return;
  if (given.StreamEnabled && given.StreamViewType === undefined)
    throw validation(
      'One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true',
    );
  if (!given.StreamEnabled && given.StreamViewType !== undefined)
    throw validation(
      'One or more parameter values were invalid: StreamViewType must not be specified when StreamEnabled is false',
    );
  const views = ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'];
  if (given.StreamViewType !== undefined && !views.includes(given.StreamViewType))
    throw constraint(
      given.StreamViewType,
      'streamSpecification.streamViewType',
      `Member must satisfy enum value set: [${views.join(', ')}]`,
    );
}

export const CreateTable = operation<CreateTableCommandInput, CreateTableCommandOutput>({
  access: (ctx, input) =>
    tableAccess(ctx, 'CreateTable', placeOf(ctx, input.TableName!), {
      context: requestTagContext(tagsFrom(input.Tags)),
    }),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    if (input.GlobalTableSourceArn ?? input.GlobalTableSettingsReplicationMode)
      throw new NotEmulated('global tables of DynamoDB');
    const made = readTable(input);
    checkStreamInput(input.StreamSpecification);
    checkTags(input.Tags ?? []);
    if (findTable(ctx, place)) throw inUse(`Table already exists: ${place.name}`);
    if (ctx.state.list(tables, place).length >= mostTables)
      throw limitExceeded(
        `Subscriber limit exceeded: Number of tables in the account exceeds the limit of ${mostTables}`,
      );
    if (input.Tags?.length) askTags(ctx, place, input);
    const policy = input.ResourcePolicy === undefined ? undefined : readPolicy(ctx, input.ResourcePolicy);
    if (policy) ctx.authorize(tableAccess(ctx, 'PutResourcePolicy', place));
    const kmsKeyArn = readEncryption(ctx, input.SSESpecification);
    const table: TableRecord = {
      name: place.name,
      id: uuid(ctx.cloud.random),
      created: ctx.now,
      ...made,
      ...(made.billing === 'PAY_PER_REQUEST' ? { onDemandSince: ctx.now } : {}),
      ...(input.OnDemandThroughput
        ? { onDemand: { ...input.OnDemandThroughput } as TableRecord['onDemand'] & object }
        : {}),
      deletionProtection: input.DeletionProtectionEnabled ?? false,
      ...(input.TableClass ? { tableClass: input.TableClass } : {}),
      ...(kmsKeyArn ? { kmsKeyArn } : {}),
      ...(policy ? { policy } : {}),
      tags: tagsFrom(input.Tags),
    };
    const stored = input.StreamSpecification?.StreamEnabled
      ? openStream(ctx, place, table, input.StreamSpecification.StreamViewType!)
      : table;
    ctx.state.put(tables, place, place.name, stored);
    return { TableDescription: describeTable(ctx.state, place, stored, 'CREATING') };
  },
});

/** "TagResource permission is needed to create a table with tags". */
function askTags(ctx: CallContext, place: TablePlace, input: CreateTableCommandInput): void {
  ctx.authorize(tableAccess(ctx, 'TagResource', place, { context: requestTagContext(tagsFrom(input.Tags)) }));
}

export const DescribeTable = operation<DescribeTableCommandInput, DescribeTableCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'DescribeTable', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    return { Table: describeTable(ctx.state, place, getTable(ctx, place, true)) };
  },
});

export const DeleteTable = operation<DeleteTableCommandInput, DeleteTableCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'DeleteTable', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    const table = getTable(ctx, place, true);
    if (table.deletionProtection)
      throw validation(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    const TableDescription = describeTable(ctx.state, place, table, 'DELETING');
    const scope = itemScope(place, table);
    for (const { id } of [...ctx.state.range(items, scope)]) ctx.state.delete(items, scope, id);
    closeStream(ctx, place, table);
    ctx.state.delete(sizes, place, table.name);
    ctx.state.delete(tables, place, table.name);
    return { TableDescription };
  },
});

export const ListTables = operation<ListTablesCommandInput, ListTablesCommandOutput>({
  access: () => ({ action: 'dynamodb:ListTables', resource: '*' }),
  run(ctx, input) {
    const limit = input.Limit ?? 100;
    if (limit < 1 || limit > 100)
      throw constraint(
        limit,
        'limit',
        limit < 1
          ? 'Member must have value greater than or equal to 1'
          : 'Member must have value less than or equal to 100',
      );
    const start = input.ExclusiveStartTableName;
    if (start !== undefined) checkName(start);
    const names = ctx.state
      .list(tables, ctx)
      .map(({ id }) => id)
      .filter((name) => start === undefined || name > start);
    const page = names.slice(0, limit);
    return { TableNames: page, ...(names.length > limit ? { LastEvaluatedTableName: page.at(-1)! } : {}) };
  },
});
