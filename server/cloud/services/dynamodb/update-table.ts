import type { UpdateTableCommandInput, UpdateTableCommandOutput } from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { tableAccess } from './access.ts';
import { describeTable } from './describe-table.ts';
import { invalidValues, limitExceeded, notFound, validation } from './errors.ts';
import { closeStream, openStream } from './stream-life.ts';
import {
  checkAttributesUsed,
  checkIndexes,
  readAttributes,
  readBilling,
  readGlobal,
  readThroughput,
} from './table-input.ts';
import { checkStreamInput, readEncryption } from './tables.ts';
import { getTable, type IndexRecord, placeOf, type TablePlace, type TableRecord, tables } from './tables-store.ts';

function changesOf(input: UpdateTableCommandInput): string[] {
  const { TableName: _name, AttributeDefinitions: _attributes, ...rest } = input;
  return Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** One index may be made or deleted at a time; throughput of several may change. */
function updateIndexes(table: TableRecord, input: UpdateTableCommandInput): TableRecord {
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  const attributes = { ...table.attributes, ...readAttributes(input.AttributeDefinitions ?? []) };
  for (const [name, type] of Object.entries(table.attributes))
    if (attributes[name] !== type && table.key.some((element) => element.name === name))
      throw invalidValues(`Key attribute ${name} cannot change its type`);
  let indexes: IndexRecord[] = table.indexes;
  let made = 0;
  for (const { Create, Update, Delete } of updates) {
    if (Create) {
      made++;
      if (indexes.some(({ name }) => name === Create.IndexName))
        throw validation(`Attempting to create an index which already exists: ${Create.IndexName}`);
      indexes = [
        ...indexes,
        readGlobal(
          { ...Create, IndexName: Create.IndexName, KeySchema: Create.KeySchema, Projection: Create.Projection },
          { attributes, billing: table.billing },
        ),
      ];
    }
    const name = Update?.IndexName ?? Delete?.IndexName;
    if (name === undefined) continue;
    if (!indexes.some((index) => index.name === name && index.kind === 'global'))
      throw notFound(`Requested resource not found: Index: ${name} not found`);
    if (Delete) {
      made++;
      indexes = indexes.filter((index) => index.name !== name);
    } else if (Update?.ProvisionedThroughput) {
      const throughput = readThroughput(Update.ProvisionedThroughput);
      indexes = indexes.map((index) => (index.name === name ? { ...index, throughput } : index));
    }
  }
  if (made > 1)
    throw limitExceeded(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  checkIndexes(indexes);
  const used = new Set([...table.key, ...indexes.flatMap(({ key }) => key)].map(({ name }) => name));
  const given = (input.AttributeDefinitions ?? []).map(({ AttributeName }) => AttributeName!);
  const kept = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => used.has(name) || given.includes(name)),
  );
  checkAttributesUsed(kept, table.key, indexes);
  return { ...table, attributes: kept, indexes };
}

function updateThroughput(ctx: CallContext, table: TableRecord, input: UpdateTableCommandInput): TableRecord {
  if (input.BillingMode === undefined && !input.ProvisionedThroughput) return table;
  const billing = input.BillingMode === undefined ? table.billing : readBilling(input.BillingMode);
  if (billing === 'PAY_PER_REQUEST') {
    if (input.ProvisionedThroughput)
      throw invalidValues(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    const indexes = table.indexes.map(({ throughput: _old, ...index }) => index);
    return {
      ...table,
      billing,
      onDemandSince: table.onDemandSince ?? ctx.now,
      throughput: { read: 0, write: 0 },
      indexes,
    };
  }
  if (!input.ProvisionedThroughput)
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  const throughput = readThroughput(input.ProvisionedThroughput);
  if (
    table.billing === billing &&
    table.throughput.read === throughput.read &&
    table.throughput.write === throughput.write &&
    changesOf(input).length === 1
  )
    throw validation(
      `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: ${throughput.read}. Requested ReadCapacityUnits: ${throughput.read}. Current WriteCapacityUnits provisioned for the table: ${throughput.write}. Requested WriteCapacityUnits: ${throughput.write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
    );
  return { ...table, billing, throughput };
}

function updateStream(
  ctx: CallContext,
  place: TablePlace,
  table: TableRecord,
  input: UpdateTableCommandInput,
): TableRecord {
  const wanted = input.StreamSpecification;
  if (!wanted) return table;
  checkStreamInput(wanted);
  if (!wanted.StreamEnabled) {
    if (table.streamLabel === undefined) throw validation('Table already has no stream to disable.');
    return closeStream(ctx, place, table);
  }
  if (table.streamLabel !== undefined)
    throw validation(`Table already has an enabled stream: TableName: ${table.name}`);
  return openStream(ctx, place, table, wanted.StreamViewType!);
}

export const UpdateTable = operation<UpdateTableCommandInput, UpdateTableCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'UpdateTable', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    if (input.ReplicaUpdates ?? input.GlobalTableWitnessUpdates ?? input.MultiRegionConsistency)
      throw new NotEmulated('global tables of DynamoDB');
    if (changesOf(input).length === 0)
      throw validation(
        'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
      );
    let table = getTable(ctx, place, true);
    table = updateThroughput(ctx, table, input);
    if (input.GlobalSecondaryIndexUpdates) table = updateIndexes(table, input);
    table = updateStream(ctx, place, table, input);
    if (input.DeletionProtectionEnabled !== undefined)
      table = { ...table, deletionProtection: input.DeletionProtectionEnabled };
    if (input.TableClass !== undefined) table = { ...table, tableClass: input.TableClass };
    if (input.SSESpecification) {
      const { kmsKeyArn: _old, ...rest } = table;
      const kmsKeyArn = readEncryption(ctx, input.SSESpecification);
      table = { ...rest, ...(kmsKeyArn ? { kmsKeyArn } : {}) };
    }
    ctx.state.put(tables, place, place.name, table);
    return { TableDescription: describeTable(ctx.state, place, table, 'UPDATING') };
  },
});
