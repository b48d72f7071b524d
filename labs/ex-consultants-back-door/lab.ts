import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  allow,
  attackFails,
  createExecutionRole,
  createUser,
  defineLab,
  digits,
  putRolePolicy,
  putTableRows,
  trust,
} from '../../server/kit.ts';
import { comeBack } from './attack.ts';
import { buildFunction, openDoors } from './build.ts';
import { functionsStayHere, layersStayHere, rolesStayHere } from './checks/foreign.ts';
import { quotesAreGiven, thePartnerKeepsTheRest } from './checks/jobs.ts';
import { alias, customer, functionName, partnerRole, partnerUser } from './freight.ts';

export default defineLab({
  accounts: ['partner', 'attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const partner = world.account('partner');
    const consultants = world.account('attacker').id;
    const root = (account: string): string => `arn:aws:iam::${account}:root`;
    const iam = admin.client(IAMClient);
    const db = admin.client(DynamoDBClient);
    for (const [TableName, AttributeName] of [
      ['contracts', 'customer'],
      ['sailings', 'ship'],
    ] as const)
      await db.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
          KeySchema: [{ AttributeName, KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
    putTableRows(world, 'contracts', [{ customer, cents: 20 + Number(digits(world.random, 1)) }]);
    putTableRows(world, 'sailings', [{ ship: 'Petrel', hold: 40 }]);
    const table = (name: string): string => `arn:aws:dynamodb:${world.region}:${id}:table/${name}`;

    const role = await createExecutionRole(admin, 'quote-role');
    await putRolePolicy(admin, 'quote-role', 'contracts', allow('dynamodb:GetItem', table('contracts')));
    const PolicyDocument = trust({ Service: 'lambda.amazonaws.com', AWS: root(consultants) });
    const AssumeRolePolicyDocument = trust({ AWS: [root(partner.id), root(consultants)] });
    await iam.send(new CreateRoleCommand({ RoleName: partnerRole, AssumeRolePolicyDocument }));
    await putRolePolicy(admin, partnerRole, 'sailings', allow('dynamodb:GetItem', table('sailings')));
    const arn = await buildFunction(world, role);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'quote-role', PolicyDocument }));
    await openDoors(world);
    await createUser(admin, 'booking-site', 'quotes', allow('lambda:InvokeFunction', `${arn}:${alias}`));
    await createUser(
      partner.admin,
      partnerUser,
      'hollinport',
      allow(['lambda:InvokeFunction', 'lambda:GetLayerVersion', 'sts:AssumeRole'], '*'),
    );
    world.output('function', `${functionName}:${alias}`);
    world.output("partner's account", partner.id);
    world.output("consultants' account", consultants);
    world.output('account', id);
  },

  exploit: comeBack,

  checks: {
    'quotes-are-given': {
      kind: 'function',
      title: 'The site and the partner get quotes',
      points: 0,
      run: quotesAreGiven,
    },

    'the-partner-keeps-the-rest': {
      kind: 'function',
      title: 'The partner keeps the layer and its reports',
      points: 0,
      run: thePartnerKeepsTheRest,
    },

    'the-consultants-get-nothing': {
      kind: 'exploit',
      title: "The consultants' account gets nothing any more",
      points: 25,
      run: attackFails(comeBack),
    },

    'functions-let-in-no-other-account': {
      kind: 'policy',
      title: 'No function, version or alias lets in another account, but the partner for quotes',
      points: 30,
      run: functionsStayHere,
    },

    'layers-are-the-partners-at-most': {
      kind: 'policy',
      title: 'No layer is open to another account, but to the partner',
      points: 20,
      run: layersStayHere,
    },

    'roles-trust-the-partner-at-most': {
      kind: 'policy',
      title: 'No role trusts another account, but partner-reports the partner',
      points: 25,
      run: rolesStayHere,
    },
  },

  map: {
    nodes: [
      { id: 'consultants', label: 'An account of people who left', kind: 'entry' },
      { id: 'function', label: 'quote-freight: its alias, its versions', kind: 'principal' },
      { id: 'layer', label: 'rate-tables', kind: 'resource' },
      { id: 'role', label: 'quote-role, partner-reports', kind: 'principal' },
      { id: 'prices', label: "Every customer's price", kind: 'impact' },
    ],
    edges: [
      {
        from: 'consultants',
        to: 'function',
        call: 'lambda:InvokeFunction, lambda:GetFunction',
        cutBy: ['the-consultants-get-nothing', 'functions-let-in-no-other-account'],
      },
      {
        from: 'consultants',
        to: 'layer',
        call: 'lambda:GetLayerVersion',
        cutBy: ['the-consultants-get-nothing', 'layers-are-the-partners-at-most'],
      },
      {
        from: 'consultants',
        to: 'role',
        call: 'sts:AssumeRole',
        cutBy: ['the-consultants-get-nothing', 'roles-trust-the-partner-at-most'],
      },
      { from: 'function', to: 'prices', call: 'an answer', cutBy: [] },
      { from: 'role', to: 'prices', call: 'dynamodb:GetItem', cutBy: [] },
    ],
  },
});
