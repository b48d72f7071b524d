import type { Duplex } from 'node:stream';
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  alphanumeric,
  answerWithin,
  type CheckContext,
  clusterPlaces,
  databaseExposure,
  defineLab,
  digits,
  fail,
  hex,
  inEverySubnet,
  networkOf,
  type Outcome,
  type PlacedSubnet,
  pass,
  publicFunctionReaching,
  publicInterfaces,
  publicRouteOf,
  reachFrom,
  reachFromEverySubnet,
  recall,
  remember,
  remembered,
  type SimulatedHost,
  type World,
} from '../../server/kit.ts';

const provider = 'payments.example';
const functionName = 'charge-card';
/** What the web shop waits for an answer, in milliseconds. */
const patience = 5000;
const declinedCard = 'tok_declined';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const iam = admin.client(IAMClient);
    const { privateSubnets, publicSubnets, vpc, group, ledgerGroup } = await buildNetwork(world);

    const rds = admin.client(RDSClient);
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'data',
        DBSubnetGroupDescription: 'private subnets of the ledger',
        SubnetIds: privateSubnets,
      }),
    );
    const { DBCluster: ledger } = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'ledger',
        Engine: 'aurora-postgresql',
        MasterUsername: 'bookkeeper',
        MasterUserPassword: alphanumeric(world.random, 24),
        DBSubnetGroupName: 'data',
        VpcSecurityGroupIds: [ledgerGroup],
        StorageEncrypted: true,
      }),
    );
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'ledger-1',
        DBClusterIdentifier: 'ledger',
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-postgresql',
        PubliclyAccessible: false,
      }),
    );

    await iam.send(new CreateUserCommand({ UserName: 'web-shop' }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'web-shop',
        PolicyName: 'charge',
        PolicyDocument: policy([
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: `arn:aws:lambda:${world.region}:${account}:function:${functionName}`,
          },
        ]),
      }),
    );
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'charge-card-role',
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'charge-card-role',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
      }),
    );
    const token = alphanumeric(world.random, 24);
    await admin.client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: functionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role.Role!.Arn!,
        Code: { ZipFile: world.zip('function') },
        Environment: {
          Variables: {
            PAYMENTS_URL: `https://${provider}`,
            PAYMENTS_TOKEN: token,
            LEDGER_HOST: ledger!.Endpoint!,
            LEDGER_PORT: String(ledger!.Port!),
          },
        },
        VpcConfig: { SubnetIds: publicSubnets, SecurityGroupIds: [group] },
        Timeout: 10,
        MemorySize: 128,
      }),
    );
    world.cloud.transact((state) => {
      const ctx = { state, snapshot: world.cloud.state, now: world.cloud.clock.now() };
      for (const receipt of ['A-1001', 'A-1002'])
        remember(ctx, 'ledger', { receipt, cents: 900 + Number(digits(world.random, 4)), payment: `pay-${receipt}` });
    });
    world.secret('account', account);
    world.secret('token', token);
    world.output('function', functionName);
    world.output('payment provider', `https://${provider}`);
    world.output('database', `${ledger!.Endpoint}:${ledger!.Port}`);
    world.output('VPC', vpc);
    world.output('security group of the function', group);
    world.output('security group of the database', ledgerGroup);
  },

  hosts: ({ secrets }, state, region) => [
    paymentProvider(secrets.token!),
    // Every cluster of the account answers as the ledger, so that it may be rebuilt elsewhere.
    ...clusterPlaces(state, { account: secrets.account!, region }).flatMap((place) =>
      [place.endpoint, place.readerEndpoint].map((name) => ({ name, port: place.port, place, tcp: serveLedger })),
    ),
  ],

  exploit: turnCustomersAway,

  checks: {
    'receipts-can-be-read': {
      kind: 'function',
      title: 'Receipts can be read',
      points: 0,
      async run(ctx) {
        const network = await networkOf(ctx, functionName);
        const receipt = `R-${digits(ctx.random, 8)}`;
        const cents = 100 + Number(digits(ctx.random, 5));
        write(ctx, { receipt, cents, payment: `pay-${hex(ctx.random, 8)}` });
        let proven = false;
        const wrong = await inEverySubnet(ctx, network, async (subnet) => {
          const stop = ledgerStop(ctx, network, subnet);
          // Where the path is clear one real look-up is enough: each starts an environment.
          if (proven && !stop) return undefined;
          const found = await askAgain(ctx, { receipt }, (answer) => Boolean(stop) || answer?.receipt === receipt);
          if (found?.receipt !== receipt || found.cents !== cents)
            return `${functionName} in ${placeName(subnet)} does not find a receipt that is in the ledger: ${excerpt(found)}${stop}`;
          proven = true;
          return undefined;
        });
        return wrong ? fail(wrong) : pass(`${functionName} finds receipts`);
      },
    },

    'senseless-charges-are-refused': {
      kind: 'function',
      title: 'Charges without a sensible amount are refused',
      points: 0,
      async run(ctx) {
        for (const cents of [0, -Number(digits(ctx.random, 4)) - 1, 'twelve', 10.5]) {
          const order = newOrder(ctx);
          const answer = await ask(ctx, { order, cents, card: 'tok_visa' });
          if (answer?.paid === true)
            return fail(`${functionName} answers a charge of ${JSON.stringify(cents)} cents with ${excerpt(answer)}`);
          if (chargesFor(ctx, order).length > 0)
            return fail(`${provider} was asked to charge ${JSON.stringify(cents)} cents`);
        }
        return pass('charges of nothing, of less and of no number are refused, and no card is charged');
      },
    },

    'no-customer-is-turned-away': {
      kind: 'exploit',
      title: 'No customer is turned away',
      points: 40,
      async run(ctx) {
        const { passed, because } = await turnCustomersAway(ctx);
        return { passed: !passed, because };
      },
    },

    'provider-and-ledger-from-every-zone': {
      kind: 'policy',
      title: 'Provider and ledger are reached from every subnet, in two zones',
      points: 30,
      async run(ctx) {
        const network = await networkOf(ctx, functionName);
        if (network.subnets.length === 0)
          return fail(`${functionName} is connected to no VPC, so that it does not reach the ledger itself`);
        const hosts = ctx.cloud.hosts();
        const ledgers = hosts.filter(({ place }) => place.kind === 'vpc');
        if (ledgers.length === 0) return fail('there is no database cluster in this account');
        for (const { subnet, reach } of reachFromEverySubnet(ctx, network, hosts.find(isProvider)!))
          if (!reach.reachable) return fail(`${placeName(subnet)} does not reach ${provider}:443: ${reach.because}`);
        for (const subnet of network.subnets)
          for (const low of [true, false]) {
            const [first, second] = laterAddresses(ctx, low);
            const overIpv4 = reachFrom(ctx, network, subnet, at(first));
            if (!overIpv4.reachable && !reachFrom(ctx, network, subnet, at(second)).reachable)
              return fail(
                `${placeName(subnet)} does not reach ${first}:443, an address that ${provider} may have tomorrow: ${overIpv4.because}`,
              );
          }
        for (const subnet of network.subnets) {
          const stop = ledgerStop(ctx, network, subnet);
          if (stop) return fail(`${placeName(subnet)} does not reach the ledger${stop}`);
        }
        const zones = [...new Set(network.subnets.map(({ zone }) => zone))].sort();
        if (zones.length < 2)
          return fail(`all subnets of ${functionName} are in one availability zone, ${zones[0]}, and stop with it`);
        return pass(
          `${functionName} reaches ${provider} and the ledger from ${network.subnets.length} subnets in ${zones.join(' and ')}`,
        );
      },
    },

    'the-way-out-is-no-way-in': {
      kind: 'policy',
      title: 'The way out is no way in',
      points: 30,
      async run(ctx) {
        const { subnets } = await networkOf(ctx, functionName);
        for (const { id } of subnets) {
          const route = publicRouteOf(ctx, id);
          if (route) return fail(`${functionName} stands in a public subnet: ${route}`);
        }
        const account = ctx.account().id;
        for (const place of clusterPlaces(ctx.cloud.state, { account, region: ctx.region })) {
          const { GroupId } = await ctx
            .admin()
            .client(EC2Client)
            .send(
              new CreateSecurityGroupCommand({
                VpcId: place.vpcId,
                GroupName: `stranger-${hex(ctx.random, 8)}`,
                Description: 'of something that is no part of the application',
              }),
            );
          const exposed =
            databaseExposure(ctx, place, GroupId!) ?? (await publicFunctionReaching(ctx, place, functionName));
          if (exposed) return fail(exposed);
        }
        const [first] = publicInterfaces(ctx);
        if (first) return fail(first);
        const who = subnets.length > 0 ? `${functionName} and the ledger stand` : 'the ledger stands';
        return pass(`${who} in private subnets, and nobody from outside can connect to the ledger`);
      },
    },
  },

  map: {
    nodes: [
      { id: 'customer', label: 'A customer who pays', kind: 'entry' },
      { id: 'function', label: 'charge-card', kind: 'principal' },
      { id: 'provider', label: 'payments.example', kind: 'resource' },
      { id: 'ledger', label: 'The ledger', kind: 'resource' },
      { id: 'away', label: 'The customer is turned away', kind: 'impact' },
      { id: 'outsider', label: 'Anyone on the internet', kind: 'entry' },
      { id: 'books', label: 'The books are open', kind: 'impact' },
    ],
    edges: [
      { from: 'customer', to: 'function', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'function', to: 'provider', call: 'POST /charges', cutBy: [] },
      { from: 'function', to: 'ledger', call: 'TCP 5432', cutBy: [] },
      {
        from: 'function',
        to: 'away',
        call: 'no way to the internet',
        cutBy: ['no-customer-is-turned-away', 'provider-and-ledger-from-every-zone'],
      },
      { from: 'outsider', to: 'ledger', call: 'TCP 5432', cutBy: ['the-way-out-is-no-way-in'] },
      { from: 'ledger', to: 'books', call: 'GET', cutBy: [] },
    ],
  },
});

