import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type CheckContext, holds } from '../../server/kit.ts';

/** The reports in the layer, what lies beside them, and how subscribers get them. */

const text = (title: string): string => `${title}\nBarley 211.40, oats 198.75 per tonne.\n`;

/** Below `reports/` of the layer. */
export const reports: Record<string, string> = Object.fromEntries(
  [
    '2026/harvest.txt',
    '2026/11/Weekly prices, no. 47.txt',
    '2026/11/Überblick – Gerste.txt',
    '2026/11/穀物.txt',
    '2026/Q3..Q4.txt',
    '2026/..draft rules.txt',
    '2026/50% off, 5%20off & more.txt',
    'index.txt',
  ].map((path) => [path, text(`Report ${path}`)]),
);

/** Links in the layer: one that readers use, and one that a colleague made. */
export const links = { 'reports/latest': '2026/11', 'reports/desk': '../reports-desk' };

/** Beside the reports: what traders pay for. `canary` is in no report. */
export const desk = (canary: string): Record<string, string> => ({
  'reports-desk/positions.txt': `Not before Monday: we sell barley short, ${canary}\n`,
  'reports-desk/2026/calls.txt': `Clients who asked, ${canary}\n`,
});

export interface Answer {
  status: number;
  text: string;
}

/** A reader asks the public address, or another; `query` is as it stands in the address. */
export async function readOnline(
  ctx: CheckContext,
  query: string,
  address = ctx.outputs['report address']!,
): Promise<Answer> {
  const { status, text: body } = await ctx.http(`${address}?${query}`);
  return { status, text: body };
}

/** A subscriber orders by the shop, which puts the order into the queue. */
export async function order(ctx: CheckContext, file: string, id: string): Promise<void> {
  const QueueUrl = `https://sqs.${ctx.region}.amazonaws.com/${ctx.account().id}/${ctx.outputs.queue}`;
  await ctx
    .user('subscribers-shop')
    .client(SQSClient)
    .send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ file, order: id }) }));
}

/** What is in the mailbox for an order; undefined when nothing came. */
export async function delivered(ctx: CheckContext, id: string): Promise<string | undefined> {
  const got = await ctx.attempt(() =>
    ctx
      .user('subscribers-shop')
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: ctx.outputs.mailbox!, Key: `orders/${id}` })),
  );
  return got.ok ? await got.value.Body!.transformToString() : undefined;
}

/** What a text shows that is in no report, as the middle of a sentence. */
export function shown(ctx: CheckContext, answer: string): string | undefined {
  if (holds(answer, ctx.secrets.canary!)) return "the trading desk's papers";
  if (holds(answer, ctx.secrets.token!) || answer.includes('AWS_SECRET_ACCESS_KEY='))
    return "the function's environment";
  if (answer.includes('root:x:0:0:')) return '/etc/passwd';
  if (answer.includes('PRETTY_NAME=')) return '/usr/lib/os-release';
  if (answer.includes('process.env.REPORTS')) return "the function's code";
  return undefined;
}
