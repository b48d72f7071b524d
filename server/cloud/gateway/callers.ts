import type { Cloud } from '../cloud.ts';
import type { Caller, CallSource, ConditionContext } from '../context.ts';
import { AwsError } from '../errors.ts';
import type { NamedPolicy, Principal } from '../policy/types.ts';
import { policyDocument } from '../services/iam/documents.ts';
import { findAccessKey, findRoleByArn, managedPolicy } from '../services/iam/identity.ts';
import { iamScope, type RoleRecord, roles, users } from '../services/iam/tables.ts';
import type { Session, SessionCredentials } from '../session.ts';

/**
 * The caller behind a session that `openSession` opened. Whether it has expired is the gateway's question. A session whose
 * role or user is gone (or was made anew) is still that session, and has no policies.
 */
export function callerFromSession(cloud: Cloud, session: Session, source: CallSource): Caller {
  const { accessKeyId } = session;
  // "This condition key is not present for federated identities."
  const context: ConditionContext = session.federatedUserArn ? {} : { 'aws:MultiFactorAuthPresent': 'false' };
  if (session.issued !== undefined) context['aws:TokenIssueTime'] = new Date(session.issued).toISOString();
  if (session.sourceIdentity) context['aws:SourceIdentity'] = session.sourceIdentity;
  for (const [key, value] of Object.entries(session.tags ?? {})) context[`aws:PrincipalTag/${key}`] = value;
  const sessionPolicies = sessionPoliciesOf(cloud, session);
  return {
    principal: principalOf(cloud, session, context),
    accessKeyId,
    ...(session.person === undefined ? {} : { person: session.person }),
    ...(sessionPolicies.length ? { sessionPolicies } : {}),
    ...(session.transitiveTagKeys?.length ? { transitiveTagKeys: session.transitiveTagKeys } : {}),
    context,
    source,
  };
}

/** Who the session is; adds the context keys that say so. */
function principalOf(cloud: Cloud, session: Session, context: ConditionContext): Principal {
  const { account, roleArn, sessionName, principalId, userName } = session;
  if (roleArn) {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    context['aws:userid'] = `${principalId}:${sessionName}`;
    const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
    // A role that was deleted and made again is another one: the old one's sessions have nothing of it.
    const current = findRoleByArn(cloud.state, roleArn)?.roleId === principalId;
    return { type: 'role', account, arn, ...(current ? { roleArn } : {}) };
  }
  const maker = makerArn(cloud, session);
  if (session.federatedUserArn) {
    context['aws:userid'] = `${account}:${sessionName}`;
    return { type: 'federated', account, arn: session.federatedUserArn, ...(maker ? { roleArn: maker } : {}) };
  }
  if (userName === undefined) {
    context['aws:userid'] = account;
    return { type: 'root', account, arn: `arn:aws:iam::${account}:root` };
  }
  context['aws:userid'] = principalId;
  context['aws:username'] = userName;
  return { type: 'user', account, arn: maker ?? `arn:aws:iam::${account}:deleted-user/${userName}` };
}

/** The ARN of the user whose credentials made the session, or of root; undefined when that user is gone. */
function makerArn(cloud: Cloud, { account, userName, principalId }: Session): string | undefined {
  if (userName === undefined) return `arn:aws:iam::${account}:root`;
  const user = cloud.state.get(users, iamScope(account), userName);
  return user?.userId === principalId ? user.arn : undefined;
}

function sessionPoliciesOf(cloud: Cloud, session: Session): NamedPolicy[] {
  const name = `session policy of ${session.sessionName}`;
  const inline = (session.policies ?? []).map((text) => ({ name, document: policyDocument(text) }));
  const managed = (session.policyArns ?? []).map((arn) => {
    // A policy that is gone allows nothing, but the session stays limited.
    const document = managedPolicy(cloud.state, arn)?.document ?? { Version: '2012-10-17', Statement: [] };
    return { name: `session policy ${arn.slice(arn.lastIndexOf('/') + 1)}`, document };
  });
  return [...inline, ...managed];
}

/** The user or root that a long-term key belongs to; undefined for keys that are unknown, inactive, or of a deleted user. */
export function callerFromAccessKey(cloud: Cloud, accessKeyId: string, source: CallSource): Caller | undefined {
  const found = findAccessKey(cloud.state, accessKeyId);
  if (found?.key.status !== 'Active') return undefined;
  const { account, key } = found;
  if (key.userName === undefined) {
    const principal: Principal = { type: 'root', account, arn: `arn:aws:iam::${account}:root` };
    return { principal, accessKeyId, context: { 'aws:userid': account }, source };
  }
  const user = cloud.state.get(users, iamScope(account), key.userName);
  if (!user) return undefined;
  return {
    principal: { type: 'user', account, arn: user.arn },
    accessKeyId,
    context: { 'aws:userid': user.userId, 'aws:username': user.userName },
    source,
  };
}

/**
 * Credentials of a role without asking its trust policy: for execution roles (whose service asked before), labs, graders.
 * They last as long as the cloud.
 * @throws AwsError NoSuchEntity
 */
export function roleSession(cloud: Cloud, account: string, roleName: string, sessionName: string): SessionCredentials {
  return cloud.issueSession(roleSessionOf(cloud, account, roleName, sessionName));
}

/** As `roleSession`, but the caller itself, for calls inside the process. */
export function roleCaller(
  cloud: Cloud,
  account: string,
  roleName: string,
  sessionName: string,
  source: CallSource,
): Caller {
  const session = roleSessionOf(cloud, account, roleName, sessionName);
  const { accessKeyId: _none, ...caller } = callerFromSession(cloud, { ...session, accessKeyId: '' }, source);
  return caller;
}

function roleSessionOf(
  cloud: Cloud,
  account: string,
  roleName: string,
  sessionName: string,
): Omit<Session, 'accessKeyId'> {
  const role: RoleRecord | undefined = cloud.state.get(roles, iamScope(account), roleName);
  if (!role) throw new AwsError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
  return { account, roleArn: role.arn, sessionName, principalId: role.roleId, issued: cloud.clock.now() };
}
