import { serviceCaller } from '../../callers.ts';
import type { Cloud } from '../../cloud.ts';
import type { CallContext, Caller } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { decide } from '../../gateway/authorize.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { policyDocument } from './documents.ts';
import { findRoleByArn, parseIamArn, type RoleRecord } from './tables.ts';

/** What the other services ask of IAM: may the caller hand this role to a service, and may the service take it? */

/** A role's trust policy as the engine wants it. */
export function trustPolicy(role: RoleRecord): NamedPolicy {
  return { name: `trust policy of role ${role.roleName}`, document: policyDocument(role.assumeRolePolicyDocument) };
}

/** Does the trust policy let the service assume the role? `sourceArn` is the resource that the service would act for. */
export function serviceMayAssume(ctx: CallContext, role: RoleRecord, service: string, sourceArn?: string): boolean {
  const caller = serviceCaller(service, sourceArn, parseIamArn(role.arn)!.account);
  return mayAssume(ctx.cloud, ctx.state, caller, role, ctx.region);
}

/** As `serviceMayAssume`, for a service that comes with the keys of its event. */
export function mayAssume(cloud: Cloud, state: StateReader, caller: Caller, role: RoleRecord, region: string): boolean {
  const access = {
    action: 'sts:AssumeRole',
    resource: role.arn,
    resourceAccount: parseIamArn(role.arn)!.account,
    resourcePolicy: [trustPolicy(role)],
    resourcePolicyMustAllow: true,
  };
  return decide(cloud, state, caller, access, region).decision === 'allowed';
}

/**
 * The role that a service is to work with: it must exist and let the service assume it.
 * @throws AwsError `options.error`, by default Lambda's
 */
export function roleForService(
  ctx: CallContext,
  roleArn: string,
  service: string,
  options: { sourceArn?: string; error?: () => AwsError } = {},
): RoleRecord {
  const role = findRoleByArn(ctx.cloud.iamSeen(ctx.state), roleArn);
  if (role && serviceMayAssume(ctx, role, service, options.sourceArn)) return role;
  const error = options.error?.();
  throw (
    error ??
    new AwsError(
      'InvalidParameterValueException',
      service === 'lambda.amazonaws.com'
        ? 'The role defined for the function cannot be assumed by Lambda.'
        : `The role ${roleArn} cannot be assumed by ${service}.`,
    )
  );
}

/**
 * Asks `iam:PassRole` of the caller. A role of another account can never be passed.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export function passRole(ctx: CallContext, roleArn: string, service: string, associatedResourceArn?: string): void {
  const account = parseIamArn(roleArn)?.account ?? ctx.account;
  if (account !== ctx.account)
    throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.', 403);
  ctx.authorize({
    action: 'iam:PassRole',
    resource: roleArn,
    resourceAccount: account,
    context: {
      'iam:PassedToService': service,
      ...(associatedResourceArn ? { 'iam:AssociatedResourceArn': associatedResourceArn } : {}),
    },
  });
}
