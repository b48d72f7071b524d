import {
  byWhat,
  type CheckContext,
  fail,
  functionNames,
  functionWrites,
  grantingPower,
  notePower,
  type Outcome,
  pass,
  powerOver,
  rolesOfFunction,
  rolesWithin,
  userGuise,
} from '../../../server/kit.ts';
import { privileged, tuned } from '../functions.ts';

/** What the tuner does not tune: the two privileged functions, and whatever has been added. */
async function reach(ctx: CheckContext) {
  const tuner = userGuise(ctx, 'tuner');
  const own = new Set(tuned.flatMap((name) => rolesOfFunction(ctx, name)));
  const others = [...new Set([...privileged, ...functionNames(ctx)])].filter((name) => !tuned.includes(name));
  const foreign = new Map(others.flatMap((name) => rolesOfFunction(ctx, name).map((role) => [role, name] as const)));
  return { tuner, own, others, foreign, reached: await rolesWithin(ctx, tuner) };
}

/** Neither the tuner nor the code of what it tunes changes, starts, opens or tags another function. */
export async function neverReconfigured(ctx: CheckContext): Promise<Outcome> {
  const { tuner, others, foreign, reached } = await reach(ctx);
  const mine = reached.filter(({ role }) => !foreign.has(role.arn)).map(({ guise }) => guise);
  const writes = await functionWrites();
  const [settings, ...rest] = writes.toSorted((one, two) => rank(one.action) - rank(two.action));
  const power = powerOver(ctx, [tuner, ...mine], others, [settings!, ...rest]);
  if (power) {
    notePower(ctx, power);
    const when = Object.entries(power.choice).map(([key, value]) => `${key} is ${value}`);
    return fail(
      `${power.who} may call ${power.action} on ${power.resource}${when.length > 0 ? `, when ${when.join(' and ')},` : ''}${byWhat(power.decision)}`,
    );
  }
  ctx.note(`${writes.length} calls that change or start functions, on ${others.join(', ')}`, 'denied');
  return pass(`tuner is refused all ${writes.length} calls that change or start ${others.join(' and ')}`);
}

const rank = (action: string): number => (action === 'lambda:UpdateFunctionConfiguration' ? 0 : 1);

/** Whoever tunes a function can run code in it: its role is all that this may bring. */
export async function tunedFunctionsLeadNowhere(ctx: CheckContext): Promise<Outcome> {
  const { tuner, own, foreign, reached } = await reach(ctx);
  for (const { role, how, decision } of reached) {
    const of = foreign.get(role.arn);
    if (!of) continue;
    ctx.note(`${role.roleName}: ${how}`, 'succeeded', decision.because);
    return fail(`tuner can act as ${role.roleName}, the role of ${of}: ${how}${byWhat(decision)}`);
  }
  const granting = grantingPower(ctx, [tuner, ...reached.map(({ guise }) => guise)]);
  if (granting) {
    notePower(ctx, granting);
    return fail(`${granting.who} may call ${granting.action} on ${granting.resource}${byWhat(granting.decision)}`);
  }
  const names = reached.filter(({ role }) => own.has(role.arn)).map(({ role }) => role.roleName);
  ctx.note(`tuner acts as ${names.join(', ') || 'no role'}, which give nobody rights`, 'denied');
  return pass(`the only roles that tuner can act as give nobody rights: ${names.join(', ')}`);
}
