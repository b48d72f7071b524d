import type {
  CreateEventSourceMappingCommandInput,
  CreateEventSourceMappingCommandOutput,
  DeleteEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommandOutput,
  EventSourceMappingConfiguration,
  GetEventSourceMappingCommandInput,
  GetEventSourceMappingCommandOutput,
  ListEventSourceMappingsCommandInput,
  ListEventSourceMappingsCommandOutput,
  UpdateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandOutput,
} from '@aws-sdk/client-lambda';
import { type Access, type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { requestTagContext, resourceTagContext } from '../../tags.ts';
import { conflict, invalidParameter, notFound, validation } from './errors.ts';
import { readFilters } from './event-filter.ts';
import { type EventSourceMappingRecord, eventSourceMappings } from './event-source-records.ts';
import { getVersion } from './find.ts';
import { badMarker } from './functions.ts';
import { functionTarget, type Target } from './names.ts';
import { queueSettings } from './queue-peek.ts';
import { roleMay } from './role-rights.ts';
import { firstPosition, positions } from './stream-positions.ts';
import { checkStream, describeStreamSettings, isStream, readStart, readStreamSettings } from './stream-sources.ts';
import { checkTags } from './tags.ts';

const mappingArn = (scope: Scope, id: string): string =>
  `arn:aws:lambda:${scope.region}:${scope.account}:event-source-mapping:${id}`;

function describe(scope: Scope, record: EventSourceMappingRecord, state?: string): EventSourceMappingConfiguration {
  return {
    UUID: record.uuid,
    EventSourceMappingArn: mappingArn(scope, record.uuid),
    EventSourceArn: record.eventSourceArn,
    FunctionArn: record.functionArn,
    BatchSize: record.batchSize,
    MaximumBatchingWindowInSeconds: record.batchingWindow,
    LastModified: new Date(record.lastModified),
    State: state ?? (record.enabled ? 'Enabled' : 'Disabled'),
    StateTransitionReason: 'USER_INITIATED',
    ...(record.filters.length ? { FilterCriteria: { Filters: record.filters.map((Pattern) => ({ Pattern })) } } : {}),
    ...(record.maximumConcurrency !== undefined
      ? { ScalingConfig: { MaximumConcurrency: record.maximumConcurrency } }
      : {}),
    FunctionResponseTypes: record.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(isStream(record.eventSourceArn) ? describeStreamSettings(record) : {}),
  };
}

function find(ctx: CallContext, id: string): EventSourceMappingRecord {
  const found = ctx.state.get(eventSourceMappings, ctx, id);
  if (!found) throw notFound('The resource you requested does not exist.');
  return found;
}

function mappingAccess(ctx: CallContext, action: string, id: string): Access {
  const record = ctx.state.get(eventSourceMappings, ctx, id);
  return {
    action: `lambda:${action}`,
    resource: mappingArn(ctx, id),
    context: { ...resourceTagContext(record?.tags), ...(record ? { 'lambda:FunctionArn': record.functionArn } : {}) },
  };
}

/** The rights of the execution role that a queue's poller needs, with the name of each in AWS's refusal. */
const needed = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

function checkQueue(ctx: CallContext, target: Target, sourceArn: string, fifoWindow: number): void {
  const { version } = getVersion(ctx.state, target);
  for (const call of needed)
    if (
      !roleMay(ctx, version.role, target.name, [
        { action: `sqs:${call}`, resource: sourceArn, resourceAccount: sourceArn.split(':')[4]! },
      ])
    )
      throw invalidParameter(`The provided execution role does not have permissions to call ${call} on SQS`);
  const queue = queueSettings(ctx.state, sourceArn);
  if (!queue)
    throw invalidParameter(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    );
  if (queue.visibilityTimeout < version.timeout)
    throw invalidParameter(
      `Queue visibility timeout: ${queue.visibilityTimeout} seconds is less than Function timeout: ${version.timeout} seconds`,
    );
  if (sourceArn.endsWith('.fifo') && fifoWindow > 0)
    throw invalidParameter('Batching window is not supported for FIFO queues');
}

function checkBatch(sourceArn: string, batchSize: number, window: number): void {
  const fifo = sourceArn.endsWith('.fifo');
  if (batchSize < 1 || batchSize > 10_000)
    throw validation(batchSize, 'batchSize', 'Member must have value between 1 and 10000');
  if (window < 0 || window > 300)
    throw validation(window, 'maximumBatchingWindowInSeconds', 'Member must have value between 0 and 300');
  if (fifo && batchSize > 10) throw invalidParameter('Maximum batch size for FIFO queues is 10.');
  if (batchSize > 10 && window < 1 && !isStream(sourceArn))
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
}

function checkConcurrency(value: number | undefined): void {
  if (value !== undefined && (value < 2 || value > 1000))
    throw validation(value, 'scalingConfig.maximumConcurrency', 'Member must have value between 2 and 1000');
}

export const CreateEventSourceMapping = operation<
  CreateEventSourceMappingCommandInput,
  CreateEventSourceMappingCommandOutput
>({
  access: (ctx, input) => ({
    action: 'lambda:CreateEventSourceMapping',
    resource: '*',
    context: { 'lambda:FunctionArn': functionTarget(ctx, input.FunctionName!).arn, ...requestTagContext(input.Tags) },
  }),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    getVersion(ctx.state, target);
    const eventSourceArn = input.EventSourceArn ?? '';
    const stream = isStream(eventSourceArn);
    if (!stream && !eventSourceArn.startsWith('arn:aws:sqs:'))
      throw new NotEmulated(
        `event sources such as "${eventSourceArn.slice(0, 100)}" (queues of SQS and streams of DynamoDB are)`,
      );
    if (input.KMSKeyArn) throw new NotEmulated('filter criteria under a customer key');
    if (input.ProvisionedPollerConfig) throw new NotEmulated('provisioned pollers');
    const batchSize = input.BatchSize ?? (stream ? 100 : 10);
    const batchingWindow = input.MaximumBatchingWindowInSeconds ?? 0;
    checkTags(input.Tags ?? {});
    checkBatch(eventSourceArn, batchSize, batchingWindow);
    checkConcurrency(input.ScalingConfig?.MaximumConcurrency);
    const same = ctx.state
      .list(eventSourceMappings, ctx)
      .find(({ value }) => value.eventSourceArn === eventSourceArn && value.functionArn === target.arn);
    if (same)
      throw conflict(
        stream
          ? `The event source arn (" ${eventSourceArn} ") and function (" ${target.name} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${same.id}`
          : `An event source mapping with SQS arn (" ${eventSourceArn} ") and function (" ${target.name} ") already exists. Please update or delete the existing mapping with UUID ${same.id}`,
      );
    const start = stream ? readStart(input) : undefined;
    if (stream) checkStream(ctx, target, eventSourceArn);
    else checkQueue(ctx, target, eventSourceArn, batchingWindow);
    const record: EventSourceMappingRecord = {
      uuid: uuid(ctx.cloud.random),
      eventSourceArn,
      functionArn: target.arn,
      enabled: input.Enabled ?? true,
      batchSize,
      batchingWindow,
      filters: readFilters(input.FilterCriteria?.Filters),
      reportBatchItemFailures: input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      ...(input.ScalingConfig?.MaximumConcurrency
        ? { maximumConcurrency: input.ScalingConfig.MaximumConcurrency }
        : {}),
      ...(start
        ? {
            startingPosition: start,
            ...readStreamSettings(ctx, target, input),
          }
        : {}),
      lastProcessingResult: 'No records processed',
      lastModified: ctx.now,
      tags: { ...input.Tags },
    };
    ctx.state.put(eventSourceMappings, ctx, record.uuid, record);
    if (start)
      ctx.state.put(positions, ctx, record.uuid, {
        next: firstPosition(ctx.state, eventSourceArn, start),
        attempts: 0,
        notBefore: 0,
      });
    return describe(ctx, record);
  },
});

