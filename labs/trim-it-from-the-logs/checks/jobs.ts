import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  type CheckContext,
  digits,
  fail,
  hex,
  type Outcome,
  pass,
  putTableRows,
  tableRow,
} from '../../../server/kit.ts';
import { bucketsOf, functionName, parameters, queueUrl } from '../billing.ts';

const day = (ctx: CheckContext): string =>
  `20${30 + Number(digits(ctx.random, 1))}-0${1 + (Number(digits(ctx.random, 1)) % 9)}-1${digits(ctx.random, 1)}`;

/** Readings become bills and messages; one that makes no sense is moved, and the rest of the day is billed. */
export async function aDayIsBilled(ctx: CheckContext): Promise<Outcome> {
  const s3 = ctx.admin().client(S3Client);
  const { readings: Bucket } = bucketsOf(ctx);
  const date = day(ctx);
  const [bad, meter] = [`a-${hex(ctx.random, 4)}`, `m-${hex(ctx.random, 4)}`];
  const units = 10 + Number(digits(ctx.random, 3));
  const key = (folder: string, name: string): string => `${folder}/${date}/${name}.json`;
  await s3.send(new PutObjectCommand({ Bucket, Key: key('daily', bad), Body: '{"meter":' }));
  await s3.send(new PutObjectCommand({ Bucket, Key: key('daily', meter), Body: JSON.stringify({ meter, units }) }));
  const said = await run(ctx, { run: 'day', day: date });
  const bill = `${date}/${meter}`;
  const cents = units * Number(parameters['/billing/price']);
  if (tableRow(ctx, 'bills', { bill })?.cents !== cents)
    return fail(`${functionName} did not bill a reading of ${units} units with ${cents} cents: ${said}`);
  if (!(await received(ctx, 'bills-out')).some((text) => text.includes(bill)))
    return fail(`the bill of a reading is not in the queue bills-out: ${said}`);
  const moved = await ctx.attempt(() => s3.send(new HeadObjectCommand({ Bucket, Key: key('rejected', bad) })));
  const left = await ctx.attempt(() => s3.send(new HeadObjectCommand({ Bucket, Key: key('daily', bad) })));
  if (!moved.ok || left.ok) return fail(`a reading that makes no sense was not moved to rejected/: ${said}`);
  if (!(await received(ctx, 'rejected')).some((text) => text.includes(bad)))
    return fail(`nobody was told in the queue rejected of a reading that makes no sense: ${said}`);
  return pass('a reading became a bill, and one that makes no sense was set aside');
}

/** The bills of a month become a file, in its last line what is in the parameter. */
export async function aMonthIsClosed(ctx: CheckContext): Promise<Outcome> {
  const month = day(ctx).slice(0, 7);
  const bills = [1, 2].map((at) => ({ bill: `${month}-0${at}/m-${hex(ctx.random, 4)}`, month, cents: at * 100 }));
  putTableRows(ctx, 'bills', bills);
  const said = await run(ctx, { run: 'month', month });
  const { statements: Bucket } = bucketsOf(ctx);
  const file = await ctx.attempt(async () => {
    const { Body } = await ctx
      .admin()
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket, Key: `${month}.csv` }));
    return Body!.transformToString();
  });
  if (!file.ok) return fail(`${functionName} wrote no statement of a month: ${said}`);
  const missing = [...bills.map(({ bill, cents }) => `${bill},${cents}`), parameters['/billing/footer']].filter(
    (line) => !file.value.includes(line),
  );
  return missing.length === 0
    ? pass('the bills of a month became a statement')
    : fail(`the statement of a month lacks "${missing[0]}": ${said}`);
}

async function run(ctx: CheckContext, event: object): Promise<string> {
  const answer = await ctx.attempt(() =>
    ctx
      .user('scheduler')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) })),
  );
  await ctx.settle();
  if (!answer.ok) return `scheduler gets ${answer.code}: ${answer.message}`;
  return (
    Buffer.from(answer.value.Payload ?? [])
      .toString()
      .slice(0, 200) + ctx.lastFailure()
  );
}

async function received(ctx: CheckContext, name: string): Promise<string[]> {
  const QueueUrl = queueUrl(ctx.region, ctx.account().id, name);
  const { Messages } = await ctx
    .admin()
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return (Messages ?? []).map(({ Body }) => Body!);
}
