import { GetIntegrationsCommand, UpdateIntegrationCommand, UpdateStageCommand } from '@aws-sdk/client-apigatewayv2';
import type { Submission } from '../../../server/kit.ts';
import { gateway, newFunction, run } from './account.ts';
import {
  destructured,
  edit,
  edited,
  fixed,
  inJavaScript,
  limitLine,
  limitParameter,
  orderChoice,
  orderLine,
  textLine,
  textParameter,
  upload,
} from './code.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'named parameters for text and number, a list of allowed orders',
    fails: [],
    apply: (ctx) => upload(ctx, fixed(ctx)),
  },
  {
    name: 'filter-in-javascript',
    why: 'one fixed query; the function filters and sorts the rows itself',
    fails: [],
    apply: (ctx) => upload(ctx, inJavaScript('sku, name, price', 'products')),
  },
  {
    name: 'view-and-parameters',
    why: 'a view of what is public, and one fixed statement whose order is chosen by a parameter',
    fails: [],
    async apply(ctx) {
      await run(ctx, 'CREATE VIEW public_products AS SELECT sku, name, price FROM products WHERE published = 1');
      await upload(
        ctx,
        `import { RDSData } from '@aws-sdk/client-rds-data';
const db = new RDSData({});
const sql = \`SELECT sku, name, price FROM public_products
  WHERE instr(lower(name), lower(:q)) > 0 AND (:max IS NULL OR price <= :max)
  ORDER BY CASE WHEN :sort LIKE 'price%' THEN price END * CASE WHEN :sort LIKE '% desc' THEN -1 ELSE 1 END,
    CASE WHEN :sort LIKE 'name desc' THEN name END DESC, name LIMIT 50\`;
export async function handler({ queryStringParameters: { q = '', max = '', sort = '' } = {} }) {
  const { records } = await db.executeStatement({
    resourceArn: process.env.CLUSTER_ARN, secretArn: process.env.SECRET_ARN, database: 'shop', sql,
    parameters: [
      { name: 'q', value: { stringValue: q } },
      { name: 'max', value: max === '' || Number.isNaN(Number(max)) ? { isNull: true } : { doubleValue: Number(max) } },
      { name: 'sort', value: { stringValue: sort } },
    ],
  });
  const products = records.map(([sku, name, price]) => ({ sku: sku.stringValue, name: name.stringValue, price: price.doubleValue }));
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ products }) };
}
`,
      );
    },
  },
  {
    name: 'another-function-behind-the-route',
    why: 'a new function takes the route; it refuses whatever is not a number or a known order, and limits the rate',
    fails: [],
    async apply(ctx) {
      const code = edited(
        ctx,
        ...textParameter,
        limitParameter,
        orderChoice,
        [
          destructured,
          `${destructured}
  if (max && !/^\\d{1,6}(\\.\\d{1,2})?$/.test(max)) return answer(400, { error: 'max must be a price' });
  if (sort && !/^(name|price)( (asc|desc))?$/.test(sort)) return answer(400, { error: 'unknown order' });
  if ((q ?? '').length > 100) return answer(400, { error: 'q is too long' });`,
        ],
        ['{ error: error.message });', "{ error: 'try again later', id: event.requestContext.requestId });"],
      );
      const IntegrationUri = await newFunction(ctx, 'product-search', code);
      const { Items } = await gateway(ctx).send(new GetIntegrationsCommand({ ApiId: ctx.outputs.api! }));
      await gateway(ctx).send(
        new UpdateIntegrationCommand({
          ApiId: ctx.outputs.api!,
          IntegrationId: Items![0]!.IntegrationId!,
          IntegrationUri,
        }),
      );
      await gateway(ctx).send(
        new UpdateStageCommand({
          ApiId: ctx.outputs.api!,
          StageName: '$default',
          DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 20 },
        }),
      );
    },
  },
  {
    name: 'escaped-by-hand',
    why: 'no parameters: quotes doubled in the text, a number that is one, a fixed set of orders; nothing gets through in this dialect',
    fails: [],
    apply: edit(
      [textLine, "name LIKE '%${(q ?? '').replaceAll(\"'\", \"''\")}%'`;"],
      [limitLine, 'if (max && !isNaN(max)) sql += ` AND price <= ${Number(max)}`;'],
      [
        orderLine,
        "const known = ['name', 'name asc', 'name desc', 'price', 'price asc', 'price desc'];\n  sql += ` ORDER BY ${known.includes(sort) ? sort : 'name'} LIMIT 50`;",
      ],
    ),
  },
  {
    name: 'one-json-parameter',
    why: 'the whole search is one JSON value, which the database takes apart itself',
    fails: [],
    apply: (ctx) =>
      upload(
        ctx,
        `import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
const db = new RDSDataClient({});
const base = \`SELECT sku, name, price FROM products, (SELECT :search AS s)
  WHERE published = 1 AND name LIKE '%' || (s ->> 'q') || '%' AND price <= (s ->> 'max')\`;
const order = { name: 'ORDER BY name', price: 'ORDER BY price' };
export const handler = async (event) => {
  const { q = '', max, sort } = event.queryStringParameters ?? {};
  const [by = 'name', way = 'asc', ...more] = (sort || 'name').split(' ');
  if (!Object.hasOwn(order, by) || !['asc', 'desc'].includes(way) || more.length > 0)
    return { statusCode: 400, body: JSON.stringify({ error: 'unknown order ' + sort }) };
  const { formattedRecords } = await db.send(new ExecuteStatementCommand({
    resourceArn: process.env.CLUSTER_ARN, secretArn: process.env.SECRET_ARN, formatRecordsAs: 'JSON',
    sql: base + ' ' + order[by] + (way === 'desc' ? ' DESC' : ''),
    parameters: [{ name: 'search', typeHint: 'JSON', value: { stringValue: JSON.stringify({ q, max: max ? Number(max) || 0 : 1e9 }) } }],
  }));
  return { statusCode: 200, body: JSON.stringify({ products: JSON.parse(formattedRecords), search: { q, max, sort }, at: new Date() }) };
};
`,
      ),
  },
];
