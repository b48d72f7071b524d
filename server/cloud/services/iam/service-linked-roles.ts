import type {
  CreateServiceLinkedRoleCommandInput,
  CreateServiceLinkedRoleCommandOutput,
  DeleteServiceLinkedRoleCommandInput,
  DeleteServiceLinkedRoleCommandOutput,
  GetServiceLinkedRoleDeletionStatusCommandInput,
  GetServiceLinkedRoleDeletionStatusCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { uuid } from '../../random.ts';
import { checkDescription, noSuchEntity } from './checks.ts';
import { findIdentity, getIdentity, identityAccess, putIdentity } from './identities.ts';
import { newId } from './ids.ts';
import { describeRole } from './roles.ts';
import { type RoleRecord, roles } from './tables.ts';
import { iamArn } from './texts.ts';

/** Names of service-linked roles that the services of the range have. */
const roleNames: Record<string, string> = {
  'lambda.amazonaws.com': 'AWSServiceRoleForLambda',
  'rds.amazonaws.com': 'AWSServiceRoleForRDS',
  'ops.apigateway.amazonaws.com': 'AWSServiceRoleForAPIGateway',
  'ssm.amazonaws.com': 'AWSServiceRoleForAmazonSSM',
};

export const CreateServiceLinkedRole = operation<
  CreateServiceLinkedRoleCommandInput,
  CreateServiceLinkedRoleCommandOutput
>({
  access: (ctx, input) => ({
    action: 'iam:CreateServiceLinkedRole',
    resource: iamArn(
      ctx.account,
      'role',
      `/aws-service-role/${input.AWSServiceName}/`,
      roleNames[input.AWSServiceName!] ?? 'AWSServiceRole',
    ),
    context: { 'iam:AWSServiceName': input.AWSServiceName! },
  }),
  run(ctx, input) {
    const service = input.AWSServiceName!;
    checkDescription(input.Description);
    const roleName = Object.hasOwn(roleNames, service) ? roleNames[service]! : undefined;
    if (!roleName)
      throw new AwsError('InvalidInput', `Service role is not supported for service: ${service.slice(0, 128)}`);
    if (findIdentity(ctx, 'role', roleName)) {
      throw new AwsError(
        'InvalidInput',
        `Service role name ${roleName} has been taken in this account, please try a different suffix.`,
      );
    }
    const path = `/aws-service-role/${service}/`;
    // differs from AWS: the role has no managed policy, as the range's services act on their own.
    const role: RoleRecord = {
      roleName,
      roleId: newId(ctx.cloud.random, 'AROA'),
      arn: iamArn(ctx.account, 'role', path, roleName),
      path,
      createDate: ctx.now,
      assumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      }),
      maxSessionDuration: 3600,
      inline: [],
      attached: [],
      tags: {},
      ...(input.Description === undefined ? {} : { description: input.Description }),
    };
    putIdentity(ctx, 'role', role);
    return { Role: describeRole(role) };
  },
});

export const DeleteServiceLinkedRole = operation<
  DeleteServiceLinkedRoleCommandInput,
  DeleteServiceLinkedRoleCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'DeleteServiceLinkedRole'),
  run(ctx, input) {
    const role = getIdentity(ctx, 'role', input.RoleName!);
    if (!role.path.startsWith('/aws-service-role/'))
      throw new AwsError('InvalidInput', `Role ${role.roleName} is not a service-linked role.`);
    ctx.state.delete(roles, ctx, role.roleName);
    return { DeletionTaskId: `task${role.path}${role.roleName}/${uuid(ctx.cloud.random)}` };
  },
});

export const GetServiceLinkedRoleDeletionStatus = operation<
  GetServiceLinkedRoleDeletionStatusCommandInput,
  GetServiceLinkedRoleDeletionStatusCommandOutput
>({
  access: (ctx, input) => ({
    action: 'iam:GetServiceLinkedRoleDeletionStatus',
    resource: `arn:aws:iam::${ctx.account}:role${taskPath(input.DeletionTaskId!)}`,
  }),
  run(_ctx, input) {
    if (!taskPath(input.DeletionTaskId!)) throw noSuchEntity(`Deletion task ${input.DeletionTaskId} cannot be found.`);
    // Deleted at once: a task that has an id has succeeded.
    return { Status: 'SUCCEEDED' };
  },
});

/** `/aws-service-role/…/name` of a task id; '' for what is none. */
function taskPath(task: string): string {
  return task.startsWith('task/aws-service-role/') ? task.slice(4, task.lastIndexOf('/')) : '';
}
