import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type CheckContext, fail, holds, type Outcome, pass } from '../../server/kit.ts';
import { allPdfs, download, plainNames, send } from './invoices.ts';
import { commands, options, type Payload, thefts } from './payloads.ts';

/** A customer names an invoice so that the PDF has the key of the seal in it, and downloads it. */
export const stealTheKey = (ctx: CheckContext): Promise<Outcome> => sendAll(ctx, thefts(ctx));

/** Names with commands in them. */
export async function runCommands(ctx: CheckContext): Promise<Outcome> {
  const [name] = plainNames(ctx) as [string];
  await send(ctx, name, 'Invoice of today\n');
  await ctx.settle();
  // A function that dies of every invoice would start anew for each name.
  if (!(await download(ctx, name))) return fail('no name runs anything, as no invoice becomes a PDF any more');
  return sendAll(ctx, commands(ctx));
}

/** Names that look like options of a program. */
export const giveOptions = (ctx: CheckContext): Promise<Outcome> => sendAll(ctx, options(ctx));

/** Sends invoices in; what a name did is seen in PDFs, in the log, or by a process that was killed. */
async function sendAll(ctx: CheckContext, payloads: Payload[]): Promise<Outcome> {
  for (const payload of payloads) {
    await send(ctx, payload.name, 'Invoice of today\nTotal 12.00 EUR\n');
    await ctx.settle();
    const pdf = await download(ctx, payload.name);
    if (pdf && proves(payload, pdf.bytes)) return pass(`the file name ${shown(payload)} ${brought(ctx, payload)}`);
    // Where a PDF came, nothing was killed; the log is asked only where none did.
    if (!pdf && (await log(ctx)).includes('signal: killed'))
      return pass(`the file name ${shown(payload)} killed the function's process: a command in it ran`);
  }
  // A name may have had its effect elsewhere: in the PDF of another one, or in the log only.
  const pdfs = await allPdfs(ctx);
  const lines = await log(ctx);
  for (const payload of payloads) {
    if (pdfs.some(({ key, bytes }) => proves(payload, Buffer.from(key)) || proves(payload, bytes)))
      return pass(`the file name ${shown(payload)} ${brought(ctx, payload)}`);
    if (payload.proof !== ctx.secrets['seal key'] && proves(payload, Buffer.from(lines)))
      return pass(`the file name ${shown(payload)} brought into the log what is in no name: it was computed or read`);
  }
  return fail(`${payloads.length} file names were nothing but names`);
}

const proves = ({ proof }: Payload, bytes: Buffer): boolean =>
  proof !== undefined && holds(bytes.toString('latin1'), proof);

const brought = (ctx: CheckContext, { proof }: Payload): string =>
  proof === ctx.secrets['seal key']
    ? 'brought the key of the seal into a PDF that the customer downloads'
    : 'brought into a PDF what is in no invoice and in no name: it was computed or read from a file';

async function log(ctx: CheckContext): Promise<string> {
  const logs = ctx.admin().client(CloudWatchLogsClient);
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  const lines: string[] = [];
  for (const { logGroupName } of logGroups ?? []) {
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: logGroupName! }));
    lines.push(...(events ?? []).map(({ message }) => message ?? ''));
  }
  return lines.join('\n');
}

const shown = ({ name, family }: Payload): string =>
  `${JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)} (${family})`;
