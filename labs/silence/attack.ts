import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type CheckContext, fail, type Outcome, pass } from '../../server/kit.ts';
import {
  alarm,
  badMessages,
  fileName,
  misjudged,
  one,
  pagesOf,
  putReadings,
  queueUrl,
  readings,
  sendAlarms,
} from './weirs.ts';

const minutes = 60_000;

/** With the key that all gauges share: first a message that hides alarms, then a file that makes a function call itself. */
export async function silence(ctx: CheckContext): Promise<Outcome> {
  const hidden = await hideAnAlarm(ctx);
  if (hidden.passed) return hidden;
  // What still waits for another try would look like a start.
  const QueueUrl = queueUrl(ctx, ctx.outputs.alarms!);
  await ctx.attempt(() => ctx.admin().client(SQSClient).send(new PurgeQueueCommand({ QueueUrl })));
  return callItself(ctx);
}

/** Messages that are no alarms, in one batch with honest ones: before, between and behind them. */
export async function hideAnAlarm(ctx: CheckContext): Promise<Outcome> {
  const bad = badMessages(ctx);
  const first = bad.splice(bad.indexOf(one(ctx.random, bad)), 1)[0]!;
  const [second, third] = [bad[0]!, bad[1]!];
  const honest = Array.from({ length: 6 }, () => alarm(ctx));
  const [a, b, c, d, e, f] = honest.map((each) => JSON.stringify(each));
  await sendAlarms(ctx, [first.body, a!, b!, second.body, c!, d!, e!, f!, third.body]);
  await wait(ctx, 20, async () => honest.every((each) => pagesOf(ctx, each).length > 0));
  // What is tried again is tried within these minutes: an alarm that repeats itself hides the next one.
  await wait(ctx, 10, async () => false);
  for (const each of honest) {
    const wrong = misjudged(ctx, each);
    if (wrong) return pass(`an alarm in one batch with a message ${first.family} ${wrong}`);
  }
  return fail(`${honest.length} alarms in one batch with 3 messages that are none were paged once each`);
}

/** Files with names of several kinds: whether an object that is written because of them starts a function again. */
export async function callItself(ctx: CheckContext): Promise<Outcome> {
  const names = [fileName(ctx), `gauge-tidy/${fileName(ctx)}`, `gauge-0/readings/${fileName(ctx)}`];
  for (const name of names) {
    const calls = callsFromNow(ctx);
    await putReadings(ctx, name, `${readings(ctx).join('\n')}\n`);
    await wait(ctx, 6, async () => false);
    const times = calls().filter(isStart).length;
    for (const [Bucket, Key] of written(calls()).slice(0, 4)) {
      if (!(await startsAFunction(ctx, Bucket, Key))) continue;
      return pass(
        `${Key}, which a function wrote because of readings/${name}, starts a function again: the one file started functions ${times} times`,
      );
    }
  }
  return fail(`no object that functions wrote because of ${names.length} files of gauges starts a function`);
}

/** Writes an object once more as it is: the event that its author caused, alone. */
async function startsAFunction(ctx: CheckContext, Bucket: string, Key: string): Promise<boolean> {
  const s3 = ctx.admin().client(S3Client);
  const object = await ctx.attempt(() => s3.send(new GetObjectCommand({ Bucket, Key })));
  if (!object.ok) return false;
  const calls = callsFromNow(ctx);
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: await object.value.Body!.transformToByteArray() }));
  await wait(ctx, 6, async () => false);
  return calls().some(isStart);
}

type Call = ReturnType<CheckContext['cloud']['calls']['list']>[number];

/** The calls of the fork from here on. */
function callsFromNow(ctx: CheckContext): () => readonly Call[] {
  const last = ctx.cloud.calls.list().at(-1);
  return () => {
    const all = ctx.cloud.calls.list();
    return last === undefined ? all : all.slice(all.lastIndexOf(last) + 1);
  };
}

/** An AWS service calls a function, or fetches messages for one. */
function isStart({ eventName, eventSource, errorCode, userIdentity, userAgent }: Call): boolean {
  if (errorCode !== undefined) return false;
  if (eventSource === 'lambda.amazonaws.com')
    return eventName.startsWith('Invoke') && userIdentity.type === 'AWSService';
  return eventName === 'ReceiveMessage' && userAgent === 'lambda.amazonaws.com';
}

/** Bucket and key of each object that a role wrote, oldest first. */
function written(calls: readonly Call[]): [bucket: string, key: string][] {
  const found = new Map<string, [string, string]>();
  for (const { eventName, errorCode, userIdentity, requestParameters } of calls) {
    if (errorCode !== undefined || userIdentity.type !== 'AssumedRole') continue;
    if (!['PutObject', 'CopyObject', 'CompleteMultipartUpload'].includes(eventName)) continue;
    const { Bucket, Key } = requestParameters as { Bucket: string; Key: string };
    found.set(`${Bucket}/${Key}`, [Bucket, Key]);
  }
  return [...found.values()];
}

/** Lets minutes pass, two at a time, until what is waited for is there. */
export async function wait(ctx: CheckContext, most: number, done: () => Promise<boolean>): Promise<void> {
  await ctx.settle();
  for (let passed = 0; passed < most && !(await done()); passed += 2) {
    ctx.advance(2 * minutes);
    await ctx.settle();
  }
}
