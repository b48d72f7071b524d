import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { wait } from '../attack.ts';
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
} from '../weirs.ts';

/** The pager is busy at first, or does not answer at all: nothing of it may be forgotten. */
export async function lostAlarmsAreFound(ctx: CheckContext): Promise<Outcome> {
  const later = [alarm(ctx, 'busy once'), alarm(ctx, 'busy once')];
  const never = [alarm(ctx, 'closed'), alarm(ctx, 'closed')];
  const bad = badMessages(ctx);
  const wanted = [
    ...never.map((each) => ({ mark: each.alarm, what: 'an alarm for which the pager never has time' })),
    ...bad.map(({ mark, family }) => ({ mark, what: `a message ${family}` })),
  ];
  await sendAlarms(ctx, [
    ...later.map((each) => JSON.stringify(each)),
    ...never.map((each) => JSON.stringify(each)),
    ...bad.map(({ body }) => body),
  ]);
  const lost = await lostAfterAnHour(ctx, wanted, () => later.every((each) => pagesOf(ctx, each).length > 0));
  if (lost) return fail(`${lost} was not in attention an hour after a gauge had sent it`);
  const unpaged = later.map((each) => misjudged(ctx, each)).find((each) => each !== undefined);
  if (unpaged) return fail(`an alarm for which the pager had no time at first ${unpaged}`);
  return pass(
    `on-call found ${wanted.length} messages that could not be paged; those for which the pager was busy were paged`,
  );
}

/** Files that `tidy` refuses, of several families. */
export async function failedFilesAreFound(ctx: CheckContext): Promise<Outcome> {
  const [first, ...rest] = readings(ctx);
  const family: [string, string][] = [
    ['without readings', one(ctx.random, ['', '\n\n', '  \n'])],
    ['whose last line is cut off', [first, ...rest, '07:1'].join('\n')],
    ['that is no list of readings', one(ctx.random, ['{"level":12}', '<html></html>', 'time,level\nnow,high'])],
  ];
  const wanted = family.map(([name, body]) => ({ mark: hex(ctx.random, 12), what: `a file ${name}`, body }));
  for (const { mark, body } of wanted) await putReadings(ctx, fileName(ctx, mark), body);
  const lost = await lostAfterAnHour(ctx, wanted, () => true);
  return lost
    ? fail(`${lost} was not in attention an hour after a gauge had sent it${ctx.lastFailure()}`)
    : pass(`on-call found all ${wanted.length} files that could not be tidied`);
}

/** What on-call has not read within an hour; undefined where everything was there. */
async function lostAfterAnHour(
  ctx: CheckContext,
  wanted: readonly { mark: string; what: string }[],
  otherwise: () => boolean,
): Promise<string | undefined> {
  const letters: string[] = [];
  const missing = () => wanted.find(({ mark }) => !letters.some((body) => body.includes(mark)));
  await wait(ctx, 60, async () => {
    letters.push(...(await readAttention(ctx)));
    return missing() === undefined && otherwise();
  });
  return missing()?.what;
}

/** As on-call. */
async function readAttention(ctx: CheckContext): Promise<string[]> {
  const sqs = ctx.user('on-call').client(SQSClient);
  const QueueUrl = queueUrl(ctx, ctx.outputs.attention!);
  const found: string[] = [];
  for (let calls = 0; calls < 5; calls++) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) break;
    found.push(...Messages.map(({ Body }) => Body!));
  }
  return found;
}
