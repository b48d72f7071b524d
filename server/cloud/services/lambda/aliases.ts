import type {
  AliasConfiguration,
  AliasRoutingConfiguration,
  CreateAliasCommandInput,
  CreateAliasCommandOutput,
  DeleteAliasCommandInput,
  DeleteAliasCommandOutput,
  GetAliasCommandInput,
  GetAliasCommandOutput,
  ListAliasesCommandInput,
  ListAliasesCommandOutput,
  UpdateAliasCommandInput,
  UpdateAliasCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import type { Scope } from '../../state/table.ts';
import { conflict, invalidParameter, notFound, revisionMismatch, validation } from './errors.ts';
import { eventInvokeConfigs } from './event-invoke-records.ts';
import { findAlias, findVersion, functionAccess, getFunction, newRevision } from './find.ts';
import { badMarker } from './functions.ts';
import { arnOf, functionTarget, type Target } from './names.ts';
import { type AliasRecord, aliases, functionPolicies, provisioned } from './records.ts';
import { functionUrls } from './url-records.ts';

function describe(scope: Scope, alias: AliasRecord): AliasConfiguration {
  return {
    AliasArn: arnOf(scope, alias.functionName, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(Object.keys(alias.weights).length ? { RoutingConfig: { AdditionalVersionWeights: { ...alias.weights } } } : {}),
    RevisionId: alias.revisionId,
  };
}

function getAlias(ctx: CallContext, target: Target, name: string): AliasRecord {
  const found = findAlias(ctx.state, target, name);
  if (!found) throw notFound(`Cannot find alias arn: ${arnOf(target, target.name, name)}`);
  return found;
}

function checkVersion(ctx: CallContext, target: Target, version: string): void {
  if (!/^(?:\$LATEST|[0-9]{1,10})$/.test(version))
    throw validation(version, 'functionVersion', 'Member must satisfy regular expression pattern: (\\$LATEST|[0-9]+)');
  if (!findVersion(ctx.state, target, version))
    throw notFound(`Function not found: ${arnOf(target, target.name, version)}`);
}

/** At most one other published version, with a share between 0 and 1. */
function readWeights(
  ctx: CallContext,
  target: Target,
  main: string,
  routing: AliasRoutingConfiguration | undefined,
): Record<string, number> {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {});
  if (weights.length === 0) return {};
  if (weights.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  const [version, weight] = weights[0]!;
  if (main === '$LATEST')
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
  if (version === main)
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  if (!/^[0-9]{1,10}$/.test(version))
    throw invalidParameter(`Invalid function version ${version.slice(0, 64)} in AdditionalVersionWeights.`);
  checkVersion(ctx, target, version);
  if (!(weight >= 0 && weight <= 1))
    throw invalidParameter('Weights in AdditionalVersionWeights must be between 0.0 and 1.0.');
  return { [version]: weight };
}

export const CreateAlias = operation<CreateAliasCommandInput, CreateAliasCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'CreateAlias', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const name = input.Name!;
    getFunction(ctx.state, target);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name) || /^[0-9]+$/.test(name))
      throw validation(name, 'name', 'Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)');
    if (findAlias(ctx.state, target, name)) throw conflict(`Alias already exists: ${arnOf(target, target.name, name)}`);
    checkVersion(ctx, target, input.FunctionVersion!);
    const alias: AliasRecord = {
      functionName: target.name,
      name,
      version: input.FunctionVersion!,
      description: input.Description ?? '',
      weights: readWeights(ctx, target, input.FunctionVersion!, input.RoutingConfig),
      revisionId: newRevision(ctx),
    };
    ctx.state.put(aliases, target, `${target.name}:${name}`, alias);
    return describe(target, alias);
  },
});

export const GetAlias = operation<GetAliasCommandInput, GetAliasCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'GetAlias', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    return describe(target, getAlias(ctx, target, input.Name!));
  },
});

export const UpdateAlias = operation<UpdateAliasCommandInput, UpdateAliasCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'UpdateAlias', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const old = getAlias(ctx, target, input.Name!);
    if (input.RevisionId !== undefined && input.RevisionId !== old.revisionId) throw revisionMismatch('GetAlias');
    const version = input.FunctionVersion ?? old.version;
    checkVersion(ctx, target, version);
    const weights = input.RoutingConfig ? readWeights(ctx, target, version, input.RoutingConfig) : old.weights;
    if (Object.hasOwn(weights, version))
      throw invalidParameter(
        `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
      );
    const alias: AliasRecord = {
      ...old,
      version,
      weights,
      description: input.Description ?? old.description,
      revisionId: newRevision(ctx),
    };
    ctx.state.put(aliases, target, `${target.name}:${old.name}`, alias);
    return describe(target, alias);
  },
});

export const DeleteAlias = operation<DeleteAliasCommandInput, DeleteAliasCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'DeleteAlias', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    // AWS answers 204 for an alias that is not there, too.
    const id = `${target.name}:${input.Name!}`;
    for (const table of [aliases, functionPolicies, provisioned, eventInvokeConfigs, functionUrls])
      ctx.state.delete<object>(table, target, id);
    return {};
  },
});

export const ListAliases = operation<ListAliasesCommandInput, ListAliasesCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'ListAliases', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    getFunction(ctx.state, target);
    const all = ctx.state
      .list(aliases, target)
      .map(({ value }) => value)
      .filter(({ functionName }) => functionName === target.name)
      .filter(
        ({ version, weights }) =>
          !input.FunctionVersion || version === input.FunctionVersion || Object.hasOwn(weights, input.FunctionVersion),
      );
    const { page, next } = paginate(all, ({ name }) => name, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return { Aliases: page.map((alias) => describe(target, alias)), ...(next ? { NextMarker: next } : {}) };
  },
});
