import { type CheckContext, fail, type Outcome, pass } from '../../../server/kit.ts';
import { wait } from '../attack.ts';
import { alarm, fileName, misjudged, putReadings, readings, sendAlarms, tidyFile } from '../weirs.ts';

/** One alarm alone, then a batch. */
export async function alarmsArePaged(ctx: CheckContext): Promise<Outcome> {
  const alarms = Array.from({ length: 6 }, () => alarm(ctx));
  await sendAlarms(ctx, [JSON.stringify(alarms[0])]);
  await ctx.settle();
  await sendAlarms(
    ctx,
    alarms.slice(1).map((each) => JSON.stringify(each)),
  );
  await wait(ctx, 10, async () => alarms.every((each) => misjudged(ctx, each) === undefined));
  const wrong = alarms.map((each) => misjudged(ctx, each)).find((each) => each !== undefined);
  return wrong ? fail(`an alarm of a gauge ${wrong}${ctx.lastFailure()}`) : pass(`${alarms.length} alarms were paged`);
}

/** Files of two gauges, found by the hydrologist in the order of time. */
export async function filesAreTidied(ctx: CheckContext): Promise<Outcome> {
  for (const name of [fileName(ctx), fileName(ctx)]) {
    const lines = readings(ctx);
    await putReadings(ctx, name, `${lines.join('\n')}\n`);
    await wait(ctx, 10, async () => (await tidyFile(ctx, name)) !== undefined);
    const tidy = await tidyFile(ctx, name);
    if (tidy === undefined)
      return fail(`the hydrologist finds readings/${name} in neither tidy/ nor readings/tidy/${ctx.lastFailure()}`);
    if (tidy.trim() !== lines.toSorted().join('\n')) return fail(`the tidy copy of readings/${name} has other lines`);
  }
  return pass('the hydrologist finds tidy copies of the files of two gauges');
}
