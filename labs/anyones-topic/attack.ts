import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  type CheckContext,
  fail,
  functionsOf,
  hex,
  type Outcome,
  pass,
  queuesFeeding,
  recall,
  topicTargets,
} from '../../server/kit.ts';
import { bank, payment } from './bank.ts';
import { leadingTopics, queueUrl } from './doors.ts';

/** Topics of a foreign account, one of them named as the company's, send forged payments to everything that leads to the bank. */
export async function forgePayments(ctx: CheckContext): Promise<Outcome> {
  const attacker = ctx.owner('attacker');
  const sns = attacker.client(SNSClient);
  const functions = (await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':'));
  const behind = await ctx.attempt(() => topicTargets(ctx, ctx.outputs.topic!));
  const queues = [...new Set([...(await queuesFeeding(ctx)), ...(behind.ok ? behind.value.queues : [])])];
  const targets = [...new Set([...functions, ...(behind.ok ? behind.value.functions : [])])];
  const forged = new Map<string, string>();
  for (const queue of queues) {
    const name = queue.split(':').at(-1)!;
    const QueueUrl = queueUrl(ctx, queue);
    for (const wrap of [
      (Message: string) => Message,
      (Message: string) => JSON.stringify({ Type: 'Notification', TopicArn: ctx.outputs.topic, Message }),
    ]) {
      const fake = payment(ctx);
      forged.set(fake.reference, `sent to the queue ${name} by another account`);
      const MessageBody = wrap(JSON.stringify(fake));
      await ctx.attempt(() => attacker.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody })));
      // One by one: a message in a form that the function does not read would spoil its batch for the others.
      await ctx.settle();
    }
  }
  for (const name of [`payments-${hex(ctx.random, 4)}`, ctx.outputs.topic!.split(':').at(-1)!]) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
    for (const Endpoint of targets)
      await ctx.attempt(() => sns.send(new SubscribeCommand({ TopicArn: TopicArn!, Protocol: 'lambda', Endpoint })));
    for (const Endpoint of queues)
      await ctx.attempt(() => sns.send(new SubscribeCommand({ TopicArn: TopicArn!, Protocol: 'sqs', Endpoint })));
    const fake = payment(ctx);
    forged.set(fake.reference, `through a topic of another account, ${TopicArn}`);
    await sns.send(new PublishCommand({ TopicArn: TopicArn!, Message: JSON.stringify(fake) }));
  }
  for (const TopicArn of new Set([ctx.outputs.topic!, ...(await leadingTopics(ctx))])) {
    const direct = payment(ctx);
    forged.set(direct.reference, `published to the topic ${TopicArn.split(':').at(-1)} by another account`);
    await ctx.attempt(() => sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(direct) })));
  }
  await ctx.settle();
  // Of several that arrived, the one that was sent first: which arrives first is chance, and a grade is to be repeatable.
  const transfers = recall(ctx, bank);
  const first = [...forged.keys()].find((sent) => transfers.some(({ reference }) => reference === sent));
  const made = transfers.find(({ reference }) => reference === first && first !== undefined);
  if (made)
    return pass(
      `${bank} transferred ${Number(made.cents) / 100} to ${made.to} for a forged payment ${forged.get(String(made.reference))}`,
    );
  return fail(`none of ${forged.size} forged payments from another account reached ${bank}`);
}
