import {
  byWhat,
  type CheckContext,
  fail,
  functionNames,
  functionWrites,
  type Guise,
  grantingPower,
  notePower,
  type Outcome,
  pass,
  powerOver,
  rolesOfFunction,
  rolesWithin,
  userGuise,
} from '../../../server/kit.ts';

/** The functions of other teams, which are called by these names. */
const theirs = ['break-glass', 'orders-export'];

/** The pipeline and whatever it can come to act as. A further function belongs to it if all its roles are those of orders. */
async function reach(ctx: CheckContext) {
  const deployer = userGuise(ctx, 'deployer');
  const own = rolesOfFunction(ctx, 'orders');
  const others = functionNames(ctx)
    .filter((name) => theirs.includes(name) || rolesOfFunction(ctx, name).some((role) => !own.includes(role)))
    .filter((name) => name !== 'orders');
  return { deployer, own, others, reached: await rolesWithin(ctx, deployer) };
}

/** Code and settings of the pipeline get the role of orders, and nothing that leads to other rights. */
export async function onlyItsOwnRole(ctx: CheckContext): Promise<Outcome> {
  const { deployer, own, others, reached } = await reach(ctx);
  const forbidden = new Map(others.flatMap((name) => rolesOfFunction(ctx, name).map((role) => [role, name] as const)));
  const admin = ctx.outputs['administrator role']!;
  for (const { role, how, decision } of reached) {
    const of = forbidden.get(role.arn);
    if (own.includes(role.arn) && !of) continue;
    if (!of && role.arn !== admin) continue;
    ctx.note(`${role.roleName}: ${how}`, 'succeeded', decision.because);
    return fail(`deployer can act as ${role.roleName}${of ? `, the role of ${of}` : ''}: ${how}${byWhat(decision)}`);
  }
  const guises: Guise[] = [deployer, ...reached.map(({ guise }) => guise)];
  const granting = grantingPower(ctx, guises);
  if (granting) {
    notePower(ctx, granting);
    return fail(
      `${granting.who} may call ${granting.action} on ${granting.resource}, and so give itself other rights${byWhat(granting.decision)}`,
    );
  }
  const names = reached.map(({ role }) => role.roleName);
  ctx.note(`deployer acts as ${names.join(', ') || 'no role'}, and gives nobody rights`, 'denied');
  return pass(
    names.length === 0 ? 'deployer can act as no role' : `the only roles that deployer can act as: ${names.join(', ')}`,
  );
}

/** Nothing that the pipeline can act as changes, starts, opens or retags a function of another team. */
export async function otherFunctionsAreOutOfReach(ctx: CheckContext): Promise<Outcome> {
  const { deployer, others, reached } = await reach(ctx);
  // What a role of another team may do is the finding of the check on roles.
  const foreign = new Set(others.flatMap((name) => rolesOfFunction(ctx, name)));
  const mine = reached.filter(({ role }) => !foreign.has(role.arn)).map(({ guise }) => guise);
  const writes = await functionWrites();
  const power = powerOver(ctx, [deployer, ...mine], others, writes);
  if (power) {
    notePower(ctx, power);
    const when = Object.entries(power.choice).map(([key, value]) => `${key} is ${value}`);
    return fail(
      `${power.who} may call ${power.action} on ${power.resource}${when.length > 0 ? `, when ${when.join(' and ')},` : ''}${byWhat(power.decision)}`,
    );
  }
  ctx.note(`${writes.length} calls that change or start functions, on ${others.join(', ')}`, 'denied');
  return pass(`deployer is refused all ${writes.length} calls that change or start ${others.join(' and ')}`);
}
