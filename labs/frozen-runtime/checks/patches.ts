import { type CheckContext, fail, type Outcome, pass } from '../../../server/kit.ts';
import { nameOf, runsOn, served, untilPatched } from '../theatre.ts';

/** Whatever prod serves has the patches of today. */
export async function patchedToday(ctx: CheckContext): Promise<Outcome> {
  const versions = await served(ctx);
  for (const version of versions) {
    const { patch, newest } = runsOn(ctx, version);
    if (!patch || !newest) return fail(`${nameOf(version)} runs on something that is no ${version.Runtime}`);
    ctx.note(`${nameOf(version)} runs on ${patch.name}`, patch.released < newest.released ? 'succeeded' : 'denied');
    if (patch.released < newest.released)
      return fail(
        `prod serves ${nameOf(version)}, which runs on ${patch.name} of ${patch.released}; ${newest.name} is rolled out everywhere else`,
      );
  }
  return pass(`${versions.map(nameOf).join(' and ')} run on the patches of today`);
}

/** Whatever prod serves gets the next patches without anybody doing anything. */
export async function patchedByItself(ctx: CheckContext): Promise<Outcome> {
  const before = await served(ctx);
  ctx.advance(untilPatched);
  const after = await served(ctx);
  for (const [i, version] of after.entries()) {
    const { patch } = runsOn(ctx, version);
    const old = before[i]!.RuntimeVersionConfig?.RuntimeVersionArn;
    const moved = version.RuntimeVersionConfig?.RuntimeVersionArn !== old;
    ctx.note(`100 days on, ${nameOf(version)} runs on ${patch?.name}`, moved ? 'denied' : 'succeeded');
    if (!moved)
      return fail(
        `100 days on, prod serves ${nameOf(version)} on the same ${patch?.name ?? 'runtime'} as today: no patch of ${version.Runtime} has reached it`,
      );
  }
  return pass(`100 days on, ${after.map(nameOf).join(' and ')} have later patches than today`);
}
