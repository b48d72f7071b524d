import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fold from 'deep-fold';
import barcode from 'ticket-barcode';

const db = new DynamoDBClient({});
const TableName = process.env.ORDERS;
const wishes = { language: 'en', notify: { email: true, sms: false } };

/** POST /returns {"order", "wishes", "barcode"}: somebody wants to give a ticket back. */
export async function handler(event) {
  const request = JSON.parse(event.body ?? '{}');
  const Key = { order: { S: String(request.order) } };
  const { Item } = await db.send(new GetItemCommand({ TableName, Key }));
  if (!Item) return answer(404, { error: 'no such order' });

  const settings = fold(fold({}, wishes), request.wishes ?? {});
  const decision = {};
  if (Item.concert.S === 'cancelled') decision.refund = true;
  // Everything else is looked at by a person.
  const state = decision.refund ? 'refunded' : 'waiting';
  await db.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #state = :state',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':state': { S: state } },
    }),
  );
  return answer(200, { order: request.order, state, wishes: settings, barcode: barcode(request.order, request.barcode) });
}

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
