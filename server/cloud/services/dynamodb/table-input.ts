import type {
  AttributeDefinition,
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection as ProjectionInput,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';
import { NotEmulated } from '../../errors.ts';
import { constraint, invalidValues, validation } from './errors.ts';
import type { IndexRecord, KeyElement, Projection, TableRecord, Throughput } from './tables-store.ts';

/** Reads and checks what CreateTable and UpdateTable are given: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */

const mostLocal = 5;
const mostGlobal = 20;
const mostProjected = 100;

export function readAttributes(given: readonly AttributeDefinition[]): TableRecord['attributes'] {
  const out: [string, 'S' | 'N' | 'B'][] = given.map(({ AttributeName, AttributeType }, i) => {
    if (AttributeType !== 'S' && AttributeType !== 'N' && AttributeType !== 'B')
      throw constraint(
        AttributeType,
        `attributeDefinitions.${i + 1}.member.attributeType`,
        'Member must satisfy enum value set: [B, N, S]',
      );
    if (!AttributeName || AttributeName.length > 255)
      throw constraint(
        AttributeName,
        `attributeDefinitions.${i + 1}.member.attributeName`,
        'Member must have length between 1 and 255',
      );
    return [AttributeName, AttributeType];
  });
  const names = out.map(([name]) => name);
  if (new Set(names).size < names.length)
    throw validation(
      `Cannot have two attributes with the same name (${names.find((name, i) => names.indexOf(name) !== i)})`,
    );
  return Object.fromEntries(out);
}

function readKeySchema(
  given: readonly KeySchemaElement[] | undefined,
  attributes: TableRecord['attributes'],
  index?: string,
): KeyElement[] {
  const key = (given ?? []).map(({ AttributeName, KeyType }): KeyElement => {
    if (KeyType !== 'HASH' && KeyType !== 'RANGE')
      throw constraint(KeyType, 'keySchema.1.member.keyType', 'Member must satisfy enum value set: [HASH, RANGE]');
    return { name: AttributeName ?? '', type: KeyType };
  });
  if (key.filter(({ type }) => type === 'HASH').length > 1 || key.filter(({ type }) => type === 'RANGE').length > 1) {
    if (index !== undefined && key.length > 2) throw new NotEmulated('index keys of several attributes');
    throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (key.length === 0) throw constraint('[]', 'keySchema', 'Member must have length greater than or equal to 1');
  if (key[0]!.type !== 'HASH') throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (key.length === 2 && key[0]!.name === key[1]!.name)
    throw validation('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  const undefinedKeys = key.map(({ name }) => name).filter((name) => !Object.hasOwn(attributes, name));
  if (undefinedKeys.length)
    throw invalidValues(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${key.map(({ name }) => name).join(', ')}], AttributeDefinitions: [${Object.keys(attributes).join(', ')}]`,
    );
  return key;
}

function readProjectionInput(given: ProjectionInput | undefined): Projection {
  const type = given?.ProjectionType;
  if (!given || type === undefined) throw invalidValues('Unknown ProjectionType: null');
  if (type !== 'ALL' && type !== 'KEYS_ONLY' && type !== 'INCLUDE')
    throw constraint(
      type,
      'projection.projectionType',
      'Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]',
    );
  const attributes = given.NonKeyAttributes ?? [];
  if (type !== 'INCLUDE' && given.NonKeyAttributes)
    throw invalidValues(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  if (type === 'INCLUDE' && attributes.length === 0)
    throw invalidValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  return { type, attributes };
}

function checkIndexName(name: string): void {
  if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name))
    throw constraint(name, 'indexName', 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
}

export function readThroughput(given: ProvisionedThroughput | undefined): Throughput {
  const [read, write] = [given?.ReadCapacityUnits, given?.WriteCapacityUnits];
  for (const [name, units] of [
    ['readCapacityUnits', read],
    ['writeCapacityUnits', write],
  ] as const) {
    if (units === undefined || units < 1)
      throw constraint(
        units ?? 'null',
        `provisionedThroughput.${name}`,
        'Member must have value greater than or equal to 1',
      );
    if (units > 40_000)
      throw validation(
        `Given value ${units} for ${name === 'readCapacityUnits' ? 'Read' : 'Write'}CapacityUnits is out of bounds`,
      );
  }
  return { read: read!, write: write! };
}

export function readGlobal(
  given: GlobalSecondaryIndex,
  table: Pick<TableRecord, 'attributes' | 'billing'>,
): IndexRecord {
  checkIndexName(given.IndexName ?? '');
  if (table.billing === 'PROVISIONED' && !given.ProvisionedThroughput)
    throw invalidValues(`ProvisionedThroughput must be specified for index: ${given.IndexName}`);
  if (table.billing === 'PAY_PER_REQUEST' && given.ProvisionedThroughput)
    throw invalidValues(
      `ProvisionedThroughput should not be specified for index: ${given.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  return {
    name: given.IndexName!,
    kind: 'global',
    key: readKeySchema(given.KeySchema, table.attributes, given.IndexName),
    projection: readProjectionInput(given.Projection),
    ...(given.ProvisionedThroughput ? { throughput: readThroughput(given.ProvisionedThroughput) } : {}),
  };
}

function readLocal(given: LocalSecondaryIndex, attributes: TableRecord['attributes'], key: KeyElement[]): IndexRecord {
  checkIndexName(given.IndexName ?? '');
  const own = readKeySchema(given.KeySchema, attributes, given.IndexName);
  if (key.length < 2)
    throw invalidValues(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  if (own.length < 2) throw invalidValues(`Index KeySchema does not have a range key for index: ${given.IndexName}`);
  if (own[0]!.name !== key[0]!.name)
    throw invalidValues(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${given.IndexName}. index hash key: ${own[0]!.name}, table hash key: ${key[0]!.name}`,
    );
  return { name: given.IndexName!, kind: 'local', key: own, projection: readProjectionInput(given.Projection) };
}

/** Key, indexes and throughput of a new table. @throws AwsError ValidationException */
export function readTable(
  input: CreateTableCommandInput,
): Pick<TableRecord, 'key' | 'attributes' | 'billing' | 'throughput' | 'indexes'> {
  const billing = readBilling(input.BillingMode);
  const attributes = readAttributes(input.AttributeDefinitions ?? []);
  const key = readKeySchema(input.KeySchema, attributes);
  if (billing === 'PAY_PER_REQUEST' && input.ProvisionedThroughput)
    throw invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  if (billing === 'PROVISIONED' && !input.ProvisionedThroughput)
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  const throughput = billing === 'PROVISIONED' ? readThroughput(input.ProvisionedThroughput) : { read: 0, write: 0 };
  for (const [list, what] of [
    [input.GlobalSecondaryIndexes, 'Global'],
    [input.LocalSecondaryIndexes, 'Local'],
  ] as const)
    if (list?.length === 0) throw invalidValues(`List of ${what}SecondaryIndexes is empty`);
  const local = (input.LocalSecondaryIndexes ?? []).map((index) => readLocal(index, attributes, key));
  const global = (input.GlobalSecondaryIndexes ?? []).map((index) => readGlobal(index, { attributes, billing }));
  const indexes = [...global, ...local];
  checkIndexes(indexes);
  checkAttributesUsed(attributes, key, indexes);
  return { key, attributes, billing, throughput, indexes };
}

export function readBilling(given: string | undefined): TableRecord['billing'] {
  if (given !== undefined && given !== 'PROVISIONED' && given !== 'PAY_PER_REQUEST')
    throw constraint(given, 'billingMode', 'Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]');
  return given ?? 'PROVISIONED';
}

export function checkIndexes(indexes: readonly IndexRecord[]): void {
  const names = indexes.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw invalidValues(`Duplicate index name: ${names.find((name, i) => names.indexOf(name) !== i)}`);
  const count = (kind: IndexRecord['kind']): number => indexes.filter((index) => index.kind === kind).length;
  if (count('local') > mostLocal)
    throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${mostLocal}`);
  if (count('global') > mostGlobal)
    throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${mostGlobal}`);
  const projected = indexes.reduce((sum, { projection }) => sum + projection.attributes.length, 0);
  if (projected > mostProjected)
    throw invalidValues(`The total number of non-key attributes specified in all indexes exceeds ${mostProjected}`);
}

/** Every attribute that is defined must be in some key. */
export function checkAttributesUsed(
  attributes: TableRecord['attributes'],
  key: readonly KeyElement[],
  indexes: readonly IndexRecord[],
): void {
  const used = new Set([...key, ...indexes.flatMap((index) => index.key)].map(({ name }) => name));
  if (Object.keys(attributes).some((name) => !used.has(name)))
    throw invalidValues(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${Object.keys(attributes).join(', ')}], keys used: [${[...used].join(', ')}]`,
    );
}
