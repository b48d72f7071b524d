import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  hex,
  putRolePolicy,
} from '../../server/kit.ts';
import { chooseAName, waitForPoints } from './attack.ts';
import { showsNames } from './checks/board.ts';
import { makeDatabase } from './database.ts';
import { namesWithSigns, plainNames } from './names.ts';
import { fill } from './race.ts';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin } = world.account();
    const { clusterArn, secretArn } = await makeDatabase(world);
    const TableName = world.name('racers');
    const { TableDescription } = await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'racer', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'racer', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const { TableArn, LatestStreamArn } = TableDescription!;
    await fill(world, TableName, hex(world.random, 16));

    const profileRole = await createExecutionRole(admin, 'profile-role');
    await putRolePolicy(admin, 'profile-role', 'racers', allow('dynamodb:UpdateItem', TableArn!));
    const profile = await createFunction(admin, 'profile', profileRole, world.zip('function/profile'), {
      RACERS: TableName,
    });
    const boardRole = await createExecutionRole(admin, 'board-role');
    await putRolePolicy(
      admin,
      'board-role',
      'board',
      allow(
        ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'],
        LatestStreamArn!,
      ),
      allow(['rds-data:ExecuteStatement', 'rds-data:BatchExecuteStatement'], clusterArn),
      allow('secretsmanager:GetSecretValue', secretArn),
    );
    await createFunction(admin, 'board', boardRole, world.zip('function/board'), {
      CLUSTER_ARN: clusterArn,
      SECRET_ARN: secretArn,
    });
    await admin.client(LambdaClient).send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'board',
        EventSourceArn: LatestStreamArn!,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 25,
        MaximumRetryAttempts: 2,
      }),
    );
    await createUser(admin, 'web-site', 'profile', allow('lambda:InvokeFunction', profile));
    await createUser(admin, 'timing', 'points', allow('dynamodb:UpdateItem', TableArn!));
    world.output('table', TableName);
    world.output('functions', 'profile, board');
    world.output('cluster', clusterArn);
    world.output('secret', secretArn);
  },

  restore: (ctx) => fill(ctx, ctx.outputs.table!, ctx.gradeId),

  exploit: chooseAName,

  checks: {
    'names-reach-the-board': {
      kind: 'function',
      title: 'Names and points reach the board, also beside a harmful name',
      points: 0,
      run: (ctx) => showsNames(ctx, plainNames(ctx)),
    },

    'names-with-signs-reach-the-board': {
      kind: 'function',
      title: 'Names with quotes and other signs reach the board as they are',
      points: 0,
      atStart: 'fails',
      run: (ctx) => showsNames(ctx, namesWithSigns(ctx)),
    },

    'a-new-name-is-a-name': {
      kind: 'exploit',
      title: 'SQL in a new name has no effect',
      points: 40,
      run: attackFails(chooseAName),
    },

    'a-stored-name-is-a-name': {
      kind: 'exploit',
      title: 'SQL in a name that is stored already has no effect',
      points: 60,
      run: attackFails(waitForPoints),
    },
  },

  map: {
    nodes: [
      { id: 'racer', label: 'A racer', kind: 'entry' },
      { id: 'table', label: 'the table of racers', kind: 'resource' },
      { id: 'board', label: 'board', kind: 'principal' },
      { id: 'database', label: 'board and vouchers', kind: 'impact' },
    ],
    edges: [
      { from: 'racer', to: 'table', call: 'profile, a name', cutBy: ['a-new-name-is-a-name'] },
      { from: 'table', to: 'board', call: 'the stream, whenever the row changes', cutBy: [] },
      {
        from: 'board',
        to: 'database',
        call: 'the name as a part of SQL',
        cutBy: ['a-new-name-is-a-name', 'a-stored-name-is-a-name'],
      },
    ],
  },
});
