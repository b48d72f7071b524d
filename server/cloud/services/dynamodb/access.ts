import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { resourceTagContext } from '../../tags.ts';
import { findTable, hashName, type KeyElement, type TablePlace, type TableRecord } from './tables-store.ts';
import { contentOf, type Item, type Value } from './values.ts';

/**
 * What a request says of itself to fine-grained policies.
 * Source of every choice: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export interface Asked {
  /** Of all items that the request names, the value of the partition key (an index's, if an index is asked). None: the key is absent. */
  keys?: readonly Value[];
  /** Top-level attributes that the request names, keys included; not those that the answer will have. */
  attributes?: Iterable<string>;
  /** "The Select parameter always has a value (ALL_ATTRIBUTES, unless otherwise specified)". */
  select?: string;
  /** "The ReturnValues parameter always has a value (NONE unless otherwise specified)". */
  returnValues?: string;
  returnConsumedCapacity?: string;
  /** The transaction that an item's action belongs to: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
  enclosing?: 'TransactGetItems' | 'TransactWriteItems' | 'ExecuteTransaction';
  /** PartiQL's SELECT only: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html */
  fullTableScan?: boolean;
  index?: string | undefined;
  context?: ConditionContext;
}

/** The question about an action on a table or on one of its indexes; its resource policy answers for both. */
export function tableAccess(ctx: CallContext, action: string, place: TablePlace, asked: Asked = {}): Access {
  const table = findTable(ctx, place);
  const keys = [...new Set((asked.keys ?? []).map((value) => String(contentOf(value))))];
  const attributes = [...new Set(asked.attributes ?? [])];
  return {
    action: `dynamodb:${action}`,
    resource: asked.index === undefined ? place.arn : `${place.arn}/index/${asked.index}`,
    resourceAccount: place.account,
    ...(table?.policy
      ? { resourcePolicy: [{ name: `resource policy of table ${table.name}`, document: table.policy.document }] }
      : {}),
    context: {
      ...resourceTagContext(table?.tags),
      // "FirstPartitionKeyValues and LeadingKeys can used exchangeable."
      ...(keys.length ? { 'dynamodb:LeadingKeys': keys, 'dynamodb:FirstPartitionKeyValues': keys } : {}),
      ...(attributes.length ? { 'dynamodb:Attributes': attributes } : {}),
      ...(asked.select === undefined ? {} : { 'dynamodb:Select': asked.select }),
      ...(asked.returnValues === undefined ? {} : { 'dynamodb:ReturnValues': asked.returnValues }),
      ...(asked.returnConsumedCapacity === undefined
        ? {}
        : { 'dynamodb:ReturnConsumedCapacity': asked.returnConsumedCapacity }),
      ...(asked.enclosing ? { 'dynamodb:EnclosingOperation': asked.enclosing } : {}),
      ...(asked.fullTableScan === undefined ? {} : { 'dynamodb:FullTableScan': String(asked.fullTableScan) }),
      ...asked.context,
    },
  };
}

/** The partition key's value in each of these items or keys; what has none names no partition. */
export function leadingKeys(table: TableRecord | undefined, named: readonly Item[]): Value[] {
  return table ? valuesOf(table.key, named) : [];
}

function valuesOf(key: readonly KeyElement[], named: readonly Item[]): Value[] {
  const name = hashName(key);
  return named.flatMap((item) => (Object.hasOwn(item, name) ? [item[name]!] : []));
}

/** What Select is where a request does not say it. */
export function selectOf(given: string | undefined, projected: boolean, index?: string): string {
  return (
    given ?? (projected ? 'SPECIFIC_ATTRIBUTES' : index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES')
  );
}
