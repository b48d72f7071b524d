import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionUrlConfigsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  accessOf,
  alphanumeric,
  byResource,
  type CheckContext,
  decideNamed,
  defineLab,
  digits,
  fail,
  functionsOf,
  hex,
  namedCallers,
  type Outcome,
  pass,
  probeService,
  queuesFeeding,
  recall,
  remember,
  rolesRefuseOutsiders,
  topicTargets,
} from '../../server/kit.ts';

const bank = 'bank.example';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const iam = admin.client(IAMClient);
    const sns = admin.client(SNSClient);
    const lambda = admin.client(LambdaClient);
    const payroll = (await sns.send(new CreateTopicCommand({ Name: 'payroll' }))).TopicArn!;
    const news = (await sns.send(new CreateTopicCommand({ Name: 'office-news' }))).TopicArn!;
    await iam.send(new CreateUserCommand({ UserName: 'hr-system' }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'hr-system',
        PolicyName: 'publish',
        PolicyDocument: policy([{ Effect: 'Allow', Action: 'sns:Publish', Resource: payroll }]),
      }),
    );
    await iam.send(new CreateUserCommand({ UserName: 'employee' }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'employee',
        PolicyName: 'news',
        PolicyDocument: policy([{ Effect: 'Allow', Action: ['sns:Publish', 'sns:Subscribe'], Resource: news }]),
      }),
    );
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'payout-role',
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'payout-role',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    );
    const token = alphanumeric(world.random, 24);
    const created = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'payout',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role.Role!.Arn!,
        Code: { ZipFile: world.zip('function') },
        Environment: { Variables: { BANK_URL: `https://${bank}`, BANK_TOKEN: token } },
        Timeout: 10,
        MemorySize: 128,
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: 'payout',
        StatementId: 'sns-invoke',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
      }),
    );
    await sns.send(new SubscribeCommand({ TopicArn: payroll, Protocol: 'lambda', Endpoint: created.FunctionArn! }));
    world.secret('bank token', token);
    world.output('topic', payroll);
    world.output('other topic', news);
    world.output('function', created.FunctionArn!);
    world.output('account', id);
  },

  hosts: (facts) => [
    {
      name: bank,
      port: 443,
      place: { kind: 'internet' },
      http(ctx, request) {
        const answer = (status: number, body: object) => ({
          status,
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify(body)),
        });
        if (request.headers.authorization !== `Bearer ${facts.secrets['bank token']}`)
          return answer(401, { error: 'unknown customer' });
        if (request.method !== 'POST' || request.url !== '/transfers') return answer(404, { error: 'no such page' });
        const transfer = readTransfer(request.body);
        if (!transfer) return answer(400, { error: 'a transfer needs to, cents and reference' });
        remember(ctx, bank, transfer);
        return answer(201, { accepted: transfer.reference });
      },
    },
  ],

  exploit: forgePayments,

  checks: {
    'salaries-are-paid': {
      kind: 'function',
      title: 'Salaries are paid',
      points: 0,
      async run(ctx) {
        const payments = [payment(ctx), payment(ctx)];
        const sns = ctx.user('hr-system').client(SNSClient);
        for (const each of payments)
          await sns.send(new PublishCommand({ TopicArn: ctx.outputs.topic!, Message: JSON.stringify(each) }));
        await ctx.settle();
        for (const each of payments) {
          const transfers = recall(ctx, bank).filter(({ reference }) => reference === each.reference);
          if (transfers.length === 0)
            return fail(`a payment that hr-system published to payroll did not reach ${bank}${ctx.lastFailure()}`);
          if (transfers.length > 1)
            return fail(`a payment that hr-system published once was made ${transfers.length} times`);
          if (transfers[0]!.to !== each.iban || transfers[0]!.cents !== each.cents)
            return fail(`${bank} was told another account or amount than the message named`);
        }
        return pass(`payments that hr-system published to payroll reached ${bank} once each`);
      },
    },

    'forged-payments-do-nothing': {
      kind: 'exploit',
      title: 'A forged payment moves no money',
      points: 40,
      async run(ctx) {
        const { passed, because } = await forgePayments(ctx);
        return { passed: !passed, because };
      },
    },

    'no-foreign-topic-may-call': {
      kind: 'policy',
      title: 'No topic of another account may call the function',
      points: 30,
      async run(ctx) {
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
      },
    },

    'nobody-else-may-call': {
      kind: 'policy',
      title: 'No other topic, service or account may call the function',
      points: 30,
      async run(ctx) {
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
      },
    },
  },

  indifferent: [
    {
      mutant: 'Resource → *',
      because:
        'a policy of a function or queue speaks of itself alone; what else the role may do is not part of the task',
    },
    {
      mutant: 'lambda.functionPolicies payout: statement 1: Principal → *',
      because: 'aws:SourceArn is set by AWS services alone: with the topic as condition nobody else is let in',
    },
    { mutant: 'lambda.functionPolicies payout:live: statement 1: Principal → *', because: 'as above' },
    { mutant: 'sqs.queues payments: statement 1: Principal → *', because: 'as above' },
  ],

  map: {
    nodes: [
      { id: 'attacker', label: 'Any AWS account', kind: 'entry' },
      { id: 'topic', label: "The attacker's topic", kind: 'resource' },
      { id: 'payout', label: 'payout', kind: 'principal' },
      { id: 'bank', label: 'Money leaves', kind: 'impact' },
    ],
    edges: [
      { from: 'attacker', to: 'topic', call: 'sns:CreateTopic, sns:Subscribe', cutBy: [] },
      {
        from: 'topic',
        to: 'payout',
        call: 'lambda:InvokeFunction by sns.amazonaws.com',
        cutBy: ['forged-payments-do-nothing', 'no-foreign-topic-may-call'],
      },
      { from: 'attacker', to: 'payout', call: 'lambda:InvokeFunction', cutBy: ['nobody-else-may-call'] },
      { from: 'payout', to: 'bank', call: 'POST /transfers', cutBy: [] },
    ],
  },
});

