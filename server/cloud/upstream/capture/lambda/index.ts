import {
  DeleteCodeSigningConfigCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  LambdaClient,
  ListCodeSigningConfigsCommand,
} from '@aws-sdk/client-lambda';
import { eventInvokeConfigs } from '../../../services/lambda/event-invoke-records.ts';
import { eventSourceMappings } from '../../../services/lambda/event-source-records.ts';
import { layerCounters, layerVersions } from '../../../services/lambda/layer-records.ts';
import {
  aliases,
  codeSigningConfigs,
  functionPolicies,
  functions,
  provisioned,
  versions,
} from '../../../services/lambda/records.ts';
import { functionUrls, urlIds } from '../../../services/lambda/url-records.ts';
import { sealing } from '../../seal.ts';
import type { CapturedService, Source } from '../../types.ts';
import { Packages } from './code.ts';
import { captureFunction, functionNames } from './functions.ts';
import { captureLayers, layerNames, listVersions } from './layers.ts';
import { captureCodeSigning, captureMappings, listMappings } from './mappings.ts';
import { captureQualifiers } from './qualifiers.ts';

/** Functions with all that hangs on them. What is promised (asynchronous invocations) is in flight and not captured. */
export const capturedLambda: CapturedService = {
  id: 'lambda',
  tables: [
    functions,
    versions,
    aliases,
    functionPolicies,
    provisioned,
    eventInvokeConfigs,
    functionUrls,
    urlIds,
    eventSourceMappings,
    codeSigningConfigs,
    layerVersions,
    layerCounters,
  ],
  data: [],
  async capture(source, mirror) {
    const packages = new Packages(source, mirror);
    const seal = sealing(source, mirror);
    const [layers, names] = await Promise.all([
      captureLayers(source, mirror, packages),
      functionNames(source),
      captureMappings(source, mirror),
      captureCodeSigning(source, mirror),
    ]);
    await source.each(names, async (name) => {
      const numbers = await captureFunction({ source, mirror, packages, layers, seal }, name);
      if (numbers) await captureQualifiers(source, mirror, name, numbers);
    });
  },
  async remove(source) {
    const lambda = source.client(LambdaClient);
    const mappings = (await listMappings(source)).filter(({ State }) => State !== 'Deleting');
    await source.each(mappings, ({ UUID }) =>
      source.attempt(`mapping ${UUID}`, () => lambda.send(new DeleteEventSourceMappingCommand({ UUID }))),
    );
    const names = await functionNames(source);
    await source.each(names, (FunctionName) =>
      source.attempt(`function ${FunctionName}`, () => lambda.send(new DeleteFunctionCommand({ FunctionName }))),
    );
    const layers = await layerNames(source);
    await source.each(layers, async (LayerName) => {
      for (const { Version: VersionNumber } of await listVersions(source, LayerName))
        await source.attempt(`layer ${LayerName}:${VersionNumber}`, () =>
          lambda.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber })),
        );
    });
    const signing = await codeSigningArns(source);
    await source.each(signing, (CodeSigningConfigArn) =>
      source.attempt(CodeSigningConfigArn, () =>
        lambda.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn })),
      ),
    );
    return mappings.length + names.length + layers.length + signing.length;
  },
};

async function codeSigningArns(source: Source): Promise<string[]> {
  const lambda = source.client(LambdaClient);
  const all = await source.pages(
    'the code signing configurations',
    (Marker) => lambda.send(new ListCodeSigningConfigsCommand({ Marker })),
    ({ CodeSigningConfigs, NextMarker }) => ({ items: CodeSigningConfigs, next: NextMarker }),
  );
  return all.map(({ CodeSigningConfigArn }) => CodeSigningConfigArn!);
}