// --- the network at the start ---

/** Two public subnets, two private ones for the database, and the groups of both. */
async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const named = (ResourceType: ResourceType, Value: string) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value }] }],
  });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16', ...named('vpc', 'shop') }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(named('internet-gateway', 'shop')));
  const GatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));

  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
  );
  await ec2.send(
    new CreateTagsCommand({
      Resources: [RouteTables![0]!.RouteTableId!],
      Tags: [{ Key: 'Name', Value: 'shop-main' }],
    }),
  );
  const tier = async (name: string, third: number): Promise<{ table: string; subnets: string[] }> => {
    const made = await ec2.send(new CreateRouteTableCommand({ VpcId, ...named('route-table', name) }));
    const table = made.RouteTable!.RouteTableId!;
    const subnets: string[] = [];
    for (const [i, zone] of ['a', 'b'].entries()) {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: `10.20.${third + i}.0/24`,
          AvailabilityZone: `${world.region}${zone}`,
          ...named('subnet', `${name}-${zone}`),
        }),
      );
      await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: Subnet!.SubnetId! }));
      subnets.push(Subnet!.SubnetId!);
    }
    return { table, subnets };
  };
  const open = await tier('public', 0);
  await ec2.send(new CreateRouteCommand({ RouteTableId: open.table, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  for (const SubnetId of open.subnets)
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  const closed = await tier('data', 20);

  const group = async (GroupName: string, Description: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description }))).GroupId!;
  const ofFunction = await group(functionName, 'the function charge-card');
  const ofLedger = await group('ledger', 'the database of payments');
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: ofLedger,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: ofFunction }] }],
    }),
  );
  return {
    vpc: VpcId,
    publicSubnets: open.subnets,
    privateSubnets: closed.subnets,
    group: ofFunction,
    ledgerGroup: ofLedger,
  };
}

