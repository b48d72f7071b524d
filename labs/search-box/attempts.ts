import {
  ApiGatewayV2Client,
  CreateIntegrationCommand,
  CreateRouteCommand,
  DeleteApiCommand,
  GetIntegrationsCommand,
  UpdateApiCommand,
  UpdateIntegrationCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';

const everyAttack = [
  'customers-stay-private',
  'the-search-text-is-data',
  'the-price-limit-is-data',
  'the-order-is-a-choice',
];
const quotes = 'names-with-quotes-are-found';
const answers = 'the-search-answers';

/** The lab's own code with lines replaced; a line that is not there is an author's mistake. */
function edited(ctx: SubmissionContext, ...changes: [from: string, to: string][]): string {
  return changes.reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`index.mjs has no ${from}`);
    return code.replace(from, () => to);
  }, ctx.file('function/index.mjs'));
}
const upload = async (ctx: SubmissionContext, code: string, FunctionName = 'search'): Promise<void> =>
  void (await ctx.admin
    .client(LambdaClient)
    .send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip({ 'index.mjs': code }) })));
const edit =
  (...changes: [from: string, to: string][]) =>
  (ctx: SubmissionContext): Promise<void> =>
    upload(ctx, edited(ctx, ...changes));

const run = (ctx: SubmissionContext, statement: string) =>
  ctx.admin.client(RDSDataClient).send(
    new ExecuteStatementCommand({
      resourceArn: ctx.outputs.cluster!,
      secretArn: ctx.outputs.secret!,
      database: 'shop',
      sql: statement,
    }),
  );

const textLine = "name LIKE '%${q ?? ''}%'`;";
const limitLine = 'if (max) sql += ` AND price <= ${max}`;';
const orderLine = "sql += ` ORDER BY ${sort || 'name'} LIMIT 50`;";
const sqlLine = '        sql,\n';
const destructured = 'const { q, max, sort } = event.queryStringParameters ?? {};';

const textParameter: [string, string][] = [
  [textLine, "name LIKE '%' || :q || '%'`;\n  const parameters = [{ name: 'q', value: { stringValue: q ?? '' } }];"],
  [sqlLine, '        sql,\n        parameters,\n'],
];
const limitParameter: [string, string] = [
  limitLine,
  `if (max) {
    sql += ' AND price <= :max';
    parameters.push({ name: 'max', value: { doubleValue: Number(max) || 0 } });
  }`,
];
const orderChoice: [string, string] = [
  orderLine,
  `const orders = new Map([['name', 'name'], ['name asc', 'name'], ['name desc', 'name DESC'], ['price', 'price'], ['price asc', 'price'], ['price desc', 'price DESC']]);
  sql += \` ORDER BY \${orders.get(sort) ?? 'name'} LIMIT 50\`;`,
];
const limitFromNumber: [string, string] = [limitLine, 'if (max) sql += ` AND price <= ${Number(max) || 0}`;'];
const right = (ctx: SubmissionContext): string => edited(ctx, ...textParameter, limitParameter, orderChoice);

const inJavaScript = (columns: string, answerRows: string): string => `
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

async function newFunction(ctx: SubmissionContext, FunctionName: string, code: string): Promise<string> {
  const lambda = ctx.admin.client(LambdaClient);
  const old = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'search' }));
  const role = await ctx.admin.client(IAMClient).send(new GetRoleCommand({ RoleName: 'search-role' }));
  const made = await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: role.Role!.Arn!,
      Code: { ZipFile: ctx.zip({ 'index.mjs': code }) },
      Environment: { Variables: old.Environment!.Variables! },
      Timeout: 15,
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ctx.outputs.api}/*`,
    }),
  );
  return made.FunctionArn!;
}

