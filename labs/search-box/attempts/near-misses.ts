import {
  CreateIntegrationCommand,
  CreateRouteCommand,
  DeleteApiCommand,
  UpdateApiCommand,
} from '@aws-sdk/client-apigatewayv2';
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { Submission } from '../../../server/kit.ts';
import { gateway, lambda, newFunction, run } from './account.ts';
import {
  destructured,
  edit,
  fixed,
  inJavaScript,
  limitFromNumber,
  limitLine,
  limitParameter,
  orderChoice,
  orderLine,
  textParameter,
  upload,
} from './code.ts';

const answers = 'the-search-answers';
const quotes = 'names-with-quotes-are-found';
const everyAttack = [
  'customers-stay-private',
  'the-search-text-is-data',
  'the-price-limit-is-data',
  'the-order-is-a-choice',
];

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
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
      await lambda(ctx).send(
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
      const ApiId = ctx.outputs.api!;
      const old = await newFunction(ctx, 'search-old', ctx.file('function/index.mjs'));
      const { IntegrationId } = await gateway(ctx).send(
        new CreateIntegrationCommand({
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: old,
          PayloadFormatVersion: '2.0',
        }),
      );
      await gateway(ctx).send(
        new CreateRouteCommand({ ApiId, RouteKey: 'GET /v1/{list}', Target: `integrations/${IntegrationId}` }),
      );
      await upload(ctx, fixed(ctx));
    },
  },
  {
    name: 'old-function-kept-behind-a-url',
    why: 'the old function is off the API, but has a public URL "for the testers"',
    fails: everyAttack,
    async apply(ctx) {
      const FunctionName = await newFunction(ctx, 'search-old', ctx.file('function/index.mjs'));
      await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }));
      for (const more of [
        { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' as const },
        { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
      ])
        await lambda(ctx).send(
          new AddPermissionCommand({ FunctionName, StatementId: more.Action.slice(7), Principal: '*', ...more }),
        );
      await upload(ctx, fixed(ctx));
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
      void (await gateway(ctx).send(
        new UpdateApiCommand({ ApiId: ctx.outputs.api!, DisableExecuteApiEndpoint: true }),
      )),
  },
  {
    name: 'api-deleted',
    why: 'over-fix: the address of the shop answers nothing',
    fails: [answers, quotes],
    apply: async (ctx) => void (await gateway(ctx).send(new DeleteApiCommand({ ApiId: ctx.outputs.api! }))),
  },
];
