import type { AccountRecord, OrganizationMembership } from '../cloud/accounts.ts';
import type { NamedPolicy, PolicyDocument } from '../cloud/policy/types.ts';
import { lowerAlphanumeric, type Random } from '../cloud/random.ts';

/** Policies that a lab attaches to one level of its organisation: the root, an organisational unit, the account. */
export interface OrganizationLevel {
  policies: { name: string; document: PolicyDocument }[];
  /** Service control policies only: FullAWSAccess is detached from the level, so that nothing else is allowed. */
  withoutFullAccess?: boolean;
}

/** An organisation that a lab's accounts are in, under a management account that is none of the lab's. */
export interface LabOrganization {
  /** Default: the learner's own account alone. */
  members?: AccountRecord['kind'][];
  /** By level, the root first; levels that are not told have FullAWSAccess only. */
  scps?: OrganizationLevel[];
  rcps?: OrganizationLevel[];
}

/** Attached to every level, unless a lab takes it away. */
const fullAccess: NamedPolicy = {
  name: 'service control policy FullAWSAccess',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

/** Attached to every level, always. */
const fullResourceAccess: NamedPolicy = {
  name: 'resource control policy RCPFullAWSAccess',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
};

/** The membership that the lab's accounts share; its ids follow the seed. */
export function membershipFor(organization: LabOrganization, random: Random): OrganizationMembership {
  const id = `o-${lowerAlphanumeric(random, 10)}`;
  const root = lowerAlphanumeric(random, 4);
  const path = `${id}/r-${root}/ou-${root}-${lowerAlphanumeric(random, 8)}/`;
  const named = (kind: string, { policies }: OrganizationLevel): NamedPolicy[] =>
    policies.map(({ name, document }) => ({ name: `${kind} control policy ${name}`, document }));
  const scps = organization.scps?.map((level) => [
    ...(level.withoutFullAccess ? [] : [fullAccess]),
    ...named('service', level),
  ]);
  const rcps = organization.rcps?.map((level) => [fullResourceAccess, ...named('resource', level)]);
  return { id, path, ...(scps ? { scps } : {}), ...(rcps ? { rcps } : {}) };
}
