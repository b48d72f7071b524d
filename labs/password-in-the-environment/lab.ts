import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListRolesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateDBClusterCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  type Actor,
  alphanumeric,
  type CheckContext,
  databaseAccepts,
  defineLab,
  digits,
  fail,
  heldInPieces,
  hex,
  holds,
  lastLogin,
  type Outcome,
  type Probe,
  parameterOf,
  pass,
  probeActor,
  putRows,
  rdsDatabase,
  readableTexts,
  rowOf,
  type SecretRead,
  type StoredValue,
  secretReads,
  storedValue,
  storeValue,
} from '../../server/kit.ts';

const cluster = 'orders-db';
const user = 'orders_app';
const orders = `${cluster} rows`;

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin } = world.account();
    const iam = admin.client(IAMClient);
    const network = await privateNetwork(admin.client(EC2Client), world.region);
    const rds = admin.client(RDSClient);
    const password = `${['Winter', 'Harbour', 'Copper', 'Meadow'][world.random.bytes(1)[0]! % 4]}-${digits(world.random, 4)}-${alphanumeric(world.random, 6)}`;
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'orders',
        DBSubnetGroupDescription: 'private subnets',
        SubnetIds: network.subnets,
      }),
    );
    const created = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: cluster,
        Engine: 'aurora-postgresql',
        MasterUsername: user,
        MasterUserPassword: password,
        DBSubnetGroupName: 'orders',
        VpcSecurityGroupIds: [network.databaseGroup],
        Port: 5432,
      }),
    );
    putRows(world.cloud, orders, { 'A-1001': { order: 'A-1001', state: 'shipped' } });

    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'orders-role',
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'orders-role',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
      }),
    );
    await iam.send(new CreateUserCommand({ UserName: 'auditor' }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'auditor',
        PolicyName: 'read-configurations',
        PolicyDocument: policy([
          {
            Effect: 'Allow',
            Action: [
              'lambda:Get*',
              'lambda:List*',
              'iam:Get*',
              'iam:List*',
              'ec2:Describe*',
              'rds:Describe*',
              's3:ListAllMyBuckets',
              's3:GetBucket*',
              'secretsmanager:ListSecrets',
              'secretsmanager:DescribeSecret',
              'ssm:DescribeParameters',
              'kms:Describe*',
              'kms:List*',
              'logs:Describe*',
            ],
            Resource: '*',
          },
        ]),
      }),
    );
    const payments = await admin
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: 'payments/provider-key', SecretString: hex(world.random, 32) }));
    await admin
      .client(SSMClient)
      .send(
        new PutParameterCommand({ Name: '/payments/provider-key', Type: 'SecureString', Value: hex(world.random, 32) }),
      );
    const made = await admin.client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: 'orders',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role.Role!.Arn!,
        Code: { ZipFile: world.zip('function') },
        Environment: { Variables: { DB_HOST: created.DBCluster!.Endpoint!, DB_USER: user, DB_PASSWORD: password } },
        VpcConfig: { SubnetIds: network.subnets, SecurityGroupIds: [network.functionGroup] },
        Timeout: 10,
        MemorySize: 256,
      }),
    );
    world.secret('password', password);
    world.output('function', made.FunctionArn!);
    world.output('role', 'orders-role');
    world.output('cluster', cluster);
    world.output('database host', created.DBCluster!.Endpoint!);
    world.output('other secret', payments.ARN!);
  },

  hosts: (_facts, state, region) =>
    rdsDatabase(state, region, cluster, (ctx, query) => {
      const wanted = (query as { order?: unknown } | null)?.order;
      return { row: typeof wanted === 'string' ? (rowOf(ctx.state, orders, wanted) ?? null) : null };
    }),

  async restore(ctx) {
    putRows(ctx.cloud, orders, {
      'A-1001': { order: 'A-1001', state: 'shipped' },
      [orderOf(ctx)]: { order: orderOf(ctx), state: stateOf(ctx) },
    });
  },

  exploit: async (ctx) => {
    const found = await lookAround(ctx);
    return found ? pass(found) : fail('nothing that auditor can read opens the database');
  },

  checks: {
    'orders-are-answered': {
      kind: 'function',
      title: 'Orders are answered',
      points: 0,
      async run(ctx) {
        const answered = await lookUp(ctx);
        if (!answered.passed) return answered;
        const missing = await invoke(ctx, { order: `Z-${hex(ctx.random, 6)}` });
        if (missing.error) return fail(`orders fails on an order that does not exist: ${missing.text.slice(0, 200)}`);
        if (missing.text.includes('"state"')) return fail('orders answers an order that does not exist');
        return pass('orders answers what the database holds');
      },
    },

    'auditor-still-audits': {
      kind: 'function',
      title: 'The auditor still audits',
      points: 0,
      async run(ctx) {
        const auditor = ctx.user('auditor').client(LambdaClient);
        const list = await auditor.send(new ListFunctionsCommand({}));
        if (!list.Functions?.some(({ FunctionName }) => FunctionName === 'orders'))
          return fail('auditor no longer sees orders among the functions');
        const { Code, Configuration } = await auditor.send(new GetFunctionCommand({ FunctionName: 'orders' }));
        if (!Configuration?.Role || !Code?.Location)
          return fail('auditor no longer reads the configuration and code of orders');
        const { status } = await ctx.http(Code.Location, { as: 'auditor' });
        return status === 200
          ? pass('auditor reads the configuration and the code of orders')
          : fail(`auditor no longer gets the code of orders (${status})`);
      },
    },

    'nothing-to-find': {
      kind: 'exploit',
      title: 'Nothing that an auditor reads, or has read, opens the database',
      points: 30,
      async run(ctx) {
        const found = await lookAround(ctx);
        return found ? fail(found) : pass('nothing that auditor can read opens the database');
      },
    },

    'rotation-needs-no-deployment': {
      kind: 'policy',
      title: 'A new password works within the hour, without a deployment',
      points: 30,
      async run(ctx) {
        const before = await lookUp(ctx);
        if (!before.passed) return before;
        const rotated = await rotate(ctx);
        if ('because' in rotated) return rotated;
        ctx.advance(61 * 60_000);
        const after = await lookUp(ctx);
        if (!after.passed)
          return fail(`an hour after the password was changed in ${cluster} and in ${rotated.where}, ${after.because}`);
        await ctx.settle();
        const seen = await seenBy(ctx, ctx.user('auditor'), lastLogin(ctx, cluster)!);
        if (seen) return fail(`after the change auditor finds the new password in the ${seen}`);
        return pass(`orders went on by itself after the password was changed in ${rotated.where}`);
      },
    },

    'kept-as-a-secret': {
      kind: 'policy',
      title: 'The password is kept as a secret',
      points: 20,
      async run(ctx) {
        const looked = await lookUp(ctx);
        if (!looked.passed) return looked;
        const holding = await placesOfPassword(ctx);
        if ('because' in holding) return holding;
        const auditor = ctx.user('auditor');
        for (const { read } of holding) {
          const parameter = read.service === 'ssm' ? parameterOf(ctx, read.id) : undefined;
          if (parameter !== undefined) {
            const { Parameter } = await ctx
              .admin()
              .client(SSMClient)
              .send(new GetParameterCommand({ Name: parameter }));
            if (Parameter?.Type !== 'SecureString')
              return fail(`the parameter ${parameter} is a plain ${Parameter?.Type}`);
          }
          const refused = probeActor(auditor, 'auditor', read.service, readsOf(read.service, parameter ?? read.id));
          if (!refused.passed) return refused;
        }
        for (const role of await rolesFor(ctx, auditor))
          for (const { read } of holding) {
            const name = `auditor, who may take the role ${role.name},`;
            const refused = probeActor(ctx.role(role.name), name, read.service, readsOf(read.service, read.id));
            if (!refused.passed) return refused;
          }
        const where = holding.map(({ read }) => read.id).join(', ');
        return pass(`orders reads its password from ${where}, which auditor may not read`);
      },
    },

    'reads-its-own-secret-only': {
      kind: 'policy',
      title: 'The function reads its own secret only',
      points: 20,
      async run(ctx) {
        const looked = await lookUp(ctx);
        if (!looked.passed) return looked;
        const reads = secretReads(ctx);
        if (reads.length === 0) return fail('orders reads no secret of its own when it runs');
        const roleArn = await roleOf(ctx);
        const code = ctx.code(ctx.outputs.function!, roleArn);
        const own = roleArn.slice(roleArn.lastIndexOf('/') + 1);
        const taken = (await rolesFor(ctx, code)).map(({ name }) => name);
        for (const name of new Set([own, ...reads.map(({ role }) => role), ...taken])) {
          const actor = name === own ? code : ctx.code(ctx.outputs.function!, roleNamed(ctx, name));
          const who = name === own ? `${own} (code of orders)` : `${name}, a role that the code of orders works with,`;
          for (const service of ['secretsmanager', 'ssm'] as const) {
            const refused = probeActor(actor, who, service, forbidden(ctx, reads, service));
            if (!refused.passed) return refused;
          }
        }
        return pass(`${own} (code of orders) is refused every other secret and parameter`);
      },
    },
  },

  map: {
    nodes: [
      { id: 'auditor', label: 'auditor, or a stolen laptop', kind: 'entry' },
      { id: 'variable', label: 'DB_PASSWORD of orders', kind: 'resource' },
      { id: 'database', label: 'orders-db', kind: 'impact' },
    ],
    edges: [
      { from: 'auditor', to: 'variable', call: 'lambda:GetFunctionConfiguration', cutBy: ['nothing-to-find'] },
      {
        from: 'variable',
        to: 'database',
        call: 'login as orders_app',
        cutBy: ['nothing-to-find', 'rotation-needs-no-deployment'],
      },
    ],
  },
});

