import {
  type EventSourceMappingConfiguration,
  LambdaClient,
  ListCodeSigningConfigsCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { type EventSourceMappingRecord, eventSourceMappings } from '../../../services/lambda/event-source-records.ts';
import { codeSigningConfigs } from '../../../services/lambda/records.ts';
import type { Tags } from '../../../tags.ts';
import type { Mirror, Source } from '../../types.ts';
import { asLambdaTime, unserved } from './common.ts';

export function listMappings(source: Source): Promise<EventSourceMappingConfiguration[]> {
  const lambda = source.client(LambdaClient);
  return source.pages(
    'the event source mappings',
    (Marker) => lambda.send(new ListEventSourceMappingsCommand({ Marker })),
    ({ EventSourceMappings, NextMarker }) => ({ items: EventSourceMappings, next: NextMarker }),
  );
}

export async function captureMappings(source: Source, mirror: Mirror): Promise<void> {
  // What is on its way out is gone.
  const all = (await listMappings(source)).filter(({ State }) => State !== 'Deleting');
  await source.each(all, async (found) => {
    const was = mirror.was.get(eventSourceMappings, source.scope, found.UUID!);
    const { region, account } = source.scope;
    const arn = found.EventSourceMappingArn ?? `arn:aws:lambda:${region}:${account}:event-source-mapping:${found.UUID}`;
    const tags = await tagsOf(source, arn, was?.tags);
    mirror.put(eventSourceMappings, source.scope, found.UUID!, mappingRecord(found, was, tags));
  });
}

function mappingRecord(
  found: EventSourceMappingConfiguration,
  was: EventSourceMappingRecord | undefined,
  tags: Tags,
): EventSourceMappingRecord {
  const onFailure = found.DestinationConfig?.OnFailure?.Destination;
  return {
    uuid: found.UUID!,
    eventSourceArn: found.EventSourceArn!,
    functionArn: found.FunctionArn!,
    enabled: !/^Disabl/.test(found.State ?? ''),
    batchSize: found.BatchSize ?? 10,
    batchingWindow: found.MaximumBatchingWindowInSeconds ?? 0,
    filters: (found.FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern ?? ''),
    reportBatchItemFailures: found.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    ...(found.ScalingConfig?.MaximumConcurrency ? { maximumConcurrency: found.ScalingConfig.MaximumConcurrency } : {}),
    ...(found.StartingPosition ? { startingPosition: found.StartingPosition } : {}),
    ...(found.BisectBatchOnFunctionError === undefined ? {} : { bisect: found.BisectBatchOnFunctionError }),
    ...(found.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: found.MaximumRetryAttempts }),
    ...(found.MaximumRecordAgeInSeconds === undefined ? {} : { maximumRecordAge: found.MaximumRecordAgeInSeconds }),
    ...(found.ParallelizationFactor === undefined ? {} : { parallelizationFactor: found.ParallelizationFactor }),
    ...(onFailure ? { onFailure } : {}),
    lastProcessingResult: found.LastProcessingResult ?? was?.lastProcessingResult ?? 'No records processed',
    lastModified: found.LastModified?.getTime() ?? 0,
    tags,
  };
}

/** Tags of what is no function; what an endpoint does not keep is as it was. */
async function tagsOf(source: Source, Resource: string, was: Tags | undefined): Promise<Tags> {
  const found = await source.read(
    `the tags of ${Resource}`,
    () => source.client(LambdaClient).send(new ListTagsCommand({ Resource })),
    ['ValidationException', 'InvalidParameterValueException', ...unserved],
  );
  return found?.Tags && Object.keys(found.Tags).length > 0 ? { ...found.Tags } : { ...was };
}

/** Where the endpoint knows nothing of code signing, what the mirror has stays. */
export async function captureCodeSigning(source: Source, mirror: Mirror): Promise<void> {
  const lambda = source.client(LambdaClient);
  let known = true;
  const all = await source.pages(
    'the code signing configurations',
    (Marker) => lambda.send(new ListCodeSigningConfigsCommand({ Marker })),
    ({ CodeSigningConfigs, NextMarker }) => {
      known &&= CodeSigningConfigs !== undefined;
      return { items: CodeSigningConfigs, next: NextMarker };
    },
  );
  if (!known)
    for (const { id, value } of mirror.was.list(codeSigningConfigs, source.scope))
      mirror.put(codeSigningConfigs, source.scope, id, value);
  await source.each(all, async (found) => {
    const id = found.CodeSigningConfigId!;
    const arn = found.CodeSigningConfigArn!;
    mirror.put(codeSigningConfigs, source.scope, id, {
      id,
      arn,
      description: found.Description ?? '',
      signingProfileVersionArns: [...(found.AllowedPublishers?.SigningProfileVersionArns ?? [])],
      untrusted: found.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? 'Warn',
      lastModified: asLambdaTime(found.LastModified),
      tags: await tagsOf(source, arn, mirror.was.get(codeSigningConfigs, source.scope, id)?.tags),
    });
  });
}
