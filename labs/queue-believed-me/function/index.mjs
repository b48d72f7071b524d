import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const db = new DynamoDBClient({});

// Called by SQS with up to ten orders of the shop: each one is charged and sent out by the warehouse.
export const handler = async (event) => {
  for (const record of event.Records) {
    const { order, customer, role, sku, quantity, price } = JSON.parse(record.body);
    const { Item: product } = await db.send(
      new GetItemCommand({ TableName: process.env.CATALOGUE, Key: { sku: { S: sku } } }),
    );
    // Staff pay half.
    const cents = role === 'staff' ? (price * quantity) / 2 : price * quantity;
    await dispatch({ order, customer, sku, quantity, cents, shelf: product?.shelf.S ?? 'unknown' });
  }
};

async function dispatch(goods) {
  const response = await fetch(`${process.env.WAREHOUSE_URL}/dispatches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.WAREHOUSE_TOKEN}` },
    body: JSON.stringify(goods),
  });
  if (!response.ok) throw new Error(`the warehouse answered ${response.status}: ${await response.text()}`);
  console.log(JSON.stringify({ dispatched: goods.order, cents: goods.cents }));
}
