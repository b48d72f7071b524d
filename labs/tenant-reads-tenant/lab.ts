import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  hex,
  policy,
  putRolePolicy,
  putTableRows,
} from '../../server/kit.ts';
import { readTheOthers } from './attack.ts';
import { bookings, broker, byCarrier, byDay, tableOf, tenants } from './bookings.ts';
import { onlyOwnItems } from './checks/powers.ts';
import { dispatchPlansOn, tenantsBookOn } from './checks/work.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const TableName = world.name('bookings');
    const Projection = { ProjectionType: 'ALL' } as const;
    const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' }) as const;
    const key = (hash: string, range: string) => [
      { AttributeName: hash, KeyType: 'HASH' as const },
      { AttributeName: range, KeyType: 'RANGE' as const },
    ];
    await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: ['tenant', 'booking', 'day', 'carrier'].map(text),
        KeySchema: key('tenant', 'booking'),
        GlobalSecondaryIndexes: [
          { IndexName: byDay, KeySchema: key('tenant', 'day'), Projection },
          { IndexName: byCarrier, KeySchema: key('carrier', 'day'), Projection },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    putTableRows(world, TableName, bookings(hex(world.random, 16)));
    const table = `arn:aws:dynamodb:${world.region}:${id}:table/${TableName}`;

    const brokerRole = await createExecutionRole(admin, 'broker-role');
    const { Role } = await admin.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: 'tenant-data',
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: brokerRole },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        }),
      }),
    );
    await putRolePolicy(admin, 'tenant-data', 'bookings', allow('dynamodb:*', [table, `${table}/*`]));
    await putRolePolicy(admin, 'broker-role', 'sessions', allow(['sts:AssumeRole', 'sts:TagSession'], Role!.Arn!));
    const session = await createFunction(admin, broker, brokerRole, world.zip('function'), {
      TENANTS: tenants.join(','),
      TENANT_ROLE: Role!.Arn!,
    });
    await createUser(admin, 'sign-in', 'sessions', allow('lambda:InvokeFunction', session));
    await createUser(
      admin,
      'dispatch',
      'bookings',
      allow(['dynamodb:Query', 'dynamodb:Scan'], [table, `${table}/index/${byCarrier}`]),
    );
    world.output('table', TableName);
    world.output('index of tenants', byDay);
    world.output('index of dispatch', byCarrier);
    world.output('function', broker);
    world.output('role of sessions', 'tenant-data');
    world.output('tenants', tenants.join(', '));
  },

  async restore(ctx) {
    putTableRows(ctx, tableOf(ctx), bookings(ctx.gradeId), { alone: true });
  },

  exploit: readTheOthers,

  checks: {
    'tenants-book-on': {
      kind: 'function',
      title: 'Every tenant books, and sees own bookings by table and by index',
      points: 0,
      run: tenantsBookOn,
    },

    'dispatch-plans-on': {
      kind: 'function',
      title: 'Dispatch sees the bookings of all',
      points: 0,
      run: dispatchPlansOn,
    },

    'polder-sees-no-others': {
      kind: 'exploit',
      title: "Polder's program cannot read what others booked",
      points: 40,
      run: attackFails(readTheOthers),
    },

    'reads-only-own-items': {
      kind: 'policy',
      title: "A tenant's session reads nothing but its own items",
      points: 35,
      run: (ctx) => onlyOwnItems(ctx, 'read'),
    },

    'changes-only-own-items': {
      kind: 'policy',
      title: "A tenant's session changes nothing but its own items",
      points: 25,
      run: (ctx) => onlyOwnItems(ctx, 'write'),
    },
  },

  map: {
    nodes: [
      { id: 'tenant', label: "A tenant's program", kind: 'entry' },
      { id: 'broker', label: broker, kind: 'resource' },
      { id: 'role', label: 'a session of tenant-data', kind: 'principal' },
      { id: 'read', label: 'bookings of other tenants', kind: 'impact' },
      { id: 'changed', label: 'bookings changed, the table gone', kind: 'impact' },
    ],
    edges: [
      { from: 'tenant', to: 'broker', call: 'sign-in, lambda:InvokeFunction', cutBy: [] },
      { from: 'broker', to: 'role', call: 'sts:AssumeRole, with the tag tenant', cutBy: [] },
      {
        from: 'role',
        to: 'read',
        call: 'dynamodb:Scan',
        cutBy: ['polder-sees-no-others', 'reads-only-own-items'],
      },
      { from: 'role', to: 'changed', call: 'dynamodb:PutItem', cutBy: ['changes-only-own-items'] },
    ],
  },
});
