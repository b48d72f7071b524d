import {
  type Actor,
  type CheckContext,
  empowered,
  fail,
  insider,
  internetPath,
  type Outcome,
  openToAll,
  type Probe,
  pass,
  probeActor,
} from '../../../server/kit.ts';
import { attackersBuckets, buckets } from '../buckets.ts';
import { networks, places, type Way, waysToS3 } from '../inside.ts';

/** What carries data, or orders for the code, in either direction. */
const calls = (Bucket: string): Probe[] => [
  ['PutObject', { Bucket, Key: 'x' }],
  ['GetObject', { Bucket, Key: 'x' }],
  ['ListObjectsV2', { Bucket }],
  ['DeleteObject', { Bucket, Key: 'x' }],
  ['GetObject', { Bucket, Key: 'x', VersionId: 'v' }],
  ['PutObjectTagging', { Bucket, Key: 'x', Tagging: { TagSet: [] } }],
  ['GetObjectTagging', { Bucket, Key: 'x' }],
  ['PutObjectAcl', { Bucket, Key: 'x', ACL: 'private' }],
  ['ListObjectVersions', { Bucket }],
  ['PutBucketTagging', { Bucket, Tagging: { TagSet: [] } }],
  ['GetBucketTagging', { Bucket }],
  ['PutBucketPolicy', { Bucket, Policy: '{}' }],
];

/** Own principals, whatever their policies say, reach no bucket of others but the shared one. */
export async function onlyOwnAndSharedBuckets(ctx: CheckContext): Promise<Outcome> {
  const { intake } = buckets(ctx);
  openToAll(ctx, intake);
  const [any, ...alike] = await attackersBuckets(ctx);
  const everybody = empowered(ctx);
  for (const way of await waysToS3(ctx))
    for (const { who, roleArn, credentials } of everybody) {
      const code = way.functions.find((each) => each.roleArn === roleArn);
      const keys = code ? ctx.code(code.functionArn, code.roleArn).credentials : credentials;
      const outcome = refused(way, who, insider(ctx, who, way, keys), [any!, intake], alike);
      if (!outcome.passed) return outcome;
    }
  return onTheInternet(ctx, 'own principals reach no foreign bucket but the shared one from inside');
}

/** Nobody else's keys work from inside, and none do not either. */
export async function onlyOwnPrincipals(ctx: CheckContext): Promise<Outcome> {
  const { scans, forms, intake } = buckets(ctx);
  const targets = [...(await attackersBuckets(ctx, 1)), scans, forms, intake];
  for (const bucket of targets) openToAll(ctx, bucket);
  const others: [string, Actor | undefined][] = [
    ['a user of a foreign account', ctx.user('intruder', 'attacker')],
    ['root of a foreign account', ctx.admin('attacker')],
    ['root of the partner', ctx.admin('partner')],
    ['somebody without keys', undefined],
  ];
  for (const way of await waysToS3(ctx))
    for (const [who, somebody] of others) {
      const outcome = refused(way, who, insider(ctx, who, way, somebody?.credentials), targets);
      if (!outcome.passed) return outcome;
    }
  return pass('keys of other accounts, and no keys, are refused from inside');
}

/**
 * Asks the policies about every call on each of the buckets. Of `alike` buckets, which only patterns of names tell from
 * the company's, about the first three, and so from further addresses behind an endpoint.
 */
function refused(way: Way, who: string, actor: Actor, targets: string[], alike: string[] = []): Outcome {
  for (const bucket of [...targets, ...alike]) {
    const few = way.further || alike.includes(bucket);
    const asked = few ? calls(bucket).slice(0, 3) : calls(bucket);
    const outcome = probeActor(actor, `${who}, in ${way.name},`, 's3', asked);
    if (!outcome.passed) return outcome;
  }
  return pass(`${who} is refused`);
}

/** A way around the endpoints makes their policies worth nothing. */
async function onTheInternet(ctx: CheckContext, otherwise: string): Promise<Outcome> {
  for (const network of await networks(ctx))
    for (const place of places(network)) {
      const path = internetPath(ctx, network, place);
      if (path) return fail(`${path}: past every endpoint`);
    }
  return pass(otherwise);
}
