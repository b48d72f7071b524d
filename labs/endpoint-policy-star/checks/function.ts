import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  answerWithin,
  type CheckContext,
  digits,
  doorsTo,
  fail,
  hex,
  inEverySubnet,
  networkOf,
  type Outcome,
  objectText,
  pass,
  serviceStop,
} from '../../../server/kit.ts';
import { buckets, form, functionName } from '../buckets.ts';
import { places } from '../inside.ts';

/** A scan from each subnet is filed in the own bucket, under the form that the partner has just changed. */
export async function scansAreFiled(ctx: CheckContext): Promise<Outcome> {
  const { scans, forms } = buckets(ctx);
  const network = await networkOf(ctx, functionName);
  // What no endpoint carries would only run into the function's time limits.
  for (const place of places(network))
    if (doorsTo(ctx, network, place, 's3').length === 0)
      return fail(`${functionName} cannot file: ${serviceStop(ctx, network, place, 's3')}`);
  const head = `Form ${hex(ctx.random, 8)}`;
  await ctx
    .admin('partner')
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: forms, Key: form, Body: head }));
  const wrong = await inEverySubnet(ctx, network, async (subnet) => {
    const where = `${functionName} in ${subnet?.name ?? 'no VPC'}`;
    const scan = `S-${digits(ctx.random, 9)}`;
    const text = `finding ${hex(ctx.random, 8)}`;
    let answer = await file(ctx, { scan, text });
    const stop = serviceStop(ctx, network, subnet, 's3');
    // A busy machine makes time limits run out; a practice asks again.
    if (!stop && !answer.includes('"filed":true')) answer = await file(ctx, { scan, text });
    const kept = objectText(ctx, scans, `scans/${scan}.txt`);
    if (kept === undefined) return `${where} does not file a scan: ${answer}${stop ? `; ${stop}` : ''}`;
    if (!kept.includes(text)) return `${where} files a scan without its text in ${scans}`;
    if (!kept.includes(head)) return `${where} files a scan without the form of ${forms} as it is now`;
    return undefined;
  });
  return wrong ? fail(wrong) : pass(`${functionName} files scans in ${scans} under the form of ${forms}`);
}

/** A practice files a scan; what it was answered. */
async function file(ctx: CheckContext, scan: object): Promise<string> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('practice')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(scan)) }));
    return Buffer.from((await answerWithin(8000, call))?.Payload ?? []).toString() || 'no answer';
  });
  return (answer.ok ? answer.value : answer.message).slice(0, 300);
}
