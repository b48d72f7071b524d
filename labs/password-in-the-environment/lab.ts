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
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  alphanumeric,
  type CheckContext,
  databaseAccepts,
  decodings,
  defineLab,
  digits,
  fail,
  hex,
  type Outcome,
  type Probe,
  pass,
  probeActor,
  putRows,
  rdsDatabase,
  readableTexts,
  rowOf,
  type SecretRead,
  secretReads,
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
      title: 'Nothing that an auditor reads opens the database',
      points: 30,
      async run(ctx) {
        const now = await lookAround(ctx);
        if (now) return fail(now);
        return pass('no word of what auditor can read about functions opens the database');
      },
    },

    'rotation-needs-no-deployment': {
      kind: 'policy',
      title: 'A new password works within the hour, without a deployment',
      points: 30,
      async run(ctx) {
        const before = await lookUp(ctx);
        if (!before.passed) return before;
        const reads = secretReads(ctx, await roleOf(ctx));
        if (reads.length === 0)
          return fail('orders reads no secret when it runs: its password cannot be changed without a deployment');
        const rotated = await rotate(ctx, reads);
        if (!rotated)
          return fail(
            `what orders reads (${reads.map(({ id }) => id).join(', ')}) does not hold the password of ${cluster}`,
          );
        ctx.advance(61 * 60_000);
        const after = await lookUp(ctx);
        if (!after.passed)
          return fail(
            `an hour after the password was changed in ${cluster} and in ${rotated.where}, orders fails: ${after.because}`,
          );
        const seen = (await readableTexts(ctx, ctx.user('auditor'))).find(({ text }) =>
          decodings(text).some((word) => rotated.passwords.includes(word)),
        );
        if (seen) return fail(`after the change auditor finds the new password in ${seen.where}`);
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
        const reads = secretReads(ctx, await roleOf(ctx));
        if (reads.length === 0) return fail('orders reads neither Secrets Manager nor Parameter Store when it runs');
        const auditor = ctx.user('auditor');
        for (const read of reads) {
          if (read.service === 'ssm') {
            const name = read.id.includes(':parameter') ? read.id.slice(read.id.indexOf(':parameter') + 10) : read.id;
            const { Parameters } = await ctx.admin().client(SSMClient).send(new DescribeParametersCommand({}));
            const plain = Parameters?.find(
              (parameter) =>
                (parameter.Name === name ||
                  parameter.Name === name.replace(/^\//, '') ||
                  parameter.Name!.startsWith(`${name}/`)) &&
                parameter.Type !== 'SecureString',
            );
            if (plain && (await holdsPassword(ctx, { service: 'ssm', id: plain.Name! })))
              return fail(`the parameter ${plain.Name} is a plain ${plain.Type}`);
          }
          const probes: Probe[] =
            read.service === 'secretsmanager'
              ? [['GetSecretValue', { SecretId: read.id }]]
              : [['GetParameter', { Name: read.id, WithDecryption: true }]];
          const refused = probeActor(auditor, 'auditor', read.service, probes);
          if (!refused.passed) return refused;
        }
        return pass(
          `orders reads its password from ${reads.map(({ id }) => id).join(', ')}, which auditor may not read`,
        );
      },
    },

    'reads-its-own-secret-only': {
      kind: 'policy',
      title: 'The function reads its own secret only',
      points: 20,
      async run(ctx) {
        const looked = await lookUp(ctx);
        if (!looked.passed) return looked;
        const roleArn = await roleOf(ctx);
        const reads = secretReads(ctx, roleArn);
        if (reads.length === 0) return fail('orders reads no secret of its own when it runs');
        const code = ctx.code(ctx.outputs.function!, roleArn);
        const who = `${roleArn.slice(roleArn.lastIndexOf('/') + 1)} (code of orders)`;
        const other = ctx.outputs['other secret']!;
        const admin = ctx.admin();
        const name = `orders-admin-${hex(ctx.random, 4)}`;
        await admin.client(SecretsManagerClient).send(new CreateSecretCommand({ Name: name, SecretString: 'x' }));
        // A neighbour whose name begins as the function's own secret does.
        const own = reads.find(({ service }) => service === 'secretsmanager');
        const neighbours: string[] = [other, name];
        if (own) {
          const described = await admin
            .client(SecretsManagerClient)
            .send(new DescribeSecretCommand({ SecretId: own.id }));
          const neighbour = await admin
            .client(SecretsManagerClient)
            .send(
              new CreateSecretCommand({
                Name: `${described.Name!.replaceAll('!', '-')}-admin-${hex(ctx.random, 4)}`,
                SecretString: 'x',
              }),
            );
          neighbours.push(neighbour.ARN!);
        }
        const secrets = probeActor(
          code,
          who,
          'secretsmanager',
          neighbours.flatMap((SecretId): Probe[] => [
            ['GetSecretValue', { SecretId }],
            ['PutSecretValue', { SecretId, SecretString: 'x' }],
          ]),
        );
        if (!secrets.passed) return secrets;
        const parameters = probeActor(code, who, 'ssm', [
          ['GetParameter', { Name: '/payments/provider-key', WithDecryption: true }],
          ['GetParametersByPath', { Path: '/', Recursive: true, WithDecryption: true }],
          ['GetParameter', { Name: `/orders-admin-${hex(ctx.random, 4)}`, WithDecryption: true }],
        ]);
        return parameters.passed ? pass(`${who} is refused every other secret and parameter`) : parameters;
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

/** Reads as the auditor and tries each word as the password. Returns the sentence that says what opened the database. */
async function lookAround(ctx: CheckContext): Promise<string | undefined> {
  const tried = new Set<string>();
  for (const { where, text } of await readableTexts(ctx, ctx.user('auditor')))
    for (const word of decodings(text)) {
      if (tried.has(word) || tried.size >= 400) continue;
      tried.add(word);
      if (!databaseAccepts(ctx, cluster, user, word)) continue;
      ctx.note(`log in to ${cluster} as ${user} with a word from ${where}`, 'succeeded');
      return `auditor reads the password of ${cluster} in the ${where}`;
    }
  ctx.note(`log in to ${cluster} as ${user} with ${tried.size} words that auditor can read`, 'denied');
  return undefined;
}

async function invoke(ctx: CheckContext, event: object): Promise<{ error: boolean; text: string }> {
  const answer = await ctx
    .admin()
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: ctx.outputs.function!, Payload: Buffer.from(JSON.stringify(event)) }));
  return { error: answer.FunctionError !== undefined, text: Buffer.from(answer.Payload ?? []).toString() };
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

/** Changes the password as on-call would: in the database, and wherever the function read it from. */
async function rotate(
  ctx: CheckContext,
  reads: SecretRead[],
): Promise<{ where: string; passwords: string[] } | undefined> {
  const admin = ctx.admin();
  const rds = admin.client(RDSClient);
  const described = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
  const managed = described.DBClusters?.[0]?.MasterUserSecret?.SecretArn;
  if (managed) {
    await rds.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: cluster,
        RotateMasterUserPassword: true,
        ApplyImmediately: true,
      }),
    );
    await ctx.settle();
    const { SecretString } = await admin
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({ SecretId: managed }));
    return {
      where: `the secret that RDS manages`,
      passwords: wordsOf(SecretString ?? '').filter((word) => databaseAccepts(ctx, cluster, user, word)),
    };
  }
  const fresh = `Rotated-${alphanumeric(ctx.random, 20)}`;
  for (const read of reads) {
    const value = await storedValue(ctx, read);
    const old =
      value === undefined ? undefined : wordsOf(value).find((word) => databaseAccepts(ctx, cluster, user, word));
    if (value === undefined || old === undefined) continue;
    const next = value.replaceAll(old, fresh);
    if (read.service === 'secretsmanager')
      await admin
        .client(SecretsManagerClient)
        .send(new PutSecretValueCommand({ SecretId: read.id, SecretString: next }));
    else await admin.client(SSMClient).send(new PutParameterCommand({ Name: read.id, Value: next, Overwrite: true }));
    await rds.send(
      new ModifyDBClusterCommand({ DBClusterIdentifier: cluster, MasterUserPassword: fresh, ApplyImmediately: true }),
    );
    return { where: read.id, passwords: [fresh] };
  }
  return undefined;
}

async function holdsPassword(ctx: CheckContext, read: SecretRead): Promise<boolean> {
  const value = await storedValue(ctx, read);
  return value !== undefined && wordsOf(value).some((word) => databaseAccepts(ctx, cluster, user, word));
}

async function storedValue(ctx: CheckContext, { service, id }: SecretRead): Promise<string | undefined> {
  const admin = ctx.admin();
  const read = await ctx.attempt(async () =>
    service === 'secretsmanager'
      ? (await admin.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: id }))).SecretString
      : (await admin.client(SSMClient).send(new GetParameterCommand({ Name: id, WithDecryption: true }))).Parameter
          ?.Value,
  );
  return read.ok ? read.value : undefined;
}

/** The value itself and, where it is JSON, its members. */
function wordsOf(value: string): string[] {
  const words = [value];
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null)
      words.push(...Object.values(parsed).filter((member) => typeof member === 'string'));
  } catch {
    // Not JSON: the value is the password, or holds it as a word.
  }
  return [...words, ...decodings(value)];
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
