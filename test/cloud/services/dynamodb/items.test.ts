import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { createTestCloud } from '../../test-cloud.ts';
import { createOrders, dynamo, order } from './kit.ts';

let db: DynamoDBClient;

beforeEach(async () => {
  const { cloud } = createTestCloud();
  db = dynamo(cloud);
  await createOrders(db);
});

const put = (Item: ReturnType<typeof order>, rest: object = {}) =>
  db.send(new PutItemCommand({ TableName: 'orders', Item, ...rest }));
const get = async (tenant: string, id: number, rest: object = {}) =>
  (await db.send(new GetItemCommand({ TableName: 'orders', Key: order(tenant, id), ...rest }))).Item;
const update = (tenant: string, id: number, rest: Partial<UpdateItemCommandInput>) =>
  db.send(new UpdateItemCommand({ TableName: 'orders', Key: order(tenant, id), ...rest }));
const refused = (name: string, message: string | RegExp) => ({
  name,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
});

test('an item comes back as it was put, of every type, numbers exactly', async () => {
  const item = order('acme', 1, {
    big: { N: '12345678901234567890123456789012345678' },
    small: { N: '-1E-130' },
    plain: { N: '1.500' },
    bytes: { B: new Uint8Array([0, 255, 7]) },
    yes: { BOOL: true },
    none: { NULL: true },
    words: { SS: ['b', 'a'] },
    counts: { NS: ['1', '2.0'] },
    blobs: { BS: [new Uint8Array([1])] },
    deep: { M: { pieces: { L: [{ S: 'x' }, { M: { ['__proto__']: { S: 'own' } } }] } } },
  });
  await put(item);
  const back = await get('acme', 1);
  expect(back).toEqual({
    ...item,
    small: { N: `-0.${'0'.repeat(129)}1` },
    plain: { N: '1.5' },
    counts: { NS: ['1', '2'] },
  });
});

