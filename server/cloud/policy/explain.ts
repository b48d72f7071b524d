import type { NearMiss } from './layer.ts';
import type { AccessRequest, DecidedBy, Decision } from './types.ts';

/** Which kind of policy a verdict rests on. */
export type LayerKind = 'scp' | 'rcp' | 'endpoint' | 'resource' | 'identity' | 'boundary' | 'session' | 'trust';

/** The layer that did not allow, and its Allow that came nearest. */
export interface Blocker {
  readonly kind: LayerKind;
  readonly nearMiss: NearMiss | undefined;
}

/**
 * AWS's names of policy types in its messages: [after "no", after "with an explicit deny in"].
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const WORDS: Record<LayerKind, [string, string]> = {
  scp: ['service control policy', 'a service control policy'],
  rcp: ['resource control policy', 'a resource control policy'],
  endpoint: ['VPC endpoint policy', 'a VPC endpoint policy'],
  resource: ['resource-based policy', 'a resource-based policy'],
  trust: ['role trust policy', 'the role trust policy'],
  identity: ['identity-based policy', 'an identity-based policy'],
  boundary: ['permissions boundary', 'a permissions boundary'],
  session: ['session policy', 'a session policy'],
};

/** AWS's words for an implicit denial: `no identity-based policy allows the s3:GetObject action`. */
export function implicitSuffix(kind: LayerKind, request: AccessRequest): string {
  return `no ${WORDS[wordKind(kind, request)][0]} allows the ${request.action} action`;
}

/** AWS's words for an explicit denial: `with an explicit deny in an identity-based policy`. */
export function deniedSuffix(kind: LayerKind, request: AccessRequest): string {
  return `with an explicit deny in ${WORDS[wordKind(kind, request)][1]}`;
}

function wordKind(kind: LayerKind, { action, resourcePolicyMustAllow }: AccessRequest): LayerKind {
  const trust = kind === 'resource' && resourcePolicyMustAllow === true && action.toLowerCase().startsWith('sts:');
  return trust ? 'trust' : kind;
}

/**
 * The text of AWS's AccessDenied error for a decision that is not `allowed`.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function accessDeniedMessage(request: AccessRequest, decision: Decision): string {
  const { principal, action, resource } = request;
  const user = principal.type === 'anonymous' ? 'anonymous' : principal.arn;
  const suffix = decision.reason.startsWith('with ') ? decision.reason : `because ${decision.reason}`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${suffix}`;
}

/** Who calls, in plain words. */
function caller({ principal }: AccessRequest): string {
  return principal.type === 'anonymous' ? 'anyone without credentials' : principal.arn;
}

function cite(by: DecidedBy): string {
  const statement = by.statement.startsWith('#') ? by.statement : `"${by.statement}"`;
  return `statement ${statement} of ${by.policy}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why the request is allowed. */
export function allowedSentence(request: AccessRequest, by: readonly DecidedBy[]): string {
  const what = `${request.action} on ${request.resource}`;
  if (by.length === 0) {
    return `The root user of account ${request.principal.account} may do everything in its own account, so ${what} is allowed.`;
  }
  const [first, ...others] = by.map(cite);
  const also = others.length > 0 ? `, and ${others.join(' and ')} ${others.length > 1 ? 'agree' : 'agrees'}` : '';
  return `${capital(first!)} allows ${caller(request)} ${what}${also}.`;
}

/** Why the request is denied explicitly. */
export function deniedSentence(request: AccessRequest, by: DecidedBy): string {
  return `${capital(cite(by))} denies ${caller(request)} ${request.action} on ${request.resource}.`;
}

/** Why nothing allows the request, with the statement that came nearest. */
export function implicitSentence(request: AccessRequest, { kind, nearMiss }: Blocker): string {
  const start = `No ${WORDS[wordKind(kind, request)][0]} allows ${caller(request)} ${request.action} on ${request.resource}`;
  if (!nearMiss) return `${start}.`;
  const { failed, by } = nearMiss;
  if (failed === 'principal') return `${start}: ${cite(by)} allows the action to other principals only.`;
  if (failed === 'resource') return `${start}: ${cite(by)} allows the action on other resources only.`;
  const why = nearMiss.keyAbsent
    ? `the request has no ${failed.keyText}`
    : `the request's ${failed.keyText} does not fit`;
  return `${start}: ${cite(by)} does so only under its condition ${failed.operatorText} on ${failed.keyText}, and ${why}.`;
}
