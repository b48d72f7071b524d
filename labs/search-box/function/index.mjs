import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';

const db = new RDSDataClient({});

// GET /products?q=tea&max=12.50&sort=price desc: called by API Gateway for the search form of the shop.
export const handler = async (event) => {
  const { q, max, sort } = event.queryStringParameters ?? {};

  let sql = `SELECT sku, name, price FROM products WHERE published = 1 AND name LIKE '%${q ?? ''}%'`;
  if (max) sql += ` AND price <= ${max}`;
  sql += ` ORDER BY ${sort || 'name'} LIMIT 50`;

  try {
    const { formattedRecords } = await db.send(
      new ExecuteStatementCommand({
        resourceArn: process.env.CLUSTER_ARN,
        secretArn: process.env.SECRET_ARN,
        database: 'shop',
        sql,
        formatRecordsAs: 'JSON',
      }),
    );
    return answer(200, { products: JSON.parse(formattedRecords) });
  } catch (error) {
    console.error(JSON.stringify({ sql, error: error.message }));
    return answer(500, { error: error.message });
  }
};

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
