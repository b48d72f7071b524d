import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Actor, type CheckContext, fail, hex, type Outcome, pass, recall } from '../../server/kit.ts';
import { forgeries } from './forgeries.ts';
import { queuesOf } from './queues.ts';
import { withEachReader } from './readers.ts';
import { goodOrder, warehouse } from './shop.ts';

/** First as a stranger; where the queue refuses strangers, as a customer whose order the shop passes on. */
export async function orderForNothing(ctx: CheckContext): Promise<Outcome> {
  const stranger = await orderAsStranger(ctx);
  return stranger.passed ? stranger : forgeThroughTheShop(ctx);
}

/** Orders that are right in everything but their sender. */
export async function orderAsStranger(ctx: CheckContext): Promise<Outcome> {
  const sent = new Map<string, string>();
  const queues = await queuesOf(ctx);
  const order = (how: string): string => {
    const good = goodOrder(ctx);
    sent.set(good.order, how);
    return JSON.stringify(good);
  };
  const senders: [string, Actor | undefined][] = [
    ['another account', ctx.owner('attacker')],
    ['anybody without credentials', ctx.anonymous()],
    ['the user fraud-desk', await userThere(ctx, 'fraud-desk')],
  ];
  const sns = ctx.owner('attacker').client(SNSClient);
  for (const { name, url: QueueUrl, arn } of queues) {
    for (const [who, actor] of senders) {
      const MessageBody = order(`sent to the queue ${name} by ${who}`);
      if (actor)
        await ctx.attempt(() => actor.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody })));
    }
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `news-${hex(ctx.random, 6)}` }));
    const Attributes = { RawMessageDelivery: 'true' };
    const subscribe = new SubscribeCommand({ TopicArn: TopicArn!, Protocol: 'sqs', Endpoint: arn, Attributes });
    await ctx.attempt(() => sns.send(subscribe));
    const Message = order(`sent to the queue ${name} through a topic of another account`);
    await sns.send(new PublishCommand({ TopicArn: TopicArn!, Message }));
  }
  await quiet(ctx);
  const made = dispatched(ctx, sent);
  return made
    ? pass(`${warehouse} sent out an order ${made}: it was right in everything but its sender`)
    : fail(`none of ${sent.size} orders of strangers was sent out`);
}

/** What a customer can make the shop send: the web server passes on what the browser says. */
export async function forgeThroughTheShop(ctx: CheckContext): Promise<Outcome> {
  const sqs = ctx.user('web-shop').client(SQSClient);
  const queues = await queuesOf(ctx);
  return withEachReader(ctx, true, async () => {
    const sent = new Map<string, string>();
    for (const group of forgeries(ctx)) {
      const Entries = group.map(({ body }, i) => ({ Id: `m${i}`, MessageBody: body }));
      for (const { family, mark } of group) sent.set(mark, family);
      for (const { url: QueueUrl } of queues)
        await ctx.attempt(() => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
      await ctx.settle();
    }
    await quiet(ctx);
    const made = dispatched(ctx, sent);
    if (made) return pass(`${warehouse} sent out an order ${made}, which the web shop had passed on`);
    const unknown = recall(ctx, warehouse)[0];
    return unknown
      ? pass(`${warehouse} sent out the order ${String(unknown.order).slice(0, 40)} although no good order was placed`)
      : fail(`none of ${sent.size} forged messages that the web shop passed on was sent out`);
  });
}

/** Waits for whatever gathers messages or passes them on. */
async function quiet(ctx: CheckContext): Promise<void> {
  await ctx.settle();
  ctx.advance(5 * 60_000);
  await ctx.settle();
}

/** Of several that were sent out, the one that was sent first: which arrives first is chance. */
function dispatched(ctx: CheckContext, sent: ReadonlyMap<string, string>): string | undefined {
  const made = recall(ctx, warehouse);
  const first = [...sent].find(([mark]) => made.some(({ order }) => order === mark));
  const dispatch = first && made.find(({ order }) => order === first[0]);
  return (
    first &&
    `${first[1]} (${String(dispatch!.quantity)} of ${String(dispatch!.sku)} for ${String(dispatch!.cents)} cents)`
  );
}

/** Undefined where the account does not have the user any more: who is gone sends nothing. */
async function userThere(ctx: CheckContext, name: string): Promise<Actor | undefined> {
  const actor = await ctx.attempt(async () => ctx.user(name));
  return actor.ok ? actor.value : undefined;
}
