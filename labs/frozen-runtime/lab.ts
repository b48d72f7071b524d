import {
  CreateAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  PutRuntimeManagementConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  hex,
  runtimePatches,
} from '../../server/kit.ts';
import { knock } from './attack.ts';
import { ticketsAreSold } from './checks/function.ts';
import { patchedByItself, patchedToday } from './checks/patches.ts';

const Runtime = 'nodejs24.x';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin } = world.account();
    const lambda = admin.client(LambdaClient);
    const house = hex(world.random, 24);
    const role = await createExecutionRole(admin, 'tickets-role');
    const made = await createFunction(admin, 'tickets', role, world.zip('function'), { HOUSE: house }, { Runtime });
    const FunctionName = 'tickets';
    const publish = async (more: object): Promise<string> => {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...more }));
      return (await lambda.send(new PublishVersionCommand({ FunctionName }))).Version!;
    };
    const versions = [];
    for (const MemorySize of [128, 192, 256]) versions.push(await publish({ MemorySize }));
    const [, canary, main] = versions;
    // A patch of half a year ago, and one before it.
    const patches = runtimePatches(world.cloud, Runtime);
    for (const [Qualifier, back] of [
      [main, 4],
      [canary, 5],
    ] as const)
      await lambda.send(
        new PutRuntimeManagementConfigCommand({
          FunctionName,
          Qualifier: Qualifier!,
          UpdateRuntimeOn: 'Manual',
          RuntimeVersionArn: patches.at(-back)!.arn,
        }),
      );
    await lambda.send(
      new CreateAliasCommand({
        FunctionName,
        Name: 'prod',
        FunctionVersion: main!,
        RoutingConfig: { AdditionalVersionWeights: { [canary!]: 0.4 } },
      }),
    );
    await createUser(admin, 'box-office', 'sell', allow('lambda:InvokeFunction', `${made}:prod`));
    await createUser(
      admin,
      'release',
      'pipeline',
      allow(
        [
          'lambda:GetFunctionConfiguration',
          'lambda:UpdateFunctionConfiguration',
          'lambda:UpdateFunctionCode',
          'lambda:PublishVersion',
          'lambda:UpdateAlias',
        ],
        [made, `${made}:*`],
      ),
    );
    world.secret('house', house);
    world.output('function', 'tickets');
    world.output('alias', 'prod');
    world.output('versions that prod serves', `${main}, ${canary}`);
  },

  exploit: knock,

  checks: {
    'tickets-are-sold': {
      kind: 'function',
      title: 'Tickets are sold, and releases go out',
      points: 0,
      run: ticketsAreSold,
    },

    'no-request-meets-an-old-hole': {
      kind: 'exploit',
      title: 'No request meets a hole that was patched long ago',
      points: 30,
      run: attackFails(knock),
    },

    'patched-by-itself': {
      kind: 'policy',
      title: 'What prod serves gets patches by itself',
      points: 50,
      run: patchedByItself,
    },

    'patched-today': {
      kind: 'hygiene',
      title: 'What prod serves has the patches of today',
      points: 20,
      run: patchedToday,
    },
  },

  map: {
    nodes: [
      { id: 'anybody', label: 'anybody who buys a ticket', kind: 'entry' },
      { id: 'prod', label: 'tickets:prod', kind: 'resource' },
      { id: 'versions', label: 'versions 3 and 2 on a runtime of long ago', kind: 'resource' },
      { id: 'hole', label: 'holes that everybody knows', kind: 'impact' },
    ],
    edges: [
      { from: 'anybody', to: 'prod', call: 'lambda:InvokeFunction', cutBy: [] },
      { from: 'prod', to: 'versions', call: 'weights 0.6 and 0.4', cutBy: ['no-request-meets-an-old-hole'] },
      { from: 'versions', to: 'hole', call: 'RuntimeVersionArn', cutBy: ['patched-by-itself', 'patched-today'] },
    ],
  },
});