export const GetEventSourceMapping = operation<GetEventSourceMappingCommandInput, GetEventSourceMappingCommandOutput>({
  access: (ctx, input) => mappingAccess(ctx, 'GetEventSourceMapping', input.UUID!),
  run: (ctx, input) => describe(ctx, find(ctx, input.UUID!)),
});

export const ListEventSourceMappings = operation<
  ListEventSourceMappingsCommandInput,
  ListEventSourceMappingsCommandOutput
>({
  access: () => ({ action: 'lambda:ListEventSourceMappings', resource: '*' }),
  run(ctx, input) {
    const target = input.FunctionName === undefined ? undefined : functionTarget(ctx, input.FunctionName);
    if (target) getVersion(ctx.state, target);
    const all = ctx.state
      .list(eventSourceMappings, ctx)
      .map(({ value }) => value)
      .filter((record) => !input.EventSourceArn || record.eventSourceArn === input.EventSourceArn)
      .filter((record) => !target || record.functionArn === target.arn);
    const { page, next } = paginate(all, (record) => record.uuid, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 100,
      invalid: badMarker,
    });
    return { EventSourceMappings: page.map((record) => describe(ctx, record)), ...(next ? { NextMarker: next } : {}) };
  },
});

export const UpdateEventSourceMapping = operation<
  UpdateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandOutput
