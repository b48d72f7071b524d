import { IAMClient, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import type { Actor } from './actor.ts';
import type { CheckContext } from './check-context.ts';

/** Somebody in the learner's account, for questions and calls. */
export interface Insider {
  /** `the user mara`, `the role support (which the user warehouse may take on)` */
  who: string;
  name: string;
  kind: 'user' | 'role';
  actor: Actor;
}

const most = { users: 20, roles: 40 };

/**
 * The users of the learner's account, and the roles that they or the attacker's account may take on, one after the other.
 * Roles that only services take are nobody. `except` roles are neither listed nor followed.
 */
export async function insiders(ctx: CheckContext, except: readonly string[] = []): Promise<Insider[]> {
  const iam = ctx.admin().client(IAMClient);
  const { Users } = await iam.send(new ListUsersCommand({}));
  const { Roles } = await iam.send(new ListRolesCommand({}));
  const found: Insider[] = (Users ?? []).slice(0, most.users).map(({ UserName }) => ({
    who: `the user ${UserName}`,
    name: UserName!,
    kind: 'user',
    actor: ctx.user(UserName!),
  }));
  const open: { who: string; actor: Actor }[] = [
    ...found,
    { who: 'any AWS account', actor: ctx.user('intruder', 'attacker') },
  ];
  const taken = new Set(except);
  for (let each = open.shift(); each; each = open.shift())
    for (const { RoleName, Arn } of (Roles ?? []).slice(0, most.roles)) {
      if (taken.has(RoleName!)) continue;
      const input = { RoleArn: Arn!, RoleSessionName: 'other' };
      if (each.actor.probe('sts', 'AssumeRole', input).decision !== 'allowed') continue;
      taken.add(RoleName!);
      const who = `the role ${RoleName} (which ${each.who} may take on)`;
      const role: Insider = { who, name: RoleName!, kind: 'role', actor: ctx.role(RoleName!) };
      found.push(role);
      open.push(role);
    }
  return found;
}
