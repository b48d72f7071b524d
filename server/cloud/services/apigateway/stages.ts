import type {
  CreateStageCommandInput,
  CreateStageCommandOutput,
  DeleteStageCommandInput,
  DeleteStageCommandOutput,
  FlushStageAuthorizersCacheCommandInput,
  FlushStageAuthorizersCacheCommandOutput,
  FlushStageCacheCommandInput,
  FlushStageCacheCommandOutput,
  GetStageCommandInput,
  GetStageCommandOutput,
  GetStagesCommandInput,
  GetStagesCommandOutput,
  Stage,
  UpdateStageCommandInput,
  UpdateStageCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { resourceTagContext } from '../../tags.ts';
import { forgetAnswers } from '../apigatewayv2/authorizer-cache.ts';
import { patched, valueAt } from './patch.ts';
import { accountSettings, deployments, type StageRecord, stages, usagePlans } from './records.ts';
import {
  badRequest,
  childrenOf,
  conflict,
  dateOf,
  getApi,
  getChild,
  missing,
  own,
  restAccess,
  shown,
  withinQuota,
} from './shared.ts';
import { stageRules } from './stage-rules.ts';
import { checkTags, tagContext } from './tags.ts';

const describe = (stage: StageRecord): Stage => ({
  ...shown<Stage>({
    stageName: stage.name,
    deploymentId: stage.deploymentId,
    description: stage.description,
    cacheClusterSize: stage.cacheClusterSize as Stage['cacheClusterSize'],
    variables: { ...stage.variables },
    documentationVersion: stage.documentationVersion,
    accessLogSettings: { ...stage.accessLog },
    tags: { ...stage.tags },
    createdDate: dateOf(stage.created),
    lastUpdatedDate: dateOf(stage.updated),
  }),
  cacheClusterEnabled: stage.cacheClusterEnabled,
  // differs from AWS: a cache is kept as a setting, and caches nothing.
  cacheClusterStatus: stage.cacheClusterEnabled ? 'AVAILABLE' : 'NOT_AVAILABLE',
  methodSettings: Object.fromEntries(
    Object.entries(stage.methodSettings).map(([key, setting]) => [
      key,
      {
        // What is not limited there is shown with the account's limits.
        throttlingBurstLimit: 5000,
        throttlingRateLimit: 10_000,
        ...setting,
        unauthorizedCacheControlHeaderStrategy:
          setting.unauthorizedCacheControlHeaderStrategy as 'SUCCEED_WITH_RESPONSE_HEADER',
      },
    ]),
  ),
  tracingEnabled: stage.tracingEnabled,
});

/** @throws AwsError for variables that no stage can have */
export function checkVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[a-zA-Z0-9_]{1,64}$/.test(name))
      throw badRequest(`Stage variable name only allows alphanumeric characters and underscore: ${name.slice(0, 64)}`);
    if (typeof value !== 'string' || !/^[A-Za-z0-9._~:/?#&=,-]{0,512}$/.test(value))
      throw badRequest(
        `Invalid stage variable value: ${String(value).slice(0, 100)}. Please use values with alphanumeric characters and the symbols ' ',-',.','_',':','/','?','&','=', and ','.`,
      );
  }
  return { ...variables };
}

/** A new stage, not yet stored. */
export function makeStage(
  ctx: CallContext,
  apiId: string,
  input: Omit<CreateStageCommandInput, 'restApiId'>,
): StageRecord {
  const name = input.stageName!;
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) throw badRequest('Stage name only allows a-zA-Z0-9_-');
  const all = childrenOf(ctx.state, stages, ctx, apiId);
  if (all.some((stage) => stage.name === name)) throw conflict('Stage already exists');
  withinQuota(all.length, 'stages', 'Stages for this API');
  if (!ctx.state.get(deployments, ctx, `${apiId}:${input.deploymentId}`))
    throw badRequest('Deployment id does not exist');
  if (input.canarySettings) throw new NotEmulated('canary deployments');
  checkTags(input.tags ?? {});
  return {
    apiId,
    name,
    deploymentId: input.deploymentId!,
    ...(input.description !== undefined ? { description: input.description } : {}),
    cacheClusterEnabled: input.cacheClusterEnabled ?? false,
    ...(input.cacheClusterSize !== undefined ? { cacheClusterSize: input.cacheClusterSize } : {}),
    variables: checkVariables(input.variables ?? {}),
    ...(input.documentationVersion !== undefined ? { documentationVersion: input.documentationVersion } : {}),
    tracingEnabled: input.tracingEnabled ?? false,
    accessLog: {},
    methodSettings: {},
    tags: { ...input.tags },
    created: ctx.now,
    updated: ctx.now,
  };
}

