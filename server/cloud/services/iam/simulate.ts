import type {
  ContextEntry,
  EvaluationResult,
  SimulateCustomPolicyCommandInput,
  SimulateCustomPolicyCommandOutput,
  SimulatePrincipalPolicyCommandInput,
  SimulatePrincipalPolicyCommandOutput,
} from '@aws-sdk/client-iam';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { actionExists } from '../../policy/catalogue.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Decision, Principal } from '../../policy/types.ts';
import { pageOf } from './checks.ts';
import { getIdentity, type Identities, type Kind } from './identities.ts';
import { identityPolicies, inputPolicies, managedSource, placesOf, type SourcePolicy } from './simulate-sources.ts';
import { parseIamArn } from './tables.ts';

/** The policy simulator: the same engine that decides real calls, over policies that need not be attached to anything. */

interface Question {
  principal: Principal;
  identity: SourcePolicy[];
  boundary: SourcePolicy | undefined;
  resource: SourcePolicy | undefined;
}

type Input = Omit<SimulateCustomPolicyCommandInput, 'PolicyInputList'>;

const invalid = (message: string): AwsError => new AwsError('InvalidInput', message);

export const SimulateCustomPolicy = operation<SimulateCustomPolicyCommandInput, SimulateCustomPolicyCommandOutput>({
  access: () => ({ action: 'iam:SimulateCustomPolicy', resource: '*' }),
  run(ctx, input) {
    if (input.ResourcePolicy && !input.CallerArn) throw invalid('CallerArn is required if ResourcePolicy is included.');
    return simulate(ctx, input, {
      principal: callerOf(ctx, input.CallerArn),
      identity: inputPolicies(input.PolicyInputList, 'PolicyInputList'),
      boundary: inputPolicies(input.PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList')[0],
      resource: resourcePolicyOf(input),
    });
  },
});

export const SimulatePrincipalPolicy = operation<
  SimulatePrincipalPolicyCommandInput,
  SimulatePrincipalPolicyCommandOutput
>({
  access: (_ctx, input) => ({ action: 'iam:SimulatePrincipalPolicy', resource: input.PolicySourceArn! }),
  run(ctx, input) {
    const { kind, record } = sourceOf(ctx, input.PolicySourceArn!);
    if (input.ResourcePolicy && !input.CallerArn && kind !== 'user')
      throw invalid('CallerArn is required if ResourcePolicy is included.');
    const own = 'boundary' in record && record.boundary ? managedSource(ctx, record.boundary) : undefined;
    const given = inputPolicies(input.PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList')[0];
    const source = kind === 'user' || kind === 'role' ? record.arn : undefined;
    return simulate(ctx, input, {
      principal: callerOf(ctx, input.CallerArn ?? source),
      identity: [...identityPolicies(ctx, kind, record), ...inputPolicies(input.PolicyInputList, 'PolicyInputList')],
      boundary: given ?? own,
      resource: resourcePolicyOf(input),
    });
  },
});

function resourcePolicyOf(input: Input): SourcePolicy | undefined {
  return inputPolicies(input.ResourcePolicy ? [input.ResourcePolicy] : [], 'ResourcePolicy', 'resource')[0];
}

function sourceOf(ctx: CallContext, arn: string): { kind: Kind; record: Identities[Kind] } {
  const parsed = parseIamArn(arn);
  const kind = parsed?.kind;
  if ((kind !== 'user' && kind !== 'group' && kind !== 'role') || parsed?.account !== ctx.account)
    throw invalid(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  return { kind, record: getIdentity(ctx, kind, parsed.name) };
}

/** Who is simulated to call; without an ARN some user of the account. */
function callerOf(ctx: CallContext, arn: string | undefined): Principal {
  if (arn === undefined)
    return { type: 'user', account: ctx.account, arn: `arn:aws:iam::${ctx.account}:user/simulated` };
  const parsed = parseIamArn(arn);
  if (parsed?.kind === 'user') return { type: 'user', account: parsed.account, arn };
  if (parsed?.kind === 'role') {
    const session = `arn:aws:sts::${parsed.account}:assumed-role/${parsed.name}/simulated`;
    return { type: 'role', account: parsed.account, arn: session, roleArn: arn };
  }
  throw invalid(`Invalid Caller Arn: ${arn}`);
}

const ACTION = /^[a-zA-Z0-9-]{1,64}:[a-zA-Z0-9]{1,128}$/;
const MOST_QUESTIONS = 5_000;

async function simulate(ctx: CallContext, input: Input, question: Question) {
  const actions = [...new Set(input.ActionNames ?? [])];
  const resources = input.ResourceArns?.length ? [...new Set(input.ResourceArns)] : ['*'];
  if (actions.length * resources.length > MOST_QUESTIONS)
    throw invalid(`At most ${MOST_QUESTIONS} pairs of an action and a resource can be simulated at once.`);
  for (const action of actions)
    if (!ACTION.test(action) || !(await actionExists(action))) throw invalid(`Invalid action name: ${action}`);
  const context = contextOf(input.ContextEntries);
  const pairs = actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
  const order = new Map(pairs.map((pair, index) => [pair, String(index).padStart(6, '0')]));
  const { page, rest } = pageOf(pairs, (pair) => order.get(pair)!, input);
  const EvaluationResults = page.map(({ action, resource }): EvaluationResult => {
    const ask = (boundary: SourcePolicy | undefined): Decision =>
      evaluate({
        principal: question.principal,
        action,
        resource,
        resourceAccount: ownerOf(ctx, input, resource),
        context,
        policies: {
          identity: question.identity,
          ...(boundary ? { boundary } : {}),
          ...(question.resource ? { resource: [question.resource] } : {}),
        },
      });
    const decision = ask(question.boundary);
    return {
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: decision.decision,
      MatchedStatements: matched(question, decision),
      MissingContextValues: decision.absentKeys,
      ...(question.boundary
        ? {
            PermissionsBoundaryDecisionDetail: {
              AllowedByPermissionsBoundary: boundaryAllows(question, action, resource, context),
            },
          }
        : {}),
    };
  });
  return { EvaluationResults, ...rest };
}

function boundaryAllows(question: Question, action: string, resource: string, context: ConditionContext): boolean {
  const { principal, boundary } = question;
  const alone = {
    principal,
    action,
    resource,
    resourceAccount: principal.account,
    context,
    policies: { identity: [boundary!] },
  };
  return evaluate(alone).decision === 'allowed';
}

function ownerOf(ctx: CallContext, input: Input, resource: string): string {
  const account = (input.ResourceOwner ?? resource).split(':')[4];
  return account && /^\d{12}$/.test(account) ? account : ctx.account;
}

function contextOf(entries: readonly ContextEntry[] | undefined): ConditionContext {
  const context: ConditionContext = {};
  for (const { ContextKeyName, ContextKeyValues, ContextKeyType } of entries ?? []) {
    if (!ContextKeyName || ContextKeyName.length < 5) throw invalid('ContextKeyName is missing or too short.');
    const values = ContextKeyValues ?? [];
    context[ContextKeyName] = ContextKeyType?.endsWith('List') || values.length > 1 ? values : (values[0] ?? '');
  }
  return context;
}

/** differs from AWS: of several statements that allow, the first of each policy type is named. */
function matched(question: Question, decision: Decision): NonNullable<EvaluationResult['MatchedStatements']> {
  const sources = [...question.identity, question.resource, question.boundary].filter((source) => source !== undefined);
  return decision.by.map((by) => {
    const source = sources.find(({ name }) => name === by.policy);
    return {
      SourcePolicyId: by.policy,
      // AWS answers these words, which its model does not list.
      SourcePolicyType: (source === question.resource ? 'Resource Policy' : 'IAM Policy') as 'user',
      ...(source ? placesOf(source, by) : {}),
    };
  });
}
