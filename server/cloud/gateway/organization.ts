import { accounts, cloudScope, type OrganizationMembership } from '../accounts.ts';
import type { Access } from '../context.ts';
import type { NamedPolicy, Principal, RequestPolicies } from '../policy/types.ts';
import type { StateReader } from '../state/account-state.ts';

/** What AWS Organizations says to a call: the accounts' places, and the policies that limit them. */

/** The organisation that an account is in; undefined for accounts that stand alone or are none of the cloud's. */
export function membershipOf(state: StateReader, account: string): OrganizationMembership | undefined {
  return account === '' ? undefined : state.get(accounts, cloudScope, account)?.organization;
}

/**
 * Service control policies of the caller's account and resource control policies of the resource's.
 * Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html,
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
export function organizationPolicies(
  state: StateReader,
  principal: Principal,
  access: Access,
  resourceAccount: string,
): Pick<RequestPolicies, 'scps' | 'rcps'> {
  const theirs = membershipOf(state, principal.account);
  const owner = resourceAccount === principal.account ? theirs : membershipOf(state, resourceAccount);
  if (!theirs && !owner) return {};
  // "SCPs do not affect any service-linked role", and RCPs do not limit what one does.
  if (principal.roleArn?.includes(':role/aws-service-role/')) return {};
  const scps = limits(theirs, theirs?.scps);
  const rcps = obeysRcps(access.action) ? limits(owner, owner?.rcps) : undefined;
  return { ...(scps ? { scps } : {}), ...(rcps ? { rcps } : {}) };
}

function limits(
  membership: OrganizationMembership | undefined,
  levels: NamedPolicy[][] | undefined,
): NamedPolicy[][] | undefined {
  return membership?.management || !levels?.length ? undefined : levels;
}

/** Services whose resources RCPs protect; of those that the cloud has. */
const protectedServices = new Set(['s3', 'sts', 'kms', 'sqs', 'secretsmanager', 'dynamodb', 'logs']);

/** "RCPs can't be used to restrict … kms:RetireGrant". */
function obeysRcps(action: string): boolean {
  return protectedServices.has(action.slice(0, action.indexOf(':'))) && action !== 'kms:RetireGrant';
}
