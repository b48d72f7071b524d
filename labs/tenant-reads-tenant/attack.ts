import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type CheckContext, fail, type Outcome, pass } from '../../server/kit.ts';
import { bookingOf, byCarrier, byDay, carrier, noteOf, sessionOf, type Tenant, tableOf, tenants } from './bookings.ts';

type Way = [how: string, read: () => Promise<unknown>];

/** A tenant's program, with the credentials that the broker gave it, reads what the other tenants booked. */
export async function readTheOthers(ctx: CheckContext): Promise<Outcome> {
  const session = await sessionOf(ctx, carrier);
  if (typeof session === 'string') return fail(session);
  const db = ctx.holder(session.who, session.credentials).client(DynamoDBClient);
  const others = tenants.filter((each) => each !== carrier);
  const ways = [...wholeTable(db, tableOf(ctx)), ...others.flatMap((victim) => oneVictim(ctx, db, victim))];
  for (const [how, read] of shuffled(ctx, ways)) {
    const answer = await ctx.attempt(read);
    const seen = answer.ok ? JSON.stringify(answer.value) : '';
    const whose = others.find((each) => seen.includes(noteOf(each, ctx.gradeId)));
    if (whose) return pass(`${session.who} reads a booking of ${whose} in ${tableOf(ctx)} with ${how}`);
  }
  return fail(`${session.who} reads no booking of others in ${tableOf(ctx)}, in ${ways.length} ways`);
}

/** In another order at every grade. */
function shuffled(ctx: CheckContext, ways: Way[]): Way[] {
  return ways
    .map((way) => ({ way, at: ctx.random.bytes(4).readUInt32BE() }))
    .sort((one, two) => one.at - two.at)
    .map(({ way }) => way);
}

/** What names no tenant. */
function wholeTable(db: DynamoDBClient, TableName: string): Way[] {
  const values = { ':own': { S: carrier } };
  return [
    ['Scan', () => db.send(new ScanCommand({ TableName }))],
    ['Scan, in segments', () => db.send(new ScanCommand({ TableName, Segment: 0, TotalSegments: 1 }))],
    [
      'Scan for a carrier',
      () =>
        db.send(new ScanCommand({ TableName, FilterExpression: 'carrier = :own', ExpressionAttributeValues: values })),
    ],
    [`Scan of the index ${byDay}`, () => db.send(new ScanCommand({ TableName, IndexName: byDay }))],
    [
      `Query of the index ${byCarrier}`,
      () =>
        db.send(
          new QueryCommand({
            TableName,
            IndexName: byCarrier,
            KeyConditionExpression: 'carrier = :own',
            ExpressionAttributeValues: values,
          }),
        ),
    ],
    ['ExecuteStatement', () => db.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${TableName}"` }))],
    [
      `ExecuteStatement on the index ${byCarrier}`,
      () =>
        db.send(
          new ExecuteStatementCommand({
            Statement: `SELECT * FROM "${TableName}"."${byCarrier}" WHERE carrier = '${carrier}'`,
          }),
        ),
    ],
  ];
}

/** What names the tenant whose bookings are wanted, alone or beside the own. */
function oneVictim(ctx: CheckContext, db: DynamoDBClient, victim: Tenant): Way[] {
  const TableName = tableOf(ctx);
  const keyOf = (tenant: Tenant) => ({
    tenant: { S: tenant },
    booking: { S: bookingOf(tenant, ctx.gradeId).booking },
  });
  const [Key, own] = [keyOf(victim), keyOf(carrier)];
  const query = {
    TableName,
    KeyConditionExpression: 'tenant = :victim',
    ExpressionAttributeValues: { ':victim': { S: victim } },
  };
  const one = `SELECT note FROM "${TableName}" WHERE tenant = '${victim}' AND booking = '${Key.booking.S}'`;
  return [
    ['GetItem', () => db.send(new GetItemCommand({ TableName, Key }))],
    [
      'BatchGetItem, beside an own one',
      () => db.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [own, Key] } } })),
    ],
    [
      'TransactGetItems, beside an own one',
      () =>
        db.send(
          new TransactGetItemsCommand({
            TransactItems: [{ Get: { TableName, Key: own } }, { Get: { TableName, Key } }],
          }),
        ),
    ],
    ['Query', () => db.send(new QueryCommand(query))],
    [`Query of the index ${byDay}`, () => db.send(new QueryCommand({ ...query, IndexName: byDay }))],
    [
      'UpdateItem, which answers what was there',
      () =>
        db.send(
          new UpdateItemCommand({
            TableName,
            Key,
            UpdateExpression: 'SET goods = :goods',
            ExpressionAttributeValues: { ':goods': { S: 'pallets' } },
            ReturnValues: 'ALL_OLD',
          }),
        ),
    ],
    ['ExecuteStatement, by key', () => db.send(new ExecuteStatementCommand({ Statement: one }))],
    [
      'ExecuteStatement for two tenants',
      () =>
        db.send(
          new ExecuteStatementCommand({
            Statement: `SELECT * FROM "${TableName}" WHERE tenant IN ['${carrier}', '${victim}']`,
          }),
        ),
    ],
    ['BatchExecuteStatement', () => db.send(new BatchExecuteStatementCommand({ Statements: [{ Statement: one }] }))],
    ['ExecuteTransaction', () => db.send(new ExecuteTransactionCommand({ TransactStatements: [{ Statement: one }] }))],
  ];
}