/**
 * Is there anything that auditor reads now that opens the database? Returns the sentence that says what.
 * The password itself is known from the function's own login: it is looked for in every text, however it is written.
 */
async function lookAround(ctx: CheckContext): Promise<string | undefined> {
  const leaked = ctx.secrets.password;
  await ctx.attempt(() => lookUp(ctx));
  await ctx.settle();
  const leakedWorks = leaked !== undefined && databaseAccepts(ctx, cluster, user, leaked);
  const password = lastLogin(ctx, cluster) ?? (leakedWorks ? leaked : undefined);
  const seen = password === undefined ? undefined : await seenBy(ctx, ctx.user('auditor'), password);
  if (seen) {
    ctx.note(`log in to ${cluster} as ${user} with what stands in the ${seen}`, 'succeeded');
    return `auditor reads the password of ${cluster} in the ${seen}`;
  }
  ctx.note(`log in to ${cluster} as ${user} with anything that auditor can read`, 'denied');
  return undefined;
}

/** Where a reader finds a password; undefined: nowhere. */
async function seenBy(ctx: CheckContext, reader: Actor, password: string): Promise<string | undefined> {
  const texts = await readableTexts(ctx, reader);
  const found = texts.find(({ text }) => holds(text, password));
  if (found) return found.where;
  const pieces = heldInPieces(
    texts.map(({ text }) => text),
    password,
  );
  return pieces && `${texts[pieces[0]]!.where} and the ${texts[pieces[1]]!.where}, a piece in each`;
}

