import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AttachRolePolicyCommand, CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  policy,
  putTableRows,
} from '../../server/kit.ts';
import { payWithATemplate } from './attack.ts';
import { ordersArePlaced, refundsArePaid, theNewsletterGoesOut } from './checks/golden.ts';
import { aRoleEach, doesOnlyItsJob } from './checks/powers.ts';
import { firstRows, functionNames, paidOrder, queues, readers, tables } from './shop.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const [db, sqs, iam] = [admin.client(DynamoDBClient), admin.client(SQSClient), admin.client(IAMClient)];
    const arn = (service: string, rest: string): string => `arn:aws:${service}:${world.region}:${id}:${rest}`;
    for (const [TableName, AttributeName] of Object.entries(tables))
      await db.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
          KeySchema: [{ AttributeName, KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
    for (const [table, rows] of firstRows(world)) putTableRows(world, table, rows);
    for (const QueueName of queues) await sqs.send(new CreateQueueCommand({ QueueName }));

    const role = await createExecutionRole(admin, 'app-role');
    const services = ['dynamodb', 'sqs', 'sns', 's3', 'lambda', 'iam', 'secretsmanager', 'ssm'];
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'app-access',
        PolicyDocument: policy(
          allow(
            services.map((service) => `${service}:*`),
            '*',
          ),
        ),
      }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'app-role', PolicyArn: Policy!.Arn! }));
    for (const name of functionNames) await createFunction(admin, name, role, world.zip(`function/${name}`), {});

    const callers = { 'shop-site': 'orders', 'support-desk': 'refunds', agency: 'newsletter' };
    for (const [user, name] of Object.entries(callers))
      await createUser(admin, user, 'calls', allow('lambda:InvokeFunction', arn('lambda', `function:${name}`)));
    for (const [user, queue] of [
      ['warehouse', 'packing'],
      ['mail-service', 'mail-out'],
    ] as const)
      await createUser(
        admin,
        user,
        'queue',
        allow(['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'], arn('sqs', queue)),
      );
    await createUser(
      admin,
      'bookkeeper',
      'books',
      allow(['dynamodb:GetItem', 'dynamodb:Scan'], arn('dynamodb', 'table/refunds')),
    );
    world.output('role', 'app-role');
    world.output('functions', functionNames.join(', '));
    world.output('tables', Object.keys(tables).join(', '));
    world.output('queues', queues.join(', '));
  },

  async restore(ctx) {
    putTableRows(ctx, 'orders', [paidOrder(ctx)]);
    putTableRows(ctx, 'subscribers', readers(ctx), { alone: true });
    putTableRows(ctx, 'refunds', [], { alone: true });
  },

  exploit: payWithATemplate,

  checks: {
    'orders-are-placed': { kind: 'function', title: 'Orders are placed', points: 0, run: ordersArePlaced },
    'refunds-are-paid': { kind: 'function', title: 'Refunds are paid', points: 0, run: refundsArePaid },
    'the-newsletter-goes-out': {
      kind: 'function',
      title: 'The newsletter goes out',
      points: 0,
      run: theNewsletterGoesOut,
    },

    'a-template-pays-nothing': {
      kind: 'exploit',
      title: 'A template of the newsletter pays no refund and makes no key',
      points: 25,
      run: attackFails(payWithATemplate),
    },

    'newsletter-does-only-its-job': {
      kind: 'policy',
      title: 'Code in newsletter reads subscribers, sends mail, and does nothing else',
      points: 25,
      run: (ctx) => doesOnlyItsJob(ctx, 'newsletter'),
    },

    'orders-does-only-its-job': {
      kind: 'policy',
      title: 'Code in orders keeps orders, tells the packers, and does nothing else',
      points: 20,
      run: (ctx) => doesOnlyItsJob(ctx, 'orders'),
    },

    'refunds-does-only-its-job': {
      kind: 'policy',
      title: 'Code in refunds reads orders, keeps refunds, and does nothing else',
      points: 20,
      run: (ctx) => doesOnlyItsJob(ctx, 'refunds'),
    },

    'a-role-each': {
      kind: 'hygiene',
      title: 'Each function has a role of its own',
      points: 10,
      run: aRoleEach,
    },
  },

  map: {
    nodes: [
      { id: 'agency', label: 'A template from the agency', kind: 'entry' },
      { id: 'newsletter', label: 'newsletter', kind: 'principal' },
      { id: 'role', label: 'app-role', kind: 'principal' },
      { id: 'refunds', label: 'Refunds that nobody is owed', kind: 'impact' },
      { id: 'key', label: 'An access key that stays', kind: 'impact' },
      { id: 'orders', label: 'Orders and the archive', kind: 'impact' },
    ],
    edges: [
      { from: 'agency', to: 'newsletter', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'newsletter', to: 'role', call: 'credentials in the environment', cutBy: ['a-role-each'] },
      {
        from: 'role',
        to: 'refunds',
        call: 'dynamodb:PutItem',
        cutBy: ['a-template-pays-nothing', 'newsletter-does-only-its-job', 'orders-does-only-its-job'],
      },
      {
        from: 'role',
        to: 'key',
        call: 'iam:CreateAccessKey',
        cutBy: ['a-template-pays-nothing', 'newsletter-does-only-its-job', 'refunds-does-only-its-job'],
      },
      {
        from: 'role',
        to: 'orders',
        call: 'dynamodb:Scan, dynamodb:PutItem',
        cutBy: ['newsletter-does-only-its-job', 'refunds-does-only-its-job'],
      },
    ],
  },
});
