import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  type CheckContext,
  functionDoors,
  type Outcome,
  outsiderAt,
  outsiderAtRoute,
  pass,
  rolesRefuseOutsiders,
} from '../../../server/kit.ts';
import { requests } from '../report.ts';

/** Nobody outside of the account calls a function, by any version, alias, URL or API; no service does for somebody else. */
export async function noOutsiderMayCall(ctx: CheckContext): Promise<Outcome> {
  const { Roles } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const roles = (Roles ?? []).map(({ RoleName, Arn }) => ({ name: RoleName!, arn: '', roleArn: Arn! }));
  const taken = rolesRefuseOutsiders(ctx, roles);
  if (!taken.passed) return taken;
  const doors = await functionDoors(ctx);
  for (const door of doors) {
    const outcome = outsiderAt(ctx, door, ['analyst']);
    if (outcome) return outcome;
  }
  for (const door of await requests(ctx)) {
    const outcome = outsiderAtRoute(ctx, door, ['analyst']);
    if (outcome) return outcome;
  }
  return pass(`outsiders are refused at all ${doors.length} ways to call a function`);
}
