import type { Outcome } from '../catalogue/definition.ts';
import { policy } from '../catalogue/policies.ts';
import type { Access } from '../cloud/context.ts';
import { hex } from '../cloud/random.ts';
import { type CheckContext, fail } from './check-context.ts';
import { type Probe, probeActor } from './follow.ts';
import type { FunctionDoor } from './function-doors.ts';
import type { HttpDoor } from './http-doors.ts';
import { accessOf, byResource, decideNamed, type NamedCaller, namedCallers } from './named-callers.ts';
import { probeService } from './service-probe.ts';

/** What a caller of a function needs, as policies write it. */
export const actionOf = ({ operation }: FunctionDoor): string =>
  operation === 'Invoke' ? 'lambda:InvokeFunction' : 'lambda:InvokeFunctionUrl';

/**
 * The first outsider whom a policy lets call a function: anybody, any AWS account, whoever of other accounts it means, a
 * foreign role of a name of the company's, and services that call for somebody else's resource. Undefined: there is none.
 */
export function outsiderAt(ctx: CheckContext, door: FunctionDoor, roleNames: string[] = []): Outcome | undefined {
  return strangerAt(ctx, door, roleNames) ?? changerAt(ctx, door) ?? foreignServiceAt(ctx, door);
}

/** As `outsiderAt`, for a route or method of an API that asks for a signature. */
export function outsiderAtRoute(ctx: CheckContext, door: HttpDoor, roleNames: string[] = []): Outcome | undefined {
  const { name, authorization, access } = door;
  if (authorization !== 'AWS_IAM' || !access) return undefined;
  for (const caller of [...sameNames(ctx, roleNames), ...namedCallers(ctx, access.resourcePolicy ?? [])]) {
    const decision = decideNamed(ctx, caller, access);
    if (!caller.service && allowed(decision))
      return fail(`${name} lets ${caller.who} call ${access.action}${byResource(decision)}`);
  }
  return undefined;
}

function strangerAt(ctx: CheckContext, door: FunctionDoor, roleNames: string[]): Outcome | undefined {
  const { name, operation, input, authType } = door;
  const signed = authType !== 'NONE';
  for (const [who, actor] of [
    ['anybody', ctx.anonymous()],
    ...(signed ? ([['any AWS account', ctx.user('intruder', 'attacker')]] as const) : []),
  ] as const) {
    const decision = actor.probe('lambda', operation, input);
    if (allowed(decision)) return fail(`${name} lets ${who} call ${actionOf(door)}${byResource(decision)}`);
  }
  const questions = questionsOf(ctx, door);
  const named = namedCallers(ctx, questions[0]!.resourcePolicy ?? []).filter(({ service }) => !service);
  for (const caller of signed ? [...sameNames(ctx, roleNames), ...named] : []) {
    const decisions = questions.map((access) => decideNamed(ctx, caller, access));
    const open = decisions.every(allowed);
    ctx.note(`${caller.who}: ${actionOf(door)} on ${name}`, open ? 'succeeded' : 'denied', decisions[0]!.because);
    if (open) return fail(`${name} lets ${caller.who} call ${actionOf(door)}${byResource(decisions[0]!)}`);
  }
  return undefined;
}

const allowed = ({ decision }: { decision: string }): boolean => decision === 'allowed';

/** A policy of a function can let other accounts change it, too: then they call whatever they like. */
function changerAt(ctx: CheckContext, { name, operation, functionArn, input }: FunctionDoor): Outcome | undefined {
  if (operation !== 'Invoke' || 'Qualifier' in input) return undefined;
  const who = `any AWS account, by the policy of ${name},`;
  const outcome = probeActor(ctx.user('intruder', 'attacker'), who, 'lambda', takeovers(functionArn));
  return outcome.passed ? undefined : outcome;
}

/** Calls of Lambda by which somebody makes a function do, or lets others call, whatever they like. */
export const takeovers = (functionArn: string): Probe[] => [
  ['UpdateFunctionCode', { FunctionName: functionArn }],
  ['UpdateFunctionConfiguration', { FunctionName: functionArn }],
  ['AddPermission', { FunctionName: functionArn, StatementId: 'x', Action: 'lambda:InvokeFunction', Principal: '*' }],
  ['PutResourcePolicy', { ResourceArn: functionArn, Policy: openPolicy(functionArn) }],
];

const openPolicy = (Resource: string): string =>
  policy({ Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource });

/** A URL takes two permissions. */
function questionsOf(ctx: CheckContext, { operation, input }: FunctionDoor): Access[] {
  const first = accessOf(ctx, 'lambda', operation, input);
  if (operation === 'Invoke') return [first];
  const invoke = accessOf(ctx, 'lambda', 'Invoke', input);
  const { AuthType, FunctionName } = input as { AuthType: string; FunctionName: string };
  const url = { 'lambda:FunctionUrlAuthType': AuthType, 'lambda:FunctionArn': FunctionName };
  return [
    { ...invoke, action: 'lambda:InvokeFunctionUrl', context: { ...invoke.context, ...url } },
    { ...invoke, context: { ...invoke.context, 'lambda:InvokedViaFunctionUrl': 'true' } },
  ];
}

/** Roles of the attacker's own that are called as the company's. */
function sameNames(ctx: CheckContext, roleNames: string[]): NamedCaller[] {
  const account = ctx.account('attacker').id;
  return roleNames.map((name) => {
    const arn = `arn:aws:sts::${account}:assumed-role/${name}/outsider`;
    const roleArn = `arn:aws:iam::${account}:role/${name}`;
    return {
      who: `the role ${name} of another account, ${account}`,
      caller: { principal: { type: 'role', account, arn, roleArn }, context: {}, source: ctx.outside },
    };
  });
}

/** Services that call for a resource of somebody else; what they do for this account's own, its other doors tell. */
function foreignServiceAt(ctx: CheckContext, door: FunctionDoor): Outcome | undefined {
  const { name, operation, input } = door;
  if (operation !== 'Invoke') return undefined;
  const account = ctx.account('attacker').id;
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${ctx.region}:${account}:${rest}`;
  const sources = [
    ['apigateway', arn('execute-api', `${hex(ctx.random, 10)}/prod/GET/x`)],
    ['sns', arn('sns', `t-${hex(ctx.random, 4)}`)],
    ['s3', `arn:aws:s3:::b-${hex(ctx.random, 6)}`],
    ['events', arn('events', `rule/r-${hex(ctx.random, 4)}`)],
    ['elasticloadbalancing', arn('elasticloadbalancing', `targetgroup/t/${hex(ctx.random, 16)}`)],
  ].map(([service, source]) => ({ service: `${service}.amazonaws.com`, arn: source!, account }));
  const named = namedCallers(ctx, accessOf(ctx, 'lambda', operation, input).resourcePolicy ?? [])
    .flatMap(({ service }) => (service ? [{ ...service, service: service.name }] : []))
    .filter((source) => source.account !== ctx.account().id);
  for (const source of [...sources, ...named]) {
    const decision = probeService(ctx, source, 'lambda', operation, input);
    if (allowed(decision))
      return fail(`${name} lets ${source.service} for ${source.arn} call ${actionOf(door)}${byResource(decision)}`);
  }
  return undefined;
}