/** Topics of a foreign account, one of them named as the company's, send forged payments to everything that leads to the bank. */
async function forgePayments(ctx: CheckContext): Promise<Outcome> {
  const attacker = ctx.owner('attacker');
  const sns = attacker.client(SNSClient);
  const functions = (await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':'));
  const behind = await ctx.attempt(() => topicTargets(ctx, ctx.outputs.topic!));
  const queues = [...new Set([...(await queuesFeeding(ctx)), ...(behind.ok ? behind.value.queues : [])])];
  const targets = [...new Set([...functions, ...(behind.ok ? behind.value.functions : [])])];
  const forged = new Map<string, string>();
  for (const queue of queues) {
    const [, , , , account, name] = queue.split(':');
    const QueueUrl = `https://sqs.${ctx.region}.amazonaws.com/${account}/${name}`;
    for (const wrap of [
      (Message: string) => Message,
      (Message: string) => JSON.stringify({ Type: 'Notification', TopicArn: ctx.outputs.topic, Message }),
    ]) {
      const fake = payment(ctx);
      forged.set(fake.reference, `sent to the queue ${name} by another account`);
      const MessageBody = wrap(JSON.stringify(fake));
      await ctx.attempt(() => attacker.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody })));
      // One by one: a message in a form that the function does not read would spoil its batch for the others.
      await ctx.settle();
    }
  }
  for (const name of [`payments-${hex(ctx.random, 4)}`, ctx.outputs.topic!.split(':').at(-1)!]) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
    for (const Endpoint of targets)
      await ctx.attempt(() => sns.send(new SubscribeCommand({ TopicArn: TopicArn!, Protocol: 'lambda', Endpoint })));
    for (const Endpoint of queues)
      await ctx.attempt(() => sns.send(new SubscribeCommand({ TopicArn: TopicArn!, Protocol: 'sqs', Endpoint })));
    const fake = payment(ctx);
    forged.set(fake.reference, `through a topic of another account, ${TopicArn}`);
    await sns.send(new PublishCommand({ TopicArn: TopicArn!, Message: JSON.stringify(fake) }));
  }
  for (const TopicArn of new Set([ctx.outputs.topic!, ...(await leadingTopics(ctx))])) {
    const direct = payment(ctx);
    forged.set(direct.reference, `published to the topic ${TopicArn.split(':').at(-1)} by another account`);
    await ctx.attempt(() => sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(direct) })));
  }
  await ctx.settle();
  const made = recall(ctx, bank).find(({ reference }) => forged.has(String(reference)));
  if (made)
    return pass(
      `${bank} transferred ${Number(made.cents) / 100} to ${made.to} for a forged payment ${forged.get(String(made.reference))}`,
    );
  return fail(`none of ${forged.size} forged payments from another account reached ${bank}`);
}

