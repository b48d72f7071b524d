import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type CheckContext, digits, fail, type Outcome, pass, tableRow } from '../../../server/kit.ts';
import { type FunctionName, fresh, paidOrder, readers } from '../shop.ts';

/** The shop's site places an order and looks at it; the warehouse finds it in its queue. */
export async function ordersArePlaced(ctx: CheckContext): Promise<Outcome> {
  const order = { orderId: fresh(ctx, 'o'), item: fresh(ctx, 'Dahlias'), cents: 1000 + Number(digits(ctx.random, 3)) };
  const placed = await call(ctx, 'shop-site', 'orders', { action: 'place', ...order });
  if (placed.orderId !== order.orderId) return fail(`orders does not place an order: ${told(ctx, placed)}`);
  const seen = await call(ctx, 'shop-site', 'orders', { action: 'look', orderId: order.orderId });
  if (seen.item !== order.item || seen.cents !== order.cents)
    return fail(`orders does not read back what it placed: ${told(ctx, seen)}`);
  const packed = (await received(ctx, 'warehouse', 'packing')).find(({ orderId }) => orderId === order.orderId);
  if (packed?.item !== order.item) return fail('the order that shop-site placed is not in the queue packing');
  return pass('an order was placed, read back, and reached the warehouse');
}

/** The support desk pays back a part of an order, and not more than was paid; the bookkeeper sees it. */
export async function refundsArePaid(ctx: CheckContext): Promise<Outcome> {
  const orderId = String(paidOrder(ctx).orderId);
  const cents = 100 + Number(digits(ctx.random, 3));
  const refund = { refundId: fresh(ctx, 'r'), orderId, cents };
  const paid = await call(ctx, 'support-desk', 'refunds', refund);
  if (paid.refundId !== refund.refundId || tableRow(ctx, 'refunds', { refundId: refund.refundId })?.cents !== cents)
    return fail(`refunds does not pay a refund: ${told(ctx, paid)}`);
  const refused = fresh(ctx, 'r');
  await call(ctx, 'support-desk', 'refunds', { refundId: refused, orderId, cents: 1_000_000 + cents });
  if (tableRow(ctx, 'refunds', { refundId: refused })) return fail('refunds pays back more than an order has cost');
  const books = await ctx.attempt(() =>
    ctx
      .user('bookkeeper')
      .client(DynamoDBClient)
      .send(new ScanCommand({ TableName: 'refunds' })),
  );
  if (!books.ok) return fail(`bookkeeper cannot read the table refunds: ${books.message}`);
  if (!books.value.Items?.some((row) => row.refundId?.S === refund.refundId))
    return fail('bookkeeper does not see the refund in the table refunds');
  return pass('a refund was paid, one that was too high was not, and the bookkeeper saw it');
}

/** The agency looks at a preview and sends an issue; each reader gets a mail. */
export async function theNewsletterGoesOut(ctx: CheckContext): Promise<Outcome> {
  const words = fresh(ctx, 'peonies');
  const template = `Dear {{ name }}, ${words} in {{ city }}!`;
  const preview = await call(ctx, 'agency', 'newsletter', { action: 'preview', template });
  if (preview.text !== `Dear Ada, ${words} in Ghent!`)
    return fail(`newsletter does not answer a preview: ${told(ctx, preview)}`);
  const sent = await call(ctx, 'agency', 'newsletter', { action: 'send', template });
  const mails = await received(ctx, 'mail-service', 'mail-out');
  for (const { email, name, city } of readers(ctx))
    if (!mails.some(({ to, text }) => to === email && text === `Dear ${name}, ${words} in ${city}!`))
      return fail(`the queue mail-out has no mail to a subscriber after newsletter sent: ${told(ctx, sent)}`);
  return pass(`a preview was shown, and ${readers(ctx).length} subscribers got the issue`);
}

type Answer = Record<string, unknown>;

async function call(ctx: CheckContext, user: string, FunctionName: FunctionName, event: object): Promise<Answer> {
  const answer = await ctx.attempt(() =>
    ctx
      .user(user)
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) })),
  );
  if (!answer.ok) return { error: `${user} gets ${answer.code}: ${answer.message}` };
  await ctx.settle();
  const said: unknown = JSON.parse(Buffer.from(answer.value.Payload ?? []).toString() || 'null');
  return said && typeof said === 'object' ? (said as Answer) : { error: said };
}

const told = (ctx: CheckContext, answer: Answer): string => JSON.stringify(answer).slice(0, 200) + ctx.lastFailure();

/** Takes the messages of a queue, as its reader does: a few at a time. */
async function received(ctx: CheckContext, user: string, QueueName: string): Promise<Answer[]> {
  const sqs = ctx.user(user).client(SQSClient);
  const found = await ctx.attempt(async () => {
    const QueueUrl = `https://sqs.${ctx.region}.amazonaws.com/${ctx.account().id}/${QueueName}`;
    const bodies: Answer[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) break;
      for (const { Body, ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body!) as Answer);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: ReceiptHandle! }));
      }
    }
    return bodies;
  });
  return found.ok ? found.value : [];
}
