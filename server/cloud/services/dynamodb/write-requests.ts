import type {
  DeleteItemCommandInput,
  PutItemCommandInput,
  ReturnValue,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CallContext } from '../../context.ts';
import { checkReturnConsumed } from './capacity.ts';
import { conditionFailed, constraint, validation } from './errors.ts';
import { applyUpdate, checkKeyUntouched } from './expressions/apply-update.ts';
import type { Condition, Path, Update } from './expressions/ast.ts';
import { type Parsed, parseCondition } from './expressions/condition.ts';
import { meets, valueAt } from './expressions/evaluate.ts';
import { checkMixed, legacyExpected, legacyUpdates } from './expressions/legacy.ts';
import { Placeholders } from './expressions/placeholders.ts';
import { project } from './expressions/project.ts';
import { parseUpdate, writtenPaths } from './expressions/update.ts';
import { checkSize, findItem, writeItem } from './items-store.ts';
import { checkIndexKeys, checkItemKeys, readKey } from './keys.ts';
import { placeOf, type TablePlace, type TableRecord } from './tables-store.ts';
import { type Item, readItem } from './values.ts';

/** A write to one item, read from a request and not yet done. */
export interface Write {
  kind: 'put' | 'update' | 'delete' | 'check';
  place: TablePlace;
  /** The item of a put, the key of the others, as sent. */
  named: Item;
  condition: Condition | undefined;
  update: Update | undefined;
  /** Top-level attributes that the request names. */
  attributes: ReadonlySet<string>;
  returnValues: string;
  returnOnFailure: boolean;
}

/** What a write did. */
export interface Written {
  before: Item | undefined;
  after: Item | undefined;
}

type ConditionMembers = Pick<
  DeleteItemCommandInput,
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'Expected'
  | 'ConditionalOperator'
  | 'ReturnValuesOnConditionCheckFailure'
>;

const allowedReturns: Readonly<Record<Write['kind'], readonly string[]>> = {
  put: ['NONE', 'ALL_OLD'],
  delete: ['NONE', 'ALL_OLD'],
  update: ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'],
  check: ['NONE'],
};

function readReturnValues(kind: Write['kind'], given: ReturnValue | undefined): string {
  const value = given ?? 'NONE';
  if (!allowedReturns.update.includes(value))
    throw constraint(
      value,
      'returnValues',
      'Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]',
    );
  if (!allowedReturns[kind].includes(value)) throw validation('Return values set to invalid value');
  return value;
}

function readReturnOnFailure(given: string | undefined): boolean {
  if (given !== undefined && given !== 'NONE' && given !== 'ALL_OLD')
    throw constraint(
      given,
      'returnValuesOnConditionCheckFailure',
      'Member must satisfy enum value set: [ALL_OLD, NONE]',
    );
  return given === 'ALL_OLD';
}

function readConditionPart(input: ConditionMembers, placeholders: Placeholders): Parsed<Condition | undefined> {
  if (input.ConditionExpression !== undefined)
    return parseCondition('ConditionExpression', input.ConditionExpression, placeholders);
  if (input.ConditionalOperator !== undefined && !input.Expected)
    throw validation('ConditionalOperator cannot be used without Filter or Expected');
  return input.Expected
    ? legacyExpected(input.Expected, input.ConditionalOperator)
    : { tree: undefined, attributes: new Set() };
}

/** @throws AwsError ValidationException */
export function readPut(ctx: CallContext, input: PutItemCommandInput): Write {
  const place = placeOf(ctx, input.TableName!);
  checkReturnConsumed(input.ReturnConsumedCapacity);
  const returnValues = readReturnValues('put', input.ReturnValues);
  const { ConditionExpression } = input;
  checkMixed({ Expected: input.Expected, ConditionalOperator: input.ConditionalOperator }, { ConditionExpression });
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    ConditionExpression,
  });
  const named = readItem(input.Item!);
  const condition = readConditionPart(input, placeholders);
  placeholders.finish();
  checkSize(named);
  return {
    kind: 'put',
    place,
    named,
    condition: condition.tree,
    update: undefined,
    attributes: new Set([...Object.keys(named), ...condition.attributes]),
    returnValues,
    returnOnFailure: readReturnOnFailure(input.ReturnValuesOnConditionCheckFailure),
  };
}

