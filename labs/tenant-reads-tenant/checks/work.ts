import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { alphanumeric, type CheckContext, fail, type Outcome, pass } from '../../../server/kit.ts';
import { bookingOf, bookings, byCarrier, byDay, carrier, noteOf, sessionOf, tableOf, tenants } from '../bookings.ts';

/** What every tenant's program does with its session. */
export async function tenantsBookOn(ctx: CheckContext): Promise<Outcome> {
  const TableName = tableOf(ctx);
  for (const tenant of tenants) {
    const session = await sessionOf(ctx, tenant);
    if (typeof session === 'string') return fail(session);
    const db = ctx.holder(session.who, session.credentials).client(DynamoDBClient);
    const { booking, day } = bookingOf(tenant, ctx.gradeId);
    const values = { ':tenant': { S: tenant } };
    const fresh = { tenant: { S: tenant }, booking: { S: `b-${alphanumeric(ctx.random, 8)}` } };
    const day2 = { S: '2026-12-09' };
    const calls: [call: string, wanted: string, run: () => Promise<unknown>][] = [
      [
        `GetItem of an own booking`,
        noteOf(tenant, ctx.gradeId),
        () => db.send(new GetItemCommand({ TableName, Key: { tenant: { S: tenant }, booking: { S: booking } } })),
      ],
      [
        'Query of the own bookings',
        `"Count":2`,
        () =>
          db.send(
            new QueryCommand({
              TableName,
              KeyConditionExpression: 'tenant = :tenant',
              ExpressionAttributeValues: values,
            }),
          ),
      ],
      [
        `Query of the index ${byDay}`,
        noteOf(tenant, ctx.gradeId),
        () =>
          db.send(
            new QueryCommand({
              TableName,
              IndexName: byDay,
              KeyConditionExpression: 'tenant = :tenant AND #day = :day',
              ExpressionAttributeNames: { '#day': 'day' },
              ExpressionAttributeValues: { ...values, ':day': { S: day } },
            }),
          ),
      ],
      [
        'PutItem of a new booking',
        '',
        () =>
          db.send(
            new PutItemCommand({
              TableName,
              Item: { ...fresh, day: day2, carrier: { S: 'northline' }, goods: { S: 'crates' }, price: { N: '120' } },
            }),
          ),
      ],
      ['GetItem of the new booking', 'crates', () => db.send(new GetItemCommand({ TableName, Key: fresh }))],
    ];
    for (const [call, wanted, run] of calls) {
      const answer = await ctx.attempt(run);
      if (!answer.ok) return fail(`${session.who} is refused ${call} in ${TableName}: ${answer.message}`);
      if (!JSON.stringify(answer.value).includes(wanted))
        return fail(`${session.who} does not find in ${TableName} what it looks for with ${call}`);
    }
  }
  return pass(`${tenants.join(', ')} get sessions, and read and book in ${TableName}, by table and by index`);
}

/** The dispatch desk plans the tours of all. */
export async function dispatchPlansOn(ctx: CheckContext): Promise<Outcome> {
  const TableName = tableOf(ctx);
  const desk = ctx.user('dispatch').client(DynamoDBClient);
  const tours = await ctx.attempt(() =>
    desk.send(
      new QueryCommand({
        TableName,
        IndexName: byCarrier,
        KeyConditionExpression: 'carrier = :carrier',
        ExpressionAttributeValues: { ':carrier': { S: carrier } },
      }),
    ),
  );
  if (!tours.ok) return fail(`dispatch is refused the index ${byCarrier} of ${TableName}: ${tours.message}`);
  const expected = bookings(ctx.gradeId).filter((row) => row.carrier === carrier).length;
  if (tours.value.Count !== expected)
    return fail(`dispatch sees ${tours.value.Count} bookings for ${carrier} in ${byCarrier}, and not all ${expected}`);
  const all = await ctx.attempt(() => desk.send(new ScanCommand({ TableName })));
  if (!all.ok) return fail(`dispatch is refused to Scan ${TableName}: ${all.message}`);
  if (all.value.Count !== bookings(ctx.gradeId).length)
    return fail(`dispatch does not see all bookings in ${TableName}`);
  return pass(`dispatch reads all bookings of ${TableName}, and those of a carrier`);
}
