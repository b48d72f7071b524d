import type { Access, ConditionContext } from '../cloud/context.ts';
import { type ActionFacts, actionFacts, expandActions } from '../cloud/policy/catalogue.ts';
import type { Decision, PolicyDocument } from '../cloud/policy/types.ts';
import { policiesOf } from '../cloud/services/iam/identity.ts';
import { functionAccess } from '../cloud/services/lambda/find.ts';
import { functionTarget } from '../cloud/services/lambda/names.ts';
import { aliases, functions, versions } from '../cloud/services/lambda/records.ts';
import { functionUrls } from '../cloud/services/lambda/url-records.ts';
import type { Table } from '../cloud/state/table.ts';
import type { CheckContext } from './check-context.ts';
import { choices, chosenForLambda } from './chosen-keys.ts';
import { allowedStep, byDeciders } from './deciders.ts';
import type { Guise } from './guises.ts';

/** Something that somebody may do. */
export interface Power {
  who: string;
  action: string;
  resource: string;
  decision: Decision;
  /** What the caller puts into the request for it. */
  choice: ConditionContext;
}

/** Actions that name a version or an alias in their resource, too. */
const qualified =
  /^lambda:(?:InvokeFunction|InvokeAsync|AddPermission|RemovePermission|(?:Put|Delete)ResourcePolicy|DeleteFunction|(?:Put|Update|Delete)FunctionEventInvokeConfig|(?:Create|Update|Delete)FunctionUrlConfig|(?:Put|Delete)ProvisionedConcurrencyConfig|PutRuntimeManagementConfig)$/;
/** Making a function of a name that exists changes nothing; replication is Lambda@Edge's own. */
const harmless = /^lambda:(?:CreateFunction|EnableReplication|DisableReplication)$/;
/** Asked first, so that a sentence names what a reader knows best. */
const wellKnown = ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'InvokeFunction', 'AddPermission'].map(
  (name) => `lambda:${name}`,
);

let all: Promise<ActionFacts[]> | undefined;

/** Every action of Lambda's reference that changes a function, starts it, or lets somebody else do so. */
export function functionWrites(): Promise<ActionFacts[]> {
  all ??= (async () => {
    const facts = await Promise.all((await expandActions('lambda:*')).map((action) => actionFacts(action)));
    const rank = ({ action }: ActionFacts): number => wellKnown.indexOf(action) + 1 || wellKnown.length + 1;
    return facts
      .filter((each) => each !== undefined)
      .filter(({ action }) => !harmless.test(action))
      .filter(({ accessLevels }) => !accessLevels.every((level) => level === 'Read' || level === 'List'))
      .filter(({ resources }) => resources.some(({ name }) => /^function(?: alias| version)?$/.test(name)))
      .sort((one, two) => rank(one) - rank(two));
  })();
  return all;
}

/**
 * The first of these actions that one of these callers may call on one of these functions, on the function itself or on
 * any version or alias of it. Undefined where all are refused.
 */
export function powerOver(
  ctx: CheckContext,
  guises: Guise[],
  names: string[],
  actions: ActionFacts[],
): Power | undefined {
  for (const guise of guises)
    for (const name of names) {
      const found = powerOf(ctx, guise, name, actions);
      if (found) return found;
    }
  return undefined;
}

function powerOf(ctx: CheckContext, { who, caller }: Guise, name: string, actions: ActionFacts[]): Power | undefined {
  const { state } = ctx.cloud;
  const scope = { account: ctx.account().id, region: ctx.region };
  const qualifiers = [undefined, '$LATEST', ...keysOf(ctx, versions, name), ...keysOf(ctx, aliases, name)];
  const picked = choices(documentsOf(ctx, { who, caller }, name), ctx.cloud.clock.now(), chosenForLambda);
  const hasUrl = state.list(functionUrls, scope).some(({ id }) => id === name || id.startsWith(`${name}:`));
  for (const facts of actions)
    for (const qualifier of qualifiers) {
      if (qualifier !== undefined && !qualified.test(facts.action)) continue;
      if (facts.action === 'lambda:InvokeFunctionUrl' && !hasUrl) continue;
      const target = functionTarget(scope, name, qualifier);
      const short = facts.action.slice('lambda:'.length);
      for (const choice of picked) {
        const own = keysFor(facts, choice);
        const named: ConditionContext = facts.conditionKeys.includes('lambda:FunctionArn')
          ? { 'lambda:FunctionArn': target.arn }
          : {};
        const access: Access = functionAccess({ state: state.begin() }, short, target, { ...named, ...own.request });
        const decision = ctx.cloud.decide({ ...caller, context: { ...caller.context, ...own.global } }, access);
        if (decision.decision === 'allowed')
          return { who, action: access.action, resource: access.resource, decision, choice };
      }
    }
  return undefined;
}

/** Of what a caller chooses: the keys that this action's requests have, and those that every request has. */
export function keysFor(
  facts: Pick<ActionFacts, 'conditionKeys'>,
  choice: ConditionContext,
): { request: ConditionContext; global: ConditionContext } {
  const known = facts.conditionKeys.map((key) => key.toLowerCase());
  const request: ConditionContext = {};
  const global: ConditionContext = {};
  for (const [key, value] of Object.entries(choice)) {
    if (!chosenForLambda.test(key)) global[key] = value;
    else if (
      known.includes(key) ||
      (key.startsWith('aws:requesttag/') && known.some((each) => each.startsWith('aws:requesttag/')))
    )
      request[key] = value;
  }
  return { request, global };
}

/** ` by statement 1 of policy p of user u` */
export function byWhat({ by }: Decision): string {
  return byDeciders(by);
}

/** Puts what was found, or that nothing was, into the evidence. */
export function notePower(ctx: CheckContext, { who, action, resource, decision }: Power): void {
  ctx.evidence.push(allowedStep(who, action, resource, decision));
}

/** The names of every function of the account. */
export function functionNames(ctx: CheckContext): string[] {
  const scope = { account: ctx.account().id, region: ctx.region };
  return ctx.cloud.state.list(functions, scope).map(({ id }) => id);
}

/** The execution roles of a function: of what is unpublished, and of every version. */
export function rolesOfFunction(ctx: CheckContext, name: string): string[] {
  const scope = { account: ctx.account().id, region: ctx.region };
  const latest = ctx.cloud.state.get(functions, scope, name)?.latest.role;
  const published = ctx.cloud.state
    .list(versions, scope)
    .filter(({ value }) => value.functionName === name)
    .map(({ value }) => value.role);
  return [...new Set([...(latest ? [latest] : []), ...published])];
}

function keysOf(ctx: CheckContext, table: Table<object>, name: string): string[] {
  const scope = { account: ctx.account().id, region: ctx.region };
  return ctx.cloud.state
    .list(table, scope)
    .map(({ id }) => id)
    .filter((id) => id.startsWith(`${name}:`))
    .map((id) => id.slice(name.length + 1));
}

/** The policies that speak of a caller, and of one function. */
function documentsOf(ctx: CheckContext, { caller }: Guise, name: string): PolicyDocument[] {
  const { identity, boundary } = policiesOf(ctx.cloud.state, caller.principal);
  const target = functionTarget({ account: ctx.account().id, region: ctx.region }, name);
  const own = functionAccess({ state: ctx.cloud.state.begin() }, 'GetFunction', target).resourcePolicy ?? [];
  return [...identity, ...(boundary ? [boundary] : []), ...own].map(({ document }) => document);
}
