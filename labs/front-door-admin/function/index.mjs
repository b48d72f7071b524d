import { DeleteItemCommand, DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient({});
const TableName = process.env.TABLE;

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const bouquet = ({ id, name, cents }) => ({ id: id.S, name: name.S, cents: Number(cents.N) });

// The shop's pages, and since spring the page on which the owner takes bouquets off sale.
export const handler = async (event) => {
  const method = event.httpMethod ?? event.requestContext?.http?.method;
  const id = event.pathParameters?.id;
  if (method === 'DELETE') {
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
    return answer(200, { deleted: id });
  }
  if (id === undefined) {
    const { Items } = await dynamodb.send(new ScanCommand({ TableName }));
    return answer(200, Items.map(bouquet));
  }
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
  return Item ? answer(200, bouquet(Item)) : answer(404, { message: 'no such bouquet' });
};
