import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, putTableRows, sql, type World } from '../../server/kit.ts';

/** The race's data, and how it changes. */

export const cluster = 'race-db';

export const schema = `
  CREATE TABLE board (racer TEXT PRIMARY KEY, name TEXT NOT NULL, points INTEGER NOT NULL);
  CREATE TABLE vouchers (code TEXT PRIMARY KEY, worth INTEGER NOT NULL);`;

export interface Racer {
  racer: string;
  name: string;
  points: number;
}

/** Racers whom every visitor knows. */
export const known: Racer[] = [
  { racer: 'r-100', name: 'Ada Moor', points: 310 },
  { racer: 'r-101', name: 'Bram Visser', points: 280 },
];

/** A voucher that is not for everybody: of the grade, and found nowhere else. */
export const voucherOf = (gradeId: string): string => `V${gradeId.slice(0, 10).toUpperCase()}Q`;

type Owner = Pick<World, 'cloud' | 'account'> | CheckContext;
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Puts board, vouchers and racers back, the table without a record in its stream. */
export async function fill(owner: Owner, table: string, gradeId: string, stored: Racer[] = []): Promise<void> {
  await sql(
    owner,
    cluster,
    `DELETE FROM board; DELETE FROM vouchers;
     INSERT INTO vouchers (code, worth) VALUES (${text(voucherOf(gradeId))}, 500);
     INSERT INTO board (racer, name, points) VALUES ${known
       .map((each) => `(${text(each.racer)}, ${text(each.name)}, ${each.points})`)
       .join(', ')};`,
  );
  putTableRows(
    owner,
    table,
    [...known, ...stored].map((each) => ({ ...each })),
    { alone: true },
  );
}

/** What the board and the vouchers are now. */
export async function boardNow(ctx: CheckContext): Promise<{ board: Map<string, Racer>; vouchers: string }> {
  const rows = await sql(ctx, cluster, 'SELECT racer, name, points FROM board');
  const vouchers = await sql(ctx, cluster, 'SELECT code, worth FROM vouchers ORDER BY code');
  return {
    board: new Map(rows.map((row) => [String(row.racer), row as unknown as Racer])),
    vouchers: JSON.stringify(vouchers),
  };
}

/** The site's call when a racer changes the own name; what it answered or why it failed. */
export async function rename(ctx: CheckContext, racer: string, name: string): Promise<string> {
  const asked = await ctx.attempt(() =>
    ctx
      .user('web-site')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: 'profile', Payload: Buffer.from(JSON.stringify({ racer, name })) })),
  );
  return asked.ok ? Buffer.from(asked.value.Payload ?? []).toString() : asked.code;
}

/** The timing system counts points, on the table itself. */
export async function score(ctx: CheckContext, racer: string, points: number) {
  return ctx.attempt(() =>
    ctx
      .user('timing')
      .client(DynamoDBClient)
      .send(
        new UpdateItemCommand({
          TableName: ctx.outputs.table!,
          Key: { racer: { S: racer } },
          UpdateExpression: 'SET points = :points',
          ExpressionAttributeValues: { ':points': { N: String(points) } },
        }),
      ),
  );
}
