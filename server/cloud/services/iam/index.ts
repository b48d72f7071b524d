import type { Service } from '../../context.ts';
import * as absentOperations from './absent.ts';
import * as accessKeyOperations from './access-keys.ts';
import * as accountOperations from './account.ts';
import * as credentialReportOperations from './credential-report.ts';
import * as groupPolicyOperations from './group-policies.ts';
import * as groupOperations from './groups.ts';
import * as instanceProfileOperations from './instance-profiles.ts';
import * as lastAccessedOperations from './last-accessed.ts';
import * as policyOperations from './policies.ts';
import * as policyVersionOperations from './policy-versions.ts';
import * as rolePolicyOperations from './role-policies.ts';
import * as roleOperations from './roles.ts';
import * as serviceLinkedRoleOperations from './service-linked-roles.ts';
import * as simulationOperations from './simulate.ts';
import * as userPolicyOperations from './user-policies.ts';
import * as userOperations from './users.ts';

/** Only what has an AWS operation's name and form: the files export helpers too. */
function operationsOf(...files: object[]): Service['operations'] {
  const operations: Service['operations'] = {};
  for (const file of files)
    for (const [name, value] of Object.entries(file))
      if (/^[A-Z]/.test(name) && typeof value === 'object' && 'run' in value) operations[name] = value;
  return operations;
}

export const iam: Service = {
  id: 'iam',
  stored: {
    CreateInstanceProfile: 'there are no instances',
    AddRoleToInstanceProfile: 'there are no instances',
    CreateAccountAlias: 'there is no sign-in page',
  },
  operations: operationsOf(
    absentOperations,
    accessKeyOperations,
    accountOperations,
    credentialReportOperations,
    groupOperations,
    groupPolicyOperations,
    instanceProfileOperations,
    lastAccessedOperations,
    policyOperations,
    policyVersionOperations,
    roleOperations,
    rolePolicyOperations,
    serviceLinkedRoleOperations,
    simulationOperations,
    userOperations,
    userPolicyOperations,
  ),
};