export default defineAttempts([
  {
    name: 'reference',
    why: 'named parameters for text and number, a list of allowed orders',
    fails: [],
    apply: (ctx) => upload(ctx, right(ctx)),
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
      const gateway = ctx.admin.client(ApiGatewayV2Client);
      const { Items } = await gateway.send(new GetIntegrationsCommand({ ApiId: ctx.outputs.api! }));
      await gateway.send(
        new UpdateIntegrationCommand({
          ApiId: ctx.outputs.api!,
          IntegrationId: Items![0]!.IntegrationId!,
          IntegrationUri,
        }),
      );
      await gateway.send(
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
  {
    name: 'harmless-characters-only',
    why: "letters, digits, blanks and O'Brien's quote may pass, and are enough for a condition",
    fails: [quotes, 'customers-stay-private', 'the-search-text-is-data'],
    apply: edit(limitFromNumber, orderChoice, [
      destructured,
      `${destructured}\n  if (/[^\\p{L}\\p{N} '"%_().&-]/u.test(q ?? '') || q?.includes('--')) return answer(400, { error: 'odd characters' });`,
    ]),
  },
  {
    name: 'rows-filtered-afterwards',
    why: 'whatever the SQL gives, only published rows leave the function; which of them do still answers questions',
    fails: [
      quotes,
      'customers-stay-private',
      'the-search-text-is-data',
      'the-price-limit-is-data',
      'the-order-is-a-choice',
    ],
    apply: edit([
      'return answer(200, { products: JSON.parse(formattedRecords) });',
      `const fixed = 'SELECT sku, name, price FROM products WHERE published = 1';
    const all = await db.send(new ExecuteStatementCommand({ resourceArn: process.env.CLUSTER_ARN, secretArn: process.env.SECRET_ARN, sql: fixed, formatRecordsAs: 'JSON' }));
    const allowed = new Map(JSON.parse(all.formattedRecords).map((row) => [row.sku, row]));
    return answer(200, { products: JSON.parse(formattedRecords).flatMap(({ sku }) => allowed.get(sku) ?? []) });`,
    ]),
  },
  {
    name: 'order-with-any-direction',
    why: 'the column is chosen from a list, what follows it is taken as it comes',
    fails: ['customers-stay-private', 'the-order-is-a-choice'],
    apply: edit(...textParameter, limitParameter, [
      orderLine,
      `const [column, direction = ''] = (sort || 'name').split(' ');
  if (column !== 'name' && column !== 'price') return answer(400, { error: 'unknown order' });
  sql += \` ORDER BY \${column} \${direction} LIMIT 50\`;`,
    ]),
  },
  {
    name: 'first-column-of-the-order-checked',
    why: 'a second column behind a comma still becomes SQL, and its errors answer yes and no',
    fails: ['customers-stay-private', 'the-order-is-a-choice'],
    apply: edit(...textParameter, limitParameter, [
      orderLine,
      `if (sort && !/^(name|price)( asc| desc)?$/.test(sort.split(',')[0])) return answer(400, { error: 'unknown order' });\n  ${orderLine}`,
    ]),
  },
  {
    name: 'lines-checked-one-by-one',
    why: 'the patterns are right for one line, but the m flag lets a second line follow',
    fails: ['customers-stay-private', 'the-price-limit-is-data', 'the-order-is-a-choice'],
    apply: edit(
      ...textParameter,
      [
        limitLine,
        `if (max && !/^\\d+(\\.\\d+)?$/m.test(max)) return answer(400, { error: 'not a price' });\n  ${limitLine}`,
      ],
      [
        orderLine,
        `if (sort && !/^(name|price)( asc| desc)?$/m.test(sort)) return answer(400, { error: 'unknown order' });\n  ${orderLine}`,
      ],
    ),
  },
  {
    name: 'sorted-in-javascript-by-anything',
    why: 'only public columns are sent, but whole rows are sorted, so that sort=cost tells the order of cost prices',
    fails: ['the-order-is-a-choice'],
    apply: (ctx) => upload(ctx, inJavaScript('*', 'products.map(({ sku, name, price }) => ({ sku, name, price }))')),
  },
  {
    name: 'keyword-blacklist',
    why: 'a list of forbidden words: conditions and hidden columns need none of them, and Union Jack trays are gone',
    fails: [answers, quotes, 'the-search-text-is-data', 'the-price-limit-is-data', 'the-order-is-a-choice'],
    apply: edit([
      destructured,
      `${destructured}
  if (/union|select|insert|update|delete|drop|--|;|\\/\\*/i.test([q, max, sort].join(' '))) return answer(400, { error: 'bad search' });`,
    ]),
  },
  {
    name: 'keywords-taken-out-once',
    why: 'words are removed once, so that doubled ones become whole',
    fails: [answers, quotes, ...everyAttack],
    apply: edit([
      destructured,
      `const clean = (text) => text?.replace(/union|select|from|where|delete|update|\\bor\\b|--/gi, '');
  const { q, max, sort } = Object.fromEntries(Object.entries(event.queryStringParameters ?? {}).map(([k, v]) => [k, clean(v)]));`,
    ]),
  },
  {
    name: 'quotes-doubled',
    why: 'doubling quotes holds the text, but number and order stand outside of quotes',
    fails: ['customers-stay-private', 'the-price-limit-is-data', 'the-order-is-a-choice'],
    apply: edit([
      destructured,
      `const double = (text) => text?.replaceAll("'", "''");
  const { q, max, sort } = Object.fromEntries(Object.entries(event.queryStringParameters ?? {}).map(([k, v]) => [k, double(v)]));`,
    ]),
  },
  {
    name: 'quotes-refused',
    why: "over-fix and half-fix at once: O'Brien's cannot be found, number and order need no quotes",
    fails: [quotes, 'customers-stay-private', 'the-price-limit-is-data', 'the-order-is-a-choice'],
    apply: edit([
      destructured,
      `${destructured}\n  if (/['"]/.test([q, max, sort].join())) return answer(400, { error: 'no quotes, please' });`,
    ]),
  },
  {
    name: 'number-left',
    why: 'text and order are right, the price limit still becomes SQL',
    fails: ['customers-stay-private', 'the-price-limit-is-data'],
    apply: edit(...textParameter, orderChoice),
  },
  {
    name: 'number-checked-but-not-used',
    why: 'parseFloat accepts "0 or 1=1" and the text, not the number, goes into the SQL',
    fails: ['customers-stay-private', 'the-price-limit-is-data'],
    apply: edit(...textParameter, orderChoice, [
      limitLine,
      `if (max && Number.isNaN(parseFloat(max))) return answer(400, { error: 'max must be a number' });\n  ${limitLine}`,
    ]),
  },
  {
    name: 'order-left',
    why: 'values are parameters; the order cannot be one and was left, so it can be asked yes and no',
    fails: ['customers-stay-private', 'the-order-is-a-choice'],
    apply: edit(...textParameter, limitParameter),
  },
  {
    name: 'order-of-any-column',
    why: 'the order is a plain column name now, also that of the cost price',
    fails: ['the-order-is-a-choice'],
    apply: edit(...textParameter, limitParameter, [
      orderLine,
      `if (sort && !/^[a-z]+( asc| desc)?$/.test(sort)) return answer(400, { error: 'unknown order' });\n  ${orderLine}`,
    ]),
  },
  {
    name: 'errors-hidden',
    why: "cosmetic fix: the database's messages are gone, its answers are not",
    fails: [quotes, ...everyAttack],
    apply: edit(['return answer(500, { error: error.message });', 'return answer(200, { products: [] });']),
  },
  {
    name: 'read-only-user',
    why: 'a user that may only read keeps rows from being changed, not from being read',
    fails: [quotes, ...everyAttack],
    async apply(ctx) {
      await ctx.admin.client(LambdaClient).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'search',
          Environment: {
            Variables: { CLUSTER_ARN: ctx.outputs.cluster!, SECRET_ARN: ctx.outputs['read-only secret']! },
          },
        }),
      );
    },
  },
  {
    name: 'view-but-concatenated',
    why: 'a view hides rows and columns, but a second query asks the tables behind it',
    fails: [quotes, ...everyAttack],
    async apply(ctx) {
      await run(ctx, 'CREATE VIEW public_products AS SELECT sku, name, price FROM products WHERE published = 1');
      await edit(['FROM products WHERE published = 1 AND', 'FROM public_products WHERE'])(ctx);
    },
  },
  {
    name: 'whole-rows-in-javascript',
    why: 'no SQL is built any more, but whole rows with cost prices are sent to visitors and can be sorted by',
    fails: ['the-search-text-is-data', 'the-price-limit-is-data', 'the-order-is-a-choice'],
    apply: (ctx) => upload(ctx, inJavaScript('*', 'products')),
  },
  {
    name: 'old-function-kept-on-another-route',
    why: 'the shop uses a fixed function, the old one still answers everybody under another path',
    fails: everyAttack,
    async apply(ctx) {
      const gateway = ctx.admin.client(ApiGatewayV2Client);
      const ApiId = ctx.outputs.api!;
      const old = await newFunction(ctx, 'search-old', ctx.file('function/index.mjs'));
      const { IntegrationId } = await gateway.send(
        new CreateIntegrationCommand({
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: old,
          PayloadFormatVersion: '2.0',
        }),
      );
      await gateway.send(
        new CreateRouteCommand({ ApiId, RouteKey: 'GET /v1/{list}', Target: `integrations/${IntegrationId}` }),
      );
      await upload(ctx, right(ctx));
    },
  },
  {
    name: 'old-function-kept-behind-a-url',
    why: 'the old function is off the API, but has a public URL "for the testers"',
    fails: everyAttack,
    async apply(ctx) {
      const lambda = ctx.admin.client(LambdaClient);
      const FunctionName = await newFunction(ctx, 'search-old', ctx.file('function/index.mjs'));
      await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }));
      for (const more of [
        { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' as const },
        { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
      ])
        await lambda.send(
          new AddPermissionCommand({ FunctionName, StatementId: more.Action.slice(7), Principal: '*', ...more }),
        );
      await upload(ctx, right(ctx));
    },
  },
  {
    name: 'hangs-on-odd-input',
    why: 'over-fix by accident: the pattern that checks names takes for ever on some of them',
    fails: [answers, quotes, 'customers-stay-private', 'the-search-text-is-data'],
    apply: edit(...textParameter, limitFromNumber, orderChoice, [
      destructured,
      `${destructured}\n  while (q) if (/^([a-z]+ ?)+$/.test(q)) break;`,
    ]),
  },
  {
    name: 'search-switched-off',
    why: 'over-fix: nobody can inject anything, and nobody can search',
    fails: [answers, quotes],
    apply: async (ctx) =>
      void (await ctx.admin
        .client(ApiGatewayV2Client)
        .send(new UpdateApiCommand({ ApiId: ctx.outputs.api!, DisableExecuteApiEndpoint: true }))),
  },
  {
    name: 'api-deleted',
    why: 'over-fix: the address of the shop answers nothing',
    fails: [answers, quotes],
    apply: async (ctx) =>
      void (await ctx.admin.client(ApiGatewayV2Client).send(new DeleteApiCommand({ ApiId: ctx.outputs.api! }))),
  },
]);