test('what is no value is refused in AWS’s words', async () => {
  for (const [value, message] of [
    [{ N: 'one' }, 'The parameter cannot be converted to a numeric value: one'],
    [{ N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
    [{ N: '1e126' }, /^Number overflow/],
    [{ N: '1e-131' }, /^Number underflow/],
    [{ SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
    [{ SS: ['a', 'a'] }, /contains duplicates/],
    [{ S: 'x'.repeat(409_600) }, 'Item size has exceeded the maximum allowed size'],
  ] as const)
    await expect(put(order('acme', 1, { value: value as never }))).rejects.toMatchObject(
      refused('ValidationException', message),
    );
  await expect(put({ tenant: { S: 'acme' } } as never)).rejects.toMatchObject(
    refused('ValidationException', 'One or more parameter values were invalid: Missing the key id in the item'),
  );
  await expect(
    db.send(new GetItemCommand({ TableName: 'orders', Key: { tenant: { S: 'acme' } } })),
  ).rejects.toMatchObject(refused('ValidationException', 'The provided key element does not match the schema'));
  await expect(put({ ...order('acme', 1), id: { S: '1' } } as never)).rejects.toMatchObject(
    refused('ValidationException', /Type mismatch for key id expected: N actual: S/),
  );
});

test('conditions hold a write back, and give the item where that is asked for', async () => {
  await put(order('acme', 1, { status: { S: 'open' } }));
  await expect(put(order('acme', 1), { ConditionExpression: 'attribute_not_exists(tenant)' })).rejects.toMatchObject(
    refused('ConditionalCheckFailedException', 'The conditional request failed'),
  );
  const failure = await update('acme', 1, {
    UpdateExpression: 'SET #s = :closed',
    ConditionExpression: '#s = :paid',
    ExpressionAttributeNames: { '#s': 'status' },
    ExpressionAttributeValues: { ':closed': { S: 'closed' }, ':paid': { S: 'paid' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }).catch((error) => error);
  expect(failure).toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: order('acme', 1, { status: { S: 'open' } }),
  });
});

test('every function and operator of a condition', async () => {
  await put(
    order('acme', 1, {
      word: { S: 'abcdef' },
      times: { N: '10' },
      pieces: { L: [{ S: 'x' }] },
      words: { SS: ['red', 'blue'] },
      deep: { M: { parts: { L: [{ N: '1' }, { N: '2' }] } } },
    }),
  );
  const holds = async (ConditionExpression: string, values: Record<string, object> = {}) =>
    put(order('acme', 1, {}), {
      ConditionExpression: `NOT (${ConditionExpression})`,
      ...(Object.keys(values).length ? { ExpressionAttributeValues: values } : {}),
    }).then(
      () => false,
      (error) => {
        if (error.name !== 'ConditionalCheckFailedException') throw error;
        return true;
      },
    );
  expect(await holds('attribute_exists(deep.parts[1])')).toBe(true);
  expect(await holds('attribute_type(word, :t)', { ':t': { S: 'S' } })).toBe(true);
  expect(await holds('begins_with(word, :p) AND contains(word, :c)', { ':p': { S: 'abc' }, ':c': { S: 'cde' } })).toBe(
    true,
  );
  expect(await holds('contains(words, :r) AND contains(pieces, :x)', { ':r': { S: 'red' }, ':x': { S: 'x' } })).toBe(
    true,
  );
  expect(await holds('size(word) = :six', { ':six': { N: '6' } })).toBe(true);
  expect(await holds('times BETWEEN :low AND :high', { ':low': { N: '9.99' }, ':high': { N: '1e1' } })).toBe(true);
  expect(await holds('times IN (:a, :b)', { ':a': { N: '1' }, ':b': { N: '10.0' } })).toBe(true);
  expect(await holds('deep.parts[0] < deep.parts[1] OR absent = :x', { ':x': { N: '1' } })).toBe(true);
  expect(await holds('times <> :x and not times > :x', { ':x': { N: '100' } })).toBe(true);
});

test('expressions are refused where they are wrong', async () => {
  await put(order('acme', 1));
  const attempt = (ConditionExpression: string, more: object = {}) =>
    put(order('acme', 1), { ConditionExpression, ...more }).catch((error) => error.message);
  expect(await attempt('tenant =')).toBe('Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="');
  expect(await attempt('status = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } } })).toBe(
    'Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status',
  );
  expect(await attempt('#a = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } } })).toBe(
    'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #a',
  );
  expect(await attempt('tenant = :y', { ExpressionAttributeValues: { ':x': { S: 'x' } } })).toBe(
    'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :y',
  );
  expect(await attempt('attribute_exists(tenant)', { ExpressionAttributeValues: { ':x': { S: 'x' } } })).toBe(
    'Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}',
  );
  expect(await attempt('exists(tenant)')).toBe('Invalid ConditionExpression: Invalid function name; function: exists');
  expect(await attempt('')).toBe('Invalid ConditionExpression: The expression can not be empty;');
  expect(await attempt(`${'('.repeat(2000)}a${')'.repeat(2000)}`)).toMatch(/nested too deeply/);
  expect(await attempt('a'.repeat(5000))).toMatch(/Expression size has exceeded the maximum allowed size/);
});

test('updates set, remove, add and delete, and answer what changed', async () => {
  await put(
    order('acme', 1, {
      amount: { N: '10' },
      tags: { SS: ['a', 'b'] },
      pieces: { L: [{ S: '0' }, { S: '1' }, { S: '2' }] },
      map: { M: {} },
    }),
  );
  const { Attributes } = await update('acme', 1, {
    UpdateExpression:
      'SET amount = amount - :five, fresh = if_not_exists(fresh, :zero), #m.x = :five, joined = list_append(pieces, :more) REMOVE pieces[0], pieces[1] ADD hits :five DELETE tags :a',
    ExpressionAttributeNames: { '#m': 'map' },
    ExpressionAttributeValues: {
      ':five': { N: '0.1' },
      ':zero': { N: '0' },
      ':more': { L: [{ S: '3' }] },
      ':a': { SS: ['a'] },
    },
    ReturnValues: 'ALL_NEW',
  });
  expect(Attributes).toEqual(
    order('acme', 1, {
      amount: { N: '9.9' },
      tags: { SS: ['b'] },
      pieces: { L: [{ S: '2' }] },
      map: { M: { x: { N: '0.1' } } },
      fresh: { N: '0' },
      joined: { L: [{ S: '0' }, { S: '1' }, { S: '2' }, { S: '3' }] },
      hits: { N: '0.1' },
    }),
  );
  expect(
    (
      await update('acme', 1, {
        UpdateExpression: 'SET #m.x = :x',
        ExpressionAttributeNames: { '#m': 'map' },
        ExpressionAttributeValues: { ':x': { N: '7' } },
        ReturnValues: 'UPDATED_OLD',
      })
    ).Attributes,
  ).toEqual({ map: { M: { x: { N: '0.1' } } } });
  // An update makes the item where there is none.
  await update('new', 1, {});
  expect(await get('new', 1)).toEqual(order('new', 1));
});

test('updates are refused in AWS’s words', async () => {
  await put(order('acme', 1, { amount: { N: '1' } }));
  const attempt = (UpdateExpression: string, values?: Record<string, object>) =>
    update('acme', 1, {
      UpdateExpression,
      ...(values ? { ExpressionAttributeValues: values as never } : {}),
    }).catch((error) => error.message);
  const one = { ':x': { N: '1' } };
  expect(await attempt('SET id = :x', one)).toBe(
    'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key',
  );
  expect(await attempt('SET a = absent')).toBe(
    'The provided expression refers to an attribute that does not exist in the item',
  );
  expect(await attempt('SET a.b = :x', one)).toBe(
    'The document path provided in the update expression is invalid for update',
  );
  expect(await attempt('SET a = :x, a.b = :x', one)).toBe(
    'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
  );
  expect(await attempt('SET a = :x SET b = :x', one)).toBe(
    'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
  );
  expect(await attempt('ADD a :x', { ':x': { S: 's' } })).toMatch(/operator: ADD, operand type: STRING/);
});

test('legacy parameters do the same', async () => {
  await put(order('acme', 1, { amount: { N: '1' } }), { Expected: { tenant: { Exists: false } } });
  await update('acme', 1, {
    AttributeUpdates: { amount: { Action: 'ADD', Value: { N: '2' } }, note: { Value: { S: 'hi' } } },
    Expected: { amount: { ComparisonOperator: 'LT', AttributeValueList: [{ N: '5' }] } },
  });
  expect(await get('acme', 1, { AttributesToGet: ['amount', 'note'] })).toEqual({
    amount: { N: '3' },
    note: { S: 'hi' },
  });
  const { Items } = await db.send(
    new QueryCommand({
      TableName: 'orders',
      KeyConditions: { tenant: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'acme' }] } },
      QueryFilter: { note: { ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [{ S: 'x' }] } },
    }),
  );
  expect(Items).toHaveLength(1);
  const found = await db.send(
    new ScanCommand({ TableName: 'orders', ScanFilter: { amount: { ComparisonOperator: 'NULL' } } }),
  );
  expect(found).toMatchObject({ Count: 0, ScannedCount: 1 });
  await expect(
    put(order('acme', 1), { Expected: { a: { Exists: false } }, ConditionExpression: 'attribute_exists(tenant)' }),
  ).rejects.toMatchObject(
    refused(
      'ValidationException',
      'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ),
  );
});

test('batches write and read many, and refuse what is named twice', async () => {
  const PutRequest = (id: number) => ({ PutRequest: { Item: order('acme', id) } });
  const done = await db.send(
    new BatchWriteItemCommand({
      RequestItems: { orders: [PutRequest(1), PutRequest(2), PutRequest(3)] },
      ReturnConsumedCapacity: 'TOTAL',
    }),
  );
  expect(done).toMatchObject({ UnprocessedItems: {}, ConsumedCapacity: [{ TableName: 'orders', CapacityUnits: 3 }] });
  await db.send(
    new BatchWriteItemCommand({ RequestItems: { orders: [{ DeleteRequest: { Key: order('acme', 2) } }] } }),
  );
  const read = await db.send(
    new BatchGetItemCommand({
      RequestItems: { orders: { Keys: [order('acme', 1), order('acme', 2), order('acme', 3)] } },
    }),
  );
  expect(read.Responses!.orders!.map((item) => item.id)).toEqual([{ N: '1' }, { N: '3' }]);
  await expect(
    db.send(new BatchWriteItemCommand({ RequestItems: { orders: [PutRequest(1), PutRequest(1)] } })),
  ).rejects.toMatchObject(refused('ValidationException', 'Provided list of item keys contains duplicates'));
});

test('return values and capacity of a delete', async () => {
  await put(order('acme', 1, { amount: { N: '1' } }));
  const gone = await db.send(
    new DeleteItemCommand({
      TableName: 'orders',
      Key: order('acme', 1),
      ReturnValues: 'ALL_OLD',
      ReturnConsumedCapacity: 'INDEXES',
    }),
  );
  expect(gone).toMatchObject({
    Attributes: order('acme', 1, { amount: { N: '1' } }),
    ConsumedCapacity: { CapacityUnits: 1, Table: { CapacityUnits: 1 } },
  });
  expect(await get('acme', 1)).toBeUndefined();
});