async function invoke(ctx: CheckContext, event: object): Promise<{ error: boolean; text: string }> {
  const answer = await ctx
    .admin()
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: ctx.outputs.function!, Payload: Buffer.from(JSON.stringify(event)) }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  return answer.FunctionError === undefined ? { error: false, text } : { error: true, text: messageOf(text) };
}

/** Of an error of the function its type and message, without the trace. */
function messageOf(payload: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as Record<string, unknown>;
    return `${errorType ?? 'Error'}: ${errorMessage}`;
  } catch {
    return payload;
  }
}

/** Looks up this grade's own order, which no code can know before. */
async function lookUp(ctx: CheckContext): Promise<Outcome> {
  const { error, text } = await invoke(ctx, { order: orderOf(ctx) });
  if (error) return fail(`orders fails: ${text.slice(0, 300)}${ctx.lastFailure()}`);
  return text.includes(stateOf(ctx))
    ? pass('orders answers')
    : fail(`orders does not answer the order ${orderOf(ctx)} as the database holds it: ${text.slice(0, 200)}`);
}

async function roleOf(ctx: CheckContext): Promise<string> {
  const { Configuration } = await ctx
    .admin()
    .client(LambdaClient)
    .send(new GetFunctionCommand({ FunctionName: ctx.outputs.function! }));
  return Configuration!.Role!;
}