// --- simulated hosts ---

/** Charges an order once, however often it is asked; one card of theirs is always declined. */
function paymentProvider(token: string): SimulatedHost {
  return {
    name: provider,
    port: 443,
    place: { kind: 'internet' },
    http(ctx, request) {
      const answer = (status: number, body: object) => ({
        status,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
      });
      if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: 'unknown merchant' });
      if (request.method !== 'POST' || request.url !== '/charges') return answer(404, { error: 'no such page' });
      const { order, cents, card } = readJson(request.body.toString());
      if (typeof order !== 'string' || typeof cents !== 'number' || typeof card !== 'string')
        return answer(400, { error: 'a charge needs order, cents and card' });
      if (card === declinedCard) return answer(402, { error: 'card declined' });
      const id = `pay-${order}`;
      if (!remembered(ctx, provider).some((each) => each.order === order))
        remember(ctx, provider, { order, cents, card, id });
      return answer(201, { id });
    },
  };
}

/** `PUT {json}` → `OK`, `GET receipt` → `{json}` or `NONE`. */
const serveLedger: NonNullable<SimulatedHost['tcp']> = (socket: Duplex, transact) => {
  let pending = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString();
    if (pending.length > 10_000) return void socket.destroy();
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      socket.write(`${transact((ctx) => answerLedger(ctx, line))}\n`);
    }
  });
};

