import { PolicyShapeError } from './shape-error.ts';
import type { Principal } from './types.ts';

/**
 * How a resource-based statement names the caller; it decides what else limits the grant.
 * `direct`: the user, the session, the service, everyone. `role`: the session's role, limited by boundary and session
 * policy. `account`: the whole account, which only lets its administrators grant the rest.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type NamedAs = 'direct' | 'role' | 'account';

/** A compiled Principal or NotPrincipal element. */
export interface PrincipalSet {
  readonly everyone: boolean;
  /** ARNs of users, roles and sessions. */
  readonly arns: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly federated: ReadonlySet<string>;
}

const ACCOUNT = /^\d{12}$/;
const ROOT = /^arn:[a-z-]{1,20}:iam::(\d{12}):root$/;

/** Compiles `"*"` or `{ "AWS": …, "Service": …, "Federated": … }`. */
export function compilePrincipals(element: unknown): PrincipalSet {
  const arns = new Set<string>();
  const accounts = new Set<string>();
  const services = new Set<string>();
  const federated = new Set<string>();
  let everyone = false;
  if (element === '*') everyone = true;
  else if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new PolicyShapeError('Principal must be "*" or an object');
  } else {
    for (const kind of Object.keys(element)) {
      for (const name of names((element as Record<string, unknown>)[kind])) {
        if (kind === 'AWS') {
          const account = ACCOUNT.test(name) ? name : ROOT.exec(name)?.[1];
          // "Principal": "*" and "Principal": { "AWS": "*" } are equivalent, anonymous callers included.
          if (name === '*') everyone = true;
          else if (account) accounts.add(account);
          else arns.add(name);
        } else if (kind === 'Service') services.add(name.toLowerCase());
        else if (kind === 'Federated') federated.add(name);
        // differs from AWS: canonical user ids name nobody here, as accounts of a range have none.
        else if (kind !== 'CanonicalUser') throw new PolicyShapeError(`unknown kind of principal ${kind}`);
      }
    }
  }
  return { everyone, arns, accounts, services, federated };
}

function names(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) if (typeof one !== 'string') throw new PolicyShapeError('a principal must be a text');
  return list as string[];
}

/** How the set names the caller, in the way that grants most; undefined when it does not. */
export function namedAs(set: PrincipalSet, caller: Principal): NamedAs | undefined {
  if (set.everyone) return 'direct';
  switch (caller.type) {
    case 'anonymous':
      return undefined;
    case 'service':
      return namesService(set, caller) ? 'direct' : undefined;
    case 'federated':
      if (set.federated.has(caller.arn) || set.arns.has(caller.arn)) return 'direct';
      break;
    case 'role':
      if (set.arns.has(caller.arn)) return 'direct';
      if (caller.roleArn !== undefined && set.arns.has(caller.roleArn)) return 'role';
      break;
    case 'root':
      if (set.accounts.has(caller.account) || set.arns.has(caller.arn)) return 'direct';
      return undefined;
    default:
      if (set.arns.has(caller.arn)) return 'direct';
  }
  return caller.account !== '' && set.accounts.has(caller.account) ? 'account' : undefined;
}

/** Both names of a caller are taken: a regional one (`logs.us-east-1.amazonaws.com`) may stand beside the plain one. */
function namesService(set: PrincipalSet, caller: Principal): boolean {
  if (set.services.size === 0) return false;
  return (
    set.services.has('*') ||
    set.services.has(caller.arn.toLowerCase()) ||
    (caller.service !== undefined && set.services.has(caller.service.toLowerCase()))
  );
}

/**
 * Is the caller exempt from a Deny with this NotPrincipal? "You must also specify the account ARN of the not-denied
 * principal", and for a session its role's ARN too: every level is looked at for itself.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function exemptFromDeny(set: PrincipalSet, caller: Principal): boolean {
  if (set.everyone) return true;
  switch (caller.type) {
    case 'anonymous':
      return false;
    case 'service':
      return namesService(set, caller);
    case 'root':
      return namedAs(set, caller) !== undefined;
    case 'role':
      return (
        set.accounts.has(caller.account) &&
        set.arns.has(caller.arn) &&
        (caller.roleArn === undefined || set.arns.has(caller.roleArn))
      );
    case 'federated':
      if (set.federated.has(caller.arn)) return true;
      break;
  }
  return set.accounts.has(caller.account) && set.arns.has(caller.arn);
}