/** What the function reads at run time and where the password stands in it; or the failure that says that there is none. */
async function placesOfPassword(ctx: CheckContext): Promise<{ read: SecretRead; value: StoredValue }[] | Outcome> {
  const reads = secretReads(ctx);
  if (reads.length === 0) return fail('orders reads neither Secrets Manager nor Parameter Store when it runs');
  const password = lastLogin(ctx, cluster);
  const found: { read: SecretRead; value: StoredValue }[] = [];
  for (const read of reads) {
    const value = await storedValue(ctx, read, ctx.outputs.function!);
    if (value && password !== undefined && holds(value.text, password)) found.push({ read, value });
  }
  const names = [...new Set(reads.map(({ id }) => id))].join(', ');
  return found.length > 0 ? found : fail(`what orders reads (${names}) does not hold the password of ${cluster}`);
}

/** Changes the password as on-call would: in the database, and wherever the function read it from. */
async function rotate(ctx: CheckContext): Promise<{ where: string } | Outcome> {
  const holding = await placesOfPassword(ctx);
  if ('because' in holding) return holding;
  const rds = ctx.admin().client(RDSClient);
  const described = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
  const change = { DBClusterIdentifier: cluster, ApplyImmediately: true };
  if (described.DBClusters?.[0]?.MasterUserSecret) {
    await rds.send(new ModifyDBClusterCommand({ ...change, RotateMasterUserPassword: true }));
    await ctx.settle();
    return { where: 'the secret that RDS manages' };
  }
  const old = lastLogin(ctx, cluster)!;
  const fresh = `Rotated-${alphanumeric(ctx.random, 20)}`;
  for (const { read, value } of holding) {
    const refused = await storeValue(ctx, read, { ...value, text: withPassword(value.text, old, fresh) });
    if (refused) return fail(`on-call cannot store a new password in ${read.id}: ${refused}`);
  }
  await rds.send(new ModifyDBClusterCommand({ ...change, MasterUserPassword: fresh }));
  return { where: [...new Set(holding.map(({ read }) => read.id))].join(' and ') };
}

/** A stored value with another password in the place of the old one, written as the old one was. */
function withPassword(value: string, old: string, fresh: string): string {
  const ways: ((password: string) => string)[] = [
    (password) => password,
    (password) => JSON.stringify(password).slice(1, -1),
    encodeURIComponent,
    (password) => Buffer.from(password).toString('base64'),
    (password) => Buffer.from(password).toString('hex'),
  ];
  const way = ways.find((each) => value.includes(each(old)));
  return way ? value.replaceAll(way(old), () => way(fresh)) : value;
}

type Service = SecretRead['service'];

/** Every call that shows the value of a secret or parameter. */
function readsOf(service: Service, id: string): Probe[] {
  return service === 'secretsmanager'
    ? [['GetSecretValue', { SecretId: id }]]
    : [
        ['GetParameter', { Name: id, WithDecryption: true }],
        ['GetParameters', { Names: [id], WithDecryption: true }],
        ['GetParameterHistory', { Name: id, WithDecryption: true }],
      ];
}