function answerLedger(ctx: Parameters<typeof remember>[0], line: string): string {
  const find = (receipt: unknown) => remembered(ctx, 'ledger').findLast((each) => each.receipt === receipt);
  if (line.startsWith('GET ')) {
    const found = find(line.slice(4).trim());
    return found ? JSON.stringify(found) : 'NONE';
  }
  if (!line.startsWith('PUT ')) return 'ERROR unknown command';
  const { receipt, cents, payment } = readJson(line.slice(4));
  if (typeof receipt !== 'string' || typeof cents !== 'number') return 'ERROR a payment needs receipt and cents';
  if (!find(receipt)) remember(ctx, 'ledger', { receipt, cents, payment });
  return 'OK';
}

function readJson(text: string): { [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : {};
  } catch {
    return {};
  }
}

// --- what customers see ---

/** A customer pays once in each subnet of the function; the outage "succeeds" when one of them is turned away. */
async function turnCustomersAway(ctx: CheckContext): Promise<Outcome> {
  const found = await ctx.attempt(() => networkOf(ctx, functionName));
  if (!found.ok) return pass(`a customer is turned away: ${found.message}`);
  const network = found.value;
  const away = await inEverySubnet(ctx, network, async (subnet) => {
    const order = newOrder(ctx);
    const cents = 100 + Number(digits(ctx.random, 5));
    const event = { order, cents, card: `tok_${alphanumeric(ctx.random, 10)}` };
    const where = `in ${placeName(subnet)}`;
    let answer = await ask(ctx, event);
    if (answer?.paid !== true) {
      const reach = reachFrom(ctx, network, subnet, ctx.cloud.hosts().find(isProvider)!);
      const why = reach.reachable ? ledgerStop(ctx, network, subnet) : `; ${reach.because}`;
      // Where the network is in order a customer tries once more: a slow machine of the grader turns nobody away.
      if (!why) answer = await ask(ctx, event);
      if (answer?.paid !== true) return `${functionName} ${where} turns a customer away: ${excerpt(answer)}${why}`;
    }
    const charges = chargesFor(ctx, order);
    if (charges.length !== 1 || charges[0]!.cents !== cents)
      return `${functionName} ${where} says paid, but ${provider} has not charged order ${order}`;
    if (!recall(ctx, 'ledger').some((each) => each.receipt === order && each.cents === cents))
      return `${functionName} ${where} says paid, but order ${order} is not in the ledger`;
    const refused = { order: newOrder(ctx), cents, card: declinedCard };
    const declined = await askAgain(ctx, refused, (given) => given?.paid === false);
    if (declined?.paid !== false)
      return `${functionName} ${where} answers a card that ${provider} declines with ${excerpt(declined)}`;
    return undefined;
  });
  if (away) return pass(away);
  return fail(`customers can pay from ${network.subnets.map(({ name }) => name).join(' and ') || 'outside the VPC'}`);
}

