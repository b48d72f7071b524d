import {
  type CheckContext,
  fail,
  type Outcome,
  pass,
  type Reached,
  rolesWithin,
  userGuise,
} from '../../../server/kit.ts';
import { tokenLearnt } from '../attack.ts';
import { nextReader } from '../readers.ts';
import { mayChange } from './powers.ts';

/** The other readers of today, and whoever joins the group tomorrow. */
export async function othersLearnNothing(ctx: CheckContext): Promise<Outcome> {
  const next = await nextReader(ctx);
  const changed = await mayChange(
    ctx,
    ['auditor', 'night-desk', next].map((name) => userGuise(ctx, name)),
  );
  if (changed) return changed;
  for (const [name, who] of [
    ['night-desk', 'night-desk'],
    [next, 'whoever joins the group readers next'],
  ] as const) {
    const learnt = await tokenLearnt(ctx, who, ctx.user(name));
    if (learnt) return fail(learnt);
  }
  return pass('neither night-desk nor a new member of the group readers learns the token');
}

/** The roles that readers can come to act as, of today's readers and of a new one. */
export async function rolesLearnNothing(ctx: CheckContext): Promise<Outcome> {
  const reached = new Map<string, Reached>();
  for (const name of ['auditor', 'night-desk', await nextReader(ctx)])
    for (const each of await rolesWithin(ctx, userGuise(ctx, name)))
      if (!reached.has(each.role.roleName)) reached.set(each.role.roleName, each);
  const all = [...reached.values()];
  const changed = await mayChange(
    ctx,
    all.map(({ guise }) => guise),
  );
  if (changed) return changed;
  for (const { role, how } of all) {
    const learnt = await tokenLearnt(ctx, `${role.roleName} (${how})`, ctx.role(role.roleName));
    if (learnt) return fail(learnt);
  }
  return pass(
    `no role that a reader may take on learns the token (${[...reached.keys()].join(', ') || 'there is none'})`,
  );
}
