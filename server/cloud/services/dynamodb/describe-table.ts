import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { StateReader } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { isIn } from './keys.ts';
import { projectedInto } from './projection.ts';
import { streamArn, streamId, streams } from './streams-store.ts';
import {
  type IndexRecord,
  itemScope,
  items,
  type KeyElement,
  sizeOf,
  type TableRecord,
  tableArn,
} from './tables-store.ts';
import { itemSize } from './values.ts';

const keySchema = (key: readonly KeyElement[]) => key.map(({ name, type }) => ({ AttributeName: name, KeyType: type }));

/** A table as DescribeTable shows it. */
export function describeTable(
  state: StateReader,
  place: Scope,
  table: TableRecord,
  status: TableDescription['TableStatus'] = 'ACTIVE',
): TableDescription {
  const arn = tableArn(place, table.name);
  const size = sizeOf(state, place, table);
  const indexes = (kind: IndexRecord['kind']) =>
    table.indexes.filter((index) => index.kind === kind).map((index) => describeIndex(state, place, table, index, arn));
  const [global, local] = [indexes('global'), indexes('local')];
  const stream =
    table.streamLabel === undefined ? undefined : state.get(streams, place, streamId(table.name, table.streamLabel));
  return {
    TableName: table.name,
    TableArn: arn,
    TableId: table.id,
    TableStatus: status,
    CreationDateTime: new Date(table.created),
    AttributeDefinitions: Object.entries(table.attributes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(table.key),
    ProvisionedThroughput: {
      NumberOfDecreasesToday: 0,
      ReadCapacityUnits: table.throughput.read,
      WriteCapacityUnits: table.throughput.write,
    },
    ...(table.onDemandSince === undefined
      ? {}
      : {
          BillingModeSummary: {
            BillingMode: table.billing,
            LastUpdateToPayPerRequestDateTime: new Date(table.onDemandSince),
          },
        }),
    ...(table.onDemand ? { OnDemandThroughput: table.onDemand } : {}),
    TableSizeBytes: size.bytes,
    ItemCount: size.items,
    ...(global.length ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length ? { LocalSecondaryIndexes: local } : {}),
    ...(stream ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType } } : {}),
    ...(table.latestStream === undefined
      ? {}
      : {
          LatestStreamLabel: table.latestStream,
          LatestStreamArn: streamArn(place, table.name, table.latestStream),
        }),
    ...(table.kmsKeyArn
      ? { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.kmsKeyArn } }
      : {}),
    ...(table.tableClass ? { TableClassSummary: { TableClass: table.tableClass as 'STANDARD' } } : {}),
    DeletionProtectionEnabled: table.deletionProtection,
    WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: 'ACTIVE' },
  };
}

/** So many items are looked at for all indexes of a table together. */
const mostCounted = 20_000;

/** differs from AWS: sizes of indexes are up to date, and estimates for a large table with many of them */
function measure(
  state: StateReader,
  place: Scope,
  table: TableRecord,
  index: IndexRecord,
): { count: number; bytes: number } {
  const most = Math.ceil(mostCounted / table.indexes.length);
  let [seen, count, bytes] = [0, 0, 0];
  for (const { value } of state.range(items, itemScope(place, table))) {
    if (++seen > most) break;
    if (!isIn(index, value)) continue;
    count++;
    bytes += itemSize(projectedInto(table, index, value));
  }
  const scale = seen > most ? sizeOf(state, place, table).items / most : 1;
  return { count: Math.round(count * scale), bytes: Math.round(bytes * scale) };
}

function describeIndex(state: StateReader, place: Scope, table: TableRecord, index: IndexRecord, arn: string) {
  const { count, bytes } = measure(state, place, table, index);
  return {
    IndexName: index.name,
    KeySchema: keySchema(index.key),
    Projection: {
      ProjectionType: index.projection.type,
      ...(index.projection.attributes.length ? { NonKeyAttributes: index.projection.attributes } : {}),
    },
    IndexArn: `${arn}/index/${index.name}`,
    IndexSizeBytes: bytes,
    ItemCount: count,
    ...(index.kind === 'global'
      ? {
          IndexStatus: 'ACTIVE' as const,
          ProvisionedThroughput: {
            NumberOfDecreasesToday: 0,
            ReadCapacityUnits: index.throughput?.read ?? 0,
            WriteCapacityUnits: index.throughput?.write ?? 0,
          },
        }
      : {}),
  };
}
