import { learnerRole } from '../catalogue/deploy.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { seededRandom } from '../cloud/random.ts';
import { roles } from '../cloud/services/iam/tables.ts';
import { issueSession } from '../cloud/session.ts';
import type { LearnerCredentials } from './types.ts';

/** By cloud: the sessions that were asked for, each by all that it is made of. */
const known = new WeakMap<Cloud, Map<string, LearnerCredentials>>();

/** The administrator's session of a person in their account: the same at every call, and named after the person. */
export function learnerSession(cloud: Cloud, person: string, sessionName: string): LearnerCredentials {
  const account = cloud.account().id;
  const role = cloud.state.get(roles, { account, region: '' }, learnerRole.name);
  if (!role) throw new Error(`account ${account} has no learner role`);
  const sessions = known.get(cloud) ?? new Map<string, LearnerCredentials>();
  known.set(cloud, sessions);
  const key = JSON.stringify([person, sessionName, role.arn, role.roleId]);
  const session =
    sessions.get(key) ??
    issueSession(cloud.id, cloud.secret, seededRandom(`${cloud.secret}/${sessionName}`), {
      account,
      roleArn: role.arn,
      sessionName,
      person,
      principalId: role.roleId,
    });
  sessions.set(key, session);
  return session;
}
