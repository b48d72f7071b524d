import type { Cloud } from '../cloud.ts';
import type { Access, Caller, ConditionContext } from '../context.ts';
import { AwsError } from '../errors.ts';
import { evaluate } from '../policy/evaluate.ts';
import { accessDeniedMessage } from '../policy/explain.ts';
import type { AccessRequest, Decision } from '../policy/types.ts';
import { policiesOf } from '../services/iam/identity.ts';
import type { StateReader } from '../state/account-state.ts';
import { wireOf } from '../wire/services.ts';

/**
 * Evaluates one access with everything the cloud knows: the caller's policies, the resource's, the endpoint's, and the
 * global condition keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
 */
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
  const { tags, ...policies } = policiesOf(state, principal);
  const resourceAccount = access.resourceAccount ?? principal.account;
  const now = cloud.clock.now();
  const context: ConditionContext = {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:SecureTransport': String(source.secure ?? true),
    'aws:RequestedRegion': region,
    'aws:ViaAWSService': String((source.via?.length ?? 0) > 0),
    'aws:PrincipalIsAWSService': String(principal.type === 'service'),
    'aws:PrincipalType': principalTypes[principal.type],
    ...(resourceAccount ? { 'aws:ResourceAccount': resourceAccount } : {}),
    ...(source.via?.length
      ? { 'aws:CalledVia': source.via, 'aws:CalledViaFirst': source.via[0]!, 'aws:CalledViaLast': source.via.at(-1)! }
      : {}),
    ...(source.userAgent ? { 'aws:UserAgent': source.userAgent } : {}),
    ...(source.vpcId ? { 'aws:SourceVpc': source.vpcId } : {}),
    ...(source.vpceId ? { 'aws:SourceVpce': source.vpceId } : {}),
    // A request through an endpoint has a private source address, which aws:SourceIp does not show.
    ...(source.vpceId || principal.type === 'service' ? {} : { 'aws:SourceIp': source.ip }),
    ...(source.functionArn ? { 'lambda:SourceFunctionArn': source.functionArn } : {}),
    ...Object.fromEntries(Object.entries(tags ?? {}).map(([name, value]) => [`aws:PrincipalTag/${name}`, value])),
    ...caller.context,
    ...access.context,
  };
  if (principal.type === 'service') context['aws:PrincipalServiceName'] = principal.arn;
  else if (principal.type !== 'anonymous') {
    context['aws:PrincipalArn'] = principal.roleArn ?? principal.arn;
    context['aws:PrincipalAccount'] = principal.account;
  }
  return {
    principal,
    action: access.action,
    resource: access.resource,
    resourceAccount,
    context,
    policies: {
      ...policies,
      ...(caller.sessionPolicies?.length ? { session: caller.sessionPolicies } : {}),
      ...(access.resourcePolicy?.length ? { resource: access.resourcePolicy } : {}),
      ...(source.endpointPolicy ? { endpoint: source.endpointPolicy } : {}),
    },
    ...(access.resourcePolicyMustAllow ? { resourcePolicyMustAllow: true } : {}),
  };
}

const principalTypes: Record<AccessRequest['principal']['type'], string> = {
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  federated: 'FederatedUser',
  service: 'Service',
  anonymous: 'Anonymous',
};
