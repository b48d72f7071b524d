import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { MovableClock } from '../../server/cloud/clock.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { objectText, openToAll } from '../../server/grading/buckets.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { policy } from '../../server/kit.ts';
import { client, createTestCloud } from '../cloud/test-cloud.ts';

test('a bucket that denies its own root is looked into, and opened to everybody', async () => {
  const { cloud } = createTestCloud();
  const s3 = client(S3Client, cloud);
  const facts = { outputs: {}, secrets: {} };
  const clock = new MovableClock();
  const ctx = new CheckContext({ cloud, clock, facts, gradeSeed: 'x', random: seededRandom('x') });
  const at = { Bucket: 'shut', Key: 'a b.txt' };
  await s3.send(new CreateBucketCommand({ Bucket: 'shut' }));
  await s3.send(new PutObjectCommand({ ...at, Body: 'inside' }));
  const Policy = policy({ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shut/*' });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'shut', Policy }));
  expect(objectText(ctx, 'shut', 'a b.txt')).toBe('inside');
  expect(objectText(ctx, 'shut', 'other')).toBeUndefined();
  expect(objectText(ctx, 'none', 'a b.txt')).toBeUndefined();

  const anybody = ctx.anonymous().client(S3Client);
  await expect(anybody.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'AccessDenied' });
  openToAll(ctx, 'none');
  openToAll(ctx, 'shut');
  expect(await (await anybody.send(new GetObjectCommand(at))).Body!.transformToString()).toBe('inside');
});
