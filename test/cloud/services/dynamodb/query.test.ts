import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import { createTestCloud } from '../../test-cloud.ts';
import { createOrders, dynamo, order } from './kit.ts';

let db: DynamoDBClient;
let clock: MovableClock;

beforeEach(async () => {
  const made = createTestCloud();
  clock = made.clock;
  db = dynamo(made.cloud);
  await createOrders(db);
  const rows = [
    ...[-5, 1, 2, 10, 100].map((id) => order('acme', id, { amount: { N: String(id * 2) } })),
    order('globex', 1, { status: { S: 'open' }, amount: { N: '7' }, note: { S: 'n' } }),
    order('globex', 2, { status: { S: 'open' }, amount: { N: '8' } }),
  ];
  await db.send(
    new BatchWriteItemCommand({ RequestItems: { orders: rows.map((Item) => ({ PutRequest: { Item } })) } }),
  );
});

const query = (rest: Partial<QueryCommandInput>) =>
  db.send(
    new QueryCommand({
      TableName: 'orders',
      KeyConditionExpression: 'tenant = :t',
      ExpressionAttributeValues: { ':t': { S: 'acme' } },
      ...rest,
    }),
  );
const ids = (items: Record<string, { N?: string }>[] | undefined) => items?.map(({ id }) => Number(id!.N));

