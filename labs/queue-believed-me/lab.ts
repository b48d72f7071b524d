import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  alphanumeric,
  attackFails,
  type CheckContext,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  hex,
  policy,
  putRolePolicy,
  type World,
} from '../../server/kit.ts';
import { forgeThroughTheShop, orderAsStranger, orderForNothing } from './attack.ts';
import { badOrdersAreKept, goodOrdersSurvive, ordersAreDispatched } from './checks/orders.ts';
import { nobodyElseMayUseTheQueue } from './checks/senders.ts';
import { arnOf, queuesOf, urlOf } from './queues.ts';
import { catalogue, fill, members, shopOf, warehouse, warehouseOf } from './shop.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const tables = await makeTables(world);
    const sqs = admin.client(SQSClient);
    const arn = (name: string): string => `arn:aws:sqs:${world.region}:${id}:${name}`;
    const queue = async (QueueName: string, Attributes: Record<string, string>): Promise<void> => {
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    };
    await queue('orders-dead', { MessageRetentionPeriod: '1209600' });
    await queue('orders', {
      VisibilityTimeout: '60',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('orders-dead'), maxReceiveCount: 3 }),
      Policy: policy({ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: arn('orders') }),
    });
    await createUser(admin, 'web-shop', 'orders', allow('sqs:SendMessage', arn('orders')));
    await createUser(
      admin,
      'fraud-desk',
      'dead-letters',
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('orders-dead')),
    );
    const role = await createExecutionRole(admin, 'fulfil-role', 'AWSLambdaSQSQueueExecutionRole');
    await putRolePolicy(admin, 'fulfil-role', 'tables', allow('dynamodb:GetItem', tables));
    const token = alphanumeric(world.random, 24);
    const variables = {
      CATALOGUE: catalogue,
      MEMBERS: members,
      WAREHOUSE_URL: `https://${warehouse}`,
      WAREHOUSE_TOKEN: token,
    };
    await createFunction(admin, 'fulfil', role, world.zip('function'), variables);
    const { UUID } = await admin
      .client(LambdaClient)
      .send(
        new CreateEventSourceMappingCommand({ FunctionName: 'fulfil', EventSourceArn: arn('orders'), BatchSize: 10 }),
      );
    world.secret('warehouse token', token);
    world.output('queue', 'orders');
    world.output('dead letters', 'orders-dead');
    world.output('function', 'fulfil');
    world.output('role', 'fulfil-role');
    world.output('event source mapping', UUID!);
    world.output('account', id);
  },

  hosts: (facts) => [warehouseOf(facts)],

  async restore(ctx) {
    fill(ctx, shopOf(ctx.gradeId));
    await emptyQueues(ctx);
  },

  exploit: orderForNothing,

  checks: {
    'good-orders-are-sent-out': {
      kind: 'function',
      title: 'Good orders are sent out',
      points: 0,
      run: ordersAreDispatched,
    },

    'strangers-orders-do-nothing': {
      kind: 'exploit',
      title: "A stranger's order has no effect",
      points: 20,
      run: attackFails(orderAsStranger),
    },

    'nobody-else-may-use-the-queue': {
      kind: 'policy',
      title: 'Nobody but the shop may send, and no stranger may read',
      points: 20,
      run: nobodyElseMayUseTheQueue,
    },

    'forged-orders-do-nothing': {
      kind: 'exploit',
      title: 'A forged order that the shop passes on has no effect',
      points: 30,
      run: attackFails(forgeThroughTheShop),
    },

    'good-orders-survive-bad-ones': {
      kind: 'exploit',
      title: 'Good orders in one batch with bad ones are sent out once',
      points: 15,
      run: goodOrdersSurvive,
    },

    'bad-orders-reach-the-fraud-desk': {
      kind: 'hygiene',
      title: 'Bad orders end in orders-dead',
      points: 15,
      run: badOrdersAreKept,
    },
  },

  map: {
    nodes: [
      { id: 'stranger', label: 'Any AWS account', kind: 'entry' },
      { id: 'customer', label: 'A customer of the shop', kind: 'entry' },
      { id: 'shop', label: 'web-shop', kind: 'principal' },
      { id: 'queue', label: 'orders', kind: 'resource' },
      { id: 'fulfil', label: 'fulfil', kind: 'principal' },
      { id: 'goods', label: 'Goods leave for nothing', kind: 'impact' },
      { id: 'stuck', label: 'Honest orders are lost or doubled', kind: 'impact' },
    ],
    edges: [
      {
        from: 'stranger',
        to: 'queue',
        call: 'sqs:SendMessage',
        cutBy: ['strangers-orders-do-nothing', 'nobody-else-may-use-the-queue'],
      },
      { from: 'customer', to: 'shop', call: 'a form with price and role', cutBy: [] },
      { from: 'shop', to: 'queue', call: 'sqs:SendMessage', cutBy: [] },
      { from: 'queue', to: 'fulfil', call: 'a batch of messages', cutBy: [] },
      { from: 'fulfil', to: 'goods', call: 'POST /dispatches', cutBy: ['forged-orders-do-nothing'] },
      {
        from: 'fulfil',
        to: 'stuck',
        call: 'a batch fails as a whole',
        cutBy: ['good-orders-survive-bad-ones', 'bad-orders-reach-the-fraud-desk'],
      },
    ],
  },
});

async function makeTables(world: World): Promise<string[]> {
  const { admin, id } = world.account();
  const keys = { [catalogue]: 'sku', [members]: 'customer' };
  for (const [TableName, AttributeName] of Object.entries(keys))
    await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
        KeySchema: [{ AttributeName, KeyType: 'HASH' }],
      }),
    );
  fill(world, shopOf(hex(world.random, 16)));
  return Object.keys(keys).map((name) => `arn:aws:dynamodb:${world.region}:${id}:table/${name}`);
}

/** What learners sent themselves is no order of the grader's. */
async function emptyQueues(ctx: CheckContext): Promise<void> {
  const urls = [urlOf(ctx, arnOf(ctx, ctx.outputs['dead letters']!)), ...(await queuesOf(ctx)).map(({ url }) => url)];
  for (const QueueUrl of urls)
    await ctx.attempt(() => ctx.admin().client(SQSClient).send(new PurgeQueueCommand({ QueueUrl })));
}
