import { accounts, cloudScope } from '../cloud/accounts.ts';
import { anonymousCaller } from '../cloud/cloud.ts';
import type { Access, ConditionContext } from '../cloud/context.ts';
import { type ActionFacts, actionFacts, expandActions } from '../cloud/policy/catalogue.ts';
import type { Decision } from '../cloud/policy/types.ts';
import { digits, hex } from '../cloud/random.ts';
import { trustPolicy } from '../cloud/services/iam/service-roles.ts';
import { iamScope, roles } from '../cloud/services/iam/tables.ts';
import { functionAccess } from '../cloud/services/lambda/find.ts';
import { layerArn, layerPolicy, layerVersions } from '../cloud/services/lambda/layer-records.ts';
import { functionTarget } from '../cloud/services/lambda/names.ts';
import { aliases, functions, versions } from '../cloud/services/lambda/records.ts';
import type { CheckContext } from './check-context.ts';
import { choices } from './chosen-keys.ts';
import { decideNamed, type NamedCaller, namedCallers } from './named-callers.ts';

/** Something of the learner's account that its policy lets somebody of another account do. */
export interface ForeignPower {
  /** `account 111122223333`, `anybody` */
  who: string;
  /** '' of nobody in particular. */
  account: string;
  /** What is used: `quote:prod`, `layer rates:2`, `role quote-role`. */
  what: string;
  access: Access;
  decision: Decision;
}

/** A question to the policy of a resource. */
export interface ForeignQuestion {
  what: string;
  access: Access;
}

/** Keys that callers bring from their own account, or choose: a policy that asks for them still lets them in. */
const brought =
  /^(?:aws:(?:sourceip|principaltag\/.+|principalorgid|principalorgpaths|multifactorauthpresent|requesttag\/.+)|sts:(?:externalid|rolesessionname|sourceidentity)|lambda:(?:functionurlauthtype|invokedviafunctionurl))$/;

/**
 * The first of these calls that somebody of another account may make: whoever a policy names, accounts that the lab has, and
 * those that nobody knows, each with whatever a policy asks callers to bring. Undefined: there is none.
 * @param accepted whether an account may make a call; not asked for nobody in particular
 */
export function foreignPower(
  ctx: CheckContext,
  questions: ForeignQuestion[],
  accepted: (account: string, access: Access) => boolean = () => false,
): ForeignPower | undefined {
  const own = ctx.account().id;
  const everywhere = strangers(ctx);
  for (const { what, access } of questions) {
    const policies = access.resourcePolicy ?? [];
    if (policies.length === 0) continue;
    const named = namedCallers(ctx, policies).filter(
      ({ service }) => !service || (service.account !== own && !access.action.startsWith('sts:')),
    );
    const documents = policies.map(({ document }) => document);
    const extras = choices(documents, ctx.cloud.clock.now(), brought).map(written);
    for (const each of [...everywhere, ...named])
      for (const extra of extras) {
        const { account, type } = each.caller.principal;
        if (account !== '' && accepted(account, access)) continue;
        const asked: Access = { ...access, context: { ...access.context, ...extra } };
        const decision = type === 'anonymous' ? ctx.cloud.decide(each.caller, asked) : decideNamed(ctx, each, asked);
        if (decision.decision === 'allowed') return { who: each.who, account, what, access, decision };
      }
  }
  return undefined;
}

/** As requests have them: an address is no range, and there may be several paths. */
function written(choice: ConditionContext): ConditionContext {
  const found = { ...choice };
  const { 'aws:sourceip': address, 'aws:principalorgpaths': path } = choice;
  if (typeof address === 'string') found['aws:sourceip'] = address.split('/')[0]!;
  if (typeof path === 'string') found['aws:principalorgpaths'] = [path];
  return found;
}

/** Nobody in particular, an account that no policy knows, and all principals of the lab's other accounts. */
function strangers(ctx: CheckContext): NamedCaller[] {
  const unknown = `9${digits(ctx.random, 11)}`;
  const roleName = `r-${hex(ctx.random, 6)}`;
  const found: NamedCaller[] = [
    { who: 'anybody', caller: anonymousCaller(ctx.outside) },
    {
      who: `any AWS account, such as ${unknown},`,
      caller: {
        principal: {
          type: 'role',
          account: unknown,
          arn: `arn:aws:sts::${unknown}:assumed-role/${roleName}/outsider`,
          roleArn: `arn:aws:iam::${unknown}:role/${roleName}`,
        },
        context: {},
        source: ctx.outside,
      },
    },
  ];
  for (const { value } of ctx.cloud.state.list(accounts, cloudScope))
    if (value.kind !== 'own')
      for (const caller of ctx.callersOf(value.kind)) found.push({ who: `account ${value.id}`, caller });
  return found;
}

/** Every action of Lambda's reference on one kind of resource; what others most likely want comes first. */
async function actionsOn(kind: RegExp, first: string[]): Promise<ActionFacts[]> {
  const rank = ({ action }: ActionFacts): number => first.indexOf(action.slice('lambda:'.length)) + 1 || 99;
  const facts = await Promise.all((await expandActions('lambda:*')).map((action) => actionFacts(action)));
  return facts
    .filter((each) => each !== undefined)
    .filter(({ resources }) => resources.some(({ name }) => kind.test(name)))
    .sort((one, two) => rank(one) - rank(two));
}

let ofFunctions: Promise<ActionFacts[]> | undefined;
let ofLayers: Promise<ActionFacts[]> | undefined;

/** Every action of Lambda's reference on every function of the account, with all versions and aliases. */
export async function functionQuestions(ctx: CheckContext): Promise<ForeignQuestion[]> {
  ofFunctions ??= actionsOn(/^function(?: alias| version)?$/, ['InvokeFunction', 'UpdateFunctionCode', 'GetFunction']);
  const actions = await ofFunctions;
  const scope = { account: ctx.account().id, region: ctx.region };
  const { state } = ctx.cloud;
  const qualified = [...state.list(versions, scope), ...state.list(aliases, scope)].map(({ id }) => id);
  return [...state.list(functions, scope).map(({ id }) => id), ...qualified].flatMap((id) => {
    const [name, qualifier] = id.split(':');
    const target = functionTarget(scope, name!, qualifier);
    return actions.map(({ action }) => ({
      what: id,
      access: functionAccess({ state: state.begin() }, action.slice('lambda:'.length), target),
    }));
  });
}

/** Every action of Lambda's reference on every version of the account's layers. */
export async function layerQuestions(ctx: CheckContext): Promise<ForeignQuestion[]> {
  ofLayers ??= actionsOn(/^layer ?version$/i, ['GetLayerVersion']);
  const actions = await ofLayers;
  const scope = { account: ctx.account().id, region: ctx.region };
  return ctx.cloud.state.list(layerVersions, scope).flatMap(({ value }) =>
    actions.map(({ action }) => ({
      what: `layer ${value.layerName}:${value.version}`,
      access: {
        action,
        resource: `${layerArn(scope, value.layerName)}:${value.version}`,
        resourceAccount: scope.account,
        resourcePolicy: layerPolicy(value),
      },
    })),
  );
}

/** Whether others may take on the account's roles. */
export function trustQuestions(ctx: CheckContext): ForeignQuestion[] {
  const account = ctx.account().id;
  return ctx.cloud.state.list(roles, iamScope(account)).map(({ value }) => ({
    what: `role ${value.roleName}`,
    access: {
      action: 'sts:AssumeRole',
      resource: value.arn,
      resourceAccount: account,
      resourcePolicy: [trustPolicy(value)],
      resourcePolicyMustAllow: true,
    },
  }));
}