>({
  access: (ctx, input) => mappingAccess(ctx, 'UpdateEventSourceMapping', input.UUID!),
  run(ctx, input) {
    const old = find(ctx, input.UUID!);
    const target = functionTarget(ctx, input.FunctionName ?? old.functionArn);
    getVersion(ctx.state, target);
    const batchSize = input.BatchSize ?? old.batchSize;
    const batchingWindow = input.MaximumBatchingWindowInSeconds ?? old.batchingWindow;
    checkBatch(old.eventSourceArn, batchSize, batchingWindow);
    checkConcurrency(input.ScalingConfig?.MaximumConcurrency);
    const stream = isStream(old.eventSourceArn);
    if (stream) checkStream(ctx, target, old.eventSourceArn);
    else checkQueue(ctx, target, old.eventSourceArn, batchingWindow);
    const { maximumConcurrency: before, onFailure: _destination, ...rest } = old;
    const maximumConcurrency = input.ScalingConfig ? input.ScalingConfig.MaximumConcurrency : before;
    const record: EventSourceMappingRecord = {
      ...rest,
      functionArn: target.arn,
      enabled: input.Enabled ?? old.enabled,
      batchSize,
      batchingWindow,
      filters: input.FilterCriteria ? readFilters(input.FilterCriteria.Filters) : old.filters,
      reportBatchItemFailures: input.FunctionResponseTypes
        ? input.FunctionResponseTypes.includes('ReportBatchItemFailures')
        : old.reportBatchItemFailures,
      ...(maximumConcurrency !== undefined ? { maximumConcurrency } : {}),
      ...(stream ? readStreamSettings(ctx, target, input, old) : {}),
      lastModified: ctx.now,
    };
    ctx.state.put(eventSourceMappings, ctx, record.uuid, record);
    return describe(ctx, record);
  },
});

export const DeleteEventSourceMapping = operation<
  DeleteEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommandOutput
>({
  access: (ctx, input) => mappingAccess(ctx, 'DeleteEventSourceMapping', input.UUID!),
  run(ctx, input) {
    const record = find(ctx, input.UUID!);
    ctx.state.delete(eventSourceMappings, ctx, record.uuid);
    ctx.state.delete(positions, ctx, record.uuid);
    return describe(ctx, record, 'Deleting');
  },
});
