import type { Outcome } from '../catalogue/definition.ts';
import { anonymousCaller } from '../cloud/cloud.ts';
import type { Access, CallContext, ConditionContext } from '../cloud/context.ts';
import { type ActionFacts, actionFacts, expandActions } from '../cloud/policy/catalogue.ts';
import type { PolicyDocument } from '../cloud/policy/types.ts';
import { policiesOf } from '../cloud/services/iam/identity.ts';
import { bucketAccess, bucketPolicy, objectAccess } from '../cloud/services/s3/access.ts';
import { findBucket } from '../cloud/services/s3/tables.ts';
import { type CheckContext, fail, pass } from './check-context.ts';
import { choices } from './chosen-keys.ts';
import { allowedStep, byDeciders } from './deciders.ts';
import type { FoundFunction } from './follow.ts';
import { escalationOf, type Guise, guisesOf } from './guises.ts';

/** What an action of S3 does: takes data out, changes objects, or concerns buckets and the account. */
export type S3Effect = 'read' | 'write' | 'settings';

export interface S3Question {
  effect: S3Effect;
  /** `s3:GetObject` */
  action: string;
  bucket?: string;
  /** Of an object. */
  key?: string;
  /** Of a list; undefined for all. */
  prefix?: string | undefined;
}

/** Asked first, so that a sentence names what a reader knows best. */
const wellKnown = [
  'GetObject',
  'ListBucket',
  'PutObject',
  'DeleteObject',
  'PutBucketPolicy',
  'GetBucketPolicy',
  'DeleteBucketPolicy',
  'DeleteBucket',
  'ListAllMyBuckets',
].map((name) => `s3:${name}`);

let all: Promise<{ facts: ActionFacts; effect: S3Effect; on: 'object' | 'bucket' | 'account' }[]> | undefined;

/** Every action of S3 in AWS's reference. */
function s3Actions() {
  all ??= (async () => {
    const facts = await Promise.all((await expandActions('s3:*')).map((action) => actionFacts(action)));
    return facts
      .filter((each) => each !== undefined)
      .map((each) => {
        const types = each.resources.map(({ name }) => name);
        const on = types.includes('object') ? 'object' : types.includes('bucket') ? 'bucket' : 'account';
        const reads = each.accessLevels.every((level) => level === 'Read' || level === 'List');
        const lists = /^s3:List(?:Bucket|BucketVersions|BucketMultipartUploads|AllMyBuckets)$/.test(each.action);
        const effect: S3Effect = on === 'object' ? (reads ? 'read' : 'write') : lists ? 'read' : 'settings';
        return { facts: each, effect, on } as const;
      });
  })();
  return all;
}

/**
 * Every question of one effect about these buckets: each action of S3 on each bucket, each of these keys, and each list
 * with each of these prefixes.
 */
export async function s3Questions(
  effect: S3Effect,
  buckets: { name: string; keys: string[]; prefixes: (string | undefined)[] }[],
): Promise<S3Question[]> {
  const questions: S3Question[] = [];
  for (const { facts, effect: of, on } of await s3Actions()) {
    if (of !== effect) continue;
    const { action } = facts;
    if (on === 'account') questions.push({ effect, action });
    else
      for (const { name: bucket, keys, prefixes } of buckets) {
        if (on === 'object') for (const key of keys) questions.push({ effect, action, bucket, key });
        else if (effect === 'read') for (const prefix of prefixes) questions.push({ effect, action, bucket, prefix });
        else questions.push({ effect, action, bucket });
      }
  }
  const rank = ({ action }: S3Question): number => wellKnown.indexOf(action) + 1 || wellKnown.length + 1;
  return questions.sort((one, two) => rank(one) - rank(two));
}

/**
 * Asks the policies about S3 for whoever the code of these functions can be, and for outsiders with credentials of their
 * own. The first question that is allowed decides; `needed` are those that the job asks for.
 */
