import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateDBClusterCommand, CreateDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  alphanumeric,
  type CheckContext,
  databaseUser,
  defineLab,
  digits,
  fail,
  hex,
  type Outcome,
  pass,
  sql,
  type World,
} from '../../server/kit.ts';
import { type Answer, ask, patiently, stealCustomers, tryComputedTexts, tryPayloads } from './attack.ts';
import { computedTexts, numberPayloads, orderPayloads, textPayloads } from './payloads.ts';
import { canaryOf, cluster, fill, letters, type Product, schema, shelfOf, tokenOf } from './shop.ts';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const database = await makeDatabase(world);
    const iam = admin.client(IAMClient);
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'search-role',
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'search-role',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'search-role',
        PolicyName: 'database',
        PolicyDocument: policy([
          { Effect: 'Allow', Action: 'rds-data:ExecuteStatement', Resource: database.clusterArn },
          {
            Effect: 'Allow',
            Action: 'secretsmanager:GetSecretValue',
            Resource: [database.secretArn, database.readerSecretArn],
          },
        ]),
      }),
    );
    const lambda = admin.client(LambdaClient);
    const search = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'search',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role.Role!.Arn!,
        Code: { ZipFile: world.zip('function') },
        Environment: { Variables: { CLUSTER_ARN: database.clusterArn, SECRET_ARN: database.secretArn } },
        Timeout: 10,
        MemorySize: 256,
      }),
    );
    const gateway = admin.client(ApiGatewayV2Client);
    const { ApiId } = await gateway.send(new CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP' }));
    const { IntegrationId } = await gateway.send(
      new CreateIntegrationCommand({
        ApiId: ApiId!,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: search.FunctionArn!,
        PayloadFormatVersion: '2.0',
      }),
    );
    await gateway.send(
      new CreateRouteCommand({ ApiId: ApiId!, RouteKey: 'GET /products', Target: `integrations/${IntegrationId}` }),
    );
    await gateway.send(new CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }));
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: 'search',
        StatementId: 'shop-api',
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:${world.region}:${id}:${ApiId}/*/GET/products`,
      }),
    );
    world.output('search address', `${world.cloud.endpoint}/_range/execute-api/${ApiId}/products`);
    world.output('api', ApiId!);
    world.output('function', 'search');
    world.output('role', 'search-role');
    world.output('cluster', database.clusterArn);
    world.output('secret', database.secretArn);
    world.output('read-only secret', database.readerSecretArn);
  },

  restore: (ctx) => fill(ctx, shelfOf(ctx.gradeId)),

  exploit: patiently(stealCustomers),

  checks: {
    'the-search-answers': {
      kind: 'function',
      title: 'The search finds, limits and sorts',
      points: 0,
      run: patiently(search),
    },

    'names-with-quotes-are-found': {
      kind: 'function',
      title: 'Names with quotes are found',
      points: 0,
      atStart: 'fails',
      run: patiently(async (ctx) => {
        const surname = `O'${letters(hex(ctx.random, 6))}`;
        const fresh = await add(ctx, [`${surname}'s "Best" rye 12"`]);
        const shelf = [...published(ctx), ...fresh];
        for (const q of ["O'Brien's", "o'brien", '12" with', surname, `${surname}'s "best"`]) {
          const outcome = expectFound(q, await ask(ctx, address(ctx), { q }), shelf);
          if (outcome) return fail(outcome);
        }
        return pass('names with quotes in them are found by these names');
      }),
    },

    'customers-stay-private': {
      kind: 'exploit',
      title: 'Customers cannot be read through the search',
      points: 25,
      run: patiently(async (ctx) => {
        const { passed, because } = await stealCustomers(ctx);
        return { passed: !passed, because };
      }),
    },

    'the-search-text-is-data': {
      kind: 'exploit',
      title: 'SQL in the search text has no effect',
      points: 30,
      run: patiently(async (ctx) => {
        const first = await tryPayloads(ctx, 'q', textPayloads(words(ctx)));
        if (!first.passed) return first;
        const second = await tryComputedTexts(ctx, computedTexts(ctx.random, tokenOf(ctx.gradeId)));
        return second.passed ? first : second;
      }),
    },

    'the-price-limit-is-data': {
      kind: 'exploit',
      title: 'SQL in the price limit has no effect',
      points: 25,
      run: patiently((ctx) => tryPayloads(ctx, 'max', numberPayloads(words(ctx)))),
    },

    'the-order-is-a-choice': {
      kind: 'exploit',
      title: 'SQL and hidden columns in the order have no effect',
      points: 20,
      run: patiently((ctx) => tryPayloads(ctx, 'sort', orderPayloads(words(ctx)))),
    },
  },

  indifferent: [
    {
      mutant: 'lambda.functionPolicies',
      because: 'who calls a fixed function gets the answers that every visitor gets; its permissions are not the task',
    },
    {
      mutant: 'iam.roles',
      because: 'what the database user or the role may do is a further wall; the task is what the search lets through',
    },
  ],

  map: {
    nodes: [
      { id: 'visitor', label: 'A visitor of the shop', kind: 'entry' },
      { id: 'api', label: 'GET /products', kind: 'resource' },
      { id: 'search', label: 'search', kind: 'principal' },
      { id: 'hidden', label: 'Cost prices, unpublished products', kind: 'impact' },
      { id: 'customers', label: "Customers' addresses", kind: 'impact' },
    ],
    edges: [
      { from: 'visitor', to: 'api', call: 'q, max, sort', cutBy: [] },
      { from: 'api', to: 'search', call: 'lambda:InvokeFunction', cutBy: [] },
      {
        from: 'search',
        to: 'hidden',
        call: 'conditions and columns in the SQL',
        cutBy: ['the-search-text-is-data', 'the-price-limit-is-data', 'the-order-is-a-choice'],
      },
      { from: 'search', to: 'customers', call: 'UNION SELECT … FROM customers', cutBy: ['customers-stay-private'] },
    ],
  },
});

async function makeDatabase(world: World) {
  const { admin } = world.account();
  const ec2 = admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
  const SubnetIds: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const made = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc!.VpcId!,
        CidrBlock: `10.20.${i}.0/24`,
        AvailabilityZone: `${world.region}${zone}`,
      }),
    );
    SubnetIds.push(made.Subnet!.SubnetId!);
  }
  const rds = admin.client(RDSClient);
  await rds.send(
    new CreateDBSubnetGroupCommand({ DBSubnetGroupName: 'shop', DBSubnetGroupDescription: 'private', SubnetIds }),
  );
  const password = alphanumeric(world.random, 24);
  const created = await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: cluster,
      Engine: 'aurora-postgresql',
      EngineMode: 'provisioned',
      DatabaseName: 'shop',
      MasterUsername: 'shop_app',
      MasterUserPassword: password,
      DBSubnetGroupName: 'shop',
      EnableHttpEndpoint: true,
    }),
  );
  await sql(world, cluster, schema);
  await fill(world, shelfOf(hex(world.random, 16)));
  const reader = { name: 'shop_reader', password: alphanumeric(world.random, 24) };
  databaseUser(world, cluster, { ...reader, rights: 'read' });
  const secrets = admin.client(SecretsManagerClient);
  const app = await secrets.send(
    new CreateSecretCommand({
      Name: 'shop/db-app',
      SecretString: JSON.stringify({ username: 'shop_app', password }),
    }),
  );
  const read = await secrets.send(
    new CreateSecretCommand({
      Name: 'shop/db-reader',
      SecretString: JSON.stringify({ username: reader.name, password: reader.password }),
    }),
  );
  return {
    clusterArn: created.DBCluster!.DBClusterArn!,
    secretArn: app.ARN!,
    readerSecretArn: read.ARN!,
  };
}

const address = (ctx: CheckContext): string => ctx.outputs['search address']!;
const published = (ctx: CheckContext): Product[] =>
  shelfOf(ctx.gradeId).products.filter((product) => product.published === 1);
const words = (ctx: CheckContext) => ({
  random: ctx.random,
  token: tokenOf(ctx.gradeId),
  first: canaryOf(ctx.gradeId).slice(0, 1),
});

/** New published products, as the stock system writes them. */
async function add(ctx: CheckContext, names: string[]): Promise<Product[]> {
  const products = names.map(
    (name, i): Product => ({
      sku: `QF-${digits(ctx.random, 6)}`,
      name,
      // No other price ends so: the order by price is one.
      price: Number(`${2 + (ctx.random.bytes(1)[0]! % 40)}.3${i + 1}`),
      cost: 1.01,
      supplier: 'Fresh Ltd',
      published: 1,
    }),
  );
  for (const { sku, name, price, cost, supplier } of products)
    await sql(
      ctx,
      cluster,
      'INSERT INTO products (sku, name, price, cost, supplier, published) VALUES (:sku, :name, :price, :cost, :supplier, 1)',
      { sku, name, price, cost, supplier },
    );
  return products;
}

