import type {
  GetAccountSettingsCommandInput,
  GetAccountSettingsCommandOutput,
  GetFunctionRecursionConfigCommandInput,
  GetFunctionRecursionConfigCommandOutput,
  GetRuntimeManagementConfigCommandInput,
  GetRuntimeManagementConfigCommandOutput,
  PutFunctionRecursionConfigCommandInput,
  PutFunctionRecursionConfigCommandOutput,
  PutRuntimeManagementConfigCommandInput,
  PutRuntimeManagementConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { operation } from '../../context.ts';
import { MAX_UNZIPPED_BYTES } from '../../runtime/zip.ts';
import { invalidParameter } from './errors.ts';
import { accountConcurrency } from './execute.ts';
import { functionAccess, getFunction, getVersion, newRevision } from './find.ts';
import { arnOf, functionTarget } from './names.ts';
import { functions, type VersionRecord, versions } from './records.ts';

export const GetAccountSettings = operation<GetAccountSettingsCommandInput, GetAccountSettingsCommandOutput>({
  access: () => ({ action: 'lambda:GetAccountSettings', resource: '*' }),
  run(ctx) {
    const all = ctx.state.list(functions, ctx).map(({ value }) => value);
    const published = ctx.state.list(versions, ctx).map(({ value }) => value);
    const code = new Map([...all.map(({ latest }) => latest), ...published].map((v) => [v.codeBlob, v.codeSize]));
    const reserved = all.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: MAX_UNZIPPED_BYTES,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: accountConcurrency,
        UnreservedConcurrentExecutions: accountConcurrency - reserved,
      },
      AccountUsage: {
        TotalCodeSize: [...code.values()].reduce((sum, size) => sum + size, 0),
        FunctionCount: all.length,
      },
    };
  },
});

// differs from AWS: the setting is kept; loops are not detected, a lab's own time limits end them.
export const PutFunctionRecursionConfig = operation<
  PutFunctionRecursionConfigCommandInput,
  PutFunctionRecursionConfigCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'PutFunctionRecursionConfig', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const fn = getFunction(ctx.state, target);
    const recursiveLoop = input.RecursiveLoop!;
    ctx.state.put(functions, target, target.name, { ...fn, recursiveLoop });
    return { RecursiveLoop: recursiveLoop };
  },
});

export const GetFunctionRecursionConfig = operation<
  GetFunctionRecursionConfigCommandInput,
  GetFunctionRecursionConfigCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'GetFunctionRecursionConfig', functionTarget(ctx, input.FunctionName!)),
  run: (ctx, input) => ({
    RecursiveLoop: getFunction(ctx.state, functionTarget(ctx, input.FunctionName!)).recursiveLoop,
  }),
});

/** Set per function version: https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-configure-settings.html */
export const PutRuntimeManagementConfig = operation<
  PutRuntimeManagementConfigCommandInput,
  PutRuntimeManagementConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'PutRuntimeManagementConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const { fn, version, alias } = getVersion(ctx.state, target);
    if (alias) throw invalidParameter('You cannot set the runtime management configuration of an alias.');
    const updateRuntimeOn = input.UpdateRuntimeOn!;
    if ((updateRuntimeOn === 'Manual') !== (input.RuntimeVersionArn !== undefined))
      throw invalidParameter(
        'RuntimeVersionArn is required when UpdateRuntimeOn is Manual, and must not be given otherwise.',
      );
    const runtimeManagement = {
      updateRuntimeOn,
      ...(input.RuntimeVersionArn ? { runtimeVersionArn: input.RuntimeVersionArn } : {}),
    };
    const changed: VersionRecord = { ...version, runtimeManagement, revisionId: newRevision(ctx) };
    if (version.version === '$LATEST') ctx.state.put(functions, target, target.name, { ...fn, latest: changed });
    else ctx.state.put(versions, target, `${target.name}:${version.version}`, changed);
    return {
      UpdateRuntimeOn: updateRuntimeOn,
      FunctionArn: arnOf(target, target.name, version.version),
      ...(input.RuntimeVersionArn ? { RuntimeVersionArn: input.RuntimeVersionArn } : {}),
    };
  },
});

export const GetRuntimeManagementConfig = operation<
  GetRuntimeManagementConfigCommandInput,
  GetRuntimeManagementConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'GetRuntimeManagementConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const { version } = getVersion(ctx.state, target);
    return {
      UpdateRuntimeOn: (version.runtimeManagement?.updateRuntimeOn ?? 'Auto') as 'Auto',
      FunctionArn: arnOf(target, target.name, version.version),
      ...(version.runtimeManagement?.runtimeVersionArn
        ? { RuntimeVersionArn: version.runtimeManagement.runtimeVersionArn }
        : {}),
    };
  },
});
