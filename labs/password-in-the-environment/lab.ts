import { EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  digits,
  hex,
  putRows,
  rdsDatabase,
  rowOf,
} from '../../server/kit.ts';
import { readThePassword } from './attack.ts';
import { auditorStillAudits, ordersAreAnswered } from './checks/function.ts';
import { rotationNeedsNoDeployment } from './checks/rotation.ts';
import { keptAsASecret, readsItsOwnSecretOnly } from './checks/secrets.ts';
import { privateNetwork } from './network.ts';
import { cluster, orderOf, rows, stateOf, user } from './orders.ts';

/** What auditors read: how things are configured, and no values of secrets. */
const auditing = [
  'lambda:Get*',
  'lambda:List*',
  'iam:Get*',
  'iam:List*',
  'ec2:Describe*',
  'rds:Describe*',
  's3:ListAllMyBuckets',
  's3:GetBucket*',
  'secretsmanager:ListSecrets',
  'secretsmanager:DescribeSecret',
  'ssm:DescribeParameters',
  'kms:Describe*',
  'kms:List*',
  'logs:Describe*',
];

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin } = world.account();
    const network = await privateNetwork(admin.client(EC2Client), world.region);
    const rds = admin.client(RDSClient);
    const password = `${['Winter', 'Harbour', 'Copper', 'Meadow'][world.random.bytes(1)[0]! % 4]}-${digits(world.random, 4)}-${alphanumeric(world.random, 6)}`;
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'orders',
        DBSubnetGroupDescription: 'private subnets',
        SubnetIds: network.subnets,
      }),
    );
    const created = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: cluster,
        Engine: 'aurora-postgresql',
        MasterUsername: user,
        MasterUserPassword: password,
        DBSubnetGroupName: 'orders',
        VpcSecurityGroupIds: [network.databaseGroup],
        Port: 5432,
      }),
    );
    putRows(world.cloud, rows, { 'A-1001': { order: 'A-1001', state: 'shipped' } });

    const role = await createExecutionRole(admin, 'orders-role', 'AWSLambdaVPCAccessExecutionRole');
    await createUser(admin, 'auditor', 'read-configurations', allow(auditing, '*'));
    const payments = await admin
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: 'payments/provider-key', SecretString: hex(world.random, 32) }));
    await admin
      .client(SSMClient)
      .send(
        new PutParameterCommand({ Name: '/payments/provider-key', Type: 'SecureString', Value: hex(world.random, 32) }),
      );
    const made = await createFunction(
      admin,
      'orders',
      role,
      world.zip('function'),
      { DB_HOST: created.DBCluster!.Endpoint!, DB_USER: user, DB_PASSWORD: password },
      {
        VpcConfig: { SubnetIds: network.subnets, SecurityGroupIds: [network.functionGroup] },
        MemorySize: 256,
      },
    );
    world.secret('password', password);
    world.output('function', made);
    world.output('role', 'orders-role');
    world.output('cluster', cluster);
    world.output('database host', created.DBCluster!.Endpoint!);
    world.output('other secret', payments.ARN!);
  },

  hosts: (_facts, state, region) =>
    rdsDatabase(state, region, cluster, (ctx, query) => {
      const wanted = (query as { order?: unknown } | null)?.order;
      return { row: typeof wanted === 'string' ? (rowOf(ctx.state, rows, wanted) ?? null) : null };
    }),

  async restore(ctx) {
    putRows(ctx.cloud, rows, {
      'A-1001': { order: 'A-1001', state: 'shipped' },
      [orderOf(ctx)]: { order: orderOf(ctx), state: stateOf(ctx) },
    });
  },

  exploit: readThePassword,

  checks: {
    'orders-are-answered': {
      kind: 'function',
      title: 'Orders are answered',
      points: 0,
      run: ordersAreAnswered,
    },

    'auditor-still-audits': {
      kind: 'function',
      title: 'The auditor still audits',
      points: 0,
      run: auditorStillAudits,
    },

    'nothing-to-find': {
      kind: 'exploit',
      title: 'Nothing that an auditor reads, or has read, opens the database',
      points: 30,
      run: attackFails(readThePassword),
    },

    'rotation-needs-no-deployment': {
      kind: 'policy',
      title: 'A new password works within the hour, without a deployment',
      points: 30,
      run: rotationNeedsNoDeployment,
    },

    'kept-as-a-secret': {
      kind: 'policy',
      title: 'The password is kept as a secret',
      points: 20,
      run: keptAsASecret,
    },

    'reads-its-own-secret-only': {
      kind: 'policy',
      title: 'The function reads its own secret only',
      points: 20,
      run: readsItsOwnSecretOnly,
    },
  },

  map: {
    nodes: [
      { id: 'auditor', label: 'auditor, or a stolen laptop', kind: 'entry' },
      { id: 'variable', label: 'DB_PASSWORD of orders', kind: 'resource' },
      { id: 'database', label: 'orders-db', kind: 'impact' },
    ],
    edges: [
      { from: 'auditor', to: 'variable', call: 'lambda:GetFunctionConfiguration', cutBy: ['nothing-to-find'] },
      {
        from: 'variable',
        to: 'database',
        call: 'login as orders_app',
        cutBy: ['nothing-to-find', 'rotation-needs-no-deployment'],
      },
    ],
  },
});
