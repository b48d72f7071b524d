import type { Cloud } from '../cloud.ts';
import type { Access, Caller } from '../context.ts';
import { AwsError } from '../errors.ts';
import { evaluate } from '../policy/evaluate.ts';
import { accessDeniedMessage } from '../policy/explain.ts';
import type { AccessRequest, Decision } from '../policy/types.ts';
import { policiesOf } from '../services/iam/identity.ts';
import type { StateReader } from '../state/account-state.ts';
import { wireOf } from '../wire/services.ts';
import { organizationPolicies } from './organization.ts';
import { requestContext } from './request-context.ts';

/** Evaluates one access with everything the cloud knows: the policies of all sides, and the request's condition keys. */
export function decide(cloud: Cloud, state: StateReader, caller: Caller, access: Access, region: string): Decision {
  return evaluate(accessRequest(cloud, state, caller, access, region));
}

/** As `decide`, but throws the access-denied error of the service that is called. */
export function authorize(
  cloud: Cloud,
  state: StateReader,
  service: string,
  caller: Caller,
  access: Access,
  region: string,
): void {
  const request = accessRequest(cloud, state, caller, access, region);
  const decision = evaluate(request);
  if (decision.decision === 'allowed') return;
  const denied = wireOf(service).accessDenied;
  throw new AccessDenied(
    denied.code,
    (denied.prefix ?? '') + accessDeniedMessage(request, decision),
    denied.status,
    access,
    decision,
  );
}

/** An access-denied error that still knows which question was asked and what decided it. */
export class AccessDenied extends AwsError {
  readonly access: Access;
  readonly decision: Decision;

  constructor(code: string, message: string, status: number, access: Access, decision: Decision) {
    super(code, message, status);
    this.access = access;
    this.decision = decision;
  }
}

function accessRequest(
  cloud: Cloud,
  state: StateReader,
  caller: Caller,
  access: Access,
  region: string,
): AccessRequest {
  const { principal, source } = caller;
  const { tags, ...policies } = policiesOf(cloud.iamSeen(state), principal);
  const resourceAccount = access.resourceAccount ?? principal.account;
  return {
    principal,
    action: access.action,
    resource: access.resource,
    resourceAccount,
    context: requestContext(cloud, state, { caller, access, resourceAccount, region, tags }),
    policies: {
      ...policies,
      ...organizationPolicies(state, principal, access, resourceAccount),
      ...(caller.sessionPolicies?.length ? { session: caller.sessionPolicies } : {}),
      ...(access.resourcePolicy?.length ? { resource: access.resourcePolicy } : {}),
      ...(source.endpointPolicy ? { endpoint: source.endpointPolicy } : {}),
    },
    ...(access.resourcePolicyMustAllow ? { resourcePolicyMustAllow: true } : {}),
  };
}
