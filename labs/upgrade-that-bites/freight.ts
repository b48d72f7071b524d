import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  alphanumeric,
  type CheckContext,
  digits,
  fail,
  type Outcome,
  objectEventRoutes,
  pass,
  putTableRows,
  tableRow,
} from '../../server/kit.ts';

/** Waybills, and what becomes of them. */

export const table = 'waybills';

interface Waybill {
  id: string;
  from: { city: string; country: string };
  to: { city: string; country: string };
  kilos: number;
  note?: string;
}

function waybill(ctx: CheckContext, country: string, note?: string): Waybill {
  return {
    id: `W-${alphanumeric(ctx.random, 8)}`,
    from: { city: 'Łódź', country: 'PL' },
    to: { city: `Stop ${alphanumeric(ctx.random, 4)}`, country },
    kilos: Number(`1${digits(ctx.random, 2)}`) + 0.5,
    ...(note === undefined ? {} : { note }),
  };
}

/** A driver scans a paper, and its turn comes. */
async function scan(ctx: CheckContext, paper: Waybill, name = paper.id): Promise<void> {
  const Body = JSON.stringify(paper);
  await ctx
    .user('scanner')
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: ctx.outputs.bucket!, Key: `scans/${name}.json`, Body }));
  // One after the other: a function that is warm takes the next one.
  await ctx.settle();
}

/** Papers of every kind: within a country and across a border, with and without a note, known, and taken back. */
export async function papersArrive(ctx: CheckContext): Promise<Outcome> {
  const near = waybill(ctx, 'PL');
  const far = waybill(ctx, 'DE', 'fragile: głaszcz');
  const known = waybill(ctx, 'FR', 'scanned again');
  putTableRows(ctx, table, [{ id: known.id, state: 'delivered' }]);
  await scan(ctx, near);
  await scan(ctx, far, `${far.id} Łódź+1`);
  await scan(ctx, known);
  const declared = await messages(ctx);
  for (const paper of [near, far]) {
    const row = tableRow(ctx, table, { id: paper.id });
    const wrong = differing(paper, row);
    if (wrong)
      return fail(
        `a waybill ${paper.note ? 'with' : 'without'} a note is not in the table as it was scanned: ${wrong}${ctx.lastFailure()}`,
      );
    const receipt = await receiptOf(ctx, paper.id);
    const wanted = `${paper.id}: ${paper.from.city} - ${paper.to.city}, ${paper.kilos} kg, arrived`;
    if (receipt !== wanted)
      return fail(`the receipt of ${paper.id} is ${JSON.stringify(receipt)}, not ${JSON.stringify(wanted)}`);
  }
  if (!declared.includes(far.id)) return fail('a waybill across a border was not sent to the customs queue');
  if (declared.includes(near.id)) return fail('a waybill within a country was sent to the customs queue');
  if (tableRow(ctx, table, { id: known.id })?.state !== 'delivered' || declared.includes(known.id))
    return fail('a waybill that was known was taken as a new one when it was scanned again');
  return takenBack(ctx);
}

/** An event about an object that is gone, by every way that leads from the bucket to a function. */
async function takenBack(ctx: CheckContext): Promise<Outcome> {
  const bucket = ctx.outputs.bucket!;
  const key = `scans/W-${alphanumeric(ctx.random, 8)}.json`;
  const event = {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: ctx.region,
        eventTime: new Date(ctx.cloud.clock.now()).toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: { key, size: 120 },
        },
      },
    ],
  };
  const routes = await objectEventRoutes(ctx, bucket);
  if (routes.length === 0) return fail(`no function is started by ${bucket} any more`);
  for (const { target, wrap } of routes) {
    const { FunctionError, Payload } = await ctx
      .admin()
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: target, Payload: JSON.stringify(wrap(event)) }));
    const name = target.split(':').slice(6).join(':');
    if (FunctionError)
      return fail(
        `${name} fails on a scan that was taken back: ${Buffer.from(Payload ?? [])
          .toString()
          .slice(0, 250)}`,
      );
    if (tableRow(ctx, table, { id: key })?.state !== 'gone')
      return fail(`${name} does not note a scan that was taken back as gone`);
  }
  return pass('waybills arrive as they were scanned');
}

function differing(paper: Waybill, row: { [name: string]: unknown } | undefined): string | undefined {
  if (!row) return 'there is no row';
  const wanted = { ...paper, state: 'arrived' } as { [name: string]: unknown };
  const name = Object.keys(wanted).find((each) => canonical(row[each]) !== canonical(wanted[each]));
  return name && `${name} is ${JSON.stringify(row[name])}, not ${JSON.stringify(wanted[name])}`;
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

async function receiptOf(ctx: CheckContext, id: string): Promise<string | undefined> {
  const read = await ctx.attempt(() =>
    ctx
      .admin()
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: ctx.outputs.bucket!, Key: `receipts/${id}.txt` })),
  );
  return read.ok ? read.value.Body!.transformToString() : undefined;
}

/** Ids of the papers that are waiting for the customs. */
async function messages(ctx: CheckContext): Promise<string> {
  const sqs = ctx.admin().client(SQSClient);
  let all = '';
  for (let page = 0; page < 5; page++) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: ctx.outputs['customs queue']!, MaxNumberOfMessages: 10 }),
    );
    if (!Messages?.length) break;
    all += Messages.map(({ Body }) => Body).join('\n');
  }
  return all;
}
