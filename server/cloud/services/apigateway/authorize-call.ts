import { createHash } from 'node:crypto';
import { anonymousCaller } from '../../callers.ts';
import { accessDeniedMessage } from '../../policy/index.ts';
import type { Decision, Principal } from '../../policy/types.ts';
import { askCognito } from './cognito.ts';
import { faults } from './faults.ts';
import { askAuthorizer } from './lambda-authorizer.ts';
import { resourcePolicyOf } from './policy.ts';
import { methodArn, type RestCall } from './rest-call.ts';

const action = 'execute-api:Invoke';

/** What an authorizer adds to the request's context, and the API key that it names. */
export interface Authorized {
  authorizer?: object;
  usageKey?: string;
}

/**
 * Asks whatever the method's authorization and the API's resource policy ask, in AWS's order and by its tables.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 * @throws GatewayFault
 */
export async function authorizeCall(call: RestCall): Promise<Authorized> {
  switch (call.method.authorizationType) {
    case 'AWS_IAM':
      return bySignature(call);
    case 'CUSTOM':
      return byFunction(call);
    case 'COGNITO_USER_POOLS': {
      const authorizer = await askCognito(call);
      // "the resource policy is evaluated independently, and an explicit allow is required"
      byPolicyAlone(call);
      return authorizer;
    }
    default:
      byPolicyAlone(call);
      return {};
  }
}

/** "Evaluation of the policy involves seeking an explicit allow": of nobody in particular, whoever signed. */
function byPolicyAlone(call: RestCall): void {
  const decision = policyDecision(call);
  if (decision && decision.decision !== 'allowed') throw refusal(call, anonymous, decision);
}

const anonymous: Principal = { type: 'anonymous', account: '', arn: '*' };

/** What the resource policy says by itself; undefined where there is none (and no endpoint's policy refuses). */
function policyDecision(call: RestCall): Decision | undefined {
  const { cloud, scope, deployment, source } = call;
  const resourcePolicy = resourcePolicyOf(deployment.api);
  if (!resourcePolicy && !source.endpointPolicy) return undefined;
  const access = { action, resource: methodArn(call), resourceAccount: scope.account };
  const open = [{ name: 'an API without a resource policy', document: everyone }];
  return cloud.decide(anonymousCaller(source), { ...access, resourcePolicy: resourcePolicy ?? open }, scope.region);
}

const everyone = {
  Statement: [{ Effect: 'Allow' as const, Principal: '*' as const, Action: action, Resource: '*' }],
};

function bySignature(call: RestCall): Authorized {
  const { cloud, scope, deployment, caller, refused } = call;
  if (refused) {
    if (refused.code.startsWith('ExpiredToken')) throw faults.expired();
    throw faults.signature(refused.message, `${refused.code.replace(/Exception$/, '')}Exception`);
  }
  if (caller.principal.type === 'anonymous') throw unsigned(call);
  const resourcePolicy = resourcePolicyOf(deployment.api);
  const access = {
    action,
    resource: methodArn(call),
    resourceAccount: scope.account,
    ...(resourcePolicy ? { resourcePolicy } : {}),
  };
  const decision = cloud.decide(caller, access, scope.region);
  if (decision.decision !== 'allowed') throw refusal(call, caller.principal, decision);
  return {};
}

async function byFunction(call: RestCall): Promise<Authorized> {
  const policy = policyDecision(call);
  // "first evaluates the policy and checks for any explicit denials. If found, the caller is denied access immediately."
  if (policy?.decision === 'explicitDeny') throw refusal(call, anonymous, policy);
  const { decision, authorized } = await askAuthorizer(call);
  // Table A: a denial of either denies, an allow of either allows.
  if (decision === 'explicitDeny')
    throw faults.denied(
      'User is not authorized to access this resource with an explicit deny in an identity-based policy',
    );
  const granted = decision === 'allowed' || (deploymentHasPolicy(call) && policy?.decision === 'allowed');
  if (!granted) throw faults.denied('User is not authorized to access this resource');
  return authorized;
}

const deploymentHasPolicy = ({ deployment }: RestCall): boolean => deployment.api.policy !== undefined;

/** A request without a signature; one with an Authorization header of another kind hears what is wrong with that. */
export function unsigned({ request }: Pick<RestCall, 'request'>) {
  const header = request.headers.authorization;
  if (header === undefined || header === '') return faults.missingToken();
  if (header.includes('='))
    return faults.signature(
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
      'IncompleteSignatureException',
    );
  const hash = createHash('sha256').update(header).digest('base64');
  return faults.signature(
    `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hash}'.`,
    'IncompleteSignatureException',
  );
}

/** AWS hides all of the account but its last four digits. */
function refusal(call: RestCall, principal: Principal, decision: Decision) {
  const { scope } = call;
  const resource = methodArn(call).replace(scope.account, `********${scope.account.slice(-4)}`);
  return faults.denied(
    accessDeniedMessage(
      { principal, action, resource, resourceAccount: scope.account, context: {}, policies: { identity: [] } },
      decision,
    ),
  );
}
