import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  type CheckContext,
  functionsOf,
  hex,
  type Outcome,
  rolesRefuseOutsiders,
  type S3Effect,
  s3Powers,
  s3Questions,
} from '../../../server/kit.ts';
import { backupKey, buckets } from '../photos.ts';

/** Code that runs in any function, by any means that it has there, does none of the calls that the job does not need. */
export async function nothingElse(ctx: CheckContext, effect: S3Effect): Promise<Outcome> {
  const { inBucket, outBucket, backup, other } = buckets(ctx);
  const name = `x-${hex(ctx.random, 4)}.ppm`;
  const prefixes = [undefined, '', 'u', 'contracts/', 'uploads', 'uploads-old/', 'thumbs/', 'private/'];
  const questions = await s3Questions(effect, [
    {
      name: backup,
      keys: [backupKey, `uploads/${name}`, `thumbs/${name}`],
      prefixes: [undefined, '', 'uploads/', 'export/'],
    },
    {
      name: inBucket,
      keys: [
        `uploads/${name}`,
        'contracts/kiosk-lease.txt',
        `uploads-old/${name}`,
        `archive/uploads/${name}`,
        `thumbs/${name}`,
        name,
      ],
      prefixes,
    },
    {
      name: outBucket,
      keys: [`thumbs/${name}`, `private/${name}`, `thumbs-old/${name}`, `old/thumbs/${name}`, `uploads/${name}`, name],
      prefixes: [...prefixes, 'uploads/'],
    },
    { name: other, keys: [`uploads/${name}`, `thumbs/${name}`, name], prefixes: [undefined, 'uploads/', 'thumbs/'] },
  ]);
  return s3Powers(ctx, await functionsOf(ctx, { allVersions: true }), questions, ({ action, bucket, key }) => {
    const call = action.slice('s3:'.length);
    if (bucket === inBucket && key === `uploads/${name}`)
      return ['GetObject', 'GetObjectVersion', 'GetObjectAttributes', 'GetObjectVersionAttributes'].includes(call);
    // Uploads in parts are writes of the same object, which their writer may list and give up.
    if (bucket === outBucket && key === `thumbs/${name}`)
      return ['PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].includes(call);
    return false;
  });
}

/** As `nothingElse` for reading; outsiders count, too. */
export async function readsNothingElse(ctx: CheckContext): Promise<Outcome> {
  const outsiders = rolesRefuseOutsiders(ctx, await everyRole(ctx));
  return outsiders.passed ? nothingElse(ctx, 'read') : outsiders;
}

/** No role of this account has a job for outsiders, whether a function has it or only may take it on. */
async function everyRole(ctx: CheckContext) {
  const { Roles } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  return (Roles ?? []).map(({ RoleName, Arn }) => ({ name: RoleName!, arn: '', roleArn: Arn! }));
}
