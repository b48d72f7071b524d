import type {
  CreateFunctionCommandInput,
  CreateFunctionCommandOutput,
  DeleteFunctionCommandInput,
  DeleteFunctionCommandOutput,
  GetFunctionCommandInput,
  GetFunctionCommandOutput,
  GetFunctionConfigurationCommandInput,
  GetFunctionConfigurationCommandOutput,
  ListFunctionsCommandInput,
  ListFunctionsCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext } from '../../tags.ts';
import { storeCode } from './code.ts';
import { codeLocation } from './code-location.ts';
import { checkSigned, codeSigningAccess, usableCodeSigningConfig } from './code-signing.ts';
import { applySettings, defaults } from './configure.ts';
import { describeVersion } from './describe.ts';
import { discardEnvironments } from './discard.ts';
import { conflict, invalidParameter } from './errors.ts';
import { eventInvokeConfigs } from './event-invoke-records.ts';
import { functionAccess, getFunction, getVersion, lambdaTime, newRevision } from './find.ts';
import { alignInterfaces } from './interfaces.ts';
import { functionTarget, type Target } from './names.ts';
import { publish } from './publish.ts';
import {
  aliases,
  type FunctionRecord,
  functionPolicies,
  functions,
  provisioned,
  type VersionRecord,
  versions,
} from './records.ts';
import { newestVersion } from './runtime-versions.ts';
import { checkTags } from './tags.ts';
import { functionUrls } from './url-records.ts';
import { vpcContext } from './vpc.ts';

const layersOf = (layers: string[] | undefined): Record<string, string[]> =>
  layers?.length ? { 'lambda:Layer': layers } : {};

export const CreateFunction = operation<CreateFunctionCommandInput, CreateFunctionCommandOutput>({
  access: (ctx, input) =>
    functionAccess(ctx, 'CreateFunction', functionTarget(ctx, input.FunctionName!), {
      ...requestTagContext(input.Tags),
      ...vpcContext(ctx, input.VpcConfig),
      ...layersOf(input.Layers),
      ...(input.CodeSigningConfigArn ? { 'lambda:CodeSigningConfigArn': input.CodeSigningConfigArn } : {}),
    }),
  async run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    if (target.qualifier !== undefined)
      throw invalidParameter('The function name of a new function must not have a qualifier.');
    if (input.PackageType === 'Image') throw new NotEmulated('container images: use a .zip file archive');
    if (input.TenancyConfig) throw new NotEmulated('tenant isolation');
    if (input.PublishTo) throw new NotEmulated('versions for managed instances');
    if (ctx.state.get(functions, target, target.name)) throw conflict(`Function already exist: ${target.name}`);
    if (input.Tags) {
      checkTags(input.Tags);
      ctx.authorize(functionAccess(ctx, 'TagResource', target, requestTagContext(input.Tags)));
    }
    if (input.CodeSigningConfigArn) {
      ctx.authorize(codeSigningAccess(ctx, 'PutFunctionCodeSigningConfig', input.CodeSigningConfigArn));
      usableCodeSigningConfig(ctx, input.CodeSigningConfigArn);
      checkSigned(ctx, ctx, input.CodeSigningConfigArn);
    }
    const start = { ...defaults(target.name), runtime: '', role: '', handler: '' };
    const settings = await applySettings(ctx, target.functionArn, start, input, 'create');
    const code = await storeCode(ctx, input.Code!);
    if (ctx.state.get(functions, target, target.name)) throw conflict(`Function already exist: ${target.name}`);
    const latest: VersionRecord = {
      ...settings,
      functionName: target.name,
      version: '$LATEST',
      codeBlob: code.blob,
      codeSha256: code.sha256,
      codeSize: code.size,
      lastModified: lambdaTime(ctx.now),
      architectures: architectures(input.Architectures),
      runtimeVersion: newestVersion(settings.runtime, ctx.now).name,
      revisionId: newRevision(ctx),
    };
    const fn: FunctionRecord = {
      name: target.name,
      latest,
      nextVersion: 1,
      tags: { ...input.Tags },
      recursiveLoop: 'Terminate',
      ...(input.CodeSigningConfigArn ? { codeSigningConfigArn: input.CodeSigningConfigArn } : {}),
    };
    ctx.state.put(functions, target, target.name, fn);
    if (latest.vpc) alignInterfaces(ctx, target);
    if (input.Publish) return describeVersion(ctx, target, publish(ctx, target, {}));
    return describeVersion(ctx, target, latest);
  },
});

export function architectures(given: readonly string[] | undefined): string[] {
  if (!given?.length) return ['x86_64'];
  if (given.length > 1) throw invalidParameter('Only one architecture is allowed.');
  return [...given];
}

