import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { Caller } from '../../../../server/cloud/context.ts';
import type { Statement } from '../../../../server/cloud/policy/types.ts';
import { accessKeys, iamScope, roles, users } from '../../../../server/cloud/services/iam/tables.ts';
import { OWN } from '../../test-cloud.ts';

/** A person with exactly these statements: as a caller, and as credentials for an SDK client. */
export function person(
  cloud: Cloud,
  userName: string,
  statements: Omit<Statement, 'Effect'>[],
  account = OWN,
): { caller: Caller; credentials: { accessKeyId: string; secretAccessKey: string }; arn: string } {
  const arn = `arn:aws:iam::${account}:user/${userName}`;
  const Statement = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
  const document = JSON.stringify({ Version: '2012-10-17', Statement });
  const accessKeyId = `AKIA${userName
    .toUpperCase()
    .replace(/[^A-Z]/g, 'X')
    .padEnd(16, 'A')}`.slice(0, 20);
  const secretAccessKey = `secret-of-${userName}`.padEnd(40, 'x');
  cloud.transact((state) => {
    state.put(users, iamScope(account), userName, {
      arn,
      path: '/',
      createDate: 0,
      inline: statements.length ? [{ name: 'rights', document }] : [],
      attached: [],
      userName,
      userId: `AIDA${userName.toUpperCase()}`,
      tags: {},
      groups: [],
    });
    state.put(accessKeys, iamScope(account), accessKeyId, {
      userName,
      secretAccessKey,
      status: 'Active',
      createDate: 0,
    });
  });
  const caller: Caller = {
    principal: { type: 'user', account, arn },
    accessKeyId,
    context: { 'aws:username': userName },
    source: { ip: '203.0.113.20', userAgent: 'test' },
  };
  return { caller, credentials: { accessKeyId, secretAccessKey }, arn };
}

/** A session of a role with exactly these statements. */
export function roleSession(
  cloud: Cloud,
  roleName: string,
  statements: Omit<Statement, 'Effect'>[],
  account = OWN,
): Caller {
  const arn = `arn:aws:iam::${account}:role/${roleName}`;
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });
  cloud.transact((state) =>
    state.put(roles, iamScope(account), roleName, {
      arn,
      path: '/',
      createDate: 0,
      inline: statements.length ? [{ name: 'rights', document }] : [],
      attached: [],
      roleName,
      roleId: `AROA${roleName.toUpperCase()}`,
      assumeRolePolicyDocument: '{}',
      maxSessionDuration: 3600,
      tags: {},
    }),
  );
  return {
    principal: { type: 'role', account, arn: `arn:aws:sts::${account}:assumed-role/${roleName}/test`, roleArn: arn },
    context: {},
    source: { ip: '203.0.113.20', userAgent: 'test' },
  };
}
