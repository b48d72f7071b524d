import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient({});

// The margin of each customer, the worst first.
export const handler = async () => {
  const { Items } = await dynamodb.send(new ScanCommand({ TableName: process.env.TABLE }));
  const customers = new Map();
  for (const { customer, revenue, cost } of Items) {
    const sums = customers.get(customer.S) ?? { customer: customer.S, revenue: 0, cost: 0 };
    sums.revenue += Number(revenue.N);
    sums.cost += Number(cost.N);
    customers.set(customer.S, sums);
  }
  const report = [...customers.values()].map((sums) => ({ ...sums, margin: sums.revenue - sums.cost }));
  report.sort((a, b) => a.margin - b.margin);
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ report }) };
};
