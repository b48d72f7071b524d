import type { NamedPolicy, Principal } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { findAwsManagedPolicy } from './aws-managed.ts';
import { policyDocument } from './documents.ts';
import {
  findRoleByArn,
  findUserByArn,
  groups,
  type Identity,
  iamScope,
  type PolicyRecord,
  parseIamArn,
  policies,
  type UserRecord,
} from './tables.ts';

export interface PrincipalPolicies {
  identity: NamedPolicy[];
  boundary?: NamedPolicy;
  scps?: NamedPolicy[][];
  /** The principal's own tags: `aws:PrincipalTag/…`. */
  tags?: Record<string, string>;
}

const nothing: PrincipalPolicies = { identity: [] };

/**
 * The policies that follow a principal, from the account state. Root needs none; a deleted user or role has none, so that
 * its credentials and sessions can do nothing. For a federated user `roleArn` names the user (or root) that made it.
 */
export function policiesOf(state: StateReader, principal: Principal): PrincipalPolicies {
  switch (principal.type) {
    case 'user':
      return policiesOfUser(state, findUserByArn(state, principal.arn));
    case 'role':
      return policiesOfRole(state, principal.roleArn);
    case 'federated': {
      const maker = principal.roleArn ? parseIamArn(principal.roleArn) : undefined;
      if (maker?.kind === 'root') return { identity: [everything] };
      return maker ? policiesOfUser(state, findUserByArn(state, principal.roleArn!)) : nothing;
    }
    default:
      return nothing;
  }
}

const everything: NamedPolicy = {
  name: 'the rights of the root user',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};

function policiesOfUser(state: StateReader, user: UserRecord | undefined): PrincipalPolicies {
  if (!user) return nothing;
  const scope = iamScope(parseIamArn(user.arn)!.account);
  const identity = policiesOfIdentity(state, user, `user ${user.userName}`);
  for (const name of user.groups) {
    const group = state.get(groups, scope, name);
    if (group) identity.push(...policiesOfIdentity(state, group, `group ${name}`));
  }
  return { identity, ...boundaryOf(state, user.boundary), tags: user.tags };
}

function policiesOfRole(state: StateReader, roleArn: string | undefined): PrincipalPolicies {
  const role = roleArn ? findRoleByArn(state, roleArn) : undefined;
  if (!role) return nothing;
  return {
    identity: policiesOfIdentity(state, role, `role ${role.roleName}`),
    ...boundaryOf(state, role.boundary),
    tags: role.tags,
  };
}

const inlineOf = new WeakMap<Identity, NamedPolicy[]>();

function policiesOfIdentity(state: StateReader, identity: Identity, of: string): NamedPolicy[] {
  // Records never change, so what is made of one holds as long as it does.
  let inline = inlineOf.get(identity);
  if (!inline) {
    inline = identity.inline.map(({ name, document }) => ({
      name: `inline policy "${name}" of ${of}`,
      document: policyDocument(document),
    }));
    inlineOf.set(identity, inline);
  }
  if (identity.attached.length === 0) return [...inline];
  const managed = identity.attached.map((arn) => managedPolicy(state, arn)).filter((policy) => policy !== undefined);
  return [...inline, ...managed];
}

const managedOf = new WeakMap<PolicyRecord, NamedPolicy>();

/** The default version of a managed policy, AWS's own included; undefined when there is none of this ARN. */
export function managedPolicy(state: StateReader, arn: string): NamedPolicy | undefined {
  const ours = findAwsManagedPolicy(arn);
  if (ours) return ours.named;
  const parsed = parseIamArn(arn);
  const record = parsed?.kind === 'policy' ? state.get(policies, iamScope(parsed.account), arn) : undefined;
  if (!record) return undefined;
  let named = managedOf.get(record);
  if (!named) {
    const version = record.versions.find(({ versionId }) => versionId === record.defaultVersionId)!;
    named = { name: `managed policy ${record.policyName}`, document: policyDocument(version.document) };
    managedOf.set(record, named);
  }
  return named;
}

/** A boundary whose policy is gone limits to nothing: an empty one allows no action. */
function boundaryOf(state: StateReader, arn: string | undefined): { boundary?: NamedPolicy } {
  if (!arn) return {};
  const policy = managedPolicy(state, arn);
  const name = `permissions boundary ${arn.slice(arn.lastIndexOf('/') + 1)}`;
  return { boundary: { name, document: policy?.document ?? denyNothingAllowNothing } };
}

const denyNothingAllowNothing: NamedPolicy['document'] = { Version: '2012-10-17', Statement: [] };

export { findAccessKey } from './find-access-key.ts';
export { findRoleByArn, findUserByArn } from './tables.ts';
