import { serviceCaller } from '../cloud/cloud.ts';
import type { Caller } from '../cloud/context.ts';
import { AwsError } from '../cloud/errors.ts';
import { callerFromSession, roleCaller } from '../cloud/gateway/callers.ts';
import { type ActionFacts, actionFacts } from '../cloud/policy/catalogue.ts';
import type { Decision } from '../cloud/policy/types.ts';
import { hex } from '../cloud/random.ts';
import { policiesOf } from '../cloud/services/iam/identity.ts';
import { groups, iamScope, policies, type RoleRecord, roles, users } from '../cloud/services/iam/tables.ts';
import { functionAccess } from '../cloud/services/lambda/find.ts';
import { functionTarget } from '../cloud/services/lambda/names.ts';
import type { CheckContext } from './check-context.ts';
import { MissingPrincipal } from './check-context.ts';
import { choices, chosenForLambda } from './chosen-keys.ts';
import { functionNames, keysFor, type Power, powerOver, rolesOfFunction } from './function-powers.ts';
import type { Guise } from './guises.ts';

/** A role that somebody can come to act as, and how. */
export interface Reached {
  role: RoleRecord;
  /** `deployer may pass it to Lambda` */
  how: string;
  decision: Decision;
  guise: Guise;
}

/** More principals than this are not followed. */
const most = 40;

/** An IAM user as whoever has their keys. @throws MissingPrincipal */
export function userGuise(ctx: CheckContext, userName: string): Guise {
  const account = ctx.account().id;
  const user = ctx.cloud.state.get(users, iamScope(account), userName);
  if (!user) throw new MissingPrincipal(`the user ${userName} no longer exists`);
  const session = { account, userName, sessionName: userName, principalId: user.userId, issued: ctx.cloud.clock.now() };
  return { who: userName, caller: callerFromSession(ctx.cloud, { ...session, accessKeyId: '' }, ctx.outside) };
}

/**
 * As which roles somebody can act, in as many steps as it takes: by taking a role on, by passing it to a function that
 * they may make or change, or by writing the code or the settings of a function that has it.
 */
export async function rolesWithin(ctx: CheckContext, first: Guise): Promise<Reached[]> {
  const found: Reached[] = [];
  const known = new Set<string>();
  const open = [first];
  const all = ctx.cloud.state.list(roles, iamScope(ctx.account().id)).map(({ value }) => value);
  const names = functionNames(ctx);
  const code = (await actionFacts('lambda:UpdateFunctionCode'))!;
  const settings = (await actionFacts('lambda:UpdateFunctionConfiguration'))!;
  const create = (await actionFacts('lambda:CreateFunction'))!;
  for (let guise = open.shift(); guise; guise = open.shift()) {
    const asks = guise;
    const may = (facts: ActionFacts) =>
      names.flatMap((name) => {
        const power = powerOver(ctx, [asks], [name], [facts]);
        return power ? [{ name, power }] : [];
      });
    const configured = may(settings);
    const changed = [...may(code), ...configured];
    const places = [...configured.map(({ name }) => name), ...creatable(ctx, asks, create)];
    for (const role of all.slice(0, most)) {
      if (known.has(role.arn)) continue;
      const written = changed.find(({ name }) => rolesOfFunction(ctx, name).includes(role.arn));
      const taken = assumes(ctx, asks, role);
      const passed = passes(ctx, asks, role, places);
      const by = taken
        ? { how: `${asks.who} may take it on`, decision: taken }
        : passed
          ? { how: `${asks.who} may pass it to Lambda`, decision: passed }
          : written
            ? {
                how: `${asks.who} may call ${written.power.action} on ${written.power.resource}`,
                decision: written.power.decision,
              }
            : undefined;
      if (!by) continue;
      known.add(role.arn);
      const source = { ...ctx.outside, functionArn: functionTarget(scopeOf(ctx), written?.name ?? 'x').functionArn };
      const next: Guise = {
        who: `${role.roleName} (as which ${first.who} can act)`,
        caller: roleCaller(ctx.cloud, ctx.account().id, role.roleName, 'reached', taken ? ctx.outside : source),
      };
      found.push({ role, ...by, guise: next });
      open.push(next);
    }
  }
  return found;
}

const scopeOf = (ctx: CheckContext) => ({ account: ctx.account().id, region: ctx.region });

function picked(ctx: CheckContext, caller: Caller) {
  const { identity, boundary } = policiesOf(ctx.cloud.state, caller.principal);
  const documents = [...identity, ...(boundary ? [boundary] : [])].map(({ document }) => document);
  return { documents, choices: choices(documents, ctx.cloud.clock.now(), chosenForLambda) };
}

