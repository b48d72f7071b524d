import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
} from '../../server/kit.ts';
import { takeOffSale } from './attack.ts';
import { addressOf, buildRestApi } from './build.ts';
import { noOtherApiMayCall, noOutsiderMayCall, onlyTheOwnerTakesOffSale } from './checks/callers.ts';
import { customersSeeTheShop, theOwnerTakesOffSale } from './checks/shop.ts';
import { parameters, table } from './shop.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const { region } = world;
    const tableArn = `arn:aws:dynamodb:${region}:${id}:table/${table}`;
    const parameterArn = (name: string): string => `arn:aws:ssm:${region}:${id}:parameter${name}`;
    await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await createUser(
      admin,
      'noor',
      'owner',
      allow('execute-api:Invoke', `arn:aws:execute-api:${region}:${id}:*/*/DELETE/admin/*`),
      allow('ssm:GetParameter', parameterArn(parameters.admin)),
    );
    await createUser(admin, 'courier', 'rounds', allow('ssm:GetParameter', parameterArn(parameters.shop)));
    const role = await createExecutionRole(admin, 'shop-role');
    const rows = ['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:DeleteItem'];
    await putRolePolicy(admin, 'shop-role', 'bouquets', allow(rows, tableArn));
    const functionArn = await createFunction(admin, 'shop', role, world.zip('function'), { TABLE: table });
    for (const [StatementId, more] of [
      ['api', { Principal: 'apigateway.amazonaws.com', SourceArn: 'arn:aws:execute-api:*:*:*' }],
      ['debug', { Principal: '*' }],
    ] as const)
      await admin.client(LambdaClient).send(
        new AddPermissionCommand({
          FunctionName: 'shop',
          StatementId,
          Action: 'lambda:InvokeFunction',
          ...more,
        }),
      );
    const api = await buildRestApi(
      admin,
      region,
      'storefront',
      [
        { path: '/bouquets', method: 'GET', functionArn },
        { path: '/bouquets/{id}', method: 'GET', functionArn },
        { path: '/admin/bouquets/{id}', method: 'DELETE', functionArn },
      ],
      ['prod', 'preview'],
    );
    const address = addressOf(api.id, region, 'prod');
    for (const Name of Object.values(parameters))
      await admin.client(SSMClient).send(new PutParameterCommand({ Name, Type: 'String', Value: address }));
    world.output('api', api.id);
    world.output('address', address);
    world.output('function', functionArn);
    world.output('admin method', api.resources['/admin/bouquets/{id}']!);
    world.output('table', table);
  },

  exploit: takeOffSale,

  checks: {
    'customers-see-the-shop': {
      kind: 'function',
      title: 'Customers see what is for sale',
      points: 0,
      run: customersSeeTheShop,
    },

    'the-owner-takes-off-sale': {
      kind: 'function',
      title: 'The owner takes a bouquet off sale',
      points: 0,
      run: theOwnerTakesOffSale,
    },

    'strangers-take-nothing-off-sale': {
      kind: 'exploit',
      title: 'No stranger takes a bouquet off sale',
      points: 40,
      run: attackFails(takeOffSale),
    },

    'no-outsider-may-call': {
      kind: 'policy',
      title: 'Nobody and no API of another account may call a function',
      points: 20,
      run: noOutsiderMayCall,
    },

    'no-other-api-may-call': {
      kind: 'policy',
      title: 'No other API or service of this account may call a function',
      points: 20,
      run: noOtherApiMayCall,
    },

    'only-the-owner-takes-off-sale': {
      kind: 'policy',
      title: 'Inside the account, only the owner takes a bouquet off sale',
      points: 20,
      run: onlyTheOwnerTakesOffSale,
    },
  },

  map: {
    nodes: [
      { id: 'anybody', label: 'Anyone on the internet', kind: 'entry' },
      { id: 'account', label: 'Any AWS account', kind: 'entry' },
      { id: 'employee', label: 'Another user of the account', kind: 'entry' },
      { id: 'api', label: 'storefront', kind: 'resource' },
      { id: 'other-api', label: 'An API of their own', kind: 'resource' },
      { id: 'shop', label: 'shop', kind: 'principal' },
      { id: 'bouquets', label: 'Nothing is for sale', kind: 'impact' },
    ],
    edges: [
      { from: 'anybody', to: 'api', call: 'DELETE /admin/bouquets/{id}', cutBy: ['strangers-take-nothing-off-sale'] },
      { from: 'employee', to: 'api', call: 'execute-api:Invoke', cutBy: ['only-the-owner-takes-off-sale'] },
      { from: 'account', to: 'shop', call: 'lambda:InvokeFunction', cutBy: ['no-outsider-may-call'] },
      { from: 'account', to: 'other-api', call: 'apigateway:CreateRestApi', cutBy: [] },
      {
        from: 'other-api',
        to: 'shop',
        call: 'lambda:InvokeFunction by apigateway.amazonaws.com',
        cutBy: ['no-outsider-may-call', 'no-other-api-may-call'],
      },
      { from: 'api', to: 'shop', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'shop', to: 'bouquets', call: 'dynamodb:DeleteItem', cutBy: [] },
    ],
  },
});