/** What an honest visitor does. The form sends all of its fields, also empty ones. */
async function search(ctx: CheckContext): Promise<Outcome> {
  const word = letters(hex(ctx.random, 7));
  const shelf = [
    ...published(ctx),
    ...(await add(ctx, [`Great ${word} jar (0.5 l)`, `Jug ${word.toUpperCase()} 抹茶`])),
  ];
  const limit = [...shelf].sort((a, b) => a.price - b.price)[6]!.price;
  const get = (query: Record<string, string>): Promise<Answer> => ask(ctx, address(ctx), query);
  const everything: Record<string, string>[] = [
    {},
    { q: '', max: '', sort: '' },
    { sort: 'name' },
    { sort: 'name asc' },
    { q: '', max: '500', sort: 'name' },
  ];
  for (const query of everything) {
    const outcome = expectList(query, await get(query), byName(shelf));
    if (outcome) return fail(outcome);
  }
  const lists: [Record<string, string>, Product[]][] = [
    [{ sort: 'name desc' }, byName(shelf).reverse()],
    [{ sort: 'price', max: '' }, byPrice(shelf)],
    [{ sort: 'price desc' }, byPrice(shelf).reverse()],
    [{ max: String(limit) }, byName(shelf.filter(({ price }) => price <= limit))],
    [{ max: '20', sort: 'price asc' }, byPrice(shelf.filter(({ price }) => price <= 20))],
    [{ q: word, max: '100', sort: 'price desc' }, byPrice(shelf.filter(({ name }) => contains(name, word))).reverse()],
    [{ q: `nothing ${word}` }, []],
    [{ max: '0.5' }, []],
  ];
  for (const [query, expected] of lists) {
    const outcome = expectList(query, await get(query), expected);
    if (outcome) return fail(outcome);
  }
  for (const q of [word, '100%', 'DR_20', 'Crème brûlée', '抹茶', '(set of 3)', 'Union', 'hand-select', 'whisk and']) {
    const outcome = expectFound(q, await get({ q }), shelf);
    if (outcome) return fail(outcome);
  }
  return pass('the search finds, limits and sorts published products');
}

