import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/client-dynamodb';
import type { CallContext } from '../../context.ts';
import { checkReturnConsumed } from './capacity.ts';
import { constraint, validation } from './errors.ts';
import type { Condition, Path } from './expressions/ast.ts';
import { type Parsed, parseCondition } from './expressions/condition.ts';
import { checkMixed, legacyConditions, legacyProjection } from './expressions/legacy.ts';
import { Placeholders } from './expressions/placeholders.ts';
import { parseProjection } from './expressions/project.ts';
import { placeOf, type TablePlace } from './tables-store.ts';
import { type Item, readItem } from './values.ts';

/** A Query or a Scan, read and not yet bound to a table. */
export interface ReadRequest {
  place: TablePlace;
  index: string | undefined;
  keyCondition: Condition | undefined;
  filter: Condition | undefined;
  filterAttributes: ReadonlySet<string>;
  paths: Path[] | undefined;
  attributes: ReadonlySet<string>;
  select: string | undefined;
  limit: number | undefined;
  start: Item | undefined;
  consistent: boolean;
  segment: { number: number; total: number } | undefined;
  backwards: boolean;
}

type Shared = Pick<
  QueryCommandInput & ScanCommandInput,
  | 'AttributesToGet'
  | 'ProjectionExpression'
  | 'FilterExpression'
  | 'ConditionalOperator'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'Select'
  | 'Limit'
  | 'ExclusiveStartKey'
  | 'ConsistentRead'
  | 'IndexName'
  | 'TableName'
  | 'ReturnConsumedCapacity'
> & { KeyConditionExpression?: string | undefined };

const selects = ['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'];

function readShared(
  ctx: CallContext,
  input: Shared,
  legacy: { filter: QueryCommandInput['QueryFilter']; name: string; key?: QueryCommandInput['KeyConditions'] },
): ReadRequest {
  checkReturnConsumed(input.ReturnConsumedCapacity);
  const { ProjectionExpression, FilterExpression, KeyConditionExpression, Limit, Select } = input;
  if (Limit !== undefined && Limit < 1)
    throw constraint(Limit, 'limit', 'Member must have value greater than or equal to 1');
  if (Select !== undefined && !selects.includes(Select))
    throw constraint(
      Select,
      'select',
      'Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]',
    );
  checkMixed(
    {
      AttributesToGet: input.AttributesToGet,
      [legacy.name]: legacy.filter,
      ConditionalOperator: input.ConditionalOperator,
      KeyConditions: legacy.key,
    },
    { ProjectionExpression, FilterExpression, KeyConditionExpression },
  );
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    FilterExpression,
    ...('KeyConditionExpression' in input ? { KeyConditionExpression } : {}),
    ProjectionExpression,
  });
  const none: Parsed<undefined> = { tree: undefined, attributes: new Set() };
  const filter =
    FilterExpression !== undefined
      ? parseCondition('FilterExpression', FilterExpression, placeholders)
      : legacy.filter
        ? legacyConditions(legacy.filter, input.ConditionalOperator)
        : none;
  const key =
    KeyConditionExpression !== undefined
      ? parseCondition('KeyConditionExpression', KeyConditionExpression, placeholders)
      : legacy.key
        ? legacyConditions(legacy.key)
        : none;
  const projection =
    ProjectionExpression !== undefined
      ? parseProjection(ProjectionExpression, placeholders)
      : input.AttributesToGet
        ? legacyProjection(input.AttributesToGet)
        : none;
  placeholders.finish();
  checkSelect(Select, projection.tree !== undefined, input.IndexName);
  return {
    place: placeOf(ctx, input.TableName!),
    index: input.IndexName,
    keyCondition: key.tree,
    filter: filter.tree,
    filterAttributes: filter.attributes,
    paths: projection.tree,
    attributes: new Set([...key.attributes, ...filter.attributes, ...projection.attributes]),
    select: Select,
    limit: Limit,
    start: input.ExclusiveStartKey && readItem(input.ExclusiveStartKey),
    consistent: input.ConsistentRead ?? false,
    segment: undefined,
    backwards: false,
  };
}

function checkSelect(select: string | undefined, projected: boolean, index: string | undefined): void {
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && index === undefined)
    throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  if (projected && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES')
    throw validation(
      select === 'COUNT'
        ? 'Cannot specify the ProjectionExpression when choosing to get only the Count'
        : `Cannot specify the ProjectionExpression when choosing to get ${select}`,
    );
  if (select === 'SPECIFIC_ATTRIBUTES' && !projected)
    throw validation(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
}

/** @throws AwsError ValidationException */
export function readQuery(ctx: CallContext, input: QueryCommandInput): ReadRequest {
  if (input.KeyConditionExpression === undefined && !input.KeyConditions)
    throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  const request = readShared(ctx, input, {
    filter: input.QueryFilter,
    name: 'QueryFilter',
    key: input.KeyConditions,
  });
  return { ...request, backwards: input.ScanIndexForward === false };
}

/** @throws AwsError ValidationException */
export function readScan(ctx: CallContext, input: ScanCommandInput): ReadRequest {
  const request = readShared(ctx, input, { filter: input.ScanFilter, name: 'ScanFilter' });
  const { Segment, TotalSegments } = input;
  if (Segment !== undefined && TotalSegments === undefined)
    throw validation(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  if (TotalSegments !== undefined && Segment === undefined)
    throw validation(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  if (TotalSegments === undefined || Segment === undefined) return request;
  if (TotalSegments < 1 || TotalSegments > 1_000_000)
    throw constraint(TotalSegments, 'totalSegments', 'Member must have value between 1 and 1000000');
  if (Segment < 0 || Segment >= TotalSegments)
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  return { ...request, segment: { number: Segment, total: TotalSegments } };
}
