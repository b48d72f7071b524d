import { CreateDBClusterCommand, CreateDBSubnetGroupCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
} from '../../server/kit.ts';
import { readALoan } from './attack.ts';
import { codeHasNoEc2 } from './checks/code.ts';
import { deploymentsGoOn, loansAreIssued } from './checks/function.ts';
import { nothingElseIsReached, onlyTheIssuerGetsIn } from './checks/network.ts';
import { asker, catalogue, cluster, databases, issuer, neighbour, neighbourPort, queue } from './library.ts';
import { buildNetwork } from './network.ts';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const network = await buildNetwork(world);
    const rds = admin.client(RDSClient);
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'data',
        DBSubnetGroupDescription: 'subnets for data',
        SubnetIds: network.dataSubnets,
      }),
    );
    const { DBCluster } = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: cluster,
        Engine: 'aurora-postgresql',
        MasterUsername: 'librarian',
        MasterUserPassword: alphanumeric(world.random, 24),
        DBSubnetGroupName: 'data',
        VpcSecurityGroupIds: [network.database],
        Port: 5432,
      }),
    );
    await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName: queue }));

    const arn = (service: string, name: string): string => `arn:aws:${service}:${world.region}:${account}:${name}`;
    const VpcConfig = { SubnetIds: network.subnets, SecurityGroupIds: [network.functions] };
    const url = `https://sqs.${world.region}.amazonaws.com/${account}/${queue}`;
    const variables: Record<string, Record<string, string>> = {
      [issuer]: { DB_HOST: DBCluster!.Endpoint!, DB_PORT: String(DBCluster!.Port!), QUEUE_URL: url },
      [asker]: {},
    };
    for (const name of [issuer, asker]) {
      const role = await createExecutionRole(admin, `${name}-role`, 'AWSLambdaVPCAccessExecutionRole');
      if (name === issuer)
        await putRolePolicy(admin, `${name}-role`, 'reminders', allow('sqs:SendMessage', arn('sqs', queue)));
      await createFunction(admin, name, role, world.zip(`function/${name}`), variables[name]!, { VpcConfig });
    }
    await createUser(admin, 'desk', 'issue', allow('lambda:InvokeFunction', arn('lambda', `function:${issuer}`)));
    await createUser(admin, 'reading-room', 'ask', allow('lambda:InvokeFunction', arn('lambda', `function:${asker}`)));
    await createUser(
      admin,
      'deployer',
      'deploy',
      allow(['lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionConfiguration'], arn('lambda', 'function:*')),
      allow(['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs'], '*'),
    );
    const [a, b, c] = world.random.bytes(3);
    world.secret('address of the neighbour', `${60 + (a! % 40)}.${b}.${c}.21`);
    world.secret('account', account);
    world.output('functions', `${issuer}, ${asker}`);
    world.output('database', `${DBCluster!.Endpoint}:${DBCluster!.Port}`);
    world.output('neighbour', `${neighbour}:${neighbourPort}`);
    world.output('queue', url);
    world.output('VPC', network.vpc);
    world.output('security group of the functions', network.functions);
    world.output('security group of the database', network.database);
    world.output('security group of the endpoint', network.endpoints);
    world.output('VPC endpoint', network.endpoint);
  },

  hosts: (facts, state, region) => [catalogue(facts), ...databases(state, facts.secrets.account!, region)],

  exploit: readALoan,

  checks: {
    'loans-are-issued': {
      kind: 'function',
      title: 'Loans are issued, and neighbours are asked',
      points: 0,
      run: loansAreIssued,
    },

    'deployments-go-on': {
      kind: 'function',
      title: 'The deployer still connects functions to the VPC',
      points: 0,
      run: deploymentsGoOn,
    },

    'terminals-read-no-loans': {
      kind: 'exploit',
      title: 'A terminal in a reading room reads no loans',
      points: 30,
      run: attackFails(readALoan),
    },

    'only-issue-loan-gets-in': {
      kind: 'policy',
      title: 'Only issue-loan can connect to the database',
      points: 25,
      run: onlyTheIssuerGetsIn,
    },

    'nothing-else-is-reached': {
      kind: 'policy',
      title: 'issue-loan can connect to the database and endpoints only',
      points: 25,
      run: nothingElseIsReached,
    },

    'code-has-no-ec2': {
      kind: 'policy',
      title: 'Code cannot use the rights on EC2 that Lambda needs',
      points: 20,
      run: codeHasNoEc2,
    },
  },

  map: {
    nodes: [
      { id: 'terminal', label: 'A terminal in a reading room', kind: 'entry' },
      { id: 'asker', label: asker, kind: 'principal' },
      { id: 'issuer', label: issuer, kind: 'principal' },
      { id: 'network', label: 'Everything else in the VPC', kind: 'impact' },
      { id: 'loans', label: 'Who reads what', kind: 'impact' },
      { id: 'interfaces', label: 'Network interfaces of the VPC', kind: 'impact' },
    ],
    edges: [
      { from: 'terminal', to: 'asker', call: 'lambda:InvokeFunction', cutBy: [] },
      {
        from: 'asker',
        to: 'loans',
        call: 'TCP 5432 from 10.0.0.0/8',
        cutBy: ['terminals-read-no-loans', 'only-issue-loan-gets-in'],
      },
      { from: 'issuer', to: 'loans', call: 'TCP 5432', cutBy: [] },
      { from: 'issuer', to: 'network', call: 'any port, anywhere', cutBy: ['nothing-else-is-reached'] },
      { from: 'asker', to: 'interfaces', call: 'ec2:DeleteNetworkInterface', cutBy: ['code-has-no-ec2'] },
    ],
  },
});
