import { type CheckContext, fail, functionsOf, type Outcome, pass } from '../../server/kit.ts';
import { bucketsOf } from './billing.ts';
import { theft } from './thief.ts';

/** A thief takes the credentials of each function again, and makes the calls of that night from somewhere else. */
export async function repeatTheTheft(ctx: CheckContext): Promise<Outcome> {
  const steps = theft(bucketsOf(ctx), ctx.region, ctx.account().id);
  const through: string[] = [];
  const seen = new Set<string>();
  for (const { arn, roleArn } of await functionsOf(ctx, { allVersions: true })) {
    if (seen.has(roleArn)) continue;
    seen.add(roleArn);
    const thief = ctx.code(arn, roleArn);
    for (const { service, operation, send } of steps)
      if ((await ctx.attempt(() => send(thief))).ok) through.push(`${service}:${operation}`);
  }
  return through.length > 0
    ? pass(`with stolen credentials, calls of that night succeed: ${through.slice(0, 5).join(', ')}`)
    : fail(`with stolen credentials, each of the ${steps.length} calls of that night is refused`);
}
