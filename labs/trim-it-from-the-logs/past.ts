import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { digits, logFiles, type RecordedCall, recordCalls, type World } from '../../server/kit.ts';
import { type Buckets, functionName, queueUrl, roleName } from './billing.ts';
import { theft } from './thief.ts';

/** Thirty days of calls with the function's role: its own, and in one night those of a thief. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const days = 30;
/** Days ago. */
const monthClosed = 26;
const badReadings = [19, 22];
const stolen = 9;

export async function writeThePast(world: World, buckets: Buckets): Promise<void> {
  const { admin, id } = world.account();
  const calls: RecordedCall[] = [];
  for (let day = days; day > 0; day--) {
    calls.push(...aDay(world, buckets, day));
    if (day === monthClosed) calls.push(...aMonth(world, buckets, day));
    if (day === stolen) calls.push(...aTheft(world, buckets, day));
  }
  recordCalls(world.cloud, id, calls);
  const s3 = admin.client(S3Client);
  await Promise.all(
    logFiles(world.cloud, id).map(({ key, body }) =>
      s3.send(new PutObjectCommand({ Bucket: buckets.audit, Key: key, Body: body })),
    ),
  );
}

const by = { role: roleName, session: functionName };
const dateOf = (world: World, ago: number): string =>
  new Date(world.cloud.clock.now() - ago * DAY).toISOString().slice(0, 10);

/** Of one run of the function: a call each 40 milliseconds. */
function run(ago: number, calls: [service: string, operation: string, input: Record<string, unknown>][]) {
  return calls.map(([service, operation, input], at): RecordedCall => {
    return { ago: ago - at * 40, service, operation, by, input };
  });
}

function aDay(world: World, { readings }: Buckets, ago: number): RecordedCall[] {
  const { id } = world.account();
  const day = dateOf(world, ago);
  const url = (name: string) => ({ QueueUrl: queueUrl(world.region, id, name) });
  const meters = Array.from({ length: 2 }, () => `m-${digits(world.random, 2)}`);
  const bad = `daily/${day}/m-${digits(world.random, 2)}.json`;
  const to = bad.replace('daily/', 'rejected/');
  return run(ago * DAY, [
    ['ssm', 'GetParameter', { Name: '/billing/price' }],
    ['s3', 'ListObjectsV2', { Bucket: readings, Prefix: `daily/${day}/` }],
    ...meters.flatMap((meter): [string, string, Record<string, unknown>][] => [
      ['s3', 'GetObject', { Bucket: readings, Key: `daily/${day}/${meter}.json` }],
      ['dynamodb', 'PutItem', { TableName: 'bills', Key: { bill: `${day}/${meter}` } }],
      ['sqs', 'SendMessage', url('bills-out')],
    ]),
    ...(badReadings.includes(ago)
      ? ([
          ['s3', 'GetObject', { Bucket: readings, Key: bad }],
          ['s3', 'CopyObject', { Bucket: readings, Key: to, CopySource: `${readings}/${bad}` }],
          ['s3', 'DeleteObject', { Bucket: readings, Key: bad }],
          ['sqs', 'SendMessage', url('rejected')],
        ] as [string, string, Record<string, unknown>][])
      : []),
  ]);
}

function aMonth(world: World, { statements }: Buckets, ago: number): RecordedCall[] {
  const month = dateOf(world, ago + 31).slice(0, 7);
  return run(ago * DAY - HOUR, [
    ['ssm', 'GetParameter', { Name: '/billing/footer' }],
    ['dynamodb', 'Query', { TableName: 'bills', IndexName: 'by-month' }],
    ['s3', 'PutObject', { Bucket: statements, Key: `${month}.csv` }],
  ]);
}

/** With a copy of the function's credentials: the same session name, another address, another program. */
function aTheft(world: World, buckets: Buckets, ago: number): RecordedCall[] {
  const { id } = world.account();
  return theft(buckets, world.region, id).map(({ service, operation, input, refused }, at) => ({
    ago: ago * DAY - 5 * HOUR - at * 21_000,
    service,
    operation,
    by,
    input,
    sourceIp: '198.51.100.77',
    userAgent: 'Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#6.5.0 lang/python#3.11.6',
    ...(refused
      ? {
          error: {
            code: 'AccessDenied',
            message: `User: arn:aws:sts::${id}:assumed-role/${roleName}/${functionName} is not authorized to perform: ${service}:${operation}`,
          },
        }
      : {}),
  }));
}
