import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const [db, s3, sqs, ssm] = [new DynamoDBClient({}), new S3Client({}), new SQSClient({}), new SSMClient({})];
const { READINGS, STATEMENTS, BILLS_QUEUE, REJECTED_QUEUE } = process.env;

// Every night: { run: 'day', day: '2026-03-14' }. On the first of a month: { run: 'month', month: '2026-02' }.
export const handler = async ({ run, day, month }) => (run === 'month' ? closeMonth(month) : billDay(day));

async function billDay(day) {
  const price = Number(await parameter('/billing/price'));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: READINGS, Prefix: `daily/${day}/` }));
  let [billed, rejected] = [0, 0];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: READINGS, Key }));
    const reading = readingIn(await Body.transformToString());
    if (!reading) {
      await setAside(Key);
      rejected++;
      continue;
    }
    const cents = Math.round(reading.units * price);
    const bill = `${day}/${reading.meter}`;
    await db.send(
      new PutItemCommand({
        TableName: 'bills',
        Item: { bill: { S: bill }, month: { S: day.slice(0, 7) }, cents: { N: String(cents) } },
      }),
    );
    await send(BILLS_QUEUE, { bill, cents });
    billed++;
  }
  return { billed, rejected };
}

// A reading that makes no sense is moved, and somebody is told.
async function setAside(Key) {
  const to = Key.replace('daily/', 'rejected/');
  await s3.send(new CopyObjectCommand({ Bucket: READINGS, Key: to, CopySource: `${READINGS}/${encodeURI(Key)}` }));
  await s3.send(new DeleteObjectCommand({ Bucket: READINGS, Key }));
  await send(REJECTED_QUEUE, { key: to });
}

async function closeMonth(month) {
  const footer = await parameter('/billing/footer');
  const { Items } = await db.send(
    new QueryCommand({
      TableName: 'bills',
      IndexName: 'by-month',
      KeyConditionExpression: '#month = :month',
      ExpressionAttributeNames: { '#month': 'month' },
      ExpressionAttributeValues: { ':month': { S: month } },
    }),
  );
  const rows = Items.map(({ bill, cents }) => `${bill.S},${cents.N}`);
  const Body = [...rows, footer].join('\n');
  await s3.send(new PutObjectCommand({ Bucket: STATEMENTS, Key: `${month}.csv`, Body }));
  return { month, bills: rows.length };
}

function readingIn(text) {
  try {
    const { meter, units } = JSON.parse(text);
    return typeof meter === 'string' && Number.isFinite(units) ? { meter, units } : undefined;
  } catch {
    return undefined;
  }
}

const parameter = async (Name) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter.Value;
const send = (QueueUrl, message) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