describe('queries', () => {
  test('give a partition in the order of its sort keys, forwards and backwards', async () => {
    expect(ids((await query({})).Items as never)).toEqual([-5, 1, 2, 10, 100]);
    expect(ids((await query({ ScanIndexForward: false, Limit: 2 })).Items as never)).toEqual([100, 10]);
    const between = await query({
      KeyConditionExpression: 'tenant = :t AND id BETWEEN :a AND :b',
      ExpressionAttributeValues: { ':t': { S: 'acme' }, ':a': { N: '1' }, ':b': { N: '10' } },
    });
    expect(ids(between.Items as never)).toEqual([1, 2, 10]);
  });

  test('go on behind the key that a page ends with', async () => {
    for (const ScanIndexForward of [true, false]) {
      const seen: number[] = [];
      let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
      do {
        const page = await query({ Limit: 2, ExclusiveStartKey, ScanIndexForward });
        seen.push(...ids(page.Items as never)!);
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      expect(seen).toEqual(ScanIndexForward ? [-5, 1, 2, 10, 100] : [100, 10, 2, 1, -5]);
    }
  });

  test('filter after they have read, and count', async () => {
    const found = await query({
      FilterExpression: 'amount > :min',
      ExpressionAttributeValues: { ':t': { S: 'acme' }, ':min': { N: '3' } },
      Select: 'COUNT',
    });
    expect(found).toMatchObject({ Count: 3, ScannedCount: 5 });
    expect(found.Items).toBeUndefined();
  });

  test('of a global index see what it projects', async () => {
    const request = {
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :s AND id > :one',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: 'open' }, ':one': { N: '0' } },
    };
    const { Items } = await query(request);
    expect(Items).toEqual([
      order('globex', 1, { status: { S: 'open' }, amount: { N: '7' } }),
      order('globex', 2, { status: { S: 'open' }, amount: { N: '8' } }),
    ]);
    await expect(query({ ...request, ProjectionExpression: 'note' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'One or more parameter values were invalid: Global secondary index by-status does not project [note]',
    });
    await expect(query({ ...request, ConsistentRead: true })).rejects.toMatchObject({
      message: 'Consistent reads are not supported on global secondary indexes',
    });
  });

  test('are refused without the partition key, and with what no key condition may be', async () => {
    const refusal = (KeyConditionExpression: string, more: Record<string, object> = {}) =>
      query({ KeyConditionExpression, ExpressionAttributeValues: { ':t': { S: 'acme' }, ...more } as never }).catch(
        (error) => error.message,
      );
    expect(await refusal('id = :t')).toBe('Query condition missed key schema element: tenant');
    expect(await refusal('tenant > :t')).toBe('Query key condition not supported');
    expect(await refusal('tenant = :t OR id = :t')).toBe(
      'Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR',
    );
    expect(await refusal('tenant = :t AND tenant = :t')).toBe(
      'KeyConditionExpressions must only contain one condition per key',
    );
    expect(await refusal('tenant = :n', { ':n': { N: '1' } }).then((text: string) => text)).toMatch(
      /unused|match schema/,
    );
  });
});

describe('scans', () => {
  const scan = (rest: object = {}) => db.send(new ScanCommand({ TableName: 'orders', ...rest }));

  test('see every item once, in pages and in segments', async () => {
    expect((await scan()).Count).toBe(7);
    const seen = new Set<string>();
    let ExclusiveStartKey: object | undefined;
    do {
      const page = await scan({ Limit: 3, ExclusiveStartKey });
      for (const item of page.Items!) seen.add(`${item.tenant!.S} ${item.id!.N}`);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(seen.size).toBe(7);
    const parts = await Promise.all([0, 1, 2].map((Segment) => scan({ Segment, TotalSegments: 3 })));
    expect(parts.reduce((sum, { Count }) => sum + Count!, 0)).toBe(7);
    expect((await scan({ IndexName: 'by-status' })).Count).toBe(2);
    await expect(scan({ Segment: 3, TotalSegments: 3 })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('end a page at a megabyte', async () => {
    for (let id = 0; id < 5; id++)
      await db.send(
        new BatchWriteItemCommand({
          RequestItems: { orders: [{ PutRequest: { Item: order('big', id, { body: { S: 'x'.repeat(300_000) } }) } }] },
        }),
      );
    const page = await query({ ExpressionAttributeValues: { ':t': { S: 'big' } } });
    expect(page.Count).toBe(4);
    expect(page.LastEvaluatedKey).toEqual(order('big', 3));
  });

  test('search long texts in linear time', async () => {
    await db.send(
      new BatchWriteItemCommand({
        RequestItems: { orders: [{ PutRequest: { Item: order('big', 1, { body: { S: 'a'.repeat(400_000) } }) } }] },
      }),
    );
    const found = await scan({
      FilterExpression: 'contains(body, :part)',
      ExpressionAttributeValues: { ':part': { S: `b${'a'.repeat(200_000)}` } },
    });
    expect(found.Count).toBe(0);
  });
});

describe('transactions', () => {
  const write = (TransactItems: TransactWriteItem[], rest: object = {}) =>
    db.send(new TransactWriteItemsCommand({ TransactItems, ...rest }));
  const TableName = 'orders';
  const get = async (tenant: string, id: number) =>
    (await db.send(new GetItemCommand({ TableName, Key: order(tenant, id) }))).Item;

  test('do all or nothing, and say why', async () => {
    const Put = { TableName, Item: order('new', 1) };
    const failure = await write([
      { Put },
      {
        ConditionCheck: {
          TableName,
          Key: order('acme', 1),
          ConditionExpression: 'amount = :x',
          ExpressionAttributeValues: { ':x': { N: '9' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ]).catch((error) => error);
    expect(failure).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { amount: { N: '2' } } },
      ],
    });
    expect(await get('new', 1)).toBeUndefined();
    await write([
      { Put },
      { Delete: { TableName, Key: order('acme', 1) } },
      {
        Update: {
          TableName,
          Key: order('acme', 2),
          UpdateExpression: 'ADD amount :x',
          ExpressionAttributeValues: { ':x': { N: '1' } },
        },
      },
    ]);
    const { Responses } = await db.send(
      new TransactGetItemsCommand({
        TransactItems: [order('new', 1), order('acme', 1), order('acme', 2)].map((Key) => ({
          Get: { TableName, Key },
        })),
      }),
    );
    expect(Responses!.map(({ Item }) => Item?.amount?.N)).toEqual([undefined, undefined, '5']);
    expect(Responses![0]!.Item).toEqual(order('new', 1));
  });

  test('are done once for one token, for ten minutes', async () => {
    const ClientRequestToken = 'token-1';
    const add = (x: string): TransactWriteItem => ({
      Update: {
        TableName,
        Key: order('acme', 1),
        UpdateExpression: 'ADD amount :x',
        ExpressionAttributeValues: { ':x': { N: x } },
      },
    });
    await write([add('1')], { ClientRequestToken });
    await write([add('1')], { ClientRequestToken });
    expect((await get('acme', 1))!.amount).toEqual({ N: '3' });
    await expect(write([add('2')], { ClientRequestToken })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    clock.advance(600_001);
    await write([add('2')], { ClientRequestToken });
    expect((await get('acme', 1))!.amount).toEqual({ N: '5' });
  });

  test('name each item once', async () => {
    const Put = { TableName, Item: order('new', 1) };
    await expect(write([{ Put }, { Delete: { TableName, Key: order('new', 1) } }])).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
  });
});

describe('PartiQL', () => {
  const run = (Statement: string, Parameters?: object[], rest: object = {}) =>
    db.send(new ExecuteStatementCommand({ Statement, Parameters: Parameters as never, ...rest }));

  test('selects from tables and indexes, in pages', async () => {
    const { Items } = await run(`SELECT id, amount FROM "orders" WHERE tenant = 'acme' AND id > ? ORDER BY id DESC`, [
      { N: '1' },
    ]);
    expect(ids(Items as never)).toEqual([100, 10, 2]);
    expect((await run(`SELECT * FROM orders."by-status" WHERE "status" = 'open'`)).Items).toHaveLength(2);
    const first = await run(`SELECT id FROM orders WHERE tenant IN ['acme', 'globex']`, undefined, { Limit: 4 });
    const second = await run(`SELECT id FROM orders WHERE tenant IN ['acme', 'globex']`, undefined, {
      NextToken: first.NextToken,
    });
    expect([...ids(first.Items as never)!, ...ids(second.Items as never)!]).toEqual([-5, 1, 2, 10, 100, 1, 2]);
    expect((await run(`SELECT * FROM orders WHERE note IS NOT MISSING AND contains(note, 'n')`)).Items).toHaveLength(1);
  });

  test('inserts, updates and deletes', async () => {
    await run(`INSERT INTO "orders" VALUE {'tenant': 'new', 'id': ?, 'tags': <<'a', 'b'>>, 'rows': [1]}`, [{ N: '1' }]);
    await expect(run(`INSERT INTO "orders" VALUE {'tenant': 'new', 'id': 1}`)).rejects.toMatchObject({
      name: 'DuplicateItemException',
    });
    const { Items } = await run(
      `UPDATE "orders" SET amount = 5 SET "rows" = list_append("rows", [2]) SET tags = set_delete(tags, <<'a'>>) WHERE tenant = 'new' AND id = 1 RETURNING ALL NEW *`,
    );
    expect(Items).toEqual([
      order('new', 1, { amount: { N: '5' }, rows: { L: [{ N: '1' }, { N: '2' }] }, tags: { SS: ['b'] } }),
    ]);
    await run(`DELETE FROM "orders" WHERE tenant = 'new' AND id = 1`);
    await expect(run(`UPDATE "orders" SET amount = 5 WHERE tenant = 'new' AND id = 1`)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    await expect(run(`DELETE FROM "orders" WHERE tenant = 'new'`)).rejects.toMatchObject({
      message: 'Where clause does not contain a mandatory equality on all key attributes',
    });
    await expect(run(`SELECT * FROM`)).rejects.toMatchObject({
      message: expect.stringMatching(/^Statement wasn't well formed, can't be processed/),
    });
    await expect(run(`SELECT * FROM orders WHERE tenant = ?`, [{ S: 'a' }, { S: 'b' }])).rejects.toMatchObject({
      message: "Number of parameters in request and statement don't match.",
    });
  });

  test('answers a batch statement by statement, and does a transaction as one', async () => {
    const { Responses } = await db.send(
      new BatchExecuteStatementCommand({
        Statements: [
          { Statement: `SELECT amount FROM orders WHERE tenant = 'acme' AND id = 1` },
          { Statement: `SELECT * FROM orders WHERE tenant = 'acme'` },
          { Statement: `SELECT * FROM nothing WHERE a = 1` },
        ],
      }),
    );
    expect(Responses).toMatchObject([
      { TableName: 'orders', Item: { amount: { N: '2' } } },
      { Error: { Code: 'ValidationError' } },
      { Error: { Code: 'ResourceNotFound' } },
    ]);
    const done = await db
      .send(
        new ExecuteTransactionCommand({
          TransactStatements: [
            { Statement: `INSERT INTO orders VALUE {'tenant': 'new', 'id': 1}` },
            { Statement: `EXISTS(SELECT * FROM orders WHERE tenant = 'acme' AND id = 1 AND amount = 3)` },
          ],
        }),
      )
      .catch((error) => error);
    expect(done.CancellationReasons.map(({ Code }: { Code: string }) => Code)).toEqual([
      'None',
      'ConditionalCheckFailed',
    ]);
    const read = await db.send(
      new ExecuteTransactionCommand({
        TransactStatements: [{ Statement: `SELECT * FROM orders WHERE tenant = 'new' AND id = 1` }],
      }),
    );
    expect(read.Responses).toEqual([{}]);
  });
});
