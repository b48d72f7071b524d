import type { Access, CallContext, Caller, ConditionContext } from '../cloud/context.ts';
import { actionFacts, expandActions } from '../cloud/policy/catalogue.ts';
import type { PolicyDocument } from '../cloud/policy/types.ts';
import { tableAccess } from '../cloud/services/dynamodb/access.ts';
import { findTable, placeOf, type TableRecord } from '../cloud/services/dynamodb/tables-store.ts';
import { policiesOf } from '../cloud/services/iam/identity.ts';
import type { CheckContext } from './check-context.ts';
import { choices } from './chosen-keys.ts';
import { deciders } from './deciders.ts';

/** What an action of DynamoDB does to a table: takes items out, or changes items or the table. */
export type TableEffect = 'read' | 'write';

/** A question about one table. */
export interface TableQuestion {
  effect: TableEffect;
  /** `dynamodb:Query` */
  action: string;
  /** Of the table. */
  index?: string;
  /** Below the table: `stream/2026-…`. */
  below?: string;
  /** The partitions that the request names; none: it cannot name any. */
  keys: string[];
}

/** Which items of a table are whose. */
export interface ItemOwner {
  table: string;
  /** Partition keys of the owner's items. */
  own: string[];
  /** Partition keys of others' items. */
  foreign: string[];
  /** Indexes whose partition key is not the owner's: everything in them is others'. */
  foreignIndexes: string[];
}

/** Actions that tell of tables, not of items, or that no resource can be named for. */
const harmless = /^dynamodb:(?:Describe|List|GetShardIterator$|GetResourcePolicy$|GetAbacStatus$)/;
const takesOut =
  /^dynamodb:(?:ExportTableToPointInTime|EnableKinesisStreamingDestination|UpdateKinesisStreamingDestination)$/;
/** Requests that need no partition key. */
const whole = /^dynamodb:(?:Scan|PartiQLSelect|SearchVectors)$/;
/** Requests that can name several. */
const several = /^dynamodb:(?:Batch|PartiQLSelect$)/;
/** Asked first, so that a sentence names what a reader knows best. */
const wellKnown = ['GetItem', 'Query', 'Scan', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];

/** Every question of one effect that whoever owns some of a table's items has no business to ask: each action of DynamoDB. */
export async function tableQuestions(
  ctx: CheckContext,
  effect: TableEffect,
  { table: name, own, foreign, foreignIndexes }: ItemOwner,
): Promise<TableQuestion[]> {
  const table = tableOf(ctx, name);
  if (!table) return [];
  const questions: TableQuestion[] = [];
  for (const action of await expandActions('dynamodb:*')) {
    const { accessLevels = [], resources = [], conditionKeys = [] } = (await actionFacts(action)) ?? {};
    const reads = takesOut.test(action) || accessLevels.every((level) => level === 'Read');
    if (harmless.test(action) || resources.length === 0 || reads !== (effect === 'read')) continue;
    const kinds = resources.map((each) => each.name);
    const keyed = conditionKeys.includes('dynamodb:LeadingKeys');
    const asked = keyed
      ? [
          ...foreign.map((key) => [key]),
          ...(several.test(action) ? own.flatMap((mine) => foreign.map((key) => [mine, key])) : []),
          ...(whole.test(action) ? [[]] : []),
        ]
      : [[]];
    const below = kinds.includes('stream') && !kinds.includes('table') ? streamOf(table) : undefined;
    if (kinds.includes('stream') && !kinds.includes('table') && !below) continue;
    const indexes: string[] = kinds.includes('index') ? table.indexes.map((index) => index.name) : [];
    for (const keys of asked) questions.push({ effect, action, keys, ...(below ? { below } : {}) });
    for (const index of indexes)
      for (const keys of [...asked, ...(keyed && foreignIndexes.includes(index) ? own.map((key) => [key]) : [])])
        questions.push({ effect, action, keys, index });
  }
  const rank = ({ action }: TableQuestion): number => wellKnown.indexOf(action.slice(9)) + 1 || wellKnown.length + 1;
  return questions.sort((one, two) => rank(one) - rank(two));
}

/** The first of these questions that the policies answer with yes, whatever the caller puts into the request. */
export function firstAllowed(
  ctx: CheckContext,
  caller: Caller,
  tableName: string,
  questions: readonly TableQuestion[],
): { call: string; by: string; because: string } | undefined {
  const { identity, boundary } = policiesOf(ctx.cloud.state, caller.principal);
  const documents: PolicyDocument[] = [
    ...identity,
    ...(boundary ? [boundary] : []),
    ...(caller.sessionPolicies ?? []),
    ...(tableOf(ctx, tableName)?.policy ? [{ document: tableOf(ctx, tableName)!.policy!.document }] : []),
  ].map(({ document }) => document);
  for (const choice of choices(documents, ctx.cloud.clock.now()))
    for (const question of questions) {
      const chooser = { ...caller, context: { ...caller.context, ...choice } };
      const access = accessTo(ctx, chooser, tableName, question, choice);
      const decision = ctx.cloud.decide(chooser, access);
      if (decision.decision === 'allowed')
        return { call: inWords(question, access), by: deciders(decision.by), because: decision.because };
    }
  return undefined;
}

/** `dynamodb:Query on arn:… for the items of polder` */
function inWords({ action, keys }: TableQuestion, { resource }: Access): string {
  return `${action} on ${resource}${keys.length ? ` for the items of ${keys.join(' and ')}` : ''}`;
}

function accessTo(
  ctx: CheckContext,
  caller: Caller,
  tableName: string,
  { action, index, below, keys }: TableQuestion,
  choice: ConditionContext,
): Access {
  const scope = ctx.cloud.scope(ctx.account().id);
  // What this needs of a call: who asks, where, and the state.
  const call = { ...scope, cloud: ctx.cloud, state: ctx.cloud.state, caller } as unknown as CallContext;
  const place = placeOf(scope, tableName);
  const context: ConditionContext = Object.fromEntries(
    Object.entries(choice).filter(([key]) => key.startsWith('dynamodb:')),
  );
  const access = tableAccess(call, action.slice('dynamodb:'.length), place, {
    keys: keys.map((S) => ({ S })),
    index,
    attributes: (tableOf(ctx, tableName)?.key ?? []).map(({ name }) => name),
    select: 'ALL_ATTRIBUTES',
    returnValues: 'NONE',
    returnConsumedCapacity: 'NONE',
    ...(action === 'dynamodb:PartiQLSelect' ? { fullTableScan: keys.length === 0 } : {}),
  });
  const chosen = new Set(Object.keys(context));
  const own = Object.entries(access.context ?? {}).filter(([key]) => !chosen.has(key.toLowerCase()));
  return {
    ...access,
    ...(below ? { resource: `${place.arn}/${below}` } : {}),
    context: { ...Object.fromEntries(own), ...context },
  };
}

function tableOf(ctx: CheckContext, name: string): TableRecord | undefined {
  const scope = ctx.cloud.scope(ctx.account().id);
  return findTable({ state: ctx.cloud.state, region: scope.region }, placeOf(scope, name));
}

const streamOf = ({ streamLabel }: TableRecord): string | undefined => streamLabel && `stream/${streamLabel}`;