const contains = (name: string, part: string): boolean => name.toLowerCase().includes(part.toLowerCase());
const byName = (products: Product[]): Product[] => [...products].sort((a, b) => (a.name < b.name ? -1 : 1));
const byPrice = (products: Product[]): Product[] => [...products].sort((a, b) => a.price - b.price);

/** Why an answer is not this list; undefined when it is. */
function expectList(query: Record<string, string>, answer: Answer, expected: Product[]): string | undefined {
  const asked = `GET /products${
    Object.keys(query).length
      ? ` with ${Object.entries(query)
          .map(([name, value]) => `${name}=${value}`)
          .join(' & ')}`
      : ''
  }`;
  if (answer.status !== 200) return `${asked} answers ${answer.status} ${answer.text.slice(0, 120)}`;
  const got = answer.products.map(({ sku }) => String(sku));
  const wanted = expected.map(({ sku }) => sku);
  const missing = expected.find(({ sku }) => !got.includes(sku));
  if (missing) return `${asked} does not list ${missing.name}`;
  const extra = answer.products.find(({ sku }) => !wanted.includes(String(sku)));
  if (extra) return `${asked} lists ${String(extra.name).slice(0, 80)}, which does not belong there`;
  if (got.join() !== wanted.join()) return `${asked} does not list the products in that order`;
  for (const [i, product] of expected.entries()) {
    const { name, price } = answer.products[i]!;
    if (name !== product.name || Number(price) !== product.price)
      return `${asked} answers another name or price for ${product.sku}`;
  }
  return undefined;
}

/** A search may be generous, but finds what contains the text and leaves out most of the rest. */
function expectFound(q: string, answer: Answer, shelf: Product[]): string | undefined {
  if (answer.status !== 200) return `GET /products with q=${q} answers ${answer.status} ${answer.text.slice(0, 120)}`;
  const missing = shelf.find(
    ({ name, sku }) => contains(name, q) && !answer.products.some((each) => each.sku === sku && each.name === name),
  );
  if (missing) return `GET /products with q=${q} does not find ${missing.name}`;
  if (answer.products.length >= shelf.length) return `GET /products with q=${q} lists everything`;
  return undefined;
}

function policy(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