/** The web shop calls the function and waits as long as it does. Undefined: no answer that it could read. */
async function ask(ctx: CheckContext, event: object): Promise<Answer | undefined> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('web-shop')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }));
    const result = await answerWithin(patience, call);
    if (!result) return { reason: `no answer within ${patience / 1000} seconds` };
    const body: unknown = JSON.parse(Buffer.from(result.Payload ?? []).toString() || 'null');
    return typeof body === 'object' && body !== null ? (body as Answer) : undefined;
  });
  const body = answer.ok ? answer.value : { reason: answer.message };
  ctx.note('the answer to the web shop', body?.paid === true || body?.cents ? 'succeeded' : 'answered', excerpt(body));
  return body;
}

/** As `ask`, and a second time when the first answer is not the wanted one. */
async function askAgain(
  ctx: CheckContext,
  event: object,
  wanted: (answer: Answer | undefined) => boolean,
): Promise<Answer | undefined> {
  const first = await ask(ctx, event);
  return wanted(first) ? first : ask(ctx, event);
}

interface Answer {
  paid?: unknown;
  receipt?: unknown;
  cents?: unknown;
  reason?: unknown;
  errorMessage?: unknown;
}

/** Why no database is reached from a subnet, as the end of a sentence; '' when one is. */
function ledgerStop(
  ctx: CheckContext,
  network: Awaited<ReturnType<typeof networkOf>>,
  subnet: PlacedSubnet | undefined,
): string {
  let first = '';
  for (const host of ctx.cloud.hosts().filter(({ place }) => place.kind === 'vpc')) {
    const reach = reachFrom(ctx, network, subnet, host);
    if (reach.reachable) return '';
    first ||= `; ${reach.because}`;
  }
  return first;
}

function write(ctx: CheckContext, payment: { receipt: string; cents: number; payment: string }): void {
  ctx.cloud.transact((state) =>
    remember({ state, snapshot: ctx.cloud.state, now: ctx.cloud.clock.now() }, 'ledger', payment),
  );
}

/** Addresses that the provider may have one day, of IPv4 and IPv6: any of the internet, so that a pinned one is no fix. */
function laterAddresses(ctx: CheckContext, low: boolean): [string, string] {
  const [a = 0, b = 0, c = 0, d = 0] = ctx.random.bytes(4);
  const first = low ? 20 + (a % 80) : 173 + (a % 18);
  return [`${first}.${b}.${c}.${1 + (d % 254)}`, `2a${low ? '00' : '0d'}:${hex(ctx.random, 4)}::${hex(ctx.random, 4)}`];
}

const at = (ip: string): SimulatedHost => ({ name: ip, port: 443, place: { kind: 'internet', ip } });
const isProvider = ({ name }: SimulatedHost): boolean => name === provider;
const newOrder = (ctx: CheckContext): string => `A-${digits(ctx.random, 8)}`;
const chargesFor = (ctx: CheckContext, order: string) => recall(ctx, provider).filter((each) => each.order === order);
const placeName = (subnet: PlacedSubnet | undefined): string => subnet?.name ?? 'no VPC';
/** What the function answered; of an error only its message. */
const excerpt = (answer: Answer | undefined): string => {
  const shown = answer?.errorMessage === undefined ? answer : { error: answer.errorMessage };
  return (JSON.stringify(shown) ?? 'nothing').slice(0, 200);
};

function policy(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
