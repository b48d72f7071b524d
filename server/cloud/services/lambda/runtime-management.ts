import type {
  GetRuntimeManagementConfigCommandInput,
  GetRuntimeManagementConfigCommandOutput,
  PutRuntimeManagementConfigCommandInput,
  PutRuntimeManagementConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { operation } from '../../context.ts';
import { invalidParameter, validation } from './errors.ts';
import { functionAccess, getVersion, newRevision } from './find.ts';
import { arnOf, functionTarget } from './names.ts';
import { functions, type VersionRecord, versions } from './records.ts';
import { runningVersion, versionOfArn } from './runtime-versions.ts';

const modes = ['Auto', 'FunctionUpdate', 'Manual'];

/** Set per function version: https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-configure-settings.html */
export const PutRuntimeManagementConfig = operation<
  PutRuntimeManagementConfigCommandInput,
  PutRuntimeManagementConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'PutRuntimeManagementConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const { UpdateRuntimeOn: updateRuntimeOn, RuntimeVersionArn: arn } = input;
    if (!modes.includes(updateRuntimeOn!))
      throw validation(updateRuntimeOn, 'updateRuntimeOn', `Member must satisfy enum value set: [${modes.join(', ')}]`);
    const { fn, version, alias } = getVersion(ctx.state, target);
    if (alias) throw invalidParameter('You cannot set the runtime management configuration of an alias.');
    if ((updateRuntimeOn === 'Manual') !== (arn !== undefined))
      throw invalidParameter(
        'RuntimeVersionArn is required when UpdateRuntimeOn is Manual, and must not be given otherwise.',
      );
    if (arn !== undefined && !isReleased(version, target.region, arn, ctx.now))
      throw invalidParameter(`The runtime version ${arn.slice(0, 200)} is not a version of ${version.runtime}.`);
    const changed: VersionRecord = {
      ...version,
      // What runs now is kept until the new mode says otherwise.
      runtimeVersion: runningVersion(version, target.region, ctx.now).name,
      runtimeManagement: {
        updateRuntimeOn: updateRuntimeOn!,
        ...(arn !== undefined ? { runtimeVersionArn: arn } : {}),
      },
      revisionId: newRevision(ctx),
    };
    if (version.version === '$LATEST') ctx.state.put(functions, target, target.name, { ...fn, latest: changed });
    else ctx.state.put(versions, target, `${target.name}:${version.version}`, changed);
    return {
      UpdateRuntimeOn: updateRuntimeOn,
      FunctionArn: arnOf(target, target.name, version.version),
      ...(arn !== undefined ? { RuntimeVersionArn: arn } : {}),
    };
  },
});

function isReleased(version: VersionRecord, region: string, arn: string, now: number): boolean {
  const today = new Date(now).toISOString().slice(0, 10);
  const named = versionOfArn(region, version.architectures[0]!, version.runtime, arn);
  return named !== undefined && named.released <= today;
}

export const GetRuntimeManagementConfig = operation<
  GetRuntimeManagementConfigCommandInput,
  GetRuntimeManagementConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'GetRuntimeManagementConfig', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const { version } = getVersion(ctx.state, target);
    const { updateRuntimeOn = 'Auto', runtimeVersionArn } = version.runtimeManagement ?? {};
    return {
      UpdateRuntimeOn: updateRuntimeOn as 'Auto',
      FunctionArn: arnOf(target, target.name, version.version),
      ...(runtimeVersionArn !== undefined ? { RuntimeVersionArn: runtimeVersionArn } : {}),
    };
  },
});
