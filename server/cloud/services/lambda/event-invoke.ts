import type {
  DeleteFunctionEventInvokeConfigCommandInput,
  DeleteFunctionEventInvokeConfigCommandOutput,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigCommandInput,
  GetFunctionEventInvokeConfigCommandOutput,
  ListFunctionEventInvokeConfigsCommandInput,
  ListFunctionEventInvokeConfigsCommandOutput,
  PutFunctionEventInvokeConfigCommandInput,
  PutFunctionEventInvokeConfigCommandOutput,
  UpdateFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import type { Scope } from '../../state/table.ts';
import { destinationAccess, parseDestination } from './destinations.ts';
import { invalidParameter, notFound, validation } from './errors.ts';
import { type EventInvokeRecord, eventInvokeConfigs } from './event-invoke-records.ts';
import { functionAccess, getFunction, getVersion } from './find.ts';
import { badMarker } from './functions.ts';
import { arnOf, functionTarget, type Target } from './names.ts';
import { roleMay } from './role-rights.ts';

const idOf = (target: Target): string => `${target.name}:${target.qualifier ?? '$LATEST'}`;

function describe(scope: Scope, record: EventInvokeRecord): FunctionEventInvokeConfig {
  return {
    LastModified: new Date(record.lastModified),
    FunctionArn: arnOf(scope, record.functionName, record.qualifier),
    ...(record.maximumRetryAttempts !== undefined ? { MaximumRetryAttempts: record.maximumRetryAttempts } : {}),
    ...(record.maximumEventAge !== undefined ? { MaximumEventAgeInSeconds: record.maximumEventAge } : {}),
    DestinationConfig: {
      OnSuccess: record.onSuccess ? { Destination: record.onSuccess } : {},
      OnFailure: record.onFailure ? { Destination: record.onFailure } : {},
    },
  };
}

function find(ctx: CallContext, target: Target): EventInvokeRecord {
  getVersion(ctx.state, target);
  const found = ctx.state.get(eventInvokeConfigs, target, idOf(target));
  if (!found)
    throw notFound(
      `The function ${arnOf(target, target.name, target.qualifier ?? '$LATEST')} doesn't have an EventInvokeConfig`,
    );
  return found;
}

/** A destination must be one, and the execution role must be able to send there. */
function checkDestination(
  ctx: CallContext,
  target: Target,
  arn: string | undefined,
  use: 'OnSuccess' | 'OnFailure',
): string | undefined {
  if (!arn) return undefined;
  const destination = parseDestination(arn);
  if (!destination || (destination.service === 's3' && use === 'OnSuccess'))
    throw invalidParameter(
      `The provided destination config is invalid: the destination ARN ${arn.slice(0, 300)} is not supported.`,
    );
  const { version } = getVersion(ctx.state, target);
  if (destination.service === 'lambda' && arn.startsWith(arnOf(target, target.name)))
    throw invalidParameter(
      'The provided destination config is invalid: you cannot use the same function as source and destination.',
    );
  if (!roleMay(ctx, version.role, target.name, [destinationAccess(destination)]))
    throw invalidParameter(
      `The provided destination config DestinationConfig(${use === 'OnSuccess' ? 'onSuccess' : 'onFailure'}=${use}(destination=${arn})) is invalid: The function's execution role does not have permissions to call ${destination.call}`,
    );
  return arn;
}

function store(
  ctx: CallContext,
  target: Target,
  input: PutFunctionEventInvokeConfigCommandInput,
  old: EventInvokeRecord | undefined,
): FunctionEventInvokeConfig {
  const retries = input.MaximumRetryAttempts;
  if (retries !== undefined && (retries < 0 || retries > 2))
    throw validation(retries, 'maximumRetryAttempts', 'Member must have value between 0 and 2');
  const age = input.MaximumEventAgeInSeconds;
  if (age !== undefined && (age < 60 || age > 21_600))
    throw validation(age, 'maximumEventAgeInSeconds', 'Member must have value between 60 and 21600');
  const config = input.DestinationConfig;
  const onSuccess = config?.OnSuccess
    ? checkDestination(ctx, target, config.OnSuccess.Destination, 'OnSuccess')
    : old?.onSuccess;
  const onFailure = config?.OnFailure
    ? checkDestination(ctx, target, config.OnFailure.Destination, 'OnFailure')
    : old?.onFailure;
  const maximumRetryAttempts = retries ?? old?.maximumRetryAttempts;
  const maximumEventAge = age ?? old?.maximumEventAge;
  const record: EventInvokeRecord = {
    functionName: target.name,
    qualifier: target.qualifier ?? '$LATEST',
    ...(maximumRetryAttempts !== undefined ? { maximumRetryAttempts } : {}),
    ...(maximumEventAge !== undefined ? { maximumEventAge } : {}),
    ...(onSuccess ? { onSuccess } : {}),
    ...(onFailure ? { onFailure } : {}),
    lastModified: ctx.now,
  };
  ctx.state.put(eventInvokeConfigs, target, idOf(target), record);
  return describe(target, record);
}

export const PutFunctionEventInvokeConfig = operation<
  PutFunctionEventInvokeConfigCommandInput,
  PutFunctionEventInvokeConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'PutFunctionEventInvokeConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    return store(ctx, target, input, undefined);
  },
});

export const UpdateFunctionEventInvokeConfig = operation<
  UpdateFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'UpdateFunctionEventInvokeConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    return store(ctx, target, input, find(ctx, target));
  },
});

export const GetFunctionEventInvokeConfig = operation<
  GetFunctionEventInvokeConfigCommandInput,
  GetFunctionEventInvokeConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'GetFunctionEventInvokeConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    return describe(target, find(ctx, target));
  },
});

export const ListFunctionEventInvokeConfigs = operation<
  ListFunctionEventInvokeConfigsCommandInput,
  ListFunctionEventInvokeConfigsCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'ListFunctionEventInvokeConfigs', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    getFunction(ctx.state, target);
    const all = ctx.state.list(eventInvokeConfigs, target).filter(({ value }) => value.functionName === target.name);
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return {
      FunctionEventInvokeConfigs: page.map(({ value }) => describe(target, value)),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});

export const DeleteFunctionEventInvokeConfig = operation<
  DeleteFunctionEventInvokeConfigCommandInput,
  DeleteFunctionEventInvokeConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'DeleteFunctionEventInvokeConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    find(ctx, target);
    ctx.state.delete(eventInvokeConfigs, target, idOf(target));
    return {};
  },
});
