import type { CallContext } from '../../context.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';
import { constraint, notFound, validation } from './errors.ts';
import type { Item } from './values.ts';

export interface KeyElement {
  name: string;
  type: 'HASH' | 'RANGE';
}

export interface Throughput {
  read: number;
  write: number;
}

export interface Projection {
  type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  attributes: string[];
}

export interface IndexRecord {
  name: string;
  kind: 'global' | 'local';
  key: KeyElement[];
  projection: Projection;
  throughput?: Throughput;
}

export interface ResourcePolicy {
  text: string;
  document: PolicyDocument;
  revision: string;
}

/** A table; id: its name. Times are milliseconds of the cloud's clock. */
export interface TableRecord {
  name: string;
  /** Names the scope of its items, so that a new table of the same name has none of them. */
  id: string;
  created: number;
  key: KeyElement[];
  attributes: Record<string, 'S' | 'N' | 'B'>;
  billing: 'PROVISIONED' | 'PAY_PER_REQUEST';
  onDemandSince?: number;
  throughput: Throughput;
  onDemand?: { MaxReadRequestUnits?: number; MaxWriteRequestUnits?: number };
  indexes: IndexRecord[];
  deletionProtection: boolean;
  tableClass?: string;
  /** The ARN of the customer's or AWS's managed key; absent: a key that AWS owns. */
  kmsKeyArn?: string;
  ttl?: { attribute: string; enabled: boolean };
  recovery?: { since: number; days: number };
  /** The label of the stream that records changes now. */
  streamLabel?: string;
  /** The label of the latest stream, which may be switched off. */
  latestStream?: string;
  tags: Tags;
  policy?: ResourcePolicy;
}

/** What a table holds, kept beside it so that a write does not change the table itself. */
export interface SizeRecord {
  items: number;
  bytes: number;
}

export const tables = defineTable<TableRecord>('dynamodb.tables');
export const sizes = defineTable<SizeRecord>('dynamodb.sizes');
export const items = defineTable<Item>('dynamodb.items');

/** A table that a request names, by name or by ARN: it may not exist. */
export interface TablePlace extends Scope {
  name: string;
  arn: string;
}

export const tableArn = (scope: Scope, name: string): string =>
  `arn:aws:dynamodb:${scope.region}:${scope.account}:table/${name}`;

/** Items have a scope of their own for each table: a page of one never walks over another's. */
export const itemScope = (place: Scope, table: TableRecord): Scope => ({
  account: place.account,
  region: `${place.region}/${table.id}`,
});

const nameForm = /^[a-zA-Z0-9_.-]{3,255}$/;

/** @throws AwsError ValidationException for what is no name of a table */
export function placeOf(scope: Scope, named: string): TablePlace {
  let { account, region } = scope;
  let name = named;
  if (named.startsWith('arn:')) {
    const parts = named.split(':');
    const [, partition, service, arnRegion = '', arnAccount = '', resource = ''] = parts;
    if (partition !== 'aws' || service !== 'dynamodb' || parts.length !== 6 || !resource.startsWith('table/'))
      throw validation('Invalid TableArn');
    [account, region, name] = [arnAccount, arnRegion, resource.slice('table/'.length)];
  }
  checkName(name);
  return { account, region, name, arn: tableArn({ account, region }, name) };
}

export function checkName(name: string): void {
  if (!nameForm.test(name))
    throw validation(
      "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'",
    );
}

/** Regions do not see each other's tables, whatever an ARN says. */
export function findTable(ctx: { state: StateReader; region: string }, place: TablePlace): TableRecord | undefined {
  return place.region === ctx.region ? ctx.state.get(tables, place, place.name) : undefined;
}

/** @throws AwsError ResourceNotFoundException, in the words of the data plane or, with `named`, of the control plane */
export function getTable(ctx: CallContext, place: TablePlace, named = false): TableRecord {
  const table = findTable(ctx, place);
  if (!table) throw notFound(named ? `Requested resource not found: Table: ${place.name} not found` : undefined);
  return table;
}

export function sizeOf(state: StateReader, place: Scope, table: TableRecord): SizeRecord {
  return state.get(sizes, place, table.name) ?? { items: 0, bytes: 0 };
}

export function getIndex(table: TableRecord, name: string): IndexRecord {
  if (name.length < 3 || name.length > 255)
    throw constraint(name, 'indexName', 'Member must have length between 3 and 255');
  const index = table.indexes.find((each) => each.name === name);
  if (!index) throw validation(`The table does not have the specified index: ${name}`);
  return index;
}

export const hashName = (key: readonly KeyElement[]): string => key[0]!.name;
export const rangeName = (key: readonly KeyElement[]): string | undefined => key[1]?.name;
