import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  accessOf,
  byResource,
  type CheckContext,
  decideNamed,
  digits,
  fail,
  functionsOf,
  hex,
  namedCallers,
  type Outcome,
  pass,
  probeService,
  rolesRefuseOutsiders,
} from '../../../server/kit.ts';
import { type Door, doorsOf, leadingTopics } from '../doors.ts';
import { bucketArn, bucketOf } from '../invoices.ts';

const s3 = 's3.amazonaws.com';

/** Buckets of other accounts, above all one that has the name of the company's. */
export async function noForeignBucketMayCall(ctx: CheckContext): Promise<Outcome> {
  const attacker = ctx.account('attacker').id;
  const stranger = `2${digits(ctx.random, 11)}`;
  const bucket = bucketArn(ctx);
  const sources = [
    { service: s3, arn: bucket, account: attacker },
    { service: s3, arn: bucket, account: stranger },
    { service: s3, arn: `arn:aws:s3:::b-${hex(ctx.random, 8)}`, account: attacker },
    { service: s3, arn: `${bucket}-${hex(ctx.random, 4)}`, account: stranger },
  ];
  return onlyRefusals(ctx, sources, (service, account) => service === s3 && account !== ctx.account().id);
}

/** Other buckets of this account, other services, other accounts, and people. */
export async function nobodyElseMayCall(ctx: CheckContext): Promise<Outcome> {
  const account = ctx.account().id;
  const attacker = ctx.account('attacker').id;
  const outsiders = rolesRefuseOutsiders(ctx, await functionsOf(ctx));
  if (!outsiders.passed) return outsiders;
  const { Buckets } = await ctx.admin().client(S3Client).send(new ListBucketsCommand({}));
  const others = (Buckets ?? []).map(({ Name }) => Name!).filter((name) => name !== bucketOf(ctx));
  const foreign = (service: string, rest: string) => ({
    service: `${service}.amazonaws.com`,
    arn: `arn:aws:${service === 'apigateway' ? 'execute-api' : service}:${ctx.region}:${attacker}:${rest}`,
    account: attacker,
  });
  return onlyRefusals(
    ctx,
    [
      ...new Set([
        ctx.outputs['other bucket']!,
        ...others,
        `${bucketOf(ctx)}-${hex(ctx.random, 4)}`,
        `x-${hex(ctx.random, 6)}`,
      ]),
    ]
      .map((name) => ({ service: s3, arn: `arn:aws:s3:::${name}`, account }))
      .concat([
        foreign('sns', `t-${hex(ctx.random, 6)}`),
        foreign('events', `rule/r-${hex(ctx.random, 6)}`),
        foreign('apigateway', `${hex(ctx.random, 10)}/*/*/*`),
      ]),
    (service, owner) => service !== s3 || owner === account,
    ['attacker', 'anonymous', 'trainee'],
  );
}

type Source = Parameters<typeof probeService>[1] & { arn: string };

type Decided = ReturnType<typeof decideNamed>;

/**
 * Everything on the way to the table must refuse everybody who has no business there: the sources, the people, and
 * whoever else the policies on the way name (`service` is empty for people, and `mine` says which of them are asked here).
 */
async function onlyRefusals(
  ctx: CheckContext,
  sources: Source[],
  mine: (service: string, account: string) => boolean,
  people: ('attacker' | 'anonymous' | 'trainee')[] = [],
): Promise<Outcome> {
  const topics = await leadingTopics(ctx);
  const intended = (by: { name: string; arn: string; account: string }): boolean =>
    // Nobody but S3 calls for a bucket, whichever service a policy with Principal "*" would let in.
    (by.arn === bucketArn(ctx) && by.account === ctx.account().id) ||
    (by.name === 'sns.amazonaws.com' && topics.includes(by.arn));
  let asked = 0;
  const refused = (door: Door, who: string, decision: Decided): Outcome | undefined => {
    asked++;
    const call = `${door.service}:${door.operation === 'Invoke' ? 'InvokeFunction' : door.operation}`;
    return decision.decision === 'allowed'
      ? fail(`${door.name} lets ${who} call ${call}${byResource(decision)}`)
      : undefined;
  };
  for (const door of await doorsOf(ctx)) {
    const { name, service, operation, input, services } = door;
    for (const person of people) {
      const actor = await personOf(ctx, person);
      const who = { anonymous: 'anybody', attacker: 'another account', trainee: 'the user trainee' }[person];
      const outcome = actor && refused(door, who, actor.probe(service, operation, input));
      if (outcome) return outcome;
    }
    for (const source of services ? sources : []) {
      const decision = probeService(ctx, source, service, operation, input);
      const outcome = refused(door, `${source.service} for ${source.arn} of account ${source.account}`, decision);
      if (outcome) return outcome;
    }
    const access = accessOf(ctx, service, operation, input);
    for (const named of namedCallers(ctx, access.resourcePolicy ?? [])) {
      const by = named.service;
      if (!mine(by?.name ?? '', by?.account ?? named.caller.principal.account) || (by && (!services || intended(by))))
        continue;
      const decision = decideNamed(ctx, named, access);
      const who = by ? `${named.who} of account ${by.account}` : named.who;
      const said = decision.decision === 'allowed' ? 'succeeded' : 'denied';
      ctx.note(`${who}: ${access.action} on ${name}`, said, decision.because);
      const outcome = refused(door, who, decision);
      if (outcome) return outcome;
    }
  }
  return pass(`all ${asked} calls that have no business here are refused`);
}

/** Not everybody's account has the trainee still; who is gone calls nothing. */
async function personOf(ctx: CheckContext, person: 'attacker' | 'anonymous' | 'trainee') {
  if (person === 'anonymous') return ctx.anonymous();
  if (person === 'attacker') return ctx.user('intruder', 'attacker');
  const actor = await ctx.attempt(async () => ctx.user('trainee'));
  return actor.ok ? actor.value : undefined;
}
