import type {
  DeleteFunctionConcurrencyCommandInput,
  DeleteFunctionConcurrencyCommandOutput,
  DeleteProvisionedConcurrencyConfigCommandInput,
  DeleteProvisionedConcurrencyConfigCommandOutput,
  GetFunctionConcurrencyCommandInput,
  GetFunctionConcurrencyCommandOutput,
  GetProvisionedConcurrencyConfigCommandInput,
  GetProvisionedConcurrencyConfigCommandOutput,
  ListProvisionedConcurrencyConfigsCommandInput,
  ListProvisionedConcurrencyConfigsCommandOutput,
  PutFunctionConcurrencyCommandInput,
  PutFunctionConcurrencyCommandOutput,
  PutProvisionedConcurrencyConfigCommandInput,
  PutProvisionedConcurrencyConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { invalidParameter, notFound, validation } from './errors.ts';
import { accountConcurrency } from './execute.ts';
import { functionAccess, getFunction, getVersion, lambdaTime } from './find.ts';
import { badMarker } from './functions.ts';
import { arnOf, functionTarget, type Target } from './names.ts';
import { functions, type ProvisionedRecord, provisioned } from './records.ts';

/** What AWS keeps for functions without a reservation. */
const unreservedMinimum = 100;

export const PutFunctionConcurrency = operation<
  PutFunctionConcurrencyCommandInput,
  PutFunctionConcurrencyCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'PutFunctionConcurrency', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const fn = getFunction(ctx.state, target);
    const wanted = input.ReservedConcurrentExecutions!;
    if (wanted < 0)
      throw validation(wanted, 'reservedConcurrentExecutions', 'Member must have value greater than or equal to 0');
    const others = ctx.state
      .list(functions, target)
      .reduce((sum, { id, value }) => sum + (id === target.name ? 0 : (value.reservedConcurrency ?? 0)), 0);
    if (wanted > 0 && others + wanted > accountConcurrency - unreservedMinimum)
      throw invalidParameter(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedMinimum}].`,
      );
    ctx.state.put(functions, target, target.name, { ...fn, reservedConcurrency: wanted });
    return { ReservedConcurrentExecutions: wanted };
  },
});

export const GetFunctionConcurrency = operation<
  GetFunctionConcurrencyCommandInput,
  GetFunctionConcurrencyCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'GetFunctionConcurrency', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const { reservedConcurrency } = getFunction(ctx.state, functionTarget(ctx, input.FunctionName!));
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  },
});

export const DeleteFunctionConcurrency = operation<
  DeleteFunctionConcurrencyCommandInput,
  DeleteFunctionConcurrencyCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'DeleteFunctionConcurrency', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const { reservedConcurrency: _gone, ...fn } = getFunction(ctx.state, target);
    ctx.state.put(functions, target, target.name, fn);
    return {};
  },
});

function provisionedTarget(ctx: CallContext, functionName: string, qualifier: string): Target {
  const target = functionTarget(ctx, functionName, qualifier);
  if (target.qualifier === '$LATEST')
    throw invalidParameter('Provisioned Concurrency Configs cannot be applied to unpublished function versions.');
  return target;
}

const idOf = (target: Target): string => `${target.name}:${target.qualifier}`;

// differs from AWS: the environments are not started ahead; the runtime's pool hides cold starts for every function.
const describe = (record: ProvisionedRecord) => ({
  RequestedProvisionedConcurrentExecutions: record.requested,
  AvailableProvisionedConcurrentExecutions: record.requested,
  AllocatedProvisionedConcurrentExecutions: record.requested,
  Status: 'READY' as const,
  LastModified: record.lastModified,
});

export const PutProvisionedConcurrencyConfig = operation<
  PutProvisionedConcurrencyConfigCommandInput,
  PutProvisionedConcurrencyConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'PutProvisionedConcurrencyConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = provisionedTarget(ctx, input.FunctionName!, input.Qualifier!);
    getVersion(ctx.state, target);
    const requested = input.ProvisionedConcurrentExecutions!;
    if (requested < 1)
      throw validation(
        requested,
        'provisionedConcurrentExecutions',
        'Member must have value greater than or equal to 1',
      );
    const reserved = getFunction(ctx.state, target).reservedConcurrency ?? accountConcurrency - unreservedMinimum;
    if (requested > reserved)
      throw invalidParameter(
        'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      );
    const record: ProvisionedRecord = {
      functionName: target.name,
      qualifier: target.qualifier!,
      requested,
      lastModified: lambdaTime(ctx.now),
    };
    ctx.state.put(provisioned, target, idOf(target), record);
    return {
      ...describe(record),
      AvailableProvisionedConcurrentExecutions: 0,
      AllocatedProvisionedConcurrentExecutions: 0,
      Status: 'IN_PROGRESS',
    };
  },
});

export const GetProvisionedConcurrencyConfig = operation<
  GetProvisionedConcurrencyConfigCommandInput,
  GetProvisionedConcurrencyConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'GetProvisionedConcurrencyConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = provisionedTarget(ctx, input.FunctionName!, input.Qualifier!);
    getVersion(ctx.state, target);
    const record = ctx.state.get(provisioned, target, idOf(target));
    if (!record)
      throw new AwsError(
        'ProvisionedConcurrencyConfigNotFoundException',
        'No Provisioned Concurrency Config found for this function',
        404,
        { Type: 'User' },
      );
    return describe(record);
  },
});

export const DeleteProvisionedConcurrencyConfig = operation<
  DeleteProvisionedConcurrencyConfigCommandInput,
  DeleteProvisionedConcurrencyConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(
      ctx,
      'DeleteProvisionedConcurrencyConfig',
      functionTarget(ctx, input.FunctionName!, input.Qualifier),
    ),
  run(ctx, input) {
    const target = provisionedTarget(ctx, input.FunctionName!, input.Qualifier!);
    if (!getFunction(ctx.state, target)) throw notFound(`Function not found: ${target.arn}`);
    ctx.state.delete(provisioned, target, idOf(target));
    return {};
  },
});

export const ListProvisionedConcurrencyConfigs = operation<
  ListProvisionedConcurrencyConfigsCommandInput,
  ListProvisionedConcurrencyConfigsCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'ListProvisionedConcurrencyConfigs', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    getFunction(ctx.state, target);
    const all = ctx.state.list(provisioned, target).filter(({ value }) => value.functionName === target.name);
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return {
      ProvisionedConcurrencyConfigs: page.map(({ value }) => ({
        FunctionArn: arnOf(target, target.name, value.qualifier),
        ...describe(value),
      })),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});