type Source = Parameters<typeof probeService>[1] & { arn: string };

type Decided = ReturnType<typeof decideNamed>;

interface Door {
  name: string;
  service: string;
  operation: string;
  input: object;
  /** Services are asked about too: not for a topic, to which others may pass on what is not a payment. */
  services: boolean;
}

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

/** Functions with all versions and aliases, their URLs, the queues that feed them, and topics that lead to them. */
async function doorsOf(ctx: CheckContext): Promise<Door[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const doors: Door[] = [];
  for (const FunctionName of new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))) {
    const short = FunctionName.split(':').at(-1)!;
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName }));
    for (const Qualifier of [
      undefined,
      ...(Versions ?? []).map(({ Version }) => Version!),
      ...(Aliases ?? []).map(({ Name }) => Name!),
    ])
      doors.push({
        name: `the policy of ${short}${Qualifier ? `:${Qualifier}` : ''}`,
        service: 'lambda',
        operation: 'Invoke',
        input: { FunctionName, ...(Qualifier ? { Qualifier } : {}) },
        services: true,
      });
    const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionArn, AuthType } of FunctionUrlConfigs ?? [])
      doors.push({
        name: `the URL of ${short}`,
        service: 'lambda',
        operation: 'InvokeFunctionUrl',
        input: { FunctionName: FunctionArn, AuthType },
        services: false,
      });
  }
  for (const arn of await queuesFeeding(ctx)) {
    const [, , , , account, name] = arn.split(':');
    const QueueUrl = `https://sqs.${ctx.region}.amazonaws.com/${account}/${name}`;
    doors.push({
      name: `the policy of the queue ${name}`,
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl, MessageBody: '{}' },
      services: true,
    });
  }
  for (const TopicArn of await leadingTopics(ctx))
    doors.push({
      name: `the policy of the topic ${TopicArn.split(':').at(-1)}`,
      service: 'sns',
      operation: 'Publish',
      input: { TopicArn, Message: '{}' },
      services: false,
    });
  return doors;
}

/** The learner's topics that deliver to a function or a queue. */
async function leadingTopics(ctx: CheckContext): Promise<string[]> {
  const { Topics } = await ctx.admin().client(SNSClient).send(new ListTopicsCommand({}));
  const found: string[] = [];
  for (const { TopicArn } of Topics ?? []) {
    const { functions, queues } = await topicTargets(ctx, TopicArn!);
    if (functions.length + queues.length > 0) found.push(TopicArn!);
  }
  return found;
}

function payment(ctx: CheckContext) {
  return {
    employee: `Employee ${digits(ctx.random, 4)}`,
    iban: `XX${digits(ctx.random, 16)}`,
    cents: 1000 + Number(digits(ctx.random, 5)),
    reference: `salary-${hex(ctx.random, 12)}`,
  };
}

function readTransfer(body: Buffer): { [key: string]: unknown; reference: string } | undefined {
  try {
    const { to, cents, reference } = JSON.parse(body.toString()) as Record<string, unknown>;
    return typeof to === 'string' && typeof cents === 'number' && typeof reference === 'string'
      ? { to, cents, reference }
      : undefined;
  } catch {
    return undefined;
  }
}

function policy(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
