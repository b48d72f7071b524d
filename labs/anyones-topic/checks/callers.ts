import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  accessOf,
  byResource,
  type CheckContext,
  decideNamed,
  fail,
  functionsOf,
  hex,
  namedCallers,
  type Outcome,
  pass,
  probeService,
  rolesRefuseOutsiders,
} from '../../../server/kit.ts';
import { type Door, doorsOf } from '../doors.ts';

/** Topics of another account, one of which has the company's name for it. */
export async function noForeignTopicMayCall(ctx: CheckContext): Promise<Outcome> {
  const attacker = ctx.account('attacker').id;
  const own = ctx.outputs.topic!.split(':').at(-1)!;
  const region = ctx.region;
  const elsewhere = region === 'eu-west-1' ? 'us-west-2' : 'eu-west-1';
  const sources = [
    `arn:aws:sns:${region}:${attacker}:t-${hex(ctx.random, 6)}`,
    `arn:aws:sns:${region}:${attacker}:${own}`,
    `arn:aws:sns:${elsewhere}:${attacker}:${own}`,
    `arn:aws:sns:${region}:${attacker}:${own}-${hex(ctx.random, 4)}`,
  ].map((arn) => ({ service: 'sns.amazonaws.com', arn, account: attacker }));
  return onlyRefusals(
    ctx,
    sources,
    (service, account) => service === 'sns.amazonaws.com' && account !== ctx.account().id,
  );
}

/** Other topics of this account, other services, other accounts, and people. */
export async function nobodyElseMayCall(ctx: CheckContext): Promise<Outcome> {
  const account = ctx.account().id;
  const attacker = ctx.account('attacker').id;
  const topic = ctx.outputs.topic!;
  const outsiders = rolesRefuseOutsiders(ctx, await functionsOf(ctx));
  if (!outsiders.passed) return outsiders;
  const { Topics } = await ctx.admin().client(SNSClient).send(new ListTopicsCommand({}));
  const others = (Topics ?? []).map(({ TopicArn }) => TopicArn!).filter((arn) => arn !== topic);
  return onlyRefusals(
    ctx,
    [...new Set([ctx.outputs['other topic']!, ...others])]
      .map((arn) => ({ service: 'sns.amazonaws.com', arn, account }))
      .concat([
        { service: 'sns.amazonaws.com', arn: `${topic}-${hex(ctx.random, 4)}`, account },
        { service: 's3.amazonaws.com', arn: `arn:aws:s3:::b-${hex(ctx.random, 6)}`, account: attacker },
        {
          service: 'events.amazonaws.com',
          arn: `arn:aws:events:${ctx.region}:${attacker}:rule/r-${hex(ctx.random, 6)}`,
          account: attacker,
        },
        {
          service: 'apigateway.amazonaws.com',
          arn: `arn:aws:execute-api:${ctx.region}:${attacker}:${hex(ctx.random, 10)}/*/*/*`,
          account: attacker,
        },
      ]),
    (service, account) => service !== 'sns.amazonaws.com' || account === ctx.account().id,
    ['attacker', 'anonymous', 'employee'],
  );
}

type Source = Parameters<typeof probeService>[1] & { arn: string };

type Decided = ReturnType<typeof decideNamed>;

/**
 * Everything on the way to a payment must refuse everybody who has no business there: the sources, the people, and
 * whoever else the policies on the way name (`service` is empty for people, and `mine` says which of them are asked here).
 */
async function onlyRefusals(
  ctx: CheckContext,
  sources: Source[],
  mine: (service: string, account: string) => boolean,
  people: ('attacker' | 'anonymous' | 'employee')[] = [],
): Promise<Outcome> {
  const topic = ctx.outputs.topic!;
  const doors = await doorsOf(ctx);
  let asked = 0;
  const refused = (door: Door, who: string, decision: Decided): Outcome | undefined => {
    asked++;
    const call = `${door.service}:${door.operation === 'Invoke' ? 'InvokeFunction' : door.operation}`;
    return decision.decision === 'allowed'
      ? fail(`${door.name} lets ${who} call ${call}${byResource(decision)}`)
      : undefined;
  };
  for (const door of doors) {
    const { name, service, operation, input } = door;
    for (const person of people) {
      const actor =
        person === 'anonymous'
          ? ctx.anonymous()
          : person === 'attacker'
            ? ctx.user('intruder', 'attacker')
            : await employee(ctx);
      const who = { anonymous: 'anybody', attacker: 'another account', employee: 'the user employee' }[person];
      const outcome = actor && refused(door, who, actor.probe(service, operation, input));
      if (outcome) return outcome;
    }
    for (const source of door.services ? sources : []) {
      const decision = probeService(ctx, source, service, operation, input);
      const outcome = refused(door, `${source.service} for ${source.arn}`, decision);
      if (outcome) return outcome;
    }
    const access = accessOf(ctx, service, operation, input);
    for (const named of namedCallers(ctx, access.resourcePolicy ?? [])) {
      const by = named.service;
      if (!mine(by?.name ?? '', by?.account ?? named.caller.principal.account)) continue;
      if (by && (!door.services || (by.name === 'sns.amazonaws.com' && by.arn === topic))) continue;
      const decision = decideNamed(ctx, named, access);
      ctx.note(
        `${named.who}: ${access.action} on ${name}`,
        decision.decision === 'allowed' ? 'succeeded' : 'denied',
        decision.because,
      );
      const outcome = refused(door, named.who, decision);
      if (outcome) return outcome;
    }
  }
  return pass(`all ${asked} calls that have no business here are refused`);
}

/** Not everybody's account has the user still; who is gone calls nothing. */
async function employee(ctx: CheckContext) {
  const actor = await ctx.attempt(async () => ctx.user('employee'));
  return actor.ok ? actor.value : undefined;
}
