import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  allow,
  alphanumeric,
  attackFails,
  clusterPlaces,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  digits,
  remember,
} from '../../server/kit.ts';
import { turnCustomersAway } from './attack.ts';
import { receiptsCanBeRead, senselessChargesAreRefused } from './checks/function.ts';
import { reachedFromEveryZone, theWayOutIsNoWayIn } from './checks/network.ts';
import { serveLedger } from './ledger.ts';
import { buildNetwork } from './network.ts';
import { paymentProvider, provider } from './provider.ts';
import { functionName } from './web-shop.ts';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const { privateSubnets, publicSubnets, vpc, group, ledgerGroup } = await buildNetwork(world);

    const rds = admin.client(RDSClient);
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: 'data',
        DBSubnetGroupDescription: 'private subnets of the ledger',
        SubnetIds: privateSubnets,
      }),
    );
    const { DBCluster: ledger } = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'ledger',
        Engine: 'aurora-postgresql',
        MasterUsername: 'bookkeeper',
        MasterUserPassword: alphanumeric(world.random, 24),
        DBSubnetGroupName: 'data',
        VpcSecurityGroupIds: [ledgerGroup],
        StorageEncrypted: true,
      }),
    );
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'ledger-1',
        DBClusterIdentifier: 'ledger',
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-postgresql',
        PubliclyAccessible: false,
      }),
    );

    const toCall = `arn:aws:lambda:${world.region}:${account}:function:${functionName}`;
    await createUser(admin, 'web-shop', 'charge', allow('lambda:InvokeFunction', toCall));
    const role = await createExecutionRole(admin, 'charge-card-role', 'AWSLambdaVPCAccessExecutionRole');
    const token = alphanumeric(world.random, 24);
    await createFunction(
      admin,
      functionName,
      role,
      world.zip('function'),
      {
        PAYMENTS_URL: `https://${provider}`,
        PAYMENTS_TOKEN: token,
        LEDGER_HOST: ledger!.Endpoint!,
        LEDGER_PORT: String(ledger!.Port!),
      },
      { VpcConfig: { SubnetIds: publicSubnets, SecurityGroupIds: [group] } },
    );
    world.cloud.transact((state) => {
      const ctx = { state, snapshot: world.cloud.state, now: world.cloud.clock.now() };
      for (const receipt of ['A-1001', 'A-1002'])
        remember(ctx, 'ledger', { receipt, cents: 900 + Number(digits(world.random, 4)), payment: `pay-${receipt}` });
    });
    world.secret('account', account);
    world.secret('token', token);
    world.output('function', functionName);
    world.output('payment provider', `https://${provider}`);
    world.output('database', `${ledger!.Endpoint}:${ledger!.Port}`);
    world.output('VPC', vpc);
    world.output('security group of the function', group);
    world.output('security group of the database', ledgerGroup);
  },

  hosts: ({ secrets }, state, region) => [
    paymentProvider(secrets.token!),
    // Every cluster of the account answers as the ledger, so that it may be rebuilt elsewhere.
    ...clusterPlaces(state, { account: secrets.account!, region }).flatMap((place) =>
      [place.endpoint, place.readerEndpoint].map((name) => ({ name, port: place.port, place, tcp: serveLedger })),
    ),
  ],

  exploit: turnCustomersAway,

  checks: {
    'receipts-can-be-read': {
      kind: 'function',
      title: 'Receipts can be read',
      points: 0,
      run: receiptsCanBeRead,
    },

    'senseless-charges-are-refused': {
      kind: 'function',
      title: 'Charges without a sensible amount are refused',
      points: 0,
      run: senselessChargesAreRefused,
    },

    'no-customer-is-turned-away': {
      kind: 'exploit',
      title: 'No customer is turned away',
      points: 40,
      run: attackFails(turnCustomersAway),
    },

    'provider-and-ledger-from-every-zone': {
      kind: 'policy',
      title: 'Provider and ledger are reached from every subnet, in two zones',
      points: 30,
      run: reachedFromEveryZone,
    },

    'the-way-out-is-no-way-in': {
      kind: 'policy',
      title: 'The way out is no way in',
      points: 30,
      run: theWayOutIsNoWayIn,
    },
  },

  map: {
    nodes: [
      { id: 'customer', label: 'A customer who pays', kind: 'entry' },
      { id: 'function', label: 'charge-card', kind: 'principal' },
      { id: 'provider', label: 'payments.example', kind: 'resource' },
      { id: 'ledger', label: 'The ledger', kind: 'resource' },
      { id: 'away', label: 'The customer is turned away', kind: 'impact' },
      { id: 'outsider', label: 'Anyone on the internet', kind: 'entry' },
      { id: 'books', label: 'The books are open', kind: 'impact' },
    ],
    edges: [
      { from: 'customer', to: 'function', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'function', to: 'provider', call: 'POST /charges', cutBy: [] },
      { from: 'function', to: 'ledger', call: 'TCP 5432', cutBy: [] },
      {
        from: 'function',
        to: 'away',
        call: 'no way to the internet',
        cutBy: ['no-customer-is-turned-away', 'provider-and-ledger-from-every-zone'],
      },
      { from: 'outsider', to: 'ledger', call: 'TCP 5432', cutBy: ['the-way-out-is-no-way-in'] },
      { from: 'ledger', to: 'books', call: 'GET', cutBy: [] },
    ],
  },
});
