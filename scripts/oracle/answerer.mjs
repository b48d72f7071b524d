// Runs in a temporary folder in which the oracle is installed, as a process of its own: one JSON question a line in,
// one JSON answer a line out. Nothing of the oracle gets into this project but these answers.
import { createInterface } from 'node:readline';
import { anonymousPrincipal, runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';

const ANSWERS = { Allowed: 'allowed', ImplicitlyDenied: 'implicitDeny', ExplicitlyDenied: 'explicitDeny' };
const named = ({ name, document }) => ({ name, policy: document });
// The oracle adds RCPFullAWSAccess to every level itself.
const own = ({ name }) => name !== 'RCPFullAWSAccess';
const levels = (list) =>
  (list ?? []).map((level, i) => ({ orgIdentifier: `level-${i}`, policies: level.filter(own).map(named) }));

function simulation({ principal, action, resource, resourceAccount, context, policies }) {
  return {
    request: {
      principal: principal.type === 'anonymous' ? anonymousPrincipal : principal.arn,
      action,
      resource: { resource, accountId: resourceAccount },
      contextVariables: context,
    },
    identityPolicies: policies.identity.map(named),
    serviceControlPolicies: levels(policies.scps),
    resourceControlPolicies: levels(policies.rcps),
    resourcePolicy: policies.resource?.[0]?.document,
    sessionPolicy: policies.session?.[0]?.document,
    permissionBoundaryPolicies: policies.boundary ? [named(policies.boundary)] : undefined,
    vpcEndpointPolicies: policies.endpoint ? [named(policies.endpoint)] : undefined,
  };
}

async function answer({ request, unchecked }) {
  if (unchecked) return { answer: ANSWERS[runUnsafeSimulation(simulation(request), {})] };
  const result = await runSimulation(simulation(request), {});
  if (result.resultType === 'error') return { error: JSON.stringify(result.errors) };
  return { answer: ANSWERS[result.overallResult], ignored: result.result?.ignoredContextKeys ?? [] };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
