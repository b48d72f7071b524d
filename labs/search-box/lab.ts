import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createHttpApi,
  defineLab,
  putRolePolicy,
} from '../../server/kit.ts';
import { patiently, stealCustomers } from './attack.ts';
import { theOrderIsAChoice, thePriceLimitIsData, theSearchTextIsData } from './checks/injection.ts';
import { namesWithQuotesAreFound, theSearchAnswers } from './checks/search.ts';
import { makeDatabase } from './database.ts';
import { fill, shelfOf } from './shop.ts';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin } = world.account();
    const database = await makeDatabase(world);
    const role = await createExecutionRole(admin, 'search-role');
    await putRolePolicy(
      admin,
      'search-role',
      'database',
      allow('rds-data:ExecuteStatement', database.clusterArn),
      allow('secretsmanager:GetSecretValue', [database.secretArn, database.readerSecretArn]),
    );
    const search = await createFunction(
      admin,
      'search',
      role,
      world.zip('function'),
      { CLUSTER_ARN: database.clusterArn, SECRET_ARN: database.secretArn },
      { MemorySize: 256 },
    );
    const api = await createHttpApi(admin, 'shop', 'GET /products', search);
    world.output('search address', `${world.cloud.endpoint}/_range/execute-api/${api}/products`);
    world.output('api', api);
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
      run: patiently(theSearchAnswers),
    },

    'names-with-quotes-are-found': {
      kind: 'function',
      title: 'Names with quotes are found',
      points: 0,
      atStart: 'fails',
      run: patiently(namesWithQuotesAreFound),
    },

    'customers-stay-private': {
      kind: 'exploit',
      title: 'Customers cannot be read through the search',
      points: 25,
      run: patiently(attackFails(stealCustomers)),
    },

    'the-search-text-is-data': {
      kind: 'exploit',
      title: 'SQL in the search text has no effect',
      points: 30,
      run: patiently(theSearchTextIsData),
    },

    'the-price-limit-is-data': {
      kind: 'exploit',
      title: 'SQL in the price limit has no effect',
      points: 25,
      run: patiently(thePriceLimitIsData),
    },

    'the-order-is-a-choice': {
      kind: 'exploit',
      title: 'SQL and hidden columns in the order have no effect',
      points: 20,
      run: patiently(theOrderIsAChoice),
    },
  },

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