/** What the function has no need for: the provider's key, any name, and neighbours whose names begin as its own do. */
function forbidden(ctx: CheckContext, reads: SecretRead[], service: Service): Probe[] {
  const suffix = hex(ctx.random, 4);
  const arn = (name: string): string =>
    `arn:aws:secretsmanager:${ctx.region}:${ctx.account().id}:secret:${name}-${alphanumeric(ctx.random, 6)}`;
  const own = reads.filter((read) => read.service === service);
  if (service === 'ssm') {
    const neighbours = own.map(({ id, path }) =>
      path === undefined
        ? `${parameterOf(ctx, id) ?? id}-admin-${suffix}`
        : `${path.replace(/\/$/, '')}-admin-${suffix}/x`,
    );
    return [
      ...['/payments/provider-key', `/orders-admin-${suffix}`, ...neighbours].flatMap((name) => readsOf(service, name)),
      ['GetParametersByPath', { Path: '/', Recursive: true, WithDecryption: true }],
    ];
  }
  const neighbours = own.map(({ id }) => {
    const name = id.startsWith('arn:')
      ? id
          .split(':')
          .slice(6)
          .join(':')
          .replace(/-[A-Za-z0-9]{6}$/, '')
      : id;
    // Of another cluster, RDS names the secret by another id.
    return arn(name.startsWith('rds!') ? `rds!cluster-${hex(ctx.random, 8)}-admin` : `${name}-admin-${suffix}`);
  });
  return [ctx.outputs['other secret']!, arn(`orders-admin-${suffix}`), ...neighbours].flatMap((id): Probe[] => [
    ...readsOf(service, id),
    ['PutSecretValue', { SecretId: id, SecretString: 'x' }],
  ]);
}

const roleNamed = (ctx: CheckContext, name: string): string => `arn:aws:iam::${ctx.account().id}:role/${name}`;

/** The roles that somebody may take. */
async function rolesFor(ctx: CheckContext, actor: Actor): Promise<{ name: string }[]> {
  const { Roles } = await ctx
    .admin()
    .client(IAMClient)
    .send(new ListRolesCommand({ MaxItems: 200 }));
  return (Roles ?? [])
    .filter(
      ({ Arn }) => actor.probe('sts', 'AssumeRole', { RoleArn: Arn!, RoleSessionName: 'check' }).decision === 'allowed',
    )
    .map(({ RoleName }) => ({ name: RoleName! }));
}

const orderOf = (ctx: CheckContext): string => `A-${ctx.gradeId.slice(0, 8)}`;
const stateOf = (ctx: CheckContext): string => `state-${ctx.gradeId.slice(8)}`;

/** Two private subnets in two zones behind a NAT gateway, so that a function there reaches AWS's public endpoints. */
async function privateNetwork(ec2: EC2Client, region: string) {
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }))).Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  const subnet = async (CidrBlock: string, zone: string): Promise<string> =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` }))).Subnet!
      .SubnetId!;
  const publicSubnet = await subnet('10.20.0.0/24', 'a');
  const subnets = [await subnet('10.20.10.0/24', 'a'), await subnet('10.20.11.0/24', 'b')];
  const table = async (SubnetIds: string[], route: object): Promise<void> => {
    const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable!.RouteTableId!;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...route }));
    for (const SubnetId of SubnetIds) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  };
  await table([publicSubnet], { GatewayId: InternetGatewayId });
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const nat = await ec2.send(new CreateNatGatewayCommand({ SubnetId: publicSubnet, AllocationId: AllocationId! }));
  await table(subnets, { NatGatewayId: nat.NatGateway!.NatGatewayId! });
  const group = async (GroupName: string, Description: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description, VpcId }))).GroupId!;
  const functionGroup = await group('orders-function', 'the function');
  const databaseGroup = await group('orders-db', 'the database');
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: databaseGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: functionGroup }] },
      ],
    }),
  );
  return { subnets, functionGroup, databaseGroup };
}

function policy(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
