import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { surcharge } from '/opt/nodejs/rates.mjs';

const db = new DynamoDBClient({});

// What carrying some kilos costs a customer: { customer, kilos } → { customer, cents }. Each customer has a price of their own.
export const handler = async ({ customer, kilos }) => {
  const Key = { customer: { S: String(customer) } };
  const { Item } = await db.send(new GetItemCommand({ TableName: 'contracts', Key }));
  if (!Item) return { customer, error: 'no contract' };
  return { customer, cents: Number(Item.cents.N) * kilos + surcharge(kilos) };
};
