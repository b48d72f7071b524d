import type { Cloud } from '../../cloud.ts';
import type { Access, CallContext, Caller, CallSource } from '../../context.ts';
import { decide } from '../../gateway/authorize.ts';
import { roleCaller } from '../../gateway/callers.ts';
import { findRoleByArn, parseIamArn } from '../iam/tables.ts';

/** The execution role as a caller, as Lambda's own work for a function uses it; undefined when the role is gone. */
export function executionRole(
  cloud: Cloud,
  roleArn: string,
  functionName: string,
  source?: CallSource,
): Caller | undefined {
  if (!findRoleByArn(cloud.state, roleArn)) return undefined;
  const { account, name } = parseIamArn(roleArn)!;
  const from = source ?? { ip: 'lambda.amazonaws.com', userAgent: 'lambda.amazonaws.com' };
  return roleCaller(cloud, account, name, functionName, from);
}

/** May the role do all of this? For what AWS checks when a function is configured. */
export function roleMay(ctx: CallContext, roleArn: string, functionName: string, accesses: Access[]): boolean {
  const role = executionRole(ctx.cloud, roleArn, functionName);
  if (!role) return false;
  return accesses.every((access) => decide(ctx.cloud, ctx.state, role, access, ctx.region).decision === 'allowed');
}
