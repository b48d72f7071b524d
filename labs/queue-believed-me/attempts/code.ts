/** The code of the function as learners write it. */

const head = `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
const db = new DynamoDBClient({});
const get = async (TableName, Key) => (await db.send(new GetItemCommand({ TableName, Key }))).Item;
async function dispatch(goods) {
  const response = await fetch(process.env.WAREHOUSE_URL + '/dispatches', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.WAREHOUSE_TOKEN },
    body: JSON.stringify(goods),
  });
  if (!response.ok) throw new Error('the warehouse answered ' + response.status);
}
`;

/** Everything that the task says of a good order. */
export const check = `async function checked(body) {
  const order = JSON.parse(body);
  const { customer, role, sku, quantity, price } = order ?? {};
  if (typeof customer !== 'string' || typeof sku !== 'string') throw new Error('no customer or product');
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 20) throw new Error('odd quantity');
  const [product, member] = await Promise.all([
    get(process.env.CATALOGUE, { sku: { S: sku } }),
    get(process.env.MEMBERS, { customer: { S: customer } }),
  ]);
  if (!product || price !== Number(product.price.N)) throw new Error('not our price');
  if (!member || role !== member.role.S) throw new Error('not their role');
  return { order: order.order, customer, sku, quantity, shelf: product.shelf.S, cents: (price * quantity) / (role === 'staff' ? 2 : 1) };
}
`;

const partial = `export const handler = async (event) => {
  const batchItemFailures = [];
  for (const { messageId, body } of event.Records) {
    try {
      await dispatch(await checked(body));
    } catch (error) {
      console.error(JSON.stringify({ messageId, refused: error.message }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
`;

/** Checks each order, and tells which failed. */
export const reference = head + check + partial;

/** As the reference, with something else in the check. */
export function weaker(from: string, to: string): string {
  if (!reference.includes(from)) throw new Error(`the code has no ${from}`);
  return reference.replace(from, () => to);
}

/** The first bad order fails the whole batch. */
export const throwing = `${head}${check}export const handler = async (event) => {
  for (const { body } of event.Records) await dispatch(await checked(body));
};
`;

/** All are tried, then the batch fails if one did. */
export const throwingAtTheEnd = `${head}${check}export const handler = async (event) => {
  const results = await Promise.allSettled(event.Records.map(async ({ body }) => dispatch(await checked(body))));
  const failed = results.filter(({ status }) => status === 'rejected');
  if (failed.length > 0) throw new AggregateError(failed.map(({ reason }) => reason), 'some orders failed');
};
`;

/** Bad ones are logged, and gone. */
export const swallowing = `${head}${check}export const handler = async (event) => {
  for (const { body } of event.Records)
    try { await dispatch(await checked(body)); } catch (error) { console.error('refused', error.message); }
};
`;

const toQueue = `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
const sqs = new SQSClient({});
const put = (QueueUrl, MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
`;

/** Puts bad orders into the dead-letter queue itself; what else fails is tried again. */
export const settingAside = `${toQueue}${head}${check}export const handler = async (event) => {
  await Promise.all(event.Records.map(async ({ body, messageId }) => {
    let goods;
    try { goods = await checked(body); } catch (error) {
      return put(process.env.DEAD, JSON.stringify({ messageId, reason: error.message, message: body }));
    }
    await dispatch(goods);
  }));
};
`;

/** In front of the old function: passes on what is good. */
export const intake = `${toQueue}${head}${check}export const handler = async (event) => {
  const batchItemFailures = [];
  await Promise.all(event.Records.map(async ({ body, messageId: itemIdentifier }) => {
    try { await checked(body); await put(process.env.NEXT, body); } catch { batchItemFailures.push({ itemIdentifier }); }
  }));
  return { batchItemFailures };
};
`;

/** In an older style: the whole tables are read once for each batch, and compared. */
export const tables = `const { DynamoDB } = require('@aws-sdk/client-dynamodb');
const db = new DynamoDB({});
class Bad extends Error {}
const must = (holds, what) => { if (!holds) throw new Bad(what); };
exports.handler = async function (event) {
  const read = async (table) => (await db.scan({ TableName: table })).Items;
  const prices = new Map((await read('catalogue')).map((p) => [p.sku.S, { cents: +p.price.N, shelf: p.shelf.S }]));
  const roles = new Map((await read('members')).map((m) => [m.customer.S, m.role.S]));
  const failures = [];
  for (const record of event.Records) {
    try {
      const o = JSON.parse(record.body);
      must(o !== null && typeof o === 'object' && !Array.isArray(o), 'shape');
      must(Object.keys(o).sort().join() === 'customer,order,price,quantity,role,sku', 'members');
      must(/^o-[0-9a-f]{12}$/.test(o.order), 'id');
      must(prices.has(o.sku) && prices.get(o.sku).cents === o.price, 'price');
      must(roles.has(o.customer) && roles.get(o.customer) === o.role, 'role');
      must(Number.isSafeInteger(o.quantity) && o.quantity > 0 && o.quantity <= 20, 'quantity');
      const cents = o.role === 'staff' ? o.price * o.quantity * 0.5 : o.price * o.quantity;
      const answer = await fetch(process.env.WAREHOUSE_URL + '/dispatches', { method: 'POST',
        headers: { authorization: 'Bearer ' + process.env.WAREHOUSE_TOKEN },
        body: JSON.stringify({ order: o.order, customer: o.customer, sku: o.sku, quantity: o.quantity, cents, shelf: prices.get(o.sku).shelf }) });
      must(answer.ok, 'warehouse ' + answer.status);
    } catch (e) {
      console.warn(record.messageId, e.message);
      failures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures: failures };
};
`;
