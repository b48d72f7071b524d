import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The code of the search as a learner changes it. */

/** The lab's own code with lines replaced; a line that is not there is an author's mistake. */
export function edited(ctx: SubmissionContext, ...changes: [from: string, to: string][]): string {
  return changes.reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`index.mjs has no ${from}`);
    return code.replace(from, () => to);
  }, ctx.file('function/index.mjs'));
}

export async function upload(ctx: SubmissionContext, code: string): Promise<void> {
  const ZipFile = ctx.zip({ 'index.mjs': code });
  await ctx.admin.client(LambdaClient).send(new UpdateFunctionCodeCommand({ FunctionName: 'search', ZipFile }));
}

/** A submission that changes lines of the code and nothing else. */
export const edit =
  (...changes: [from: string, to: string][]) =>
  (ctx: SubmissionContext): Promise<void> =>
    upload(ctx, edited(ctx, ...changes));

// --- lines of the code
export const textLine = "name LIKE '%${q ?? ''}%'`;";
export const limitLine = 'if (max) sql += ` AND price <= ${max}`;';
export const orderLine = "sql += ` ORDER BY ${sort || 'name'} LIMIT 50`;";
const sqlLine = '        sql,\n';
export const destructured = 'const { q, max, sort } = event.queryStringParameters ?? {};';

// --- what stands there after a right fix
export const textParameter: [string, string][] = [
  [textLine, "name LIKE '%' || :q || '%'`;\n  const parameters = [{ name: 'q', value: { stringValue: q ?? '' } }];"],
  [sqlLine, '        sql,\n        parameters,\n'],
];
export const limitParameter: [string, string] = [
  limitLine,
  `if (max) {
    sql += ' AND price <= :max';
    parameters.push({ name: 'max', value: { doubleValue: Number(max) || 0 } });
  }`,
];
export const orderChoice: [string, string] = [
  orderLine,
  `const orders = new Map([['name', 'name'], ['name asc', 'name'], ['name desc', 'name DESC'], ['price', 'price'], ['price asc', 'price'], ['price desc', 'price DESC']]);
  sql += \` ORDER BY \${orders.get(sort) ?? 'name'} LIMIT 50\`;`,
];
export const limitFromNumber: [string, string] = [limitLine, 'if (max) sql += ` AND price <= ${Number(max) || 0}`;'];
export const fixed = (ctx: SubmissionContext): string => edited(ctx, ...textParameter, limitParameter, orderChoice);

/** One fixed query, whose rows the function filters and sorts itself. */
export const inJavaScript = (columns: string, answerRows: string): string => `
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
const db = new RDSDataClient({});
export const handler = async (event) => {
  const { q, max, sort } = event.queryStringParameters ?? {};
  const { formattedRecords } = await db.send(new ExecuteStatementCommand({
    resourceArn: process.env.CLUSTER_ARN, secretArn: process.env.SECRET_ARN, database: 'shop',
    sql: 'SELECT ${columns} FROM products WHERE published = 1', formatRecordsAs: 'JSON',
  }));
  const wanted = (q ?? '').toLowerCase();
  const limit = max ? Number.parseFloat(max) : Infinity;
  const [column, direction] = (sort || 'name').split(' ');
  const sign = direction === 'desc' ? -1 : 1;
  const products = JSON.parse(formattedRecords)
    .filter(({ name, price }) => name.toLowerCase().includes(wanted) && !(price > limit))
    .sort((a, b) => sign * (typeof a[column] === 'number' ? a[column] - b[column] : String(a[column]).localeCompare(String(b[column]))));
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ products: ${answerRows} }) };
};
`;
