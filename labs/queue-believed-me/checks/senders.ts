import {
  LambdaClient,
  ListAliasesCommand,
  ListFunctionUrlConfigsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import {
  type Actor,
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
import { queuesOf } from '../queues.ts';

interface Door {
  name: string;
  service: string;
  operation: string;
  input: object;
}

/** The queues, and the functions themselves with versions, aliases and URLs. */
async function doorsOf(ctx: CheckContext): Promise<Door[]> {
  const doors: Door[] = [];
  for (const { name, url: QueueUrl } of await queuesOf(ctx)) {
    const door = (operation: string, input: object): Door => ({
      name: `the queue ${name}`,
      service: 'sqs',
      operation,
      input: { QueueUrl, ...input },
    });
    doors.push(
      door('SendMessage', { MessageBody: '{}' }),
      door('ReceiveMessage', {}),
      door('DeleteMessage', { ReceiptHandle: 'x' }),
      door('PurgeQueue', {}),
    );
  }
  const lambda = ctx.admin().client(LambdaClient);
  for (const FunctionName of new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))) {
    const short = FunctionName.split(':').at(-1)!;
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName }));
    const qualifiers = [
      ...(Versions ?? []).map(({ Version }) => Version!),
      ...(Aliases ?? []).map(({ Name }) => Name!),
    ];
    for (const Qualifier of [undefined, ...qualifiers])
      doors.push({
        name: `the function ${short}${Qualifier ? `:${Qualifier}` : ''}`,
        service: 'lambda',
        operation: 'Invoke',
        input: { FunctionName, ...(Qualifier ? { Qualifier } : {}) },
      });
    const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionArn, AuthType } of FunctionUrlConfigs ?? [])
      doors.push({
        name: `the URL of ${short}`,
        service: 'lambda',
        operation: 'InvokeFunctionUrl',
        input: { FunctionName: FunctionArn, AuthType },
      });
  }
  return doors;
}

/** Strangers, services that work for strangers, the fraud desk, and whoever else the policies name are refused. */
export async function nobodyElseMayUseTheQueue(ctx: CheckContext): Promise<Outcome> {
  const own = ctx.account().id;
  const account = ctx.account('attacker').id;
  const outsiders = rolesRefuseOutsiders(ctx, await functionsOf(ctx));
  if (!outsiders.passed) return outsiders;
  const desk = await ctx.attempt(async () => ctx.user('fraud-desk'));
  const people: [string, Actor][] = [
    ['another account', ctx.user('intruder', 'attacker')],
    ['anybody', ctx.anonymous()],
    ...(desk.ok ? [['the user fraud-desk', desk.value] as [string, Actor]] : []),
  ];
  const sources = [
    { service: 'sns.amazonaws.com', arn: `arn:aws:sns:${ctx.region}:${account}:t-${hex(ctx.random, 6)}`, account },
    { service: 's3.amazonaws.com', arn: `arn:aws:s3:::b-${hex(ctx.random, 6)}`, account },
    {
      service: 'events.amazonaws.com',
      arn: `arn:aws:events:${ctx.region}:${account}:rule/r-${hex(ctx.random, 6)}`,
      account,
    },
  ];
  let asked = 0;
  for (const { name, service, operation, input } of await doorsOf(ctx)) {
    const access = accessOf(ctx, service, operation, input);
    const refused = (who: string, decision: ReturnType<typeof decideNamed>): Outcome | undefined => {
      asked++;
      if (decision.decision !== 'allowed') return undefined;
      return fail(`${name} lets ${who} call ${access.action}${byResource(decision)}`);
    };
    for (const [who, actor] of people) {
      const outcome = refused(who, actor.probe(service, operation, input));
      if (outcome) return outcome;
    }
    // Services send, and never read.
    if (operation === 'SendMessage' || operation === 'Invoke')
      for (const source of sources) {
        const outcome = refused(
          `${source.service} for ${source.arn}`,
          probeService(ctx, source, service, operation, input),
        );
        if (outcome) return outcome;
      }
    for (const named of namedCallers(ctx, access.resourcePolicy ?? [])) {
      if ((named.service?.account ?? named.caller.principal.account) === own) continue;
      const decision = decideNamed(ctx, named, access);
      ctx.note(
        `${named.who}: ${access.action} on ${name}`,
        decision.decision === 'allowed' ? 'succeeded' : 'denied',
        decision.because,
      );
      const outcome = refused(named.who, decision);
      if (outcome) return outcome;
    }
  }
  return pass(`all ${asked} calls that have no business here are refused`);
}
