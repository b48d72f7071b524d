import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  allow,
  attackFails,
  createBuild,
  createExecutionRole,
  createFunction,
  createHttpApi,
  defineLab,
  filesOf,
  lockFile,
  nodeModules,
  npmRegistry,
  publish,
  putRolePolicy,
  putTableRows,
  zipFiles,
} from '../../server/kit.ts';
import { refundByMerging } from './attack.ts';
import { aFindingEndsTheBuild, nothingKnownRuns, theBuildMakesWhatRuns } from './checks/build.ts';
import { advisories, installed, published, registry } from './packages.ts';
import { functionName, returnsAreAnswered, table } from './shop.ts';

const usual = [
  { order: 'T-1001', concert: 'on', price: 80, state: 'paid' },
  { order: 'T-1002', concert: 'cancelled', price: 45, state: 'paid' },
];

export default defineLab({
  needs: ['containment', 'network', 'npm'],

  async deploy(world) {
    const { admin } = world.account();
    publish(world.cloud, registry, { versions: published, advisories });
    const files = Object.fromEntries(await filesOf(world.zip('source')));
    const project = JSON.parse(files['package.json']!.toString()) as Parameters<typeof lockFile>[1];
    const bucket = world.name('wrenhollow-builds');
    await createBuild(admin, {
      bucket,
      source: zipFiles({ ...files, 'package-lock.json': lockFile(registry, project, installed) }),
    });
    const { TableDescription } = await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: table,
        KeySchema: [{ AttributeName: 'order', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'order', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    putTableRows(world, table, usual);
    const role = await createExecutionRole(admin, 'returns-role');
    const orders = allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], TableDescription!.TableArn!);
    await putRolePolicy(admin, 'returns-role', 'orders', orders);
    const { 'index.mjs': code, 'package.json': manifest } = files;
    const zip = zipFiles({ 'index.mjs': code!, 'package.json': manifest!, ...nodeModules(installed) });
    const returns = await createFunction(admin, functionName, role, zip, { ORDERS: table }, { MemorySize: 256 });
    const api = await createHttpApi(admin, 'tickets', 'POST /returns', returns);
    world.output('address of returns', `${world.cloud.endpoint}/_range/execute-api/${api}/returns`);
    world.output('bucket', bucket);
    world.output('source', `s3://${bucket}/source.zip`);
    world.output('build', 'build');
    world.output('function', functionName);
    world.output('orders', table);
    world.output('registry', `https://${registry}/`);
  },

  hosts: () => [npmRegistry(registry)],

  async restore(ctx) {
    putTableRows(ctx, table, usual);
  },

  exploit: refundByMerging,

  checks: {
    'returns-are-answered': {
      kind: 'function',
      title: 'Customers can return tickets',
      points: 0,
      run: returnsAreAnswered,
    },

    'the-build-makes-what-runs': {
      kind: 'function',
      title: 'The build makes what returns runs',
      points: 0,
      run: theBuildMakesWhatRuns,
    },

    'no-refund-by-merging': {
      kind: 'exploit',
      title: 'No request turns a refund on',
      points: 40,
      run: attackFails(refundByMerging),
    },

    'nothing-known-runs': {
      kind: 'hygiene',
      title: 'Nothing that runs has a known finding',
      points: 25,
      run: nothingKnownRuns,
    },

    'a-finding-ends-the-build': {
      kind: 'policy',
      title: 'A build ends when a finding is known',
      points: 35,
      run: aFindingEndsTheBuild,
    },
  },

  map: {
    nodes: [
      { id: 'customer', label: 'Anybody with a ticket', kind: 'entry' },
      { id: 'registry', label: 'deep-fold before 2.1.0', kind: 'resource' },
      { id: 'returns', label: 'returns', kind: 'principal' },
      { id: 'refund', label: 'Money for tickets that are used', kind: 'impact' },
    ],
    edges: [
      {
        from: 'registry',
        to: 'returns',
        call: 'a build that asks nobody about findings',
        cutBy: ['nothing-known-runs', 'a-finding-ends-the-build'],
      },
      { from: 'customer', to: 'returns', call: 'POST /returns with __proto__ in it', cutBy: ['no-refund-by-merging'] },
      { from: 'returns', to: 'refund', call: 'dynamodb:UpdateItem', cutBy: ['no-refund-by-merging'] },
    ],
  },
});
