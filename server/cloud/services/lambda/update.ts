import type {
  UpdateFunctionCodeCommandInput,
  UpdateFunctionCodeCommandOutput,
  UpdateFunctionConfigurationCommandInput,
  UpdateFunctionConfigurationCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { storeCode } from './code.ts';
import { checkSigned } from './code-signing.ts';
import { applySettings } from './configure.ts';
import { describeVersion } from './describe.ts';
import { discardEnvironments } from './discard.ts';
import { invalidParameter, revisionMismatch } from './errors.ts';
import { functionAccess, getFunction, lambdaTime, newRevision } from './find.ts';
import { architectures } from './functions.ts';
import { alignInterfaces } from './interfaces.ts';
import { functionTarget, type Target } from './names.ts';
import { publish } from './publish.ts';
import { functions, type VersionRecord } from './records.ts';
import { newestVersion } from './runtime-versions.ts';
import { checkRuntime } from './runtimes.ts';
import { vpcContext } from './vpc.ts';

function updatable(ctx: CallContext, functionName: string): Target {
  const target = functionTarget(ctx, functionName);
  if (target.qualifier !== undefined && target.qualifier !== '$LATEST')
    throw invalidParameter(
      'You cannot update a published version or an alias: update the function ($LATEST) and publish a new version.',
    );
  return { ...target, qualifier: undefined, arn: target.functionArn };
}

function checkRevision(current: VersionRecord, given: string | undefined): void {
  if (given !== undefined && given !== current.revisionId) throw revisionMismatch('GetFunction');
}

/** Replaces `$LATEST` and ends the environments of the one before. */
function store(ctx: CallContext, target: Target, latest: VersionRecord): void {
  const fn = getFunction(ctx.state, target);
  ctx.state.put(functions, target, target.name, { ...fn, latest });
  if (fn.latest.vpc || latest.vpc) alignInterfaces(ctx, target);
  discardEnvironments(ctx.cloud, `${target.functionArn}:$LATEST:`);
}

export const UpdateFunctionCode = operation<UpdateFunctionCodeCommandInput, UpdateFunctionCodeCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'UpdateFunctionCode', updatable(ctx, input.FunctionName!)),
  async run(ctx, input) {
    const target = updatable(ctx, input.FunctionName!);
    const before = getFunction(ctx.state, target);
    checkRevision(before.latest, input.RevisionId);
    checkRuntime(before.latest.runtime, 'update', ctx.now);
    if (input.PublishTo) throw new NotEmulated('versions for managed instances');
    checkSigned(ctx, target, before.codeSigningConfigArn);
    const code = await storeCode(ctx, input);
    const { latest: old } = getFunction(ctx.state, target);
    checkRevision(old, input.RevisionId);
    const latest: VersionRecord = {
      ...old,
      codeBlob: code.blob,
      codeSha256: code.sha256,
      codeSize: code.size,
      lastModified: lambdaTime(ctx.now),
      revisionId: newRevision(ctx),
      ...(input.Architectures ? { architectures: architectures(input.Architectures) } : {}),
      runtimeVersion: newestVersion(old.runtime, ctx.now).name,
    };
    if (input.DryRun) return describeVersion(ctx, target, latest);
    store(ctx, target, latest);
    if (input.Publish) return describeVersion(ctx, target, publish(ctx, target, {}));
    return describeVersion(ctx, target, latest);
  },
});

export const UpdateFunctionConfiguration = operation<
  UpdateFunctionConfigurationCommandInput,
  UpdateFunctionConfigurationCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'UpdateFunctionConfiguration', updatable(ctx, input.FunctionName!), {
      ...vpcContext(ctx, input.VpcConfig),
      ...(input.Layers?.length ? { 'lambda:Layer': input.Layers } : {}),
    }),
  async run(ctx, input) {
    const target = updatable(ctx, input.FunctionName!);
    const fn = getFunction(ctx.state, target);
    const before = fn.latest;
    checkRevision(before, input.RevisionId);
    if (input.Layers?.length) checkSigned(ctx, target, fn.codeSigningConfigArn);
    const settings = await applySettings(ctx, target.functionArn, before, input, 'update');
    const { latest: old } = getFunction(ctx.state, target);
    checkRevision(old, input.RevisionId);
    const { functionName, version, codeBlob, codeSha256, codeSize, architectures: archs } = old;
    const latest: VersionRecord = {
      ...settings,
      functionName,
      version,
      codeBlob,
      codeSha256,
      codeSize,
      architectures: archs,
      lastModified: lambdaTime(ctx.now),
      revisionId: newRevision(ctx),
      runtimeVersion: newestVersion(settings.runtime, ctx.now).name,
    };
    // A version of one runtime is none of another: the pin falls away. AWS's documentation does not say.
    if (settings.runtime !== old.runtime && latest.runtimeManagement?.updateRuntimeOn === 'Manual')
      delete latest.runtimeManagement;
    store(ctx, target, latest);
    return describeVersion(ctx, target, latest);
  },
});
