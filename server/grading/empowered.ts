import { type Identity, iamScope, roles, users } from '../cloud/services/iam/tables.ts';
import type { Credentials } from './actor.ts';
import type { CheckContext } from './check-context.ts';

/** A principal of the learner's account, who may do everything in this fork. */
export interface Empowered {
  /** `role app-role`, `user mara`, `root of the account` */
  who: string;
  /** Of a role; code in a function has a session of its own. */
  roleArn?: string;
  credentials: Credentials;
}

const most = 60;

/**
 * Gives every role and user of the learner's account all rights in this fork, and takes their boundaries away: what is
 * refused to them then is refused by something else, by networks, by organisations or by the other side. For labs in
 * which a fix must hold whatever identity policies say.
 */
export function empowered(ctx: CheckContext): Empowered[] {
  const { id: account } = ctx.account();
  const scope = iamScope(account);
  const found: Empowered[] = [{ who: 'root of the account', credentials: ctx.admin().credentials! }];
  ctx.cloud.transact((state) => {
    for (const { id, value } of state.list(roles, scope)) state.put(roles, scope, id, withAllRights(value));
    for (const { id, value } of state.list(users, scope))
      state.put(users, scope, id, { ...withAllRights(value), groups: [] });
  });
  for (const { value } of ctx.cloud.state.list(roles, scope).slice(0, most))
    found.push({
      who: `role ${value.roleName}`,
      roleArn: value.arn,
      credentials: ctx.role(value.roleName).credentials!,
    });
  for (const { value } of ctx.cloud.state.list(users, scope).slice(0, most))
    found.push({ who: `user ${value.userName}`, credentials: ctx.user(value.userName).credentials! });
  return found;
}

const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

function withAllRights<T extends Identity & { boundary?: string }>({ boundary: _, ...identity }: T) {
  return { ...identity, inline: [{ name: 'everything', document: everything }], attached: [] };
}
