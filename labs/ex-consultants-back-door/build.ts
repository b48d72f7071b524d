import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateAliasCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, type World } from '../../server/kit.ts';
import { alias, functionName, layerName } from './freight.ts';

/** The function with its versions, alias and layer, and whom their policies let in. */

export async function buildFunction(world: World, role: string): Promise<string> {
  const lambda = world.account().admin.client(LambdaClient);
  const layers: string[] = [];
  for (const folder of ['layer-1', 'layer-2']) {
    const { LayerVersionArn } = await lambda.send(
      new PublishLayerVersionCommand({
        LayerName: layerName,
        Content: { ZipFile: world.zip(folder) },
        CompatibleRuntimes: ['nodejs22.x'],
      }),
    );
    layers.push(LayerVersionArn!);
  }
  const arn = await createFunction(
    world.account().admin,
    functionName,
    role,
    world.zip('function'),
    {},
    {
      Layers: [layers[0]!],
    },
  );
  for (const change of [{}, { MemorySize: 256 }, { Layers: [layers[1]!] }]) {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, ...change }));
    await lambda.send(new PublishVersionCommand({ FunctionName: functionName }));
  }
  await lambda.send(new CreateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: '3' }));
  return arn;
}

/** What the consultants left, beside what the partner has. */
export async function openDoors(world: World): Promise<void> {
  const lambda = world.account().admin.client(LambdaClient);
  const partner = world.account('partner').id;
  const consultants = world.account('attacker').id;
  for (const [StatementId, Principal, Action, Qualifier] of [
    ['consultants', consultants, 'lambda:InvokeFunction', undefined],
    ['seabright', partner, 'lambda:InvokeFunction', alias],
    ['metrics', consultants, 'lambda:InvokeFunction', alias],
    ['trace', consultants, 'lambda:*', '3'],
  ] as const)
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: functionName,
        StatementId,
        Principal,
        Action,
        ...(Qualifier ? { Qualifier } : {}),
      }),
    );
  for (const [VersionNumber, StatementId, Principal] of [
    [1, 'all', '*'],
    [2, 'seabright', partner],
    [2, 'support', consultants],
  ] as const)
    await lambda.send(
      new AddLayerVersionPermissionCommand({
        LayerName: layerName,
        VersionNumber,
        StatementId,
        Principal,
        Action: 'lambda:GetLayerVersion',
      }),
    );
}
