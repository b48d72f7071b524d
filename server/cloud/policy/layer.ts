import type { CompiledStatement } from './compile.ts';
import { compileDocument, namesAction, namesResource } from './compile.ts';
import type { Condition, RequestContext } from './conditions.ts';
import { conditionHolds } from './conditions.ts';
import type { NamedAs } from './principals.ts';
import { exemptFromDeny, namedAs } from './principals.ts';
import type { DecidedBy, NamedPolicy, Principal } from './types.ts';

/** What every statement is asked about. */
export interface Question {
  readonly caller: Principal;
  /** Lower case. */
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
  readonly absent: Set<string>;
  /** The caller has a permissions boundary. */
  readonly bounded: boolean;
}

/** An Allow that nearly applied, for the sentence of a refusal. */
export interface NearMiss {
  readonly by: DecidedBy;
  readonly failed: 'principal' | 'resource' | Condition;
  /** The failed condition's key is not in the request. */
  readonly keyAbsent: boolean;
}

/** What the policies of one kind say. */
export interface Layer {
  readonly denies: DecidedBy[];
  /** The first Allow of each way in which the caller can be named; without Principal elements all are `direct`. */
  readonly allows: Partial<Record<NamedAs, DecidedBy>>;
  nearMiss: NearMiss | undefined;
}

/** Asks all statements of a list of policies. `byPrincipal`: statements have a Principal and apply to whom it names. */
export function askPolicies(policies: readonly NamedPolicy[], byPrincipal: boolean, question: Question): Layer {
  const layer: Layer = { denies: [], allows: {}, nearMiss: undefined };
  for (const policy of policies) {
    for (const statement of compileDocument(policy.document)) {
      if (namesAction(statement, question.action)) askStatement(statement, policy.name, byPrincipal, question, layer);
    }
  }
  return layer;
}

function askStatement(
  statement: CompiledStatement,
  policy: string,
  byPrincipal: boolean,
  question: Question,
  layer: Layer,
): void {
  const by = { policy, statement: statement.label };
  const named = byPrincipal ? principalApplies(statement, question) : 'direct';
  const failed = named === undefined ? 'principal' : firstFailure(statement, question);
  if (failed !== undefined) {
    const keyAbsent = typeof failed === 'object' && question.context.values(failed.key) === undefined;
    miss(layer, statement, { by, failed, keyAbsent });
  } else if (statement.deny) layer.denies.push(by);
  else layer.allows[named!] ??= by;
}

function firstFailure(statement: CompiledStatement, question: Question): 'resource' | Condition | undefined {
  if (!namesResource(statement, question.resource, question.context.lookup, question.absent)) return 'resource';
  let failed: Condition | undefined;
  // Every condition is looked at, so that all absent keys are told at once.
  for (const condition of statement.conditions) {
    if (!conditionHolds(condition, question.context, question.absent)) failed ??= condition;
  }
  return failed;
}

/** Keeps the nearest: the one that fails latest, the first of equals. */
function miss(layer: Layer, statement: CompiledStatement, found: NearMiss): void {
  if (!statement.deny && (!layer.nearMiss || rank(found) > rank(layer.nearMiss))) layer.nearMiss = found;
}

function rank(found: NearMiss): number {
  return found.failed === 'principal' ? 0 : found.failed === 'resource' ? 1 : 2;
}

function principalApplies(statement: CompiledStatement, { caller, bounded }: Question): NamedAs | undefined {
  const { principals } = statement;
  if (!principals) return undefined;
  if (!principals.negated) return namedAs(principals.set, caller);
  // Not stored by AWS any more ("Allow with NotPrincipal is not allowed"): it let everyone else in.
  if (!statement.deny) return namedAs(principals.set, caller) === undefined ? 'direct' : undefined;
  // "NotPrincipal … with a Deny effect will always deny any IAM principal that has a permissions boundary".
  return bounded || !exemptFromDeny(principals.set, caller) ? 'direct' : undefined;
}
