import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Outcome } from '../catalogue/definition.ts';
import type { Access, Caller } from '../cloud/context.ts';
import { AwsError } from '../cloud/errors.ts';
import type { Decision, PolicyDocument } from '../cloud/policy/types.ts';
import { policiesOf } from '../cloud/services/iam/identity.ts';

import { type CheckContext, fail, pass } from './check-context.ts';
import { choices } from './chosen-keys.ts';
import { allowedStep, byDeciders } from './deciders.ts';
import type { FoundFunction } from './follow.ts';
import { escalationOf, type Guise, guisesOf } from './guises.ts';

/** A call by AWS's names, or, where nothing but a role's own policies could allow it, an action on a resource. */
export type PowerQuestion =
  | { service: string; operation: string; input: object }
  | { action: string; resource: string };

/**
 * Asks the policies, for whoever the code of these functions can be, about calls that must be refused: with the role from
 * where the function stands and from anywhere, with the roles and users that it can become, without credentials, and with
 * what callers choose about a request. The first that is allowed decides. A call on something that is gone is none.
 */
export async function codePowers(
  ctx: CheckContext,
  functions: FoundFunction[],
  forbidden: PowerQuestion[],
): Promise<Outcome> {
  for (const [host, questions] of await byHost(ctx, functions, forbidden))
    for (const guise of await guisesOf(ctx, functions, host)) {
      const escalation = escalationOf(ctx, guise);
      if (escalation) {
        const { who, action, resource, by } = escalation;
        ctx.evidence.push(allowedStep(who, action, resource, escalation));
        return fail(`${who} may call ${action} on ${resource}, and so give itself any right, allowed${byDeciders(by)}`);
      }
      const found = firstAllowed(ctx, guise, questions);
      if (found) return found;
      ctx.evidence.push({
        title: `${questions.length} calls that the job does not need`,
        as: guise.who,
        outcome: 'denied',
      });
    }
  return pass(
    functions.length === 0
      ? 'there is no function whose code could do anything'
      : `the code of ${functions.map(({ name }) => name).join(', ')} is refused all ${forbidden.length} calls that it has no need for`,
  );
}

function firstAllowed(ctx: CheckContext, { who, caller }: Guise, questions: PowerQuestion[]): Outcome | undefined {
  const asked = questions.flatMap((question) => {
    const answer = ask(ctx, caller, question);
    return answer ? [{ question, access: answer.access }] : [];
  });
  const documents = [
    ...ownDocuments(ctx, caller),
    ...new Set(asked.flatMap(({ access }) => (access.resourcePolicy ?? []).map(({ document }) => document))),
  ];
  for (const choice of choices(documents, ctx.cloud.clock.now())) {
    const chooser = { ...caller, context: { ...caller.context, ...choice } };
    for (const { question } of asked) {
      const answer = ask(ctx, chooser, question);
      if (answer?.decision !== 'allowed') continue;
      const when = Object.entries(choice).find(([key]) => key !== 'aws:EpochTime');
      const how = when ? `, when ${when[0]} is ${when[1]},` : '';
      ctx.evidence.push(allowedStep(who, answer.access.action, answer.access.resource, answer));
      return fail(`${who} may call ${answer.access.action} on ${answer.access.resource}${how}${byDeciders(answer.by)}`);
    }
  }
  return undefined;
}

function ask(ctx: CheckContext, caller: Caller, question: PowerQuestion): (Decision & { access: Access }) | undefined {
  if ('action' in question) {
    const access: Access = { ...question, resourceAccount: ctx.account().id };
    return { ...ctx.cloud.decide(caller, access), access };
  }
  try {
    const { service, operation, input } = question;
    return ctx.cloud.probe(caller, service, operation, input, { account: ctx.account().id });
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** Questions by the host that is called: from a VPC the way to it may lead through an endpoint with a policy. */
async function byHost(
  ctx: CheckContext,
  functions: FoundFunction[],
  questions: PowerQuestion[],
): Promise<Map<string, PowerQuestion[]>> {
  const lambda = ctx.admin().client(LambdaClient);
  const placed = await Promise.all(
    functions.map(async ({ arn }) => {
      const { VpcConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn }));
      return (VpcConfig?.SubnetIds ?? []).length > 0;
    }),
  );
  const found = new Map<string, PowerQuestion[]>();
  for (const question of questions) {
    const service = 'service' in question ? question.service : question.action.split(':')[0]!;
    const host =
      !placed.includes(true) || service === 'iam' ? 'iam.amazonaws.com' : `${service}.${ctx.region}.amazonaws.com`;
    found.set(host, [...(found.get(host) ?? []), question]);
  }
  return found;
}

function ownDocuments(ctx: CheckContext, { principal, source }: Caller): PolicyDocument[] {
  const { identity, boundary } = policiesOf(ctx.cloud.state, principal);
  const { endpointPolicy } = source;
  return [...identity, ...(boundary ? [boundary] : []), ...(endpointPolicy ? [endpointPolicy] : [])].map(
    ({ document }) => document,
  );
}

/** Those of the other functions that the code of these may call, and those that they may call in turn. */
export async function callableBy(
  ctx: CheckContext,
  functions: FoundFunction[],
  others: FoundFunction[],
): Promise<FoundFunction[]> {
  const found = new Set<FoundFunction>();
  let callers = functions;
  while (callers.length > 0 && found.size < others.length) {
    const guises = await guisesOf(ctx, callers, `lambda.${ctx.region}.amazonaws.com`);
    const calls = (arn: string): boolean =>
      guises.some(
        ({ caller }) =>
          ask(ctx, caller, { service: 'lambda', operation: 'Invoke', input: { FunctionName: arn } })?.decision ===
          'allowed',
      );
    callers = others.filter((other) => !found.has(other) && calls(other.arn));
    for (const each of callers) found.add(each);
  }
  return [...found];
}
