import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
  trust,
} from '../../server/kit.ts';
import { fetchTheReport } from './attack.ts';
import { theAnalystGetsTheReport } from './checks/analyst.ts';
import { noOutsiderMayCall } from './checks/callers.ts';
import { nobodyElseInsideMayCall } from './checks/insiders.ts';
import { noForeignPageMayRead } from './checks/pages.ts';
import { maker, parameter, table } from './report.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const lambda = admin.client(LambdaClient);
    const iam = admin.client(IAMClient);
    const tableArn = `arn:aws:dynamodb:${world.region}:${id}:table/${table}`;
    const analyst = `arn:aws:iam::${id}:role/analyst`;
    const createRole = (RoleName: string, user: string) =>
      iam.send(
        new CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${id}:user/${user}` }),
        }),
      );
    await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await createUser(admin, 'warehouse', 'book', allow('dynamodb:PutItem', tableArn));
    await createUser(admin, 'mara', 'analyst', allow('sts:AssumeRole', analyst));
    await createRole('analyst', 'mara');
    await putRolePolicy(
      admin,
      'analyst',
      'address',
      allow('ssm:GetParameter', `arn:aws:ssm:${world.region}:${id}:parameter${parameter}`),
    );
    await createUser(admin, 'trainee', 'trainee', allow('sts:AssumeRole', `${analyst}-trainee`));
    await createRole('analyst-trainee', 'trainee');
    await putRolePolicy(admin, 'analyst-trainee', 'look', allow('dynamodb:DescribeTable', tableArn));
    const role = await createExecutionRole(admin, 'margins-role');
    await putRolePolicy(admin, 'margins-role', 'read', allow('dynamodb:Scan', tableArn));
    const made = await createFunction(admin, maker, role, world.zip('function'), { TABLE: table });
    const { FunctionUrl } = await lambda.send(
      new CreateFunctionUrlConfigCommand({
        FunctionName: maker,
        AuthType: 'NONE',
        Cors: { AllowOrigins: ['*'], AllowMethods: ['*'], AllowHeaders: ['*'] },
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: maker,
        StatementId: 'FunctionURLAllowPublicAccess',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: maker,
        StatementId: 'FunctionURLInvokeAllowPublicAccess',
        Action: 'lambda:InvokeFunction',
        Principal: '*',
        InvokedViaFunctionUrl: true,
      }),
    );
    await admin
      .client(SSMClient)
      .send(new PutParameterCommand({ Name: parameter, Type: 'String', Value: FunctionUrl! }));
    world.output('function', made);
    world.output('address', FunctionUrl!);
    world.output('parameter', parameter);
    world.output('analyst role', analyst);
    world.output('table', table);
  },

  exploit: fetchTheReport,

  checks: {
    'the-analyst-gets-the-report': {
      kind: 'function',
      title: 'The analyst gets the report',
      points: 0,
      run: theAnalystGetsTheReport,
    },

    'strangers-get-no-report': {
      kind: 'exploit',
      title: 'Whoever finds the address gets no report',
      points: 35,
      run: attackFails(fetchTheReport),
    },

    'no-outsider-may-call': {
      kind: 'policy',
      title: 'Nobody outside of the account may call a function',
      points: 25,
      run: noOutsiderMayCall,
    },

    'nobody-else-inside-may-call': {
      kind: 'policy',
      title: 'Inside the account, only the role analyst may call, and it changes nothing',
      points: 25,
      run: nobodyElseInsideMayCall,
    },

    'no-foreign-page-may-read': {
      kind: 'hygiene',
      title: "No page of somebody else's may read the report",
      points: 15,
      run: noForeignPageMayRead,
    },
  },

  map: {
    nodes: [
      { id: 'anybody', label: 'Anyone with the address', kind: 'entry' },
      { id: 'employee', label: 'Another user of the account', kind: 'entry' },
      { id: 'page', label: "A page in an analyst's browser", kind: 'entry' },
      { id: 'url', label: 'The function URL', kind: 'resource' },
      { id: 'margins', label: 'margins', kind: 'principal' },
      { id: 'report', label: 'The margin of each customer', kind: 'impact' },
    ],
    edges: [
      {
        from: 'anybody',
        to: 'url',
        call: 'GET, unsigned',
        cutBy: ['strangers-get-no-report', 'no-outsider-may-call'],
      },
      { from: 'employee', to: 'url', call: 'lambda:InvokeFunctionUrl', cutBy: ['nobody-else-inside-may-call'] },
      { from: 'page', to: 'url', call: 'fetch, allowed by CORS', cutBy: ['no-foreign-page-may-read'] },
      { from: 'anybody', to: 'margins', call: 'lambda:InvokeFunction', cutBy: ['no-outsider-may-call'] },
      { from: 'url', to: 'margins', call: 'lambda:InvokeFunctionUrl', cutBy: [] },
      { from: 'margins', to: 'report', call: 'dynamodb:Scan', cutBy: [] },
    ],
  },
});
