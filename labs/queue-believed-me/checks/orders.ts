import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type CheckContext, fail, type Outcome, pass, recall } from '../../../server/kit.ts';
import { type Forgery, forgeries } from '../forgeries.ts';
import { arnOf, urlOf } from '../queues.ts';
import { withEachReader } from '../readers.ts';
import { centsOf, goodOrder, type Order, one, shopOf, warehouse } from '../shop.ts';

/** Everything that the shop sells, ordered by customers and by staff. */
export async function ordersAreDispatched(ctx: CheckContext): Promise<Outcome> {
  const orders = [
    ...shopOf(ctx.gradeId).products.map(({ sku }) => goodOrder(ctx, 'customer', sku)),
    ...[1, 20].map((quantity) => ({ ...goodOrder(ctx), quantity })),
    ...[1, 7].map((quantity) => ({ ...goodOrder(ctx, 'staff'), quantity })),
  ];
  await place(ctx, orders.slice(0, 1).map(text));
  await ctx.settle();
  await place(ctx, orders.slice(1).map(text));
  await hour(ctx, async () => orders.every(({ order }) => of(ctx, order).length > 0));
  const wrong = orders.map((order) => misjudged(ctx, order)).find((each) => each !== undefined);
  return wrong ? fail(`${wrong}${ctx.lastFailure()}`) : pass(`${orders.length} good orders were sent out once each`);
}

/** Good orders in one batch with bad ones are sent out once, and are no dead letters. */
export const goodOrdersSurvive = (ctx: CheckContext): Promise<Outcome> => withEachReader(ctx, false, () => mixed(ctx));

async function mixed(ctx: CheckContext): Promise<Outcome> {
  const { good, letters } = await mixedBatch(ctx);
  for (const order of good) {
    const wrong = misjudged(ctx, order);
    if (wrong) return fail(`in a batch with bad orders ${wrong}`);
    if (letters.some((body) => body.includes(order.order)))
      return fail(`a good order that came in a batch with bad ones ended in ${nameOf(ctx)} too`);
  }
  return pass(`${good.length} good orders in one batch with bad ones were sent out once each`);
}

/** What is not sent out waits for the fraud desk. */
export const badOrdersAreKept = (ctx: CheckContext): Promise<Outcome> => withEachReader(ctx, false, () => kept(ctx));

async function kept(ctx: CheckContext): Promise<Outcome> {
  const groups = forgeries(ctx);
  for (const group of groups) {
    await place(
      ctx,
      group.map(({ body }) => body),
    );
    await ctx.settle();
  }
  const all = groups.flat();
  const letters = await waitForLetters(ctx, all);
  const lost = all.find(({ mark }) => !letters.some((body) => body.includes(mark)));
  return lost
    ? fail(`an order ${lost.family} was not in ${nameOf(ctx)} an hour after the shop had sent it`)
    : pass(`fraud-desk found all ${all.length} bad orders in ${nameOf(ctx)}`);
}

/** Ten messages at once, as one batch of the function: the first and the last are bad. */
async function mixedBatch(ctx: CheckContext): Promise<{ good: Order[]; letters: string[] }> {
  const [prices, people, goods, shapes] = forgeries(ctx) as [Forgery[], Forgery[], Forgery[], Forgery[]];
  const bad = [shapes, prices, people, goods, shapes, people].map((group) => {
    const picked = one(ctx.random, group);
    group.splice(group.indexOf(picked), 1);
    return picked;
  });
  const good = [goodOrder(ctx), goodOrder(ctx, 'staff'), goodOrder(ctx), goodOrder(ctx)];
  const [a, b, c, d, e, f] = bad.map(({ body }) => body);
  const [w, x, y, z] = good.map(text);
  await place(ctx, [a!, w!, b!, x!, c!, d!, y!, e!, z!, f!]);
  return { good, letters: await waitForLetters(ctx, bad) };
}

/** What the fraud desk reads until all of these are there, or the hour is over. */
async function waitForLetters(ctx: CheckContext, bad: Forgery[]): Promise<string[]> {
  const letters: string[] = [];
  await hour(ctx, async () => {
    letters.push(...(await deadLetters(ctx)));
    return bad.every(({ mark }) => letters.some((body) => body.includes(mark)));
  });
  return letters;
}

/** As the web shop. */
async function place(ctx: CheckContext, bodies: string[]): Promise<void> {
  await ctx
    .user('web-shop')
    .client(SQSClient)
    .send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf(ctx, arnOf(ctx, ctx.outputs.queue!)),
        Entries: bodies.map((MessageBody, i) => ({ Id: `m${i}`, MessageBody })),
      }),
    );
}

/** Lets an hour pass by minutes, until what is waited for is there. */
async function hour(ctx: CheckContext, done: () => Promise<boolean>): Promise<void> {
  await ctx.settle();
  for (let minutes = 0; minutes < 60 && !(await done()); minutes += 2) {
    ctx.advance(2 * 60_000);
    await ctx.settle();
  }
}

/** As the fraud desk. */
async function deadLetters(ctx: CheckContext): Promise<string[]> {
  const sqs = ctx.user('fraud-desk').client(SQSClient);
  const found: string[] = [];
  for (let calls = 0; calls < 5; calls++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf(ctx, arnOf(ctx, nameOf(ctx))), MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    found.push(...Messages.map(({ Body }) => Body!));
  }
  return found;
}

const of = (ctx: CheckContext, order: string) => recall(ctx, warehouse).filter((each) => each.order === order);

/** What the warehouse was told wrong about a good order. */
function misjudged(ctx: CheckContext, order: Order): string | undefined {
  const made = of(ctx, order.order);
  const kind = `a good order of a ${order.role === 'staff' ? 'member of staff' : 'customer'}`;
  if (made.length === 0) return `${kind} was not sent out`;
  if (made.length > 1) return `${kind} was sent out ${made.length} times`;
  const [{ sku, quantity, cents, customer }] = made as [{ [key: string]: unknown }];
  if (sku !== order.sku || quantity !== order.quantity || customer !== order.customer)
    return `${kind} was sent out with another product, quantity or customer`;
  return cents === centsOf(order)
    ? undefined
    : `${kind} was charged ${String(cents)} cents instead of ${centsOf(order)}`;
}

const text = (order: Order): string => JSON.stringify(order);
const nameOf = (ctx: CheckContext): string => ctx.outputs['dead letters']!;
