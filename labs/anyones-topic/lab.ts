import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
} from '../../server/kit.ts';
import { forgePayments } from './attack.ts';
import { bank, bankOf } from './bank.ts';
import { nobodyElseMayCall, noForeignTopicMayCall } from './checks/callers.ts';
import { salariesArePaid } from './checks/salaries.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const sns = admin.client(SNSClient);
    const payroll = (await sns.send(new CreateTopicCommand({ Name: 'payroll' }))).TopicArn!;
    const news = (await sns.send(new CreateTopicCommand({ Name: 'office-news' }))).TopicArn!;
    await createUser(admin, 'hr-system', 'publish', allow('sns:Publish', payroll));
    await createUser(admin, 'employee', 'news', allow(['sns:Publish', 'sns:Subscribe'], news));
    const role = await createExecutionRole(admin, 'payout-role');
    const token = alphanumeric(world.random, 24);
    const payout = await createFunction(admin, 'payout', role, world.zip('function'), {
      BANK_URL: `https://${bank}`,
      BANK_TOKEN: token,
    });
    await admin.client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: 'payout',
        StatementId: 'sns-invoke',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
      }),
    );
    await sns.send(new SubscribeCommand({ TopicArn: payroll, Protocol: 'lambda', Endpoint: payout }));
    world.secret('bank token', token);
    world.output('topic', payroll);
    world.output('other topic', news);
    world.output('function', payout);
    world.output('account', id);
  },

  hosts: (facts) => [bankOf(facts)],

  exploit: forgePayments,

  checks: {
    'salaries-are-paid': {
      kind: 'function',
      title: 'Salaries are paid',
      points: 0,
      run: salariesArePaid,
    },

    'forged-payments-do-nothing': {
      kind: 'exploit',
      title: 'A forged payment moves no money',
      points: 40,
      run: attackFails(forgePayments),
    },

    'no-foreign-topic-may-call': {
      kind: 'policy',
      title: 'No topic of another account may call the function',
      points: 30,
      run: noForeignTopicMayCall,
    },

    'nobody-else-may-call': {
      kind: 'policy',
      title: 'No other topic, service or account may call the function',
      points: 30,
      run: nobodyElseMayCall,
    },
  },

  map: {
    nodes: [
      { id: 'attacker', label: 'Any AWS account', kind: 'entry' },
      { id: 'topic', label: "The attacker's topic", kind: 'resource' },
      { id: 'payout', label: 'payout', kind: 'principal' },
      { id: 'bank', label: 'Money leaves', kind: 'impact' },
    ],
    edges: [
      { from: 'attacker', to: 'topic', call: 'sns:CreateTopic, sns:Subscribe', cutBy: [] },
      {
        from: 'topic',
        to: 'payout',
        call: 'lambda:InvokeFunction by sns.amazonaws.com',
        cutBy: ['forged-payments-do-nothing', 'no-foreign-topic-may-call'],
      },
      { from: 'attacker', to: 'payout', call: 'lambda:InvokeFunction', cutBy: ['nobody-else-may-call'] },
      { from: 'payout', to: 'bank', call: 'POST /transfers', cutBy: [] },
    ],
  },
});
