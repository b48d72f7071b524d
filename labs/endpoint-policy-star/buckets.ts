import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type CheckContext, openToAll } from '../../server/kit.ts';

export const functionName = 'store-scan';
export const form = 'forms/head.txt';

/** Buckets of the company, of its partner, and what the partner does not share. */
export function buckets({ outputs }: { outputs: Readonly<Record<string, string>> }) {
  return {
    scans: outputs['bucket of scans']!,
    forms: outputs["partner's bucket of forms"]!,
    intake: outputs["partner's other bucket"]!,
  };
}

/**
 * So many buckets of the attacker in this fork. Anybody may register a name that begins like the company's or the partner's, or
 * that has another end of the same length.
 */
export async function attackersBuckets(ctx: CheckContext, count = 4): Promise<string[]> {
  const { scans, forms } = buckets(ctx);
  const id = ctx.gradeId;
  const names = [
    `store-${id.slice(0, 10)}`,
    `${scans}-${id.slice(10, 14)}`,
    `${scans.slice(0, -4)}${scans.endsWith(id.slice(12)) ? id.slice(8, 12) : id.slice(12)}`,
    `${forms}-${id.slice(10, 14)}`,
  ].slice(0, count);
  const thief = ctx.owner('attacker').client(S3Client);
  for (const Bucket of names) {
    await thief.send(new CreateBucketCommand({ Bucket }));
    openToAll(ctx, Bucket);
  }
  return names;
}