export async function s3Powers(
  ctx: CheckContext,
  functions: FoundFunction[],
  questions: S3Question[],
  needed: (question: S3Question) => boolean,
): Promise<Outcome> {
  const inside = await guisesOf(ctx, functions, `s3.${ctx.region}.amazonaws.com`);
  for (const guise of inside) {
    const escalation = escalationOf(ctx, guise);
    if (!escalation) continue;
    const { who, action, resource, by } = escalation;
    ctx.evidence.push(allowedStep(who, action, resource, escalation));
    return fail(
      `${who} may call ${action} on ${resource}, and so give itself any right in S3, allowed${byDeciders(by)}`,
    );
  }
  const guises: Guise[] = [
    ...inside,
    { who: 'anyone on the internet', caller: anonymousCaller(ctx.outside) },
    ...ctx.callersOf('attacker').map((caller) => ({ who: 'anybody in a foreign account', caller })),
  ];
  const forbidden = questions.filter((question) => !needed(question));
  for (const guise of guises) {
    const { who, caller } = guise;
    for (const choice of choices(documentsFor(ctx, guise, questions), ctx.cloud.clock.now())) {
      const chooser = { ...caller, context: { ...caller.context, ...choice } };
      for (const question of forbidden) {
        const access = accessTo(ctx, { ...guise, caller: chooser }, question);
        if (!access) continue;
        const decision = ctx.cloud.decide(chooser, access);
        if (decision.decision !== 'allowed') continue;
        const when = Object.entries(choice).find(([key]) => key !== 'aws:EpochTime');
        const how =
          (question.effect === 'read' && !question.key && question.bucket
            ? question.prefix === undefined
              ? ' without any prefix'
              : ` with the prefix "${question.prefix}"`
            : '') + (when ? `, when ${when[0]} is ${when[1]},` : '');
        ctx.evidence.push(allowedStep(who, access.action, access.resource + how, decision));
        return fail(`${who} may still call ${access.action} on ${access.resource}${how}${byDeciders(decision.by)}`);
      }
    }
    ctx.evidence.push({
      title: `${forbidden.length} calls of S3 that the job does not need`,
      as: who,
      outcome: 'denied',
    });
  }
  return pass(
    functions.length === 0
      ? 'there is no function whose code could do anything'
      : `the code of ${functions.map(({ name }) => name).join(', ')} is refused all ${forbidden.length} calls that it has no need for`,
  );
}

function accessTo(ctx: CheckContext, { caller }: Guise, question: S3Question): Access | undefined {
  const { action, bucket: name, key, prefix } = question;
  if (name === undefined) return { action, resource: '*', resourceAccount: ctx.account().id };
  const bucket = findBucket(ctx.cloud.state, name);
  if (!bucket) return undefined;
  const short = action.slice('s3:'.length);
  // What these two need of a call: who asks, and the state.
  const call = { cloud: ctx.cloud, state: ctx.cloud.state, caller } as unknown as CallContext;
  const context: ConditionContext = prefix === undefined ? {} : { 's3:prefix': prefix };
  return key === undefined
    ? bucketAccess(call, { Bucket: name }, short, context)
    : objectAccess(call, bucket, key, short);
}

function documentsFor(ctx: CheckContext, { caller }: Guise, questions: S3Question[]): PolicyDocument[] {
  const { identity, boundary } = policiesOf(ctx.cloud.state, caller.principal);
  const buckets = [...new Set(questions.map(({ bucket }) => bucket))].flatMap((name) => {
    const bucket = name === undefined ? undefined : findBucket(ctx.cloud.state, name);
    const stored = bucket && bucketPolicy(bucket);
    return stored ? [stored.policy] : [];
  });
  const { endpointPolicy } = caller.source;
  return [...identity, ...(boundary ? [boundary] : []), ...(endpointPolicy ? [endpointPolicy] : []), ...buckets].map(
    ({ document }) => document,
  );
}
