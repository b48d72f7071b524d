import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type CheckContext, fail, type Outcome, pass } from '../../server/kit.ts';
import { buy, nameOf, runsOn, served, untilPatched } from './theatre.ts';

/** Enough that each of two versions answers, whatever chance says. */
const tries = 16;

/**
 * A hole in the runtime is patched, and published; some weeks later somebody knocks at every shop for those that still
 * have it. Which runtime has answered, the log of the function says.
 */
export async function knock(ctx: CheckContext): Promise<Outcome> {
  const versions = await ctx.attempt(() => served(ctx));
  if (!versions.ok) return fail(`nothing answers for tickets:prod: ${versions.message}`);
  const before = versions.value.map((version) => ({ name: nameOf(version), ...runsOn(ctx, version) }));
  const holes = new Map(before.flatMap(({ patch }) => (patch ? [[patch.arn, patch] as const] : [])));
  ctx.advance(untilPatched);
  const customer = ctx.user('box-office');
  for (let i = 0; i < tries; i++) await ctx.attempt(() => buy(ctx, customer));
  await ctx.settle();
  const logs = ctx.admin().client(CloudWatchLogsClient);
  const started = await ctx.attempt(() =>
    logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/tickets', filterPattern: 'INIT_START' })),
  );
  if (!started.ok) return fail('nothing has answered for tickets:prod');
  for (const { message = '', logStreamName = '' } of started.value.events ?? []) {
    const [arn] = /arn:aws:lambda:[a-z0-9-]+::runtime:[0-9a-f]+/.exec(message) ?? [];
    const patch = arn === undefined ? undefined : holes.get(arn);
    const version = /\[([^\]]+)\]/.exec(logStreamName)?.[1];
    ctx.note(`log of tickets:${version}: ${message.trim().slice(0, 120)}`, patch ? 'succeeded' : 'denied');
    if (patch)
      return pass(
        `100 days on, a request to tickets:prod was still answered by tickets:${version} on ${patch.name}, released on ${patch.released}`,
      );
  }
  return fail('100 days on, every request to tickets:prod was answered on a runtime with later patches');
}
