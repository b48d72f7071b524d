import { AttachRolePolicyCommand, CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
} from '../../server/kit.ts';
import { stealByConfiguration } from './attack.ts';
import { keysAreRotated, switchedOffKeysGo } from './checks/jobs.ts';
import { neverReconfigured, tunedFunctionsLeadNowhere } from './checks/powers.ts';
import { functionsAreTuned } from './checks/tuning.ts';
import { drop } from './drop.ts';
import { privileged, tuned } from './functions.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const iam = admin.client(IAMClient);
    const functions = `arn:aws:lambda:${world.region}:${id}:function`;
    for (const name of tuned) {
      const role = await createExecutionRole(admin, `${name}-role`);
      await createFunction(admin, name, role, world.zip(`function/${name}`), {}, { Tags: { tuning: 'yes' } });
    }
    const janitor = await createExecutionRole(admin, 'account-janitor-role');
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'account-janitor-role',
        PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    );
    const keys = await createExecutionRole(admin, 'cart-keys-role');
    const ofKeys = ['iam:ListAccessKeys', 'iam:CreateAccessKey', 'iam:DeleteAccessKey'];
    await putRolePolicy(admin, 'cart-keys-role', 'keys', allow(ofKeys, '*'));
    const Tags = { tuning: 'no' };
    await createFunction(admin, 'account-janitor', janitor, world.zip('function/account-janitor'), {}, { Tags });
    await createFunction(
      admin,
      'cart-keys',
      keys,
      world.zip('function/cart-keys'),
      { USER_NAME: 'cart-warehouse' },
      { Tags },
    );
    await createUser(admin, 'cart-warehouse', 'none', allow('sts:GetCallerIdentity', '*'));
    await iam.send(new CreateAccessKeyCommand({ UserName: 'cart-warehouse' }));
    await createUser(
      admin,
      'tuner',
      'tuning',
      allow(['lambda:Get*', 'lambda:List*', 'lambda:UpdateFunctionConfiguration'], '*'),
    );
    await createUser(
      admin,
      'ops',
      'jobs',
      allow(
        'lambda:InvokeFunction',
        [...privileged, 'cart'].map((name) => `${functions}:${name}`),
      ),
    );
    world.output('tuner user', 'tuner');
    world.output('tuned functions', tuned.join(', '));
    world.output('other functions', privileged.join(', '));
  },

  hosts: () => [drop],

  exploit: stealByConfiguration,

  checks: {
    'functions-are-tuned': {
      kind: 'function',
      title: 'The tuner sets memory and timeout',
      points: 0,
      run: functionsAreTuned,
    },

    'switched-off-keys-go': {
      kind: 'function',
      title: 'The janitor deletes keys that are switched off',
      points: 0,
      run: switchedOffKeysGo,
    },

    'keys-are-rotated': { kind: 'function', title: 'The cart’s key is rotated', points: 0, run: keysAreRotated },

    'configuration-steals-no-credentials': {
      kind: 'exploit',
      title: "The tuner's keys bring no credentials of a privileged function",
      points: 40,
      run: attackFails(stealByConfiguration),
    },

    'privileged-functions-stay-as-they-are': {
      kind: 'policy',
      title: 'The tuner neither changes nor starts a privileged function',
      points: 35,
      run: neverReconfigured,
    },

    'tuned-functions-lead-nowhere': {
      kind: 'policy',
      title: 'Tuned functions run with their own roles, which lead nowhere',
      points: 25,
      run: tunedFunctionsLeadNowhere,
    },
  },

  map: {
    nodes: [
      { id: 'vendor', label: 'Keys kept by a vendor', kind: 'entry' },
      { id: 'tuner', label: 'tuner', kind: 'principal' },
      { id: 'layer', label: "A layer of the attacker's account, or NODE_OPTIONS alone", kind: 'resource' },
      { id: 'janitor', label: 'account-janitor', kind: 'principal' },
      { id: 'admin', label: "An administrator's credentials at drop.example", kind: 'impact' },
    ],
    edges: [
      { from: 'vendor', to: 'tuner', call: 'access key', cutBy: [] },
      { from: 'layer', to: 'janitor', call: 'loaded before the handler', cutBy: [] },
      {
        from: 'tuner',
        to: 'janitor',
        call: 'lambda:UpdateFunctionConfiguration',
        cutBy: ['configuration-steals-no-credentials', 'privileged-functions-stay-as-they-are'],
      },
      { from: 'tuner', to: 'layer', call: 'iam:PassRole of another role', cutBy: ['tuned-functions-lead-nowhere'] },
      { from: 'janitor', to: 'admin', call: 'POST of its environment', cutBy: [] },
    ],
  },
});
