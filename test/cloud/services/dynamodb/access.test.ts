import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { createTestCloud, OWN } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';
import { createOrders, dynamo, order, tableArn } from './kit.ts';

/** Fine-grained access: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */

let cloud: Cloud;
const TableName = 'orders';

beforeEach(async () => {
  ({ cloud } = createTestCloud());
  const db = dynamo(cloud);
  await createOrders(db, { Tags: [{ Key: 'stage', Value: 'prod' }] });
  for (const tenant of ['acme', 'globex'])
    await db.send(
      new PutItemCommand({ TableName, Item: order(tenant, 1, { amount: { N: '1' }, status: { S: 'open' } }) }),
    );
});

/** A client of a role with these statements. */
function as(...statements: object[]): DynamoDBClient {
  putRole(cloud, 'app', statements);
  return dynamo(cloud, roleSession(cloud, OWN, 'app', 'session'));
}

const allow = (Action: string | string[], Condition?: object, Resource: string | string[] = tableArn('orders')) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});
const can = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    (error) => {
      if (error.name !== 'AccessDeniedException') throw error;
      return false;
    },
  );

const onlyAcme = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['acme'] } };

describe('leading keys', () => {
  const get = (db: DynamoDBClient, tenant: string) =>
    can(db.send(new GetItemCommand({ TableName, Key: order(tenant, 1) })));
  const query = (db: DynamoDBClient, tenant: string, rest: object = {}) =>
    can(
      db.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'tenant = :t',
          ExpressionAttributeValues: { ':t': { S: tenant } },
          ...rest,
        }),
      ),
    );

  test('hold single items, queries and every member of a batch', async () => {
    const db = as(allow('dynamodb:*', onlyAcme));
    expect(await get(db, 'acme')).toBe(true);
    expect(await get(db, 'globex')).toBe(false);
    expect(await query(db, 'acme')).toBe(true);
    expect(await query(db, 'globex')).toBe(false);
    const batch = (...tenants: string[]) =>
      can(
        db.send(new BatchGetItemCommand({ RequestItems: { orders: { Keys: tenants.map((each) => order(each, 1)) } } })),
      );
    expect(await batch('acme')).toBe(true);
    expect(await batch('acme', 'globex')).toBe(false);
    const write = (...tenants: string[]) =>
      can(
        db.send(
          new BatchWriteItemCommand({
            RequestItems: { orders: tenants.map((each) => ({ PutRequest: { Item: order(each, 2) } })) },
          }),
        ),
      );
    expect(await write('acme')).toBe(true);
    expect(await write('acme', 'globex')).toBe(false);
  });

  test('are absent from a scan, which ForAllValues therefore does not hold back', async () => {
    expect(await can(as(allow('dynamodb:Scan', onlyAcme)).send(new ScanCommand({ TableName })))).toBe(true);
    const present = { ...onlyAcme, Null: { 'dynamodb:LeadingKeys': 'false' } };
    expect(await can(as(allow('dynamodb:*', present)).send(new ScanCommand({ TableName })))).toBe(false);
    expect(await get(as(allow('dynamodb:*', present)), 'acme')).toBe(true);
    const simple = { StringEquals: { 'dynamodb:LeadingKeys': 'acme' } };
    expect(await can(as(allow('dynamodb:*', simple)).send(new ScanCommand({ TableName })))).toBe(false);
  });

  test('of an index are the values of its own key, and the index is a resource of its own', async () => {
    const byStatus = (db: DynamoDBClient, status: string) =>
      can(
        db.send(
          new QueryCommand({
            TableName,
            IndexName: 'by-status',
            KeyConditionExpression: '#s = :s',
            ExpressionAttributeNames: { '#s': 'status' },
            ExpressionAttributeValues: { ':s': { S: status } },
          }),
        ),
      );
    expect(await byStatus(as(allow('dynamodb:Query')), 'open')).toBe(false);
    const index = `${tableArn('orders')}/index/*`;
    expect(await byStatus(as(allow('dynamodb:Query', undefined, index)), 'open')).toBe(true);
    const db = as(
      allow('dynamodb:Query', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['open'] } }, index),
    );
    expect(await byStatus(db, 'open')).toBe(true);
    expect(await byStatus(db, 'paid')).toBe(false);
  });

  test('of transactions are asked item by item, as their plain actions', async () => {
    const db = as(allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:ConditionCheckItem'], onlyAcme));
    const read = (...tenants: string[]) =>
      can(
        db.send(
          new TransactGetItemsCommand({
            TransactItems: tenants.map((each) => ({ Get: { TableName, Key: order(each, 1) } })),
          }),
        ),
      );
    expect(await read('acme')).toBe(true);
    expect(await read('acme', 'globex')).toBe(false);
    const check = (tenant: string) =>
      can(
        db.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName, Item: order('acme', 9) } },
              { ConditionCheck: { TableName, Key: order(tenant, 1), ConditionExpression: 'attribute_exists(id)' } },
            ],
          }),
        ),
      );
    expect(await check('acme')).toBe(true);
    expect(await check('globex')).toBe(false);
  });

  test('of PartiQL are what WHERE holds the key to; a full scan has none', async () => {
    const db = as(allow('dynamodb:PartiQL*', onlyAcme));
    const run = (Statement: string) => can(db.send(new ExecuteStatementCommand({ Statement })));
    expect(await run(`SELECT * FROM orders WHERE tenant = 'acme'`)).toBe(true);
    expect(await run(`SELECT * FROM orders WHERE tenant = 'globex'`)).toBe(false);
    expect(await run(`SELECT * FROM orders WHERE tenant IN ['acme', 'globex']`)).toBe(false);
    expect(await run(`SELECT * FROM orders WHERE tenant = 'acme' OR tenant = 'globex'`)).toBe(true);
    expect(await run(`INSERT INTO orders VALUE {'tenant': 'globex', 'id': 5}`)).toBe(false);
    expect(await run(`DELETE FROM orders WHERE tenant = 'globex' AND id = 1`)).toBe(false);
    const noScan = {
      Effect: 'Deny',
      Action: 'dynamodb:PartiQLSelect',
      Resource: '*',
      Condition: { Bool: { 'dynamodb:FullTableScan': 'true' } },
    };
    const held = as(allow('dynamodb:PartiQL*', onlyAcme), noScan);
    const select = (Statement: string) => can(held.send(new ExecuteStatementCommand({ Statement })));
    expect(await select('SELECT * FROM orders')).toBe(false);
    expect(await select(`SELECT * FROM orders WHERE tenant = 'acme' OR tenant = 'globex'`)).toBe(false);
    expect(await select(`SELECT * FROM orders WHERE tenant = 'acme'`)).toBe(true);
  });
});