/** @throws AwsError ValidationException */
export function readDelete(
  ctx: CallContext,
  input: DeleteItemCommandInput,
  kind: 'delete' | 'check' = 'delete',
): Write {
  const place = placeOf(ctx, input.TableName!);
  checkReturnConsumed(input.ReturnConsumedCapacity);
  const returnValues = readReturnValues(kind, input.ReturnValues);
  const { ConditionExpression } = input;
  checkMixed({ Expected: input.Expected, ConditionalOperator: input.ConditionalOperator }, { ConditionExpression });
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    ConditionExpression,
  });
  const named = readItem(input.Key!);
  const condition = readConditionPart(input, placeholders);
  placeholders.finish();
  return {
    kind,
    place,
    named,
    condition: condition.tree,
    update: undefined,
    attributes: new Set([...Object.keys(named), ...condition.attributes]),
    returnValues,
    returnOnFailure: readReturnOnFailure(input.ReturnValuesOnConditionCheckFailure),
  };
}

/** @throws AwsError ValidationException */
export function readUpdate(ctx: CallContext, input: UpdateItemCommandInput): Write {
  const place = placeOf(ctx, input.TableName!);
  checkReturnConsumed(input.ReturnConsumedCapacity);
  const returnValues = readReturnValues('update', input.ReturnValues);
  const { ConditionExpression, UpdateExpression } = input;
  checkMixed(
    {
      AttributeUpdates: input.AttributeUpdates,
      Expected: input.Expected,
      ConditionalOperator: input.ConditionalOperator,
    },
    { UpdateExpression, ConditionExpression },
  );
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues, {
    UpdateExpression,
    ConditionExpression,
  });
  const named = readItem(input.Key!);
  const update: Parsed<Update> | undefined =
    UpdateExpression !== undefined
      ? parseUpdate(UpdateExpression, placeholders)
      : input.AttributeUpdates && legacyUpdates(input.AttributeUpdates);
  const condition = readConditionPart(input, placeholders);
  placeholders.finish();
  return {
    kind: 'update',
    place,
    named,
    condition: condition.tree,
    update: update?.tree,
    attributes: new Set([...Object.keys(named), ...(update?.attributes ?? []), ...condition.attributes]),
    returnValues,
    returnOnFailure: readReturnOnFailure(input.ReturnValuesOnConditionCheckFailure),
  };
}

/** Works out a write without doing it. @throws AwsError ConditionalCheckFailedException, ValidationException */
export function workOut(ctx: CallContext, table: TableRecord, write: Write): Written {
  let key = write.named;
  if (write.kind === 'put') checkItemKeys(table, write.named);
  else key = readKey(table, write.named);
  const paths = write.update ? writtenPaths(write.update) : [];
  checkKeyUntouched(
    table.key.map(({ name }) => name),
    paths,
  );
  const before = findItem(ctx.state, write.place, table, key);
  if (write.condition && !meets(before ?? {}, write.condition))
    throw conditionFailed(write.returnOnFailure ? before : undefined);
  if (write.kind === 'check') return { before, after: before };
  if (write.kind === 'delete') return { before, after: undefined };
  if (write.kind === 'put') return { before, after: write.named };
  const after = write.update ? applyUpdate(before ?? key, write.update) : (before ?? key);
  checkIndexKeys(table, after);
  checkSize(after, 'Item size to update has exceeded the maximum allowed size');
  return { before, after };
}

/** Does a write. @throws AwsError as `workOut`, LimitExceededException */
export function doWrite(ctx: CallContext, table: TableRecord, write: Write): Written {
  const written = workOut(ctx, table, write);
  if (write.kind !== 'check')
    writeItem(
      { state: ctx.state, now: ctx.now, hops: ctx.caller.source.hops },
      write.place,
      table,
      written.before,
      written.after,
    );
  return written;
}

/** What ReturnValues asks for; undefined for nothing. */
export function returned(write: Write, { before, after }: Written): Item | undefined {
  const updated = (item: Item | undefined): Item | undefined => {
    const paths = write.update ? writtenPaths(write.update) : [];
    return item && project(item, paths.filter((path) => valueAt(item, path) !== undefined) as Path[]);
  };
  const value = {
    NONE: undefined,
    ALL_OLD: before,
    ALL_NEW: after,
    UPDATED_OLD: updated(before),
    UPDATED_NEW: updated(after),
  }[write.returnValues];
  return value && Object.keys(value).length ? value : undefined;
}
