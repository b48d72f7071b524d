import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateAliasCommand, LambdaClient, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
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
import { becomeAdministrator } from './attack.ts';
import { ordersIsDeployed } from './checks/deployment.ts';
import { breakGlassWorks, exportRuns } from './checks/others.ts';
import { onlyItsOwnRole, otherFunctionsAreOutOfReach } from './checks/powers.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const iam = admin.client(IAMClient);
    const lambda = admin.client(LambdaClient);
    const s3 = admin.client(S3Client);
    const functions = `arn:aws:lambda:${world.region}:${id}:function`;
    const Bucket = world.name('orders');
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'orders/1001.json', Body: '{"id":"1001","cents":4900}' }));

    const ordersRole = await createExecutionRole(admin, 'orders-role');
    await putRolePolicy(admin, 'orders-role', 'bucket', allow('s3:PutObject', `arn:aws:s3:::${Bucket}/orders/*`));
    const exportRole = await createExecutionRole(admin, 'orders-export-role');
    await putRolePolicy(
      admin,
      'orders-export-role',
      'bucket',
      allow(['s3:ListBucket', 's3:GetObject'], [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`]),
    );
    const { Role: breakGlass } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'break-glass-admin',
        AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'break-glass-admin',
        PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    );

    const built: [name: string, role: string, team: string, variables: Record<string, string>][] = [
      ['orders', ordersRole, 'orders', { BUCKET: Bucket, RELEASE: '2026-11-02' }],
      ['orders-export', exportRole, 'finance', { BUCKET: Bucket }],
      ['break-glass', breakGlass!.Arn!, 'security', {}],
    ];
    for (const [name, role, team, variables] of built) {
      await createFunction(admin, name, role, world.zip(`function/${name}`), variables, { Tags: { team } });
      const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: name }));
      await lambda.send(new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: Version! }));
    }

    await createUser(admin, 'deployer', 'pipeline', allow('lambda:*', '*'), allow('iam:PassRole', '*'));
    await createUser(admin, 'on-call', 'break-glass', allow('lambda:InvokeFunction', `${functions}:break-glass:live`));
    await createUser(admin, 'finance', 'export', allow('lambda:InvokeFunction', `${functions}:orders-export:live`));
    world.output('bucket', Bucket);
    world.output('pipeline user', 'deployer');
    world.output('pipeline function', 'orders');
    world.output('pipeline role', ordersRole);
    world.output('administrator role', breakGlass!.Arn!);
  },

  exploit: becomeAdministrator,

  checks: {
    'orders-is-deployed': {
      kind: 'function',
      title: 'The pipeline deploys orders',
      points: 0,
      run: ordersIsDeployed,
    },

    'break-glass-works': {
      kind: 'function',
      title: 'On-call becomes administrator through break-glass',
      points: 0,
      run: breakGlassWorks,
    },

    'export-runs': {
      kind: 'function',
      title: 'Finance gets its export',
      points: 0,
      run: exportRuns,
    },

    'deployer-does-not-become-administrator': {
      kind: 'exploit',
      title: "The pipeline's keys do not make an administrator",
      points: 40,
      run: attackFails(becomeAdministrator),
    },

    'code-runs-as-its-own-role-only': {
      kind: 'policy',
      title: 'What the pipeline deploys runs with the role of orders and no other',
      points: 30,
      run: onlyItsOwnRole,
    },

    'other-functions-are-out-of-reach': {
      kind: 'policy',
      title: 'The pipeline neither changes nor starts functions of other teams',
      points: 30,
      run: otherFunctionsAreOutOfReach,
    },
  },

  map: {
    nodes: [
      { id: 'log', label: 'Keys in a build log', kind: 'entry' },
      { id: 'deployer', label: 'deployer', kind: 'principal' },
      { id: 'new', label: 'A new function, or orders with another role', kind: 'resource' },
      { id: 'break-glass', label: 'break-glass', kind: 'resource' },
      { id: 'role', label: 'break-glass-admin', kind: 'principal' },
      { id: 'admin', label: 'Administrator of the account', kind: 'impact' },
    ],
    edges: [
      { from: 'log', to: 'deployer', call: 'access key', cutBy: [] },
      { from: 'deployer', to: 'new', call: 'lambda:CreateFunction, lambda:UpdateFunctionConfiguration', cutBy: [] },
      {
        from: 'new',
        to: 'role',
        call: 'iam:PassRole',
        cutBy: ['code-runs-as-its-own-role-only', 'deployer-does-not-become-administrator'],
      },
      {
        from: 'deployer',
        to: 'break-glass',
        call: 'lambda:UpdateFunctionCode, lambda:AddPermission, lambda:InvokeFunction',
        cutBy: ['other-functions-are-out-of-reach', 'deployer-does-not-become-administrator'],
      },
      { from: 'break-glass', to: 'role', call: 'runs with the role', cutBy: [] },
      { from: 'role', to: 'admin', call: 'iam:AttachUserPolicy', cutBy: [] },
    ],
  },
});
