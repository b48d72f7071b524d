import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  type CheckContext,
  fail,
  hex,
  type Outcome,
  type PackageFiles,
  pass,
  publish,
  readJson,
  rebuild,
  recall,
} from '../../server/kit.ts';
import { newer, registry, replaced } from './packages.ts';

/** Attackers publish, and wait for the next build. */
export async function publishAndWait(ctx: CheckContext): Promise<Outcome> {
  const drop = ctx.secrets.drop!;
  const before = recall(ctx, drop).length;
  const marker = hex(ctx.random, 24);
  const versions = [...newer(ctx, marker), ...replaced(ctx, marker)];
  publish(ctx.cloud, registry, { versions });
  const names = versions.map(({ name, version }) => `${name}@${version}`).join(', ');
  ctx.note(`publish to ${registry}, over what is there: ${names}`, 'succeeded');
  const build = await rebuild(ctx, ctx.outputs.bucket!);
  const [first] = recall(ctx, drop).slice(before) as { from: string; told: string }[];
  if (first) {
    ctx.note(`${drop} has the variables of the build`, 'succeeded', Object.keys(readJson(first.told)).join(', '));
    const opened = await useKeys(ctx, readJson(first.told));
    return pass(`the build ran an install script of ${first.from}, which sent its variables to ${drop}${opened}`);
  }
  const file = marked(build.files, marker);
  if (file) return pass(`the build packed ${file} as attackers published it`);
  return fail(
    build.ok
      ? 'nothing that attackers published ran in the build, or got into its package'
      : `the build took nothing that attackers published, and ended: ${build.because}`,
  );
}

/** The keys of the build's role, in somebody else's hands. */
async function useKeys(ctx: CheckContext, variables: { [key: string]: unknown }): Promise<string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = variables;
  if (typeof id !== 'string' || typeof secret !== 'string' || typeof token !== 'string') return '';
  const thief = ctx.holder('whoever reads the drop', {
    accessKeyId: id,
    secretAccessKey: secret,
    sessionToken: token,
  });
  const bucket = ctx.outputs.bucket!;
  const read = await ctx.attempt(() =>
    thief.client(S3Client).send(new GetObjectCommand({ Bucket: bucket, Key: 'source.zip' })),
  );
  return read.ok ? `, and its keys read s3://${bucket}/source.zip` : '';
}

/** A file with the attackers' mark in it. */
export const marked = (files: PackageFiles, marker: string): string | undefined =>
  [...files].find(([, bytes]) => bytes.includes(marker))?.[0];