describe('other keys', () => {
  test('attributes are those that the request names, and Select always has a value', async () => {
    const db = as(
      allow('dynamodb:*', {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['tenant', 'id', 'amount'] },
        StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES', 'dynamodb:ReturnValues': ['NONE'] },
      }),
    );
    const get = (ProjectionExpression?: string) =>
      can(db.send(new GetItemCommand({ TableName, Key: order('acme', 1), ProjectionExpression })));
    expect(await get('amount')).toBe(true);
    expect(await get('amount.deep, note')).toBe(false);
    expect(await get()).toBe(false);
    const filter = (FilterExpression: string) =>
      can(
        db.send(
          new ScanCommand({
            TableName,
            ProjectionExpression: 'amount',
            FilterExpression,
            ExpressionAttributeValues: { ':x': { N: '1' } },
          }),
        ),
      );
    expect(await filter('amount = :x')).toBe(true);
    expect(await filter('note = :x')).toBe(false);
    const update = (rest: object) =>
      can(
        db.send(
          new UpdateItemCommand({
            TableName,
            Key: order('acme', 1),
            ExpressionAttributeValues: { ':x': { N: '1' } },
            ...rest,
          } as never),
        ),
      );
    expect(await update({ UpdateExpression: 'SET amount = :x' })).toBe(true);
    expect(await update({ UpdateExpression: 'SET note = :x' })).toBe(false);
    expect(await update({ UpdateExpression: 'SET amount = :x', ReturnValues: 'ALL_NEW' })).toBe(false);
  });

  test('the enclosing operation tells transactions from what is none', async () => {
    const inside = {
      'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactGetItems', 'ExecuteTransaction'] },
    };
    const db = as(allow(['dynamodb:GetItem', 'dynamodb:PartiQLSelect'], inside));
    const Key = order('acme', 1);
    expect(await can(db.send(new GetItemCommand({ TableName, Key })))).toBe(false);
    expect(await can(db.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key } }] })))).toBe(
      true,
    );
    const Statement = `SELECT * FROM orders WHERE tenant = 'acme' AND id = 1`;
    expect(await can(db.send(new ExecuteStatementCommand({ Statement })))).toBe(false);
    expect(await can(db.send(new ExecuteTransactionCommand({ TransactStatements: [{ Statement }] })))).toBe(true);
  });

  test('tags of the table, and the words of a refusal', async () => {
    const tagged = (value: string) =>
      as(allow('dynamodb:GetItem', { StringEquals: { 'aws:ResourceTag/stage': value } }));
    const get = (db: DynamoDBClient) => db.send(new GetItemCommand({ TableName, Key: order('acme', 1) }));
    expect(await can(get(tagged('prod')))).toBe(true);
    await expect(get(tagged('test'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${OWN}:assumed-role/app/session is not authorized to perform: dynamodb:GetItem on resource: ${tableArn('orders')} because no identity-based policy allows the dynamodb:GetItem action`,
    });
  });

  test('a batch of statements is refused one by one', async () => {
    const db = as(allow('dynamodb:PartiQLSelect', onlyAcme));
    const { Responses } = await db.send(
      new BatchExecuteStatementCommand({
        Statements: ['acme', 'globex'].map((tenant) => ({
          Statement: `SELECT amount FROM orders WHERE tenant = '${tenant}' AND id = 1`,
        })),
      }),
    );
    expect(Responses).toMatchObject([{ Item: { amount: { N: '1' } } }, { Error: { Code: 'AccessDenied' } }]);
    expect(Responses![1]!.Item).toBeUndefined();
  });
});
