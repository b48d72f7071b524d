import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
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
import { postClaims } from './attack.ts';
import { claimsAreRegistered } from './checks/function.ts';
import { noPathToTheInternet, servedByEndpoints } from './checks/network.ts';
import { functionName, queue, secretName, table } from './desk.ts';
import { dropBox } from './drop.ts';
import { buildNetwork } from './network.ts';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const { vpc, subnets, group } = await buildNetwork(world);
    const { TableDescription } = await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'claim', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'claim', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName: queue }));
    const secret = await admin
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: secretName, SecretString: alphanumeric(world.random, 40) }));

    const arn = (service: string, name: string): string => `arn:aws:${service}:${world.region}:${account}:${name}`;
    await createUser(
      admin,
      'claims-desk',
      'claims',
      allow('lambda:InvokeFunction', arn('lambda', `function:${functionName}`)),
    );
    const role = await createExecutionRole(admin, 'register-claim-role', 'AWSLambdaVPCAccessExecutionRole');
    await putRolePolicy(
      admin,
      'register-claim-role',
      'claims',
      allow('dynamodb:PutItem', TableDescription!.TableArn!),
      allow('sqs:SendMessage', arn('sqs', queue)),
      allow('secretsmanager:GetSecretValue', secret.ARN!),
    );
    // As code in a function knows it; the answer of CreateQueue has the address that its caller used.
    const url = `https://sqs.${world.region}.amazonaws.com/${account}/${queue}`;
    await createFunction(
      admin,
      functionName,
      role,
      world.zip('function'),
      { TABLE: table, QUEUE_URL: url, SECRET: secretName },
      { VpcConfig: { SubnetIds: subnets, SecurityGroupIds: [group] }, MemorySize: 256 },
    );
    const [a, b, c] = world.random.bytes(3);
    world.secret('address of the drop box', `${60 + (a! % 40)}.${b}.${c}.25`);
    world.output('function', functionName);
    world.output('table', table);
    world.output('queue', url);
    world.output('secret', secretName);
    world.output('VPC', vpc);
    world.output('security group of the function', group);
  },

  hosts: ({ secrets }) => dropBox(secrets['address of the drop box']!),

  exploit: postClaims,

  checks: {
    'claims-are-registered': {
      kind: 'function',
      title: 'Claims are registered and orders to pay are signed',
      points: 0,
      run: claimsAreRegistered,
    },

    'nothing-reaches-the-drop': {
      kind: 'exploit',
      title: 'What the dependency sees does not leave',
      points: 30,
      run: attackFails(postClaims),
    },

    'no-path-to-the-internet': {
      kind: 'policy',
      title: 'No function has a path to the internet',
      points: 40,
      run: noPathToTheInternet,
    },

    'served-by-endpoints': {
      kind: 'policy',
      title: 'The three services are reached through VPC endpoints',
      points: 30,
      run: servedByEndpoints,
    },
  },

  map: {
    nodes: [
      { id: 'registry', label: 'A tampered release of iban-tools', kind: 'entry' },
      { id: 'function', label: 'register-claim', kind: 'principal' },
      { id: 'nat', label: 'NAT gateway', kind: 'resource' },
      { id: 'services', label: 'DynamoDB, Secrets Manager, SQS', kind: 'resource' },
      { id: 'drop', label: 'IBANs and keys at drop.example', kind: 'impact' },
    ],
    edges: [
      { from: 'registry', to: 'function', call: 'import', cutBy: [] },
      { from: 'function', to: 'nat', call: '0.0.0.0/0', cutBy: ['no-path-to-the-internet', 'served-by-endpoints'] },
      { from: 'nat', to: 'services', call: 'public endpoints', cutBy: ['served-by-endpoints'] },
      {
        from: 'nat',
        to: 'drop',
        call: 'POST https://drop.example/c',
        cutBy: ['nothing-reaches-the-drop', 'no-path-to-the-internet'],
      },
    ],
  },
});
