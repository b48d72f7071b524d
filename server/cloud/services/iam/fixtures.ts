import type { Cloud } from '../../cloud.ts';
import type { StateWriter } from '../../state/account-state.ts';
import { newId } from './ids.ts';
import { iamScope, type RoleRecord, roles } from './tables.ts';
import { checkTrustText, iamArn } from './texts.ts';

/**
 * Makes a role that no API call could make: under a path that AWS keeps for itself, such as the role of the learner's
 * administrator. Everything else goes through CreateRole.
 * @param options trust: JSON text; attached: ARNs of managed policies
 * @throws AwsError MalformedPolicyDocument
 */
export function putReservedRole(
  cloud: Cloud,
  state: StateWriter,
  account: string,
  options: { roleName: string; path: string; trust: string; attached?: string[]; description?: string },
): RoleRecord {
  checkTrustText(state, options.trust);
  const role: RoleRecord = {
    roleName: options.roleName,
    roleId: newId(cloud.random, 'AROA'),
    arn: iamArn(account, 'role', options.path, options.roleName),
    path: options.path,
    createDate: cloud.clock.now(),
    assumeRolePolicyDocument: options.trust,
    maxSessionDuration: 43_200,
    inline: [],
    attached: options.attached ?? [],
    tags: {},
    ...(options.description === undefined ? {} : { description: options.description }),
  };
  state.put(roles, iamScope(account), role.roleName, role);
  return role;
}
