import { type CheckContext, fail, hex, inOneBatch, type Outcome, pass } from '../../../server/kit.ts';
import { delivered, order, readOnline, reports } from '../reports.ts';

const latest = 'latest/Weekly prices, no. 47.txt';
const plain = ['2026/harvest.txt', 'index.txt', latest];
const contentOf = (file: string): string => reports[file.replace(/^latest\//, '2026/11/')]!;

export const reportsAreRead = (ctx: CheckContext): Promise<Outcome> => read(ctx, plain);
export const unusualNamesAreRead = (ctx: CheckContext): Promise<Outcome> =>
  read(
    ctx,
    Object.keys(reports).filter((file) => !plain.includes(file)),
  );

async function read(ctx: CheckContext, files: string[]): Promise<Outcome> {
  for (const file of files) {
    const { status, text } = await readOnline(ctx, `file=${encodeURIComponent(file)}`);
    if (status !== 200 || text !== contentOf(file))
      return fail(`GET /report?file=${file} answers ${status} ${text.slice(0, 80)}, and not the report`);
  }
  const missing = `2026/none-${hex(ctx.random, 4)}.txt`;
  const { status } = await readOnline(ctx, `file=${missing}`);
  if (status !== 404) return fail(`GET /report?file=${missing}, which there is not, answers ${status} and not 404`);
  return pass(`${files.length} reports are read online`);
}

export async function reportsAreDelivered(ctx: CheckContext): Promise<Outcome> {
  const orders = [...Object.keys(reports), latest].map((file) => ({ file, id: `o-${hex(ctx.random, 5)}` }));
  const isQueue = (arn: string): boolean => arn.endsWith(`:${ctx.outputs.queue}`);
  await inOneBatch(ctx, isQueue, async () => {
    // An order of what there is not, before all others, holds nobody up.
    await order(ctx, '2026/none.txt', `o-${hex(ctx.random, 5)}`);
    for (const { file, id } of orders) await order(ctx, file, id);
  });
  for (const { file, id } of orders) {
    const got = await delivered(ctx, id);
    if (got !== contentOf(file))
      return fail(`the order of ${file} was not delivered as orders/${id}${ctx.lastFailure()}`);
  }
  return pass(`${orders.length} ordered reports were delivered`);
}