export const CreateStage = operation<CreateStageCommandInput, CreateStageCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'POST', `/restapis/${input.restApiId}/stages`, tagContext(input.tags)),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const stage = makeStage(ctx, apiId, input);
    ctx.state.put(stages, ctx, `${apiId}:${stage.name}`, stage);
    return describe(stage);
  },
});

interface Place {
  restApiId?: string | undefined;
  stageName?: string | undefined;
}

const get = (ctx: CallContext, place: Place): StageRecord =>
  getChild(ctx, stages, missing.stage, place.restApiId!, place.stageName!);

const path = (place: Place): string => `/restapis/${place.restApiId}/stages/${place.stageName}`;

function context(ctx: CallContext, place: Place): ConditionContext {
  const stage = ctx.state.get(stages, ctx, `${place.restApiId}:${place.stageName}`);
  const { destinationArn, format } = stage?.accessLog ?? {};
  return {
    ...resourceTagContext(stage?.tags),
    ...(destinationArn ? { 'apigateway:Resource/AccessLoggingDestination': destinationArn } : {}),
    ...(format ? { 'apigateway:Resource/AccessLoggingFormat': format } : {}),
  };
}

export const GetStage = operation<GetStageCommandInput, GetStageCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input), context(ctx, input)),
  run: (ctx, input) => describe(get(ctx, input)),
});

export const GetStages = operation<GetStagesCommandInput, GetStagesCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', `/restapis/${input.restApiId}/stages`),
  run(ctx, input) {
    const { apiId } = getApi(ctx.state, ctx, input.restApiId!);
    const all = childrenOf(ctx.state, stages, ctx, apiId).filter(
      ({ deploymentId }) => input.deploymentId === undefined || deploymentId === input.deploymentId,
    );
    return { item: all.map(describe) };
  },
});

export const UpdateStage = operation<UpdateStageCommandInput, UpdateStageCommandOutput>({
  access(ctx, input) {
    const value = (wanted: string) => valueAt(input.patchOperations, wanted);
    const destination = value('/accessLogSettings/destinationArn');
    const format = value('/accessLogSettings/format');
    return restAccess(ctx, 'PATCH', path(input), {
      ...context(ctx, input),
      ...(destination ? { 'apigateway:Request/AccessLoggingDestination': destination } : {}),
      ...(format ? { 'apigateway:Request/AccessLoggingFormat': format } : {}),
    });
  },
  run(ctx, input) {
    const old = get(ctx, input);
    const stage = patched(old, input.patchOperations, stageRules(ctx, old));
    checkVariables(stage.variables);
    const logs =
      stage.accessLog.destinationArn !== undefined ||
      Object.values(stage.methodSettings).some(({ loggingLevel }) => loggingLevel !== 'OFF');
    if (logs && !ctx.state.get(accountSettings, ctx, 'account')?.cloudwatchRoleArn)
      throw badRequest('CloudWatch Logs role ARN must be set in account settings to enable logging');
    const updated = { ...stage, updated: ctx.now };
    ctx.state.put(stages, ctx, `${stage.apiId}:${stage.name}`, updated);
    return describe(updated);
  },
});

export const DeleteStage = operation<DeleteStageCommandInput, DeleteStageCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', path(input), context(ctx, input)),
  run(ctx, input) {
    const { apiId, name } = get(ctx, input);
    for (const { id, value } of ctx.state.list(usagePlans, ctx))
      if (value.stages.some((each) => each.apiId === apiId && each.stage === name))
        ctx.state.put(usagePlans, ctx, id, {
          ...value,
          stages: value.stages.filter((each) => each.apiId !== apiId || each.stage !== name),
        });
    ctx.state.delete(stages, ctx, `${apiId}:${name}`);
    return {};
  },
});

export const FlushStageAuthorizersCache = operation<
  FlushStageAuthorizersCacheCommandInput,
  FlushStageAuthorizersCacheCommandOutput
>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', `${path(input)}/cache/authorizers`),
  run(ctx, input) {
    const { apiId, name } = get(ctx, input);
    forgetAnswers(ctx.cloud, `${apiId}:${name}:`);
    return {};
  },
});

export const FlushStageCache = operation<FlushStageCacheCommandInput, FlushStageCacheCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'DELETE', `${path(input)}/cache/data`),
  run(ctx, input) {
    get(ctx, input);
    return {};
  },
});

/** The setting that holds for a method: its own, else the stage's for all. */
export function settingFor(stage: StageRecord, resourcePath: string, method: string) {
  const key = `${resourcePath.slice(1)}/${method}`;
  const mine = own(stage.methodSettings, key);
  return { key: mine ? key : '*/*', setting: mine ?? own(stage.methodSettings, '*/*') };
}
