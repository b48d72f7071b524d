import { type CheckContext, fail, hex, inOneBatch, type Outcome, pass } from '../../../server/kit.ts';
import { harmfulNames } from '../names.ts';
import { boardNow, fill, rename, score } from '../race.ts';

/** Names and points come to the board as they were given, in one batch with a harmful name that was stored before. */
export async function showsNames(ctx: CheckContext, names: string[]): Promise<Outcome> {
  // The last one has no points yet.
  const wanted = names.map((name, i) => ({
    racer: `r-${hex(ctx.random, 6)}`,
    name,
    points: i < names.length - 1 ? 20 + i : 0,
  }));
  const families = harmfulNames(ctx);
  const { name: harmful } = families[ctx.random.bytes(1)[0]! % families.length]!;
  await fill(ctx, ctx.outputs.table!, ctx.gradeId, [{ racer: 'r-70', name: harmful, points: 1 }]);
  let problem: string | undefined;
  const isStream = (arn: string): boolean => arn.includes(`:table/${ctx.outputs.table}/stream/`);
  await inOneBatch(ctx, isStream, async () => {
    await score(ctx, 'r-70', 2);
    for (const { racer, name, points } of wanted) {
      const said = await rename(ctx, racer, name);
      if (!said.includes('"saved":true')) problem ??= `profile does not save the name ${name}: ${said.slice(0, 200)}`;
      const counted = points > 0 ? await score(ctx, racer, points) : undefined;
      if (counted && !counted.ok) problem ??= `timing cannot count points in ${ctx.outputs.table}: ${counted.code}`;
    }
  });
  if (problem) return fail(problem);
  const { board } = await boardNow(ctx);
  for (const { racer, name, points } of wanted) {
    const row = board.get(racer);
    if (!row) return fail(`the racer ${name} is not on the board${ctx.lastFailure()}`);
    if (row.name !== name) return fail(`the racer ${name} is called ${row.name} on the board`);
    if (row.points !== points) return fail(`the racer ${name} has ${row.points} points on the board, not ${points}`);
  }
  return pass(`${names.join(', ')} are on the board, with their points`);
}