function assumes(ctx: CheckContext, { caller }: Guise, role: RoleRecord): Decision | undefined {
  return probed(ctx, caller, { RoleArn: role.arn, RoleSessionName: 'reached' });
}

function probed(ctx: CheckContext, caller: Caller, input: object, account?: string): Decision | undefined {
  try {
    const decision = ctx.cloud.probe(caller, 'sts', 'AssumeRole', input, account ? { account } : {});
    return decision.decision === 'allowed' ? decision : undefined;
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** PassRole to one of these functions, if Lambda may take the role on for it: the function may be a condition of both. */
function passes(ctx: CheckContext, { caller }: Guise, role: RoleRecord, places: string[]): Decision | undefined {
  const account = ctx.account().id;
  for (const name of places) {
    const { functionArn } = functionTarget(scopeOf(ctx), name);
    for (const choice of picked(ctx, caller).choices) {
      const decision = ctx.cloud.decide(
        { ...caller, context: { ...caller.context, ...keysFor({ conditionKeys: [] }, choice).global } },
        {
          action: 'iam:PassRole',
          resource: role.arn,
          resourceAccount: account,
          context: { 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': functionArn },
        },
      );
      if (decision.decision !== 'allowed') continue;
      const lambda = serviceCaller('lambda.amazonaws.com', functionArn, account);
      if (probed(ctx, lambda, { RoleArn: role.arn, RoleSessionName: 'lambda' }, account)) return decision;
    }
  }
  return undefined;
}

/** Names, of those that policies name and one that none does, of which somebody may make a function. */
function creatable(ctx: CheckContext, { caller }: Guise, facts: ActionFacts): string[] {
  const { documents, choices: sets } = picked(ctx, caller);
  const patterns = documents
    .flatMap(({ Statement }) => [Statement].flat())
    .flatMap(({ Resource }) => (Resource === undefined ? [] : [Resource].flat()))
    .flatMap((text) => /:function:([A-Za-z0-9_*?-]{1,64})$/.exec(text)?.[1] ?? []);
  const fill = (pattern: string): string =>
    pattern.replaceAll('*', hex(ctx.random, 4)).replaceAll('?', 'x').slice(0, 64);
  const names = [`f-${hex(ctx.random, 6)}`, ...new Set(patterns.slice(0, most).map(fill))];
  const taken = functionNames(ctx);
  return names.filter((name) => {
    if (taken.includes(name)) return false;
    return sets.some((choice) => {
      const { request, global } = keysFor(facts, choice);
      const access = functionAccess(
        { state: ctx.cloud.state.begin() },
        'CreateFunction',
        functionTarget(scopeOf(ctx), name),
        request,
      );
      return ctx.cloud.decide({ ...caller, context: { ...caller.context, ...global } }, access).decision === 'allowed';
    });
  });
}

/** What gives rights in IAM, by the kind of what it is asked about. */
const granting = {
  user: 'CreateAccessKey CreateLoginProfile UpdateLoginProfile PutUserPolicy AttachUserPolicy DeleteUserPolicy DetachUserPolicy PutUserPermissionsBoundary DeleteUserPermissionsBoundary TagUser UntagUser',
  role: 'UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole UntagRole',
  group: 'AddUserToGroup RemoveUserFromGroup PutGroupPolicy AttachGroupPolicy DeleteGroupPolicy DetachGroupPolicy',
  policy: 'CreatePolicyVersion SetDefaultPolicyVersion',
};

/** The first call that gives or takes somebody's rights in IAM which one of these callers may make. */
export function grantingPower(ctx: CheckContext, guises: Guise[]): Power | undefined {
  const { state } = ctx.cloud;
  const scope = iamScope(ctx.account().id);
  const targets = {
    user: state.list(users, scope).map(({ value }) => value.arn),
    role: state.list(roles, scope).map(({ value }) => value.arn),
    group: state.list(groups, scope).map(({ value }) => value.arn),
    policy: state.list(policies, scope).map(({ value }) => value.arn),
  };
  for (const { who, caller } of guises)
    for (const kind of ['user', 'role', 'group', 'policy'] as const)
      for (const name of granting[kind].split(' '))
        for (const resource of targets[kind].slice(0, most)) {
          const action = `iam:${name}`;
          const decision = ctx.cloud.decide(caller, { action, resource, resourceAccount: ctx.account().id });
          if (decision.decision === 'allowed') return { who, action, resource, decision, choice: {} };
        }
  return undefined;
}