export const GetFunction = operation<GetFunctionCommandInput, GetFunctionCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'GetFunction', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  async run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const { fn, version } = getVersion(ctx.state, target);
    const mayListTags = ctx.allows(functionAccess(ctx, 'ListTags', { ...target, arn: target.functionArn }));
    const hasTags = Object.keys(fn.tags).length > 0;
    return {
      Configuration: await describeVersion(ctx, target, version, target.qualifier),
      Code: { RepositoryType: 'S3', Location: codeLocation(ctx, target, version.codeBlob, version.version) },
      ...(hasTags && mayListTags ? { Tags: { ...fn.tags } } : {}),
      ...(mayListTags
        ? {}
        : {
            TagsError: {
              ErrorCode: 'AccessDeniedException',
              Message: `User: ${ctx.caller.principal.arn} is not authorized to perform: lambda:ListTags on resource: ${target.functionArn} because no identity-based policy allows the lambda:ListTags action`,
            },
          }),
      ...(fn.reservedConcurrency !== undefined
        ? { Concurrency: { ReservedConcurrentExecutions: fn.reservedConcurrency } }
        : {}),
    };
  },
});

export const GetFunctionConfiguration = operation<
  GetFunctionConfigurationCommandInput,
  GetFunctionConfigurationCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'GetFunctionConfiguration', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    return describeVersion(ctx, target, getVersion(ctx.state, target).version, target.qualifier);
  },
});

export const badMarker = { code: 'InvalidParameterValueException', message: 'The value of the marker is invalid.' };

export const ListFunctions = operation<ListFunctionsCommandInput, ListFunctionsCommandOutput>({
  access: () => ({ action: 'lambda:ListFunctions', resource: '*' }),
  async run(ctx, input) {
    const all: { key: string; version: VersionRecord }[] = ctx.state
      .list(functions, ctx)
      .map(({ id, value }) => ({ key: `${id}:0`, version: value.latest }));
    if (input.FunctionVersion === 'ALL')
      for (const { value } of ctx.state.list(versions, ctx))
        all.push({ key: `${value.functionName}:${value.version.padStart(9, '0')}`, version: value });
    all.sort((a, b) => (a.key < b.key ? -1 : 1));
    const { page, next } = paginate(all, ({ key }) => key, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    const qualifier = input.FunctionVersion === 'ALL' ? '$LATEST' : undefined;
    return {
      Functions: await Promise.all(
        page.map(({ version }) =>
          describeVersion(ctx, ctx, version, version.version === '$LATEST' ? qualifier : undefined),
        ),
      ),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});

export const DeleteFunction = operation<DeleteFunctionCommandInput, DeleteFunctionCommandOutput>({
  access: (ctx, input) =>
    functionAccess(ctx, 'DeleteFunction', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    getFunction(ctx.state, target);
    if (target.qualifier === undefined) deleteAll(ctx, target);
    else deleteOneVersion(ctx, target, target.qualifier);
    return { StatusCode: 204 };
  },
});

function deleteOneVersion(ctx: CallContext, target: Target, qualifier: string): void {
  if (qualifier === '$LATEST')
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  if (!/^[0-9]+$/.test(qualifier)) throw invalidParameter('Deletion of aliases is not currently supported.');
  const used = ctx.state
    .list(aliases, target)
    .filter(({ value }) => value.functionName === target.name)
    .filter(({ value }) => value.version === qualifier || Object.hasOwn(value.weights, qualifier))
    .map(({ value }) => value.name);
  if (used.length)
    throw conflict(
      `Version ${qualifier} of function ${target.name} is referenced by alias(es): [${used.join(', ')}]. Delete the alias(es) or point them to another version first.`,
    );
  // AWS answers 204 for a version that is not there, too.
  ctx.state.delete(versions, target, `${target.name}:${qualifier}`);
  ctx.state.delete(functionPolicies, target, `${target.name}:${qualifier}`);
  discardEnvironments(ctx.cloud, `${target.functionArn}:${qualifier}:`);
}

function deleteAll(ctx: CallContext, target: Target): void {
  ctx.state.delete(functions, target, target.name);
  const belongs = `${target.name}:`;
  for (const table of [versions, aliases, functionPolicies, provisioned, eventInvokeConfigs, functionUrls])
    for (const { id } of ctx.state.list<object>(table, target))
      if (id === target.name || id.startsWith(belongs)) ctx.state.delete<object>(table, target, id);
  alignInterfaces(ctx, target);
  discardEnvironments(ctx.cloud, `${target.functionArn}:`);
}
