import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  type CheckContext,
  digits,
  hex,
  jsonAnswer,
  type Random,
  readJson,
  recall,
  remember,
  remembered,
  type SimulatedHost,
} from '../../server/kit.ts';

/** The gauges at the weirs: what they send, who is paged, and what a hydrologist finds. */

export const pager = 'pager.example';

/** An alarm as a gauge sends it. */
export interface Alarm {
  alarm: string;
  gauge: string;
  /** In centimetres. */
  level: number;
}

/** Letters at the end of an alarm's id by which the pager, as a test of its users, is busy once, or never has time. */
const busyOnce = 'x';
const closed = 'z';

/** Pages whoever is on duty; some calls it refuses at first, and some for ever. */
export const pagerHost: SimulatedHost = {
  name: pager,
  port: 443,
  place: { kind: 'internet' },
  http(ctx, request) {
    if (request.method !== 'POST' || request.url !== '/pages') return jsonAnswer(404, { error: 'no such page' });
    const { alarm, gauge, level } = readJson(request.body.toString());
    if (typeof alarm !== 'string' || typeof gauge !== 'string' || typeof level !== 'number')
      return jsonAnswer(400, { error: 'a page needs alarm, gauge and level' });
    const before = remembered(ctx, pager).some((each) => each.alarm === alarm);
    const busy = alarm.endsWith(closed) || (alarm.endsWith(busyOnce) && !before);
    remember(ctx, pager, { alarm, gauge, level, paged: !busy });
    return busy ? jsonAnswer(503, { error: 'busy, try again in a minute' }) : jsonAnswer(201, { paged: alarm });
  },
};

/** An alarm that nobody has seen before, and how the pager takes it. */
export function alarm(ctx: CheckContext, pagerIs: 'free' | 'busy once' | 'closed' = 'free'): Alarm {
  const end = { free: digits(ctx.random, 1), 'busy once': busyOnce, closed }[pagerIs];
  return {
    alarm: `a-${hex(ctx.random, 12)}${end}`,
    gauge: `gauge-${1 + (Number(digits(ctx.random, 3)) % 60)}`,
    level: 180 + Number(digits(ctx.random, 2)),
  };
}

/** What the pager said of an alarm: the calls by which somebody was paged. */
export const pagesOf = (ctx: CheckContext, { alarm }: Alarm): { [key: string]: unknown }[] =>
  recall(ctx, pager).filter((each) => each.alarm === alarm && each.paged === true);

/** How an alarm was not paged as it should be; undefined where all is well. */
export function misjudged(ctx: CheckContext, wanted: Alarm): string | undefined {
  const pages = pagesOf(ctx, wanted);
  if (pages.length === 0) return 'was never paged';
  if (pages.length > 1) return `was paged ${pages.length} times`;
  const [{ gauge, level }] = pages as [{ [key: string]: unknown }];
  return gauge === wanted.gauge && level === wanted.level ? undefined : 'was paged with another gauge or level';
}

/** A message that is no alarm, and a text of its own by which it is found again. */
export interface Bad {
  family: string;
  body: string;
  mark: string;
}

/** What a broken or a hostile gauge sends: as many families as there are ways to make a handler throw, or a pager refuse. */
export function badMessages(ctx: CheckContext): Bad[] {
  const bad = (family: string, text: (mark: string) => string): Bad => {
    const mark = `m-${hex(ctx.random, 12)}`;
    return { family, body: text(mark), mark };
  };
  const good = alarm(ctx);
  return [
    bad('that is no JSON', (mark) => one(ctx.random, [`{"alarm":"${mark}","gauge":`, mark, `${mark}}`])),
    bad('that is a JSON text', (mark) => JSON.stringify(mark)),
    bad('that is a list', (mark) => JSON.stringify([{ ...good, alarm: mark }])),
    bad('without a level', (mark) => JSON.stringify({ alarm: mark, gauge: good.gauge })),
    bad('whose level is a text', (mark) => JSON.stringify({ ...good, alarm: mark, level: 'high' })),
    bad('whose gauge is null', (mark) => JSON.stringify({ ...good, alarm: mark, gauge: null })),
  ];
}

export const one = <T>(random: Random, from: readonly T[]): T => from[random.bytes(1)[0]! % from.length]!;

/** As the gauges: all of these in one call, so that they come as one batch. */
export async function sendAlarms(ctx: CheckContext, bodies: string[]): Promise<void> {
  await ctx
    .user('gauges')
    .client(SQSClient)
    .send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl(ctx, ctx.outputs.alarms!),
        Entries: bodies.map((MessageBody, i) => ({ Id: `m${i}`, MessageBody })),
      }),
    );
}

/** As the gauges: a file under `readings/`. */
export async function putReadings(ctx: CheckContext, name: string, Body: string): Promise<void> {
  await ctx
    .user('gauges')
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: ctx.outputs.bucket!, Key: `readings/${name}`, Body }));
}

/** A name as gauges give them: `gauge-7/2026-11-20-3fa9.csv`. */
export const fileName = (ctx: CheckContext, mark = hex(ctx.random, 10)): string =>
  `gauge-${1 + (Number(digits(ctx.random, 3)) % 60)}/${mark}.csv`;

/** Lines in the order in which the radio brought them; never in that of time. */
export function readings(ctx: CheckContext): string[] {
  const level = (): string => `${Number(digits(ctx.random, 2))}.${1 + (Number(digits(ctx.random, 2)) % 9)}`;
  return ['23:50', '06:10', '14:30', '06:00'].map((time) => `${time},${level()}`);
}

/** What the hydrologists' tool finds for a file, in either of the places where it looks. */
export async function tidyFile(ctx: CheckContext, name: string): Promise<string | undefined> {
  const s3 = ctx.user('hydrologist').client(S3Client);
  for (const prefix of ['tidy/', 'readings/tidy/']) {
    const got = await ctx.attempt(() =>
      s3.send(new GetObjectCommand({ Bucket: ctx.outputs.bucket!, Key: `${prefix}${name}` })),
    );
    if (got.ok) return await got.value.Body!.transformToString();
  }
  return undefined;
}

/** `alarms` → its URL. */
export const queueUrl = (ctx: CheckContext, queue: string): string =>
  `https://sqs.${ctx.region}.amazonaws.com/${ctx.account().id}/${queue}`;
